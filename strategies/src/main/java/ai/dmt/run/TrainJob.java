package ai.dmt.run;

import ai.dmt.data.SourceFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a user asks for.
 *
 * @param model folder to start from
 * @param sources at least one; names differ
 * @param output folder to write the model and the logs to
 * @param start what becomes of a model or checkpoints in the output
 * @param settings texts by name, see {@link TrainSettings}
 */
public record TrainJob(
    Path model,
    List<SourceFiles> sources,
    Path output,
    RunStart start,
    Map<String, String> settings) {
  /**
   * Copies the collections.
   *
   * @param model folder to start from
   * @param sources at least one; names differ
   * @param output folder to write the model and the logs to
   * @param start what becomes of a model or checkpoints in the output
   * @param settings texts by name, see {@link TrainSettings}
   */
  public TrainJob {
    sources = List.copyOf(sources);
    settings = Map.copyOf(settings);
  }

  /** {@return the names of the sources, in the order of the engine's} */
  public List<String> sourceNames() {
    return sources.stream().map(SourceFiles::name).toList();
  }
}
