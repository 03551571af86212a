package ai.dmt.adapter;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.text.JsonFaults;
import ai.dmt.internal.text.JsonText;
import ai.dmt.internal.text.Printable;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * PEFT's adapter_config.json. What it says beyond a plain adapter is refused by name, unless it
 * says that it is not used: null, false, or nothing.
 *
 * @param adapter with seed 0, which the file does not have
 * @param base name or folder of the model, as written; empty if none is
 */
record PeftConfig(AdapterConfig adapter, String base) {
  static final String FILE = "adapter_config.json";

  /** Of LoraConfig, where a file leaves them out. */
  private static final int RANK = 8;

  private static final double ALPHA = 8;

  /** What is read below. */
  private static final Set<String> READ =
      Set.of(
          "peft_type",
          "task_type",
          "base_model_name_or_path",
          "r",
          "lora_alpha",
          "lora_dropout",
          "target_modules",
          "rank_pattern",
          "alpha_pattern",
          "use_rslora",
          "bias",
          "init_lora_weights");

  /** What changes nothing that is computed. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "auto_mapping",
          "peft_version",
          "revision",
          "inference_mode",
          "megatron_core", // a module's name; megatron_config says whether it is used
          "qalora_group_size"); // use_qalora says whether it is used

  /** Ways to begin that leave the base as it is. */
  private static final Set<String> PLAIN_STARTS = Set.of("true", "false", "gaussian", "orthogonal");

  /** A regular expression that says no more than names do: {@code .*\.(q_proj|v_proj)}. */
  private static final Pattern SUFFIXES =
      Pattern.compile(
          "\\^?\\.\\*(\\\\?\\.)?(?:(self_attn|mlp)\\\\?\\.)?"
              + "(?:([a-z_]+)|\\((?:\\?:)?([a-z_|]+)\\))\\$?");

  /** What was found in a file. */
  private static final class Reading {
    private final Path file;
    private final JsonNode node;
    private final List<String> faults = new ArrayList<>();

    private Reading(Path file, JsonNode node) {
      this.file = file;
      this.node = node;
    }

    private void fault(String key, JsonNode value, String expected) {
      faults.add("%s is %s, expected %s".formatted(key, shown(value), expected));
    }

    private boolean isAbsent(String key) {
      return isNothing(node.path(key));
    }
  }

  /**
   * Reads a file.
   *
   * @param file to read
   * @throws ConfigException with all faults, if there are some
   */
  static PeftConfig read(Path file) {
    Reading reading = new Reading(file, object(file));
    checkKind(reading);
    double rank = number(reading, "r", RANK);
    if (rank != Math.rint(rank) || rank < 1 || rank > Integer.MAX_VALUE) {
      reading.fault("r", reading.node.path("r"), "a positive whole number");
    }
    double alpha = number(reading, "lora_alpha", ALPHA);
    if (!(alpha > 0)) {
      reading.fault("lora_alpha", reading.node.path("lora_alpha"), "a number above 0");
    }
    double dropout = number(reading, "lora_dropout", 0);
    if (!(dropout >= 0 && dropout < 1)) {
      reading.fault("lora_dropout", reading.node.path("lora_dropout"), "a number in [0, 1)");
    }
    Set<AdapterTarget> targets = targets(reading);
    Map<AdapterTarget, Double> ranks = pattern(reading, "rank_pattern", targets);
    Map<AdapterTarget, Double> alphas = pattern(reading, "alpha_pattern", targets);
    ranks.forEach(
        (target, value) -> {
          if (value != Math.rint(value)) {
            reading.faults.add(
                "rank_pattern has %s for %s, expected a positive whole number"
                    .formatted(value, target.text()));
          }
        });
    if (!reading.faults.isEmpty()) {
      throw new ConfigException(file.toString(), reading.faults);
    }
    Map<AdapterTarget, AdapterConfig.Size> sizes = new EnumMap<>(AdapterTarget.class);
    for (AdapterTarget target : targets) {
      sizes.put(
          target,
          new AdapterConfig.Size(
              ranks.getOrDefault(target, rank).intValue(), alphas.getOrDefault(target, alpha)));
    }
    return new PeftConfig(
        new AdapterConfig(sizes, reading.node.path("use_rslora").asBoolean(), dropout, 0),
        reading.node.path("base_model_name_or_path").asText("").strip());
  }

