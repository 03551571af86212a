package ai.dmt.conflict;

import ai.dmt.engine.GradientProducts;
import ai.dmt.engine.TrainingEngine;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cosines of sources' gradients at one model's weights: over the whole model, layer by layer, and
 * for each kind of matrix.
 */
public final class GradientConflict {
  private static final Pattern LAYER = Pattern.compile(".*\\blayers\\.(\\d+)\\..*");
  private static final String ALL = "all";

  private final GradientProducts products;
  private final List<String> sources;
  private final int sets;

  /**
   * Over products that were computed.
   *
   * @param products of all sets, source after source
   * @param sources names
   * @param sets of each source
   */
  public GradientConflict(GradientProducts products, List<String> sources, int sets) {
    this.products = products;
    this.sources = List.copyOf(sources);
    this.sets = sets;
  }

  /**
   * Computes the gradients.
   *
   * @param engine with the model's weights, trainable and between two steps; it stays as it is
   * @param sets samples of each source
   * @param maxTokens of a micro-batch, at least the longest sample
   * @return their cosines
   */
  public static GradientConflict of(TrainingEngine engine, SourceSets sets, int maxTokens) {
    return new GradientConflict(
        engine.gradientProducts(sets.batches(maxTokens)), sets.sources(), sets.sets());
  }

  /**
   * Two sources and how their gradients lie.
   *
   * @param one name of a source
   * @param other name of another source
   * @param cosine of their gradients
   */
  public record Pair(String one, String other, CosineEstimate cosine) {}

  /** {@return each pair of sources over the whole model} */
  public List<Pair> whole() {
    return pairs(tensor -> ALL).values().stream().findFirst().orElse(List.of());
  }

  /** {@return each pair of sources by layer: "embedding", "0", "1", ..., "head"} */
  public Map<String, List<Pair>> byLayer() {
    return pairs(GradientConflict::layer);
  }

  /** {@return each pair of sources by kind of matrix, such as "q_proj"} */
  public Map<String, List<Pair>> byKind() {
    return new TreeMap<>(pairs(GradientConflict::kind));
  }

  /**
   * {@return the cosine of two sources' gradients over the whole model}
   *
   * @param one name of a source
   * @param other name of another source
   */
  public CosineEstimate of(String one, String other) {
    return CosineEstimate.of(
        products.over(tensor -> true), sets, sources.indexOf(one), sources.indexOf(other));
  }

  private Map<String, List<Pair>> pairs(Function<String, String> part) {
    Map<String, List<Pair>> parts = new LinkedHashMap<>();
    for (String name : products.tensors().stream().map(part).distinct().toList()) {
      double[][] own = products.over(tensor -> part.apply(tensor).equals(name));
      List<Pair> pairs = new ArrayList<>();
      for (int one = 0; one < sources.size(); one++) {
        for (int other = one + 1; other < sources.size(); other++) {
          pairs.add(
              new Pair(
                  sources.get(one), sources.get(other), CosineEstimate.of(own, sets, one, other)));
        }
      }
      parts.put(name, pairs);
    }
    return parts;
  }

  private static String layer(String tensor) {
    Matcher matcher = LAYER.matcher(tensor);
    if (matcher.matches()) {
      return matcher.group(1);
    }
    return tensor.contains("embed") ? "embedding" : "head";
  }

  /** The last word but "weight". */
  private static String kind(String tensor) {
    String[] words = tensor.replaceAll("\\.weight$", "").split("\\.");
    return words[words.length - 1];
  }
}
