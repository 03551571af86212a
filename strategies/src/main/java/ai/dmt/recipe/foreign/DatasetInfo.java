package ai.dmt.recipe.foreign;

import ai.dmt.config.ConfigException;
import ai.dmt.data.ReadOptions;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.text.NearestName;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** LLaMA-Factory's dataset_info.json: where data sets are, and what their fields are called. */
final class DatasetInfo {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Import job;
  private final String folder;
  private final boolean texts;
  private final Path file;
  private final JsonNode all;

  /**
   * Reads the file, if there is one.
   *
   * @param texts whether data sets are plain texts, as for stage pt
   */
  DatasetInfo(Import job, String folder, boolean texts) {
    this.job = job;
    this.folder = job.draft().path(folder);
    this.texts = texts;
    this.file = Path.of(this.folder).resolve("dataset_info.json");
    try {
      this.all = Files.exists(file) ? JSON.readTree(file.toFile()) : JSON.createObjectNode();
    } catch (IOException e) {
      throw new ConfigException("%s cannot be read: %s".formatted(file, Disk.reason(e)), e);
    }
  }

  /** The settings of a source. @param most samples; empty for all */
  Map<String, Object> source(String name, Optional<Long> most) {
    if (!all.has(name)) {
      return unknown(name);
    }
    Keys entry =
        new Keys(all.path(name), "%s: %s.".formatted(file.getFileName(), name), job.unmapped());
    if (entry.isTrue("ranking")) {
      throw new ConfigException("dataset %s: preferences (ranking) are no answers".formatted(name));
    }
    Map<String, Object> source = new LinkedHashMap<>();
    String formatting = entry.text("formatting").orElse("alpaca");
    Keys columns = part(entry, "columns", name);
    Keys tags = part(entry, "tags", name);
    if (texts) {
      source.put("format", "text");
      fields(source, Map.of("text", columns.text("prompt").orElse("text")));
    } else if (formatting.equals("alpaca")) {
      alpaca(source, columns);
    } else {
      chat(source, columns, tags, formatting.equals("openai"));
    }
    source.put("files", files(entry, name));
    entry
        .whole("num_samples")
        .or(() -> most)
        .ifPresent(number -> source.put("max_samples", number));
    columns.tellRest();
    tags.tellRest();
    entry.tellRest();
    return source;
  }

  private Keys part(Keys entry, String key, String name) {
    JsonNode node = entry.take(key).orElse(JSON.createObjectNode());
    return new Keys(node, "%s: %s.%s.".formatted(file.getFileName(), name, key), job.unmapped());
  }

  /** A data set that is a file or a folder itself, as newer versions read it. */
  private Map<String, Object> unknown(String name) {
    List<String> names = new ArrayList<>();
    all.fieldNames().forEachRemaining(names::add);
    List<String> files = job.draft().files(name);
    if (files.isEmpty() && !names.isEmpty()) {
      throw new ConfigException(
          "dataset %s is not in %s; did you mean %s?"
              .formatted(name, file, NearestName.of(name, names).orElse(names.get(0))));
    }
    if (files.isEmpty()) {
      job.keys()
          .tell(
              "dataset",
              name,
              "there is no %s that says where it is: set files of the source".formatted(file));
      files = List.of(name);
    }
    return Map.of("files", files);
  }

  private static void alpaca(Map<String, Object> source, Keys columns) {
    source.put("format", "alpaca");
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("instruction", columns.text("prompt").orElse("instruction"));
    fields.put("input", columns.text("query").orElse("input"));
    fields.put("output", columns.text("response").orElse("output"));
    fields.put("history", columns.text("history").orElse("history"));
    fields.put("system", columns.text("system").orElse("system"));
    fields(source, fields);
  }

  private static void chat(Map<String, Object> source, Keys columns, Keys tags, boolean openai) {
    String list = columns.text("messages").orElse(openai ? "messages" : "conversations");
    String role = tags.text("role_tag").orElse(openai ? "role" : "from");
    String text = tags.text("content_tag").orElse(openai ? "content" : "value");
    source.put("format", "sharegpt");
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("conversations", list);
    fields.put("from", role);
    fields.put("value", text);
    fields.put("system", columns.text("system").orElse("system"));
    fields(source, fields);
    for (String side : List.of("user_tag", "assistant_tag", "system_tag")) {
      tags.text(side)
          .filter(name -> !ReadOptions.roles().contains(name))
          .ifPresent(
              name ->
                  tags.tell(
                      side,
                      name,
                      "sides are called one of %s; change the file"
                          .formatted(String.join(", ", ReadOptions.roles()))));
    }
    for (String side : List.of("observation_tag", "function_tag")) {
      tags.take(side); // records with such turns are at fault, and say so
    }
  }

  /** Fields that are called otherwise than the format's. */
  static void fields(Map<String, Object> source, Map<String, String> names) {
    Map<String, String> changed = new LinkedHashMap<>(names);
    changed.entrySet().removeIf(each -> each.getKey().equals(each.getValue()));
    if (!changed.isEmpty()) {
      source.put("fields", changed);
    }
  }

  private List<String> files(Keys entry, String name) {
    for (String hub :
        List.of("hf_hub_url", "ms_hub_url", "om_hub_url", "script_url", "cloud_file_name")) {
      if (entry.has(hub) && !entry.has("file_name")) {
        String place = entry.text(hub).orElse("");
        entry.tell(hub, place, "dmt downloads nothing: download it, and set files of the source");
        return List.of(place);
      }
    }
    String written = entry.text("file_name").orElse(name);
    return job.dataFiles(entry, "file_name", Path.of(folder).resolve(written).toString());
  }
}
