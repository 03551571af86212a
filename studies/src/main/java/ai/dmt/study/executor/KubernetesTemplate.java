package ai.dmt.study.executor;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.text.NearestName;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The manifest of a job, with {@code {{NAME}}} where values come.
 *
 * <p>Values are put into the tree that was read, not into the text, so that no value can become a
 * part of the manifest's structure. Those that a user chose, such as a folder's name, must be all
 * of a string: within one they could become part of a shell's script, see [Note: no name becomes a
 * command].
 */
final class KubernetesTemplate {
  /** What a placeholder's value may hold. */
  private enum Kind {
    /** Letters, digits, '.', '_', '-' and '/'. */
    PLAIN,
    /** Anything. */
    WHOLE
  }

  private static final String COMMAND = "command";

  private static final Map<String, Kind> KNOWN =
      Map.ofEntries(
          Map.entry("name", Kind.PLAIN),
          Map.entry("study", Kind.PLAIN),
          Map.entry("log", Kind.PLAIN),
          Map.entry("cpus", Kind.PLAIN),
          Map.entry("cpu", Kind.PLAIN),
          Map.entry("memory_mb", Kind.PLAIN),
          Map.entry("gpus", Kind.PLAIN),
          Map.entry("seconds", Kind.PLAIN),
          Map.entry("retries", Kind.PLAIN),
          Map.entry("oversees", Kind.PLAIN),
          Map.entry("folder", Kind.WHOLE),
          Map.entry("environment", Kind.WHOLE),
          Map.entry(COMMAND, Kind.WHOLE));

