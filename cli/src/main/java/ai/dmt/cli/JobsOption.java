package ai.dmt.cli;

import ai.dmt.internal.text.Faults;
import ai.dmt.study.StudyDefinition;
import picocli.CommandLine.Option;

/** How many processes of this machine work on a study. */
final class JobsOption {
  @Option(
      names = "--jobs",
      paramLabel = "N",
      description = "Processes that work at once. Default: as engine.threads leaves cores for.")
  private Integer jobs;

  /** Whether it was given. */
  boolean isGiven() {
    return jobs != null;
  }

  /** Processes that work at once: as many as have cores of their own, unless it was said. */
  int processes(StudyDefinition study) {
    if (jobs != null) {
      new Faults("study").positive("--jobs", jobs).throwIfAny();
      return jobs;
    }
    int threads = study.recipe().engine().threads();
    int cores = Runtime.getRuntime().availableProcessors();
    return threads == 0 ? 1 : Math.max(1, cores / threads);
  }
}
