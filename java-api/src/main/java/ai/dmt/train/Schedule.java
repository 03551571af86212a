package ai.dmt.train;

import ai.dmt.internal.text.Faults;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * Stages in the order in which one model goes through them.
 *
 * @param stages with different names; at least one
 * @param seed of the order of samples
 * @param subsetSeed of the ranking that subsets are taken from (data_seed)
 */
public record Schedule(List<Stage> stages, long seed, long subsetSeed) {
  /**
   * Checks the names; copies the list.
   *
   * @param stages at least one, with different names; copied
   * @param seed any
   * @param subsetSeed any
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public Schedule {
    stages = stages == null ? List.of() : List.copyOf(stages);
    List<String> names = stages.stream().map(Stage::name).toList();
    new Faults("schedule")
        .require(!stages.isEmpty(), "a schedule needs at least one stage")
        .require(
            new HashSet<>(names).size() == names.size(),
            "stages must have different names, got " + names)
        .throwIfAny();
  }

  /**
   * {@return stages with one seed for both purposes}
   *
   * @param seed of the order of samples and of the subsets
   * @param stages at least one, with different names
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public static Schedule of(long seed, Stage... stages) {
    return new Schedule(List.of(stages), seed, seed);
  }

  /**
   * {@return names of those sources of a stage that an earlier one has had}
   *
   * @param stage 0 for the first
   */
  public Set<String> replayed(int stage) {
    Set<String> earlier = new HashSet<>();
    stages.subList(0, stage).forEach(each -> earlier.addAll(each.mixture().sources()));
    earlier.retainAll(stages.get(stage).mixture().sources());
    return earlier;
  }

  /**
   * Identity of what a model has gone through at the end of a stage. Schedules that begin alike,
   * such as mixed sequential and DMT for every k, have equal keys there: a checkpoint can serve
   * both (arXiv 2310.05492, section 3.5). A stage whose learning rate the next one continues
   * differs from one that stands alone. The key is of the schedule alone: a cache adds hashes of
   * the base model, the data and the other settings.
   *
   * @param stage 0 for the first
   * @return 16 hexadecimal digits
   */
  public String key(int stage) {
    int end = stage + 1;
    while (end < stages.size() && stages.get(end).continuesLearningRate()) {
      end++; // the length of the course decides over the rates of its first stages
    }
    StringBuilder text = new StringBuilder("%s/%s/%s".formatted(seed, subsetSeed, stage));
    stages.subList(0, end).forEach(each -> text.append('\n').append(each.canonical()));
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(text.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
