package ai.dmt.train;

import ai.dmt.data.EncodedSample;
import ai.dmt.data.Source;
import ai.dmt.internal.files.Sha256;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * What makes a run what it is. Ranks train together only if all have the same ({@link
 * ai.dmt.dist.ProcessGroups#join}), and a run goes on from a checkpoint only if both have the same.
 *
 * @param values by name, such as "training.learning_rate"
 */
public record RunIdentity(Map<String, String> values) {
  private static final String ABSENT = "not set";
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Copies the map.
   *
   * @param values in the order in which they are shown
   */
  public RunIdentity {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /**
   * {@return the leaves of a tree, with the keys that lead to them: "sources.math.files[0]"}
   *
   * @param tree such as a recipe; an empty object or list in it leaves no trace
   */
  public static RunIdentity of(JsonNode tree) {
    Map<String, String> values = new LinkedHashMap<>();
    collect("", tree, values);
    return new RunIdentity(values);
  }

  /**
   * {@return the components of settings, and those of records in them: "engine.adamW.beta1"}
   *
   * @param prefix of all names, such as "engine"
   * @param settings a public record
   * @throws IllegalArgumentException if a record in it is not public
   */
  public static RunIdentity of(String prefix, Record settings) {
    Map<String, String> values = new LinkedHashMap<>();
    collect(prefix, settings, values);
    return new RunIdentity(values);
  }

  private static void collect(String prefix, Record settings, Map<String, String> values) {
    for (RecordComponent component : settings.getClass().getRecordComponents()) {
      String name = prefix + "." + component.getName();
      try {
        if (component.getAccessor().invoke(settings) instanceof Record inner) {
          collect(name, inner, values);
        } else {
          values.put(name, String.valueOf(component.getAccessor().invoke(settings)));
        }
      } catch (ReflectiveOperationException e) {
        throw new IllegalArgumentException(name + " is not public", e);
      }
    }
  }

  private static void collect(String name, JsonNode node, Map<String, String> values) {
    if (node.isObject()) {
      String prefix = name.isEmpty() ? "" : name + ".";
      node.properties()
          .forEach(entry -> collect(prefix + entry.getKey(), entry.getValue(), values));
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        collect(name + "[" + i + "]", node.get(i), values);
      }
    } else {
      values.put(name, node.asText());
    }
  }

  /**
   * {@return the SHA-256 over the tokens of a source's samples, and which of them carry loss, as 64
   * hexadecimal digits}
   *
   * @param source whose samples are read, in their order
   */
  public static String digest(Source source) {
    MessageDigest digest = Sha256.digest();
    for (EncodedSample sample : source.samples()) {
      ByteBuffer bytes = ByteBuffer.allocate(4 + 5 * sample.tokenIds().length);
      bytes.putInt(sample.tokenIds().length);
      for (int t = 0; t < sample.tokenIds().length; t++) {
        bytes.putInt(sample.tokenIds()[t]).put((byte) (sample.carriesLoss()[t] ? 1 : 0));
      }
      digest.update(bytes.array());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** {@return the values as one line of text, for {@link #parse}} */
  public String toText() {
    ObjectNode tree = JSON.createObjectNode();
    values.forEach(tree::put);
    return tree.toString();
  }

  /**
   * Reads what {@link #toText} wrote.
   *
   * @param text a JSON object of texts
   * @return the values, in their order
   * @throws IllegalArgumentException if it has not
   */
  public static RunIdentity parse(String text) {
    try {
      return new RunIdentity(JSON.readValue(text, new TypeReference<Map<String, String>>() {}));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not the values of a run: " + e.getOriginalMessage(), e);
    }
  }

  /**
   * {@return these values and others; of two of one name the other's}
   *
   * @param other values to add
   */
  public RunIdentity plus(RunIdentity other) {
    Map<String, String> all = new LinkedHashMap<>(values);
    all.putAll(other.values);
    return new RunIdentity(all);
  }

  /**
   * {@return the same values under "PREFIX.NAME"}
   *
   * @param prefix without the dot
   */
  public RunIdentity under(String prefix) {
    Map<String, String> renamed = new LinkedHashMap<>();
    values.forEach((name, value) -> renamed.put(prefix + "." + name, value));
    return new RunIdentity(renamed);
  }

  /**
   * {@return those values whose names are not to be left out}
   *
   * @param names true for a name to leave out
   */
  public RunIdentity without(Predicate<String> names) {
    Map<String, String> rest = new LinkedHashMap<>(values);
    rest.keySet().removeIf(names);
    return new RunIdentity(rest);
  }

  /**
   * {@return the {@link #digest} of each source, under "PREFIX.NAME"}
   *
   * @param prefix without the dot
   * @param sources with different names
   */
  public static RunIdentity ofSources(String prefix, List<Source> sources) {
    Map<String, String> values = new LinkedHashMap<>();
    sources.forEach(source -> values.put(prefix + "." + source.name(), digest(source)));
    return new RunIdentity(values);
  }

  /**
   * {@return what differs, a line for each value, for people; empty if nothing does}
   *
   * @param other values to compare with
   * @param owner whose the other values are: "the checkpoint's run had %s"
   */
  public List<String> differences(RunIdentity other, String owner) {
    TreeSet<String> names = new TreeSet<>(values.keySet());
    names.addAll(other.values.keySet());
    List<String> differences = new ArrayList<>();
    for (String name : names) {
      String here = values.getOrDefault(name, ABSENT);
      String there = other.values.getOrDefault(name, ABSENT);
      if (!here.equals(there)) {
        differences.add("%s is %s, %s".formatted(name, here, owner.formatted(there)));
      }
    }
    return differences;
  }
}