  private static JsonNode object(Path file) {
    try {
      JsonNode node = JsonText.read(file);
      if (!node.isObject()) {
        throw new ConfigException(file + ": expected a JSON object");
      }
      return node;
    } catch (JsonProcessingException e) {
      throw new ConfigException(file + ": malformed JSON: " + JsonFaults.sentence(e), e);
    } catch (IOException e) {
      throw new ConfigException(
          Files.exists(file)
              ? file + " cannot be read: " + Disk.reason(e)
              : file + ": no such file",
          e);
    }
  }

  /** What there is beyond a plain adapter of a language model. */
  private static void checkKind(Reading reading) {
    JsonNode node = reading.node;
    if (!node.path("peft_type").asText().equals("LORA")) {
      reading.fault("peft_type", node.path("peft_type"), "\"LORA\"");
      throw new ConfigException(reading.file.toString(), reading.faults); // its keys are others
    }
    if (!reading.isAbsent("task_type") && !node.path("task_type").asText().equals("CAUSAL_LM")) {
      reading.fault("task_type", node.path("task_type"), "\"CAUSAL_LM\"");
    }
    if (!reading.isAbsent("bias") && !node.path("bias").asText().equals("none")) {
      reading.fault("bias", node.path("bias"), "\"none\": biases are not trained");
    }
    if (!reading.isAbsent("use_rslora") && !node.path("use_rslora").isBoolean()) {
      reading.fault("use_rslora", node.path("use_rslora"), "true or false");
    }
    if (!reading.isAbsent("base_model_name_or_path")
        && !node.path("base_model_name_or_path").isTextual()) {
      reading.fault(
          "base_model_name_or_path", node.path("base_model_name_or_path"), "a folder's name");
    }
    if (!reading.isAbsent("init_lora_weights")
        && !PLAIN_STARTS.contains(node.path("init_lora_weights").asText())) {
      reading.fault(
          "init_lora_weights",
          node.path("init_lora_weights"),
          "one of %s: others change the base's weights"
              .formatted(PLAIN_STARTS.stream().sorted().toList()));
    }
    node.properties()
        .forEach(
            property -> {
              String key = property.getKey();
              boolean known = READ.contains(key) || WITHOUT_EFFECT.contains(key);
              if (!known && !isNothing(property.getValue())) {
                reading.fault(
                    Printable.value(key), property.getValue(), "null: dmt does not have this");
              }
            });
  }

