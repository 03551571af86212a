package ai.dmt.generate;

import ai.dmt.config.ConfigException;
import java.util.List;
import java.util.Optional;

/**
 * A prompt to continue.
 *
 * @param id for the caller
 * @param prompt [tokens], begin token included
 * @param seed of this request; what it samples depends on nothing else in the batch
 * @param adapter that continues it, one of {@link ai.dmt.engine.TrainingEngine#adapters()}; empty
 *     for the engine's model as it was opened. Requests with different ones are decoded together
 */
public record GenerationRequest(String id, int[] prompt, long seed, Optional<String> adapter) {
  /**
   * A prompt for the engine's model as it was opened.
   *
   * @param id see {@link #id()}
   * @param prompt see {@link #prompt()}
   * @param seed see {@link #seed()}
   */
  public GenerationRequest(String id, int[] prompt, long seed) {
    this(id, prompt, seed, Optional.empty());
  }

  /**
   * {@return the same prompt for an adapter}
   *
   * @param name see {@link #adapter()}
   */
  public GenerationRequest withAdapter(String name) {
    return new GenerationRequest(id, prompt, seed, Optional.of(name));
  }

  /** Demands that an engine has the adapter. @param known names of those that it has */
  void demandAdapter(List<String> known) {
    if (adapter.isPresent() && !known.contains(adapter.get())) {
      throw new ConfigException(
          "prompt %s is for the adapter \"%s\", %s"
              .formatted(
                  id,
                  adapter.get(),
                  known.isEmpty()
                      ? "and the model was opened without adapters"
                      : "expected one of " + String.join(", ", known)));
    }
  }
}
