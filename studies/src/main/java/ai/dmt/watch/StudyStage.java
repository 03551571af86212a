package ai.dmt.watch;

import ai.dmt.checkpoint.ModelFolder;
import ai.dmt.internal.files.Claim;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.text.JsonText;
import ai.dmt.study.StudyFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** A stage of a study: its folder has another name until it is whole. */
record StudyStage(StudyFolder study, String key) implements RunWatch.Place {
  @Override
  public Path folder() {
    Path whole = study.node(key);
    Path unfinished = ModelFolder.unfinished(whole);
    return !Files.exists(whole) && Files.exists(unfinished) ? unfinished : whole;
  }

  @Override
  public RunSnapshot look(boolean begun, boolean silent) {
    OptionalLong process = Claim.process(study.lock(key));
    String reason = "";
    RunSnapshot.Phase phase;
    if (Files.exists(study.node(key))) {
      phase = RunSnapshot.Phase.FINISHED;
    } else if (process.isPresent() || Files.exists(folder()) && !silent) {
      phase = silent && begun ? RunSnapshot.Phase.STALE : RunSnapshot.Phase.RUNNING;
    } else if (Files.exists(study.failure(key))) {
      phase = RunSnapshot.Phase.FAILED;
      reason = reason();
    } else {
      phase = begun ? RunSnapshot.Phase.STOPPED : RunSnapshot.Phase.NOT_BEGUN;
    }
    return RunSnapshot.ofStage(folder(), phase, reason, process);
  }

  private String reason() {
    try {
      return JsonText.read(study.failure(key)).path("reason").asText();
    } catch (IOException e) {
      return Disk.reason(e);
    }
  }
}
