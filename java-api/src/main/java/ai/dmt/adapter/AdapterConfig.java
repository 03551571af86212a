package ai.dmt.adapter;

import ai.dmt.internal.text.Faults;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A low-rank adapter (LoRA, arXiv 2106.09685). Beside each matrix W [N, K] that is a target, in
 * every layer, stand A [rank, K] and B [N, rank]: y = x W<sup>T</sup> + scale x A<sup>T</sup>
 * B<sup>T</sup>, with scale = alpha / rank. The weights of the model stay as they are.
 *
 * <pre>{@code
 * AdapterConfig adapter = AdapterConfig.lora(16, 32, AdapterTarget.Q_PROJ, AdapterTarget.V_PROJ);
 * }</pre>
 *
 * @param sizes by target; at least one
 * @param rankStabilized scale = alpha / sqrt(rank) instead (rsLoRA, arXiv 2312.03732)
 * @param dropout share of the inputs of A that a training step takes for 0, in [0, 1)
 * @param seed of fresh adapters and of dropout
 */
public record AdapterConfig(
    Map<AdapterTarget, Size> sizes, boolean rankStabilized, double dropout, long seed) {
  /**
   * How large an adapter beside a matrix is, and how much it counts.
   *
   * @param rank rows of A, at most the smaller side of the matrix
   * @param alpha divided by the rank, or by its root, it is what the adapter's output is scaled by
   */
  public record Size(int rank, double alpha) {
    /**
     * Checks ranges.
     *
     * @param rank at least 1
     * @param alpha finite, above 0
     * @throws ai.dmt.config.ConfigException with every fault, if there is one
     */
    public Size {
      new Faults("adapter").positive("rank", rank).positive("alpha", alpha).throwIfAny();
    }
  }

  /**
   * Copies the map; checks that there is a target, and ranges.
   *
   * @param sizes by target; at least one
   * @param rankStabilized true for rsLoRA
   * @param dropout in [0, 1)
   * @param seed any
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public AdapterConfig {
    new Faults("adapter")
        .require(
            sizes != null && !sizes.isEmpty(),
            "targets must name at least one of " + AdapterTarget.names())
        .inHalfOpenRange("dropout", dropout, 0, 1)
        .throwIfAny();
    sizes = Collections.unmodifiableMap(new EnumMap<>(sizes));
  }

  /**
   * {@return an adapter of one rank, without dropout, seed 0}
   *
   * @param rank at least 1, at most the smaller side of each matrix
   * @param alpha finite, above 0; often twice the rank
   * @param targets that it stands beside; none for {@link AdapterTarget#ALL_LINEAR}
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public static AdapterConfig lora(int rank, double alpha, AdapterTarget... targets) {
    return lora(rank, alpha, targets.length == 0 ? AdapterTarget.ALL_LINEAR : List.of(targets));
  }

  /**
   * {@return the same of a list}
   *
   * @param rank at least 1, at most the smaller side of each matrix
   * @param alpha finite, above 0; often twice the rank
   * @param targets that it stands beside; at least one
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public static AdapterConfig lora(int rank, double alpha, List<AdapterTarget> targets) {
    Map<AdapterTarget, Size> sizes = new LinkedHashMap<>();
    targets.forEach(target -> sizes.put(target, new Size(rank, alpha)));
    return new AdapterConfig(sizes, false, 0, 0);
  }

  /**
   * {@return a copy with another size at a target, which it may have had or not}
   *
   * @param target that it stands beside
   * @param rank at least 1
   * @param alpha finite, above 0
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public AdapterConfig withTarget(AdapterTarget target, int rank, double alpha) {
    Map<AdapterTarget, Size> more = new EnumMap<>(sizes);
    more.put(target, new Size(rank, alpha));
    return new AdapterConfig(more, rankStabilized, dropout, seed);
  }

  /**
   * {@return a copy that is rank-stabilized or not}
   *
   * @param stabilized true for scale = alpha / sqrt(rank)
   */
  public AdapterConfig withRankStabilized(boolean stabilized) {
    return new AdapterConfig(sizes, stabilized, dropout, seed);
  }

  /**
   * {@return a copy with another {@link #dropout()}}
   *
   * @param share in [0, 1)
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public AdapterConfig withDropout(double share) {
    return new AdapterConfig(sizes, rankStabilized, share, seed);
  }

  /**
   * {@return a copy with another {@link #seed()}}
   *
   * @param value any
   */
  public AdapterConfig withSeed(long value) {
    return new AdapterConfig(sizes, rankStabilized, dropout, value);
  }

  /**
   * {@return what the output of a target's adapter is multiplied by; 0 where it is no target}
   *
   * @param target any
   */
  public double scale(AdapterTarget target) {
    Size size = sizes.get(target);
    return size == null
        ? 0
        : size.alpha() / (rankStabilized ? Math.sqrt(size.rank()) : size.rank());
  }

  /**
   * {@return what differs in what the same weights would compute: targets, ranks, scales, each as
   * "q_proj has rank 8, OWNER 16"; empty if nothing does. Dropout and seed belong to training}
   *
   * @param other to compare with
   * @param owner who has the other, such as "this run"
   */
  public List<String> differences(AdapterConfig other, String owner) {
    List<String> differences = new ArrayList<>();
    for (AdapterTarget target : AdapterTarget.values()) {
      Size here = sizes.get(target);
      Size there = other.sizes.get(target);
      if (!word(here).equals(word(there))) {
        differences.add(
            "%s has %s, %s %s".formatted(target.text(), word(here), owner, word(there)));
      } else if (scale(target) != other.scale(target)) {
        differences.add(
            "%s is scaled by %s, %s by %s"
                .formatted(target.text(), scale(target), owner, other.scale(target)));
      }
    }
    return differences;
  }

  private static String word(@Nullable Size size) {
    return size == null ? "no adapter" : "rank " + size.rank();
  }
}