  private static double number(Reading reading, String key, double absent) {
    JsonNode value = reading.node.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return absent;
    }
    return value.isNumber() ? value.doubleValue() : Double.NaN;
  }

  private static Set<AdapterTarget> targets(Reading reading) {
    JsonNode modules = reading.node.path("target_modules");
    Set<AdapterTarget> targets = new LinkedHashSet<>();
    String expected =
        "\"all-linear\", or names of %s".formatted(String.join(", ", AdapterTarget.names()));
    if (modules.isTextual()) {
      Optional<Set<AdapterTarget>> found = ofText(modules.asText());
      if (found.isEmpty()) {
        reading.fault("target_modules", modules, expected);
      }
      found.ifPresent(targets::addAll);
    } else if (modules.isArray() && !modules.isEmpty()) {
      for (JsonNode module : modules) {
        Optional<AdapterTarget> target = AdapterTarget.ofSuffix(module.asText());
        if (target.isEmpty()) {
          reading.faults.add(
              "target_modules has %s, expected %s".formatted(shown(module), expected));
        }
        target.ifPresent(targets::add);
      }
    } else {
      reading.fault("target_modules", modules, expected);
    }
    return targets;
  }

  private static Optional<Set<AdapterTarget>> ofText(String text) {
    if (text.equalsIgnoreCase("all-linear")) {
      return Optional.of(new LinkedHashSet<>(AdapterTarget.ALL_LINEAR));
    }
    Matcher matcher = SUFFIXES.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String parent = matcher.group(2) == null ? "" : matcher.group(2) + ".";
    String names = matcher.group(3) == null ? matcher.group(4) : matcher.group(3);
    Set<AdapterTarget> targets = new LinkedHashSet<>();
    for (String name : names.split("\\|", -1)) {
      Optional<AdapterTarget> target = AdapterTarget.ofSuffix(parent + name);
      boolean nothingBefore = target.filter(AdapterTarget.LM_HEAD::equals).isPresent();
      if (target.isEmpty() || nothingBefore && matcher.group(1) != null) {
        return Optional.empty();
      }
      targets.add(target.get());
    }
    return Optional.of(targets);
  }

  /** Values of targets that have one of their own. */
  private static Map<AdapterTarget, Double> pattern(
      Reading reading, String key, Set<AdapterTarget> targets) {
    Map<AdapterTarget, Double> values = new EnumMap<>(AdapterTarget.class);
    JsonNode pattern = reading.node.path(key);
    if (isNothing(pattern)) {
      return values;
    }
    if (!pattern.isObject()) {
      reading.fault(key, pattern, "numbers by name");
      return values;
    }
    pattern
        .properties()
        .forEach(
            property -> {
              Optional<AdapterTarget> target = AdapterTarget.ofSuffix(property.getKey());
              if (target.isEmpty()) {
                reading.faults.add(
                    "%s has \"%s\", expected a name that means all layers: one of %s"
                        .formatted(
                            key,
                            Printable.value(property.getKey()),
                            String.join(", ", AdapterTarget.names())));
              } else if (!property.getValue().isNumber()
                  || !(property.getValue().doubleValue() > 0)) {
                reading.faults.add(
                    "%s has %s for %s, expected a number above 0"
                        .formatted(key, shown(property.getValue()), target.get().text()));
              } else if (targets.contains(target.get())) { // others are never looked up
                values.put(target.get(), property.getValue().doubleValue());
              }
            });
    return values;
  }

  private static boolean isNothing(JsonNode value) {
    return value.isMissingNode()
        || value.isNull()
        || value.isBoolean() && !value.booleanValue()
        || value.isContainerNode() && value.isEmpty()
        || value.isTextual() && value.textValue().isEmpty();
  }

  private static String shown(JsonNode value) {
    return value.isMissingNode() ? "missing" : Printable.value(value.toString());
  }

  /** The file's text: what PEFT writes for such an adapter, its defaults of this kind included. */
  String text() {
    AdapterConfig.Size most = mostFrequent();
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    ObjectNode alphas = node.putObject("alpha_pattern");
    node.putNull("auto_mapping");
    node.put("base_model_name_or_path", base);
    node.put("bias", "none");
    node.put("fan_in_fan_out", false);
    node.put("inference_mode", true);
    node.put("init_lora_weights", true);
    node.putNull("layers_pattern");
    node.putNull("layers_to_transform");
    putNumber(node, "lora_alpha", most.alpha());
    node.put("lora_dropout", adapter.dropout());
    node.putNull("modules_to_save");
    node.put("peft_type", "LORA");
    node.put("r", most.rank());
    ObjectNode ranks = node.putObject("rank_pattern");
    node.putNull("revision");
    adapter.sizes().keySet().stream()
        .map(AdapterTarget::text)
        .sorted()
        .forEach(node.putArray("target_modules")::add);
    node.put("task_type", "CAUSAL_LM");
    node.put("use_dora", false);
    node.put("use_rslora", adapter.rankStabilized());
    adapter
        .sizes()
        .forEach(
            (target, size) -> {
              if (size.rank() != most.rank()) {
                ranks.put(target.text(), size.rank());
              }
              if (size.alpha() != most.alpha()) {
                putNumber(alphas, target.text(), size.alpha());
              }
            });
    return node.toPrettyString() + "\n";
  }

  private AdapterConfig.Size mostFrequent() {
    Map<AdapterConfig.Size, Integer> counts = new HashMap<>();
    adapter.sizes().values().forEach(size -> counts.merge(size, 1, Integer::sum));
    return adapter.sizes().values().stream()
        .max(Comparator.comparingInt(counts::get)) // the last of equals, in the order of targets
        .orElseThrow();
  }

  private static void putNumber(ObjectNode node, String key, double value) {
    if (value == (long) value) {
      node.put(key, (long) value);
    } else {
      node.put(key, value);
    }
  }
}