  private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{([^{}]*)}}");

  /** Kubernetes reads {@code $(NAME)} in these, and {@code $$} as {@code $}. */
  private static final Set<String> EXPANDED = Set.of("command", "args", "env");

  /** Strings, whatever they look like. */
  private static final Set<String> TEXTS =
      Set.of("env", "labels", "annotations", "command", "args");

  /** What each job has of its own. */
  private static final List<String> OURS =
      List.of("/metadata/name", "/metadata/generateName", "/spec/parallelism", "/spec/completions");

  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION).build();

  private final String source;
  private final ObjectNode tree;

  private KubernetesTemplate(String source, ObjectNode tree) {
    this.source = source;
    this.tree = tree;
  }

  /**
   * Reads a template.
   *
   * @param source where it is from, for messages
   * @param text one manifest in YAML
   * @throws ConfigException naming each place at fault
   */
  static KubernetesTemplate parse(String source, String text) {
    ObjectNode tree = read(source, text);
    List<String> faults = new ArrayList<>();
    check(tree, "", faults);
    require(
        faults,
        tree.path("apiVersion").asText().equals("batch/v1")
            && tree.path("kind").asText().equals("Job"),
        "apiVersion and kind must be batch/v1 and Job, they are %s and %s"
            .formatted(text(tree.path("apiVersion")), text(tree.path("kind"))));
    for (String ours : OURS) {
      require(
          faults,
          tree.at(ours).isMissingNode(),
          "%s is not the template's: each job has its own"
              .formatted(ours.substring(1).replace('/', '.')));
    }
    require(
        faults,
        hasCommand(tree),
        "there is no {{%s}}, so its jobs would do nothing".formatted(COMMAND));
    if (!faults.isEmpty()) {
      throw ConfigException.ofLines(
          faults.stream().map(fault -> "%s: %s".formatted(source, fault)).toList());
    }
    return new KubernetesTemplate(source, tree);
  }

  private static ObjectNode read(String source, String text) {
    try (MappingIterator<JsonNode> all = YAML.readerFor(JsonNode.class).readValues(text)) {
      List<JsonNode> documents = all.readAll();
      if (documents.size() == 1 && documents.get(0) instanceof ObjectNode object) {
        return object;
      }
      throw new ConfigException(
          "%s must hold one manifest, of a job; it has %s documents"
              .formatted(source, documents.size()));
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      String message = e.getOriginalMessage().strip().lines().findFirst().orElse("");
      throw new ConfigException("%s:%s: malformed YAML: %s".formatted(source, line, message), e);
    } catch (IOException e) {
      throw new ConfigException("%s cannot be read: %s".formatted(source, Disk.reason(e)), e);
    }
  }

  private static void require(List<String> faults, boolean holds, String fault) {
    if (!holds) {
      faults.add(fault);
    }
  }

  private static String text(JsonNode node) {
    return node.isMissingNode() ? "missing" : node.asText();
  }

  private static boolean hasCommand(JsonNode node) {
    if (node.isTextual()) {
      return node.asText().equals("{{%s}}".formatted(COMMAND));
    }
    for (JsonNode child : node) {
      if (hasCommand(child)) {
        return true;
      }
    }
    return false;
  }

  private static void check(JsonNode node, String place, List<String> faults) {
    if (node.isTextual()) {
      PLACEHOLDER
          .matcher(node.asText())
          .results()
          .forEach(match -> check(node.asText(), match, place, faults));
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        check(node.get(i), "%s[%s]".formatted(place, i), faults);
      }
    } else {
      node.properties()
          .forEach(
              each -> {
                String name = place.isEmpty() ? each.getKey() : place + "." + each.getKey();
                require(
                    faults,
                    !PLACEHOLDER.matcher(each.getKey()).find(),
                    "%s: a name cannot be filled in".formatted(name));
                check(each.getValue(), name, faults);
              });
    }
  }

  private static void check(String text, MatchResult match, String place, List<String> faults) {
    Kind kind = KNOWN.get(match.group(1));
    if (kind == null) {
      faults.add(
          "%s: unknown placeholder %s, did you mean {{%s}}? known are %s"
              .formatted(
                  place,
                  match.group(),
                  NearestName.of(match.group(1), KNOWN.keySet()).orElseThrow(),
                  String.join(", ", new TreeMap<>(KNOWN).keySet())));
    } else if (kind == Kind.WHOLE && !text.equals(match.group())) {
      faults.add(
          "%s: %s must be all of its string: within another it could become a command"
              .formatted(place, match.group()));
    }
  }

  /** The namespace that jobs go to; "" for that of whoever submits. */
  String namespace() {
    return tree.at("/metadata/namespace").asText("");
  }

  /** {@return whether pods see a folder, by the places where their containers have volumes} */
  boolean mounts(String folder) {
    return mountPaths().stream().anyMatch(each -> (folder + "/").startsWith(each + "/"));
  }

  /** Where containers have volumes. */
  List<String> mountPaths() {
    List<String> paths = new ArrayList<>();
    for (JsonNode container : tree.at("/spec/template/spec/containers")) {
      for (JsonNode mount : container.path("volumeMounts")) {
        paths.add(mount.path("mountPath").asText().replaceAll("/+$", ""));
      }
    }
    return paths;
  }

  /**
   * Writes a manifest. Fields and elements of lists that name a value which nobody knows are left
   * out.
   *
   * @param values by placeholder; a list in a list is spliced into it
   */
  ObjectNode fill(Map<String, JsonNode> values) {
    JsonNode filled = fill(tree, "", false, values);
    if (filled instanceof ObjectNode object) {
      return object;
    }
    throw new IllegalStateException(source + " is no object");
  }

  /**
   * @param field that it is in, or in a part of
   * @return null if it is left out
   */
  private static @Nullable JsonNode fill(
      JsonNode node, String field, boolean expanded, Map<String, JsonNode> values) {
    if (node.isTextual()) {
      return fill(node.asText(), TEXTS.contains(field), expanded, values);
    }
    if (node instanceof ArrayNode array) {
      ArrayNode all = array.arrayNode();
      for (JsonNode each : array) {
        JsonNode value = fill(each, field, expanded, values);
        if (value instanceof ArrayNode list && each.isTextual()) {
          all.addAll(list);
        } else if (value != null) {
          all.add(value);
        }
      }
      return all;
    }
    if (!(node instanceof ObjectNode object)) {
      return node;
    }
    ObjectNode all = object.objectNode();
    for (Map.Entry<String, JsonNode> each : object.properties()) {
      String name = each.getKey();
      boolean special = EXPANDED.contains(name) || TEXTS.contains(name);
      JsonNode value =
          fill(
              each.getValue(), special ? name : field, expanded || EXPANDED.contains(name), values);
      if (value != null) {
        all.set(name, value);
      }
    }
    return all;
  }

  private static @Nullable JsonNode fill(
      String text, boolean asText, boolean expanded, Map<String, JsonNode> values) {
    Matcher matcher = PLACEHOLDER.matcher(text);
    if (matcher.matches()) {
      JsonNode value = values.get(matcher.group(1));
      if (value == null) {
        return null;
      }
      JsonNode typed = asText && value.isValueNode() ? TextNode.valueOf(value.asText()) : value;
      return expanded ? escaped(typed) : typed;
    }
    StringBuilder filled = new StringBuilder();
    matcher.reset();
    while (matcher.find()) {
      JsonNode value = values.get(matcher.group(1));
      if (value == null) {
        return null;
      }
      matcher.appendReplacement(filled, Matcher.quoteReplacement(value.asText()));
    }
    return TextNode.valueOf(matcher.appendTail(filled).toString());
  }

  /** A value's dollars stay dollars. */
  private static JsonNode escaped(JsonNode value) {
    if (value.isTextual()) {
      return TextNode.valueOf(value.asText().replace("$", "$$"));
    }
    if (value instanceof ArrayNode array) {
      ArrayNode all = array.arrayNode();
      array.forEach(each -> all.add(escaped(each)));
      return all;
    }
    if (value instanceof ObjectNode object) {
      ObjectNode all = object.objectNode();
      object.properties().forEach(each -> all.set(each.getKey(), escaped(each.getValue())));
      return all;
    }
    return value;
  }
}
