package ai.dmt.prepare;

import ai.dmt.data.ChatTemplate;
import ai.dmt.data.Conversation;
import ai.dmt.data.DataException;
import ai.dmt.data.EncodedSample;
import ai.dmt.data.Origin;
import ai.dmt.data.SampleLimits;
import ai.dmt.data.SourceFiles;
import ai.dmt.data.TemplateFile;
import ai.dmt.data.Topic;
import ai.dmt.data.Turn;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.files.Sha256;
import ai.dmt.tokenizer.Tokenizer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Name of a source's samples in a cache: a hash of all that they depend on. Files count by their
 * bytes and names (names are part of sample ids), settings by their values.
 */
final class CacheKey {
  /** To be raised when reading, rendering or the layout of the entries changes its results. */
  private static final int FORMAT = 5;

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .build();

  /** Files beside a tokenizer that change its ids. */
  private static final List<String> TOKENIZER_SETTINGS =
      List.of("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json");

  private static final Conversation PROBE =
      Conversation.of(Turn.user("Probe 1, two?"), Turn.assistant("Three: 4."));

  private CacheKey() {}

  /**
   * The key.
   *
   * @param tokenizerFile that the tokenizer was loaded from
   * @throws DataException if a file cannot be read
   */
  static String of(
      SourceFiles source,
      ChatTemplate template,
      SampleLimits limits,
      Tokenizer tokenizer,
      Path tokenizerFile) {
    ObjectNode all = JSON.createObjectNode().put("format", FORMAT);
    for (Path file : source.files()) {
      all.withArray("files")
          .addObject()
          .put("name", file.getFileName().toString())
          .put("sha256", sha256(file));
    }
    all.set("options", JSON.valueToTree(source.options()));
    all.set("preparation", JSON.valueToTree(source.preparation()));
    if (!source.preparation().exclude().isEmpty()) {
      all.put("topicRules", Topic.RULES);
    }
    all.put("limit", source.limit());
    all.set("limits", JSON.valueToTree(limits));
    all.set("template", TemplateFile.content(template));
    EncodedSample probe = template.encode(PROBE, tokenizer); // a template's code may change
    all.set("probe", JSON.valueToTree(probe.tokenIds()));
    all.set("probeLoss", JSON.valueToTree(probe.carriesLoss()));
    all.putObject("tokenizer")
        .put("name", tokenizerFile.getFileName().toString())
        .put("sha256", sha256(tokenizerFile))
        .put("begin", Arrays.toString(tokenizer.beginIds()))
        .put("end", tokenizer.eosId());
    for (String beside : TOKENIZER_SETTINGS) {
      Path file = tokenizerFile.resolveSibling(beside);
      all.withObject("/tokenizer").put(beside, Files.exists(file) ? sha256(file) : "none");
    }
    try {
      byte[] canonical =
          JSON.writeValueAsString(JSON.treeToValue(all, Object.class))
              .getBytes(StandardCharsets.UTF_8);
      return Sha256.of(canonical);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of plain values can be written", e);
    }
  }

  private static String sha256(Path file) {
    try {
      return Sha256.of(file);
    } catch (IOException e) {
      throw new DataException(
          new Origin(file.toString(), 0),
          Files.exists(file) ? "cannot be read: " + Disk.reason(e) : "no such file",
          e);
    }
  }
}
