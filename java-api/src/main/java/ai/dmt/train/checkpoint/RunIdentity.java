package ai.dmt.train.checkpoint;

import ai.dmt.checkpoint.Sha256;
import ai.dmt.data.EncodedSample;
import ai.dmt.data.Source;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * What makes a run what it is: a run goes on from a checkpoint only if both have the same.
 *
 * @param values by name, such as "training.learning_rate"
 */
public record RunIdentity(Map<String, String> values) {
  private static final String ABSENT = "not set";

  /** Copies the map. */
  public RunIdentity {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /** The leaves of a tree, with the keys that lead to them: "sources.math.files[0]". */
  public static RunIdentity of(JsonNode tree) {
    Map<String, String> values = new LinkedHashMap<>();
    collect("", tree, values);
    return new RunIdentity(values);
  }

  private static void collect(String name, JsonNode node, Map<String, String> values) {
    if (node.isObject()) {
      String prefix = name.isEmpty() ? "" : name + ".";
      node.forEachEntry((key, value) -> collect(prefix + key, value, values));
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        collect(name + "[" + i + "]", node.get(i), values);
      }
    } else {
      values.put(name, node.asText());
    }
  }

  /** SHA-256 over the tokens of a source's samples, and which of them carry loss. */
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

  /** What differs, for people. @param checkpoint that of the checkpoint's run */
  List<String> differences(RunIdentity checkpoint) {
    TreeSet<String> names = new TreeSet<>(values.keySet());
    names.addAll(checkpoint.values.keySet());
    List<String> differences = new ArrayList<>();
    for (String name : names) {
      String here = values.getOrDefault(name, ABSENT);
      String there = checkpoint.values.getOrDefault(name, ABSENT);
      if (!here.equals(there)) {
        differences.add("%s is %s, the checkpoint's run had %s".formatted(name, here, there));
      }
    }
    return differences;
  }
}
