package ai.dmt.recipe.foreign;

import ai.dmt.internal.files.Disk;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A recipe of ours while it is put together: only what differs from our defaults, or must be said.
 */
final class Draft {
  private static final ObjectMapper YAML =
      new ObjectMapper(
          YAMLFactory.builder()
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .disable(YAMLGenerator.Feature.SPLIT_LINES)
              .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
              .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
              .build());

  private final Path folder; // of the imported file
  private final Map<String, Object> top = new LinkedHashMap<>();
  private final Map<String, Object> sources = new LinkedHashMap<>();
  private final Map<String, Object> data = new LinkedHashMap<>();
  private final Map<String, Object> training = new LinkedHashMap<>();
  private final Map<String, Object> adapter = new LinkedHashMap<>();
  private final Map<String, Object> engine = new LinkedHashMap<>();

  private final List<String> remarks = new ArrayList<>();

  Draft(Path folder) {
    this.folder = folder;
  }

  /** What a reader of the recipe should know; stands above it. */
  void remark(String sentence) {
    remarks.add(sentence);
  }

  List<String> remarks() {
    return remarks;
  }

  void top(String key, Object value) {
    top.put(key, value);
  }

  void data(String key, Object value) {
    data.put(key, value);
  }

  void training(String key, Object value) {
    training.put(key, value);
  }

  void engine(String key, Object value) {
    engine.put(key, value);
  }

  void adapter(String key, Object value) {
    adapter.put(key, value);
  }

  boolean hasData(String key) {
    return data.containsKey(key);
  }

  /**
   * Adds a source.
   *
   * @param name a number is added if there is one of this name
   * @param settings in our keys; empty ones are left out
   */
  void source(String name, Map<String, Object> settings) {
    String unique = name;
    for (int n = 2; sources.containsKey(unique); n++) {
      unique = name + "-" + n;
    }
    Map<String, Object> source = new LinkedHashMap<>();
    source.put("role", "general");
    source.putAll(settings);
    sources.put(unique, source);
  }

  List<String> sourceNames() {
    return List.copyOf(sources.keySet());
  }

  /** Files of the only source there is. */
  void heldOut(List<String> files) {
    sources
        .values()
        .forEach(
            each -> {
              if (each instanceof Map<?, ?> source) {
                Map<String, Object> more = new LinkedHashMap<>();
                source.forEach((key, value) -> more.put((String) key, value));
                more.put("held_out", files);
                sources.replaceAll((name, old) -> more);
              }
            });
  }

  /**
   * A path as the other program means it: from where that runs, or beside the imported file.
   *
   * @return one that is there, absolute if it is not from here; else as it was written
   */
  String path(String written) {
    Path here = Path.of(written);
    Path beside = folder.resolve(written);
    if (!Files.exists(here) && Files.exists(beside)) {
      return beside.toAbsolutePath().normalize().toString();
    }
    return written;
  }

  /** A data file, or the data files of a folder; empty if there is nothing. */
  List<String> files(String written) {
    Path place = Path.of(path(written));
    if (Files.isRegularFile(place)) {
      return List.of(place.toString());
    }
    if (!Files.isDirectory(place)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(place)) {
      return files
          .filter(file -> file.toString().matches(".*\\.(jsonl?|parquet)(\\.gz|\\.zst)?"))
          .sorted()
          .map(Path::toString)
          .toList();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(place + " cannot be read: " + Disk.reason(e), e);
    }
  }

  /**
   * Steps that end within an epoch have a random part of each source, which no other program minds.
   */
  void acceptPartsOfEpochs() {
    if (training.containsKey("max_steps") && sources.size() > 1) {
      data.put("mixture_tolerance", 1);
      remark(
          "max_steps may end within an epoch: data.mixture_tolerance accepts any shares of"
              + " sources.");
    }
  }

  /** The recipe, with what is worth knowing above it. */
  String yaml(List<String> comments) {
    Map<String, Object> all = new LinkedHashMap<>(top);
    all.put("sources", sources);
    all.put("strategy", Map.of("name", "multi-task"));
    all.put("data", data);
    all.put("training", training);
    all.put("adapter", adapter);
    all.put("engine", engine);
    all.values().removeIf(part -> part instanceof Map<?, ?> map && map.isEmpty());
    List<String> lines = new ArrayList<>();
    comments.forEach(comment -> lines.add(("# " + comment.replaceAll("\\R", " ")).stripTrailing()));
    try {
      return String.join("\n", lines) + "\n" + YAML.writeValueAsString(all);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps and texts can be written", e);
    }
  }
}
