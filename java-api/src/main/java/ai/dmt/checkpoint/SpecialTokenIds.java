package ai.dmt.checkpoint;

import ai.dmt.adapter.AdapterFolder;
import ai.dmt.internal.text.JsonText;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * Begin and end tokens as a model folder states them.
 *
 * @param bos id that begins every sequence, if it is stated
 * @param eos ids that end an answer; a model may have several, empty if none is stated
 */
public record SpecialTokenIds(OptionalInt bos, Set<Integer> eos) {
  /**
   * Copies the set.
   *
   * @param bos see {@link #bos()}
   * @param eos see {@link #eos()}
   */
  public SpecialTokenIds {
    eos = Set.copyOf(eos);
  }

  /**
   * Reads generation_config.json and, for what it does not state, config.json; either may be
   * missing. An adapter's folder has its base's.
   *
   * @param folder of a model
   * @return what they state; where they state several begin tokens, the least
   * @throws UncheckedIOException if a file is there and cannot be read
   */
  public static SpecialTokenIds read(Path folder) {
    Path modelDirectory = AdapterFolder.modelOf(folder);
    JsonNode generation = readIfThere(modelDirectory.resolve("generation_config.json"));
    JsonNode model = readIfThere(modelDirectory.resolve("config.json"));
    Iterator<Integer> bos = ids(generation, model, "bos_token_id").iterator();
    return new SpecialTokenIds(
        bos.hasNext() ? OptionalInt.of(bos.next()) : OptionalInt.empty(),
        ids(generation, model, "eos_token_id"));
  }

  /** A number or an array of numbers of the first file that states the field. */
  private static Set<Integer> ids(JsonNode first, JsonNode second, String field) {
    JsonNode value = first.hasNonNull(field) ? first.get(field) : second.path(field);
    Set<Integer> ids = new TreeSet<>();
    if (value.isInt()) {
      ids.add(value.intValue());
    }
    value.forEach(id -> ids.add(id.intValue())); // an array; nothing for a number
    return ids;
  }

  private static JsonNode readIfThere(Path file) {
    try {
      return Files.exists(file) ? JsonText.read(file) : MissingNode.getInstance();
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": " + e.getMessage(), e);
    }
  }
}
