package ai.dmt.run;

import ai.dmt.dist.RankEnvironment;
import ai.dmt.train.checkpoint.CheckpointFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How long a run is planned to take on this machine. */
final class PlannedTime {
  private PlannedTime() {}

  /**
   * That of all steps that are left, or of the run's limit if it is shorter.
   *
   * @param place of one of the ranks
   * @param speeds folder of what was measured; null for none
   * @throws IOException if checkpoints cannot be listed
   */
  static Duration of(PreparedSchedule prepared, RankEnvironment place, @Nullable Path speeds)
      throws IOException {
    PlannerHere here =
        PlannerHere.of(
            prepared.recipe(),
            prepared.batches(),
            prepared.model(),
            place,
            speeds,
            damaged -> {}); // is told where the run is compared with its plan
    double step = here.planner().asWritten(place.worldSize()).step().seconds();
    Duration planned = Duration.ofMillis(Math.round(1000 * step * stepsLeft(prepared)));
    Duration most = prepared.training().maxTime();
    return most.isZero() || planned.compareTo(most) < 0 ? planned : most;
  }

  private static long stepsLeft(PreparedSchedule prepared) throws IOException {
    long total = prepared.batches().totalSteps();
    if (!prepared.start().isAuto()) {
      return total;
    }
    long done = CheckpointFolder.of(prepared.output()).steps().stream().findFirst().orElse(0L);
    return Math.max(0, total - done);
  }
}
