package ai.dmt.run;

import ai.dmt.engine.MemoryAccount;
import ai.dmt.internal.text.Units;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * What a preflight has found, on a machine and a disk on which the run can be made.
 *
 * @param microBatchTokens of rank 0's part of the step that was made: the longest of the schedule
 * @param planned memory of this rank in the whole run
 * @param held memory of this rank in that step and in the evaluation
 * @param evaluatedTokens of the largest micro-batch of held-out rows; 0 where nothing is held out
 * @param checkpointBytes of all ranks' files of a checkpoint, as it was written
 * @param modelBytes of a saved model
 * @param disk what the run will write, and where
 * @param seconds that all of it took
 */
public record PreflightReport(
    int microBatchTokens,
    MemoryAccount planned,
    MemoryAccount held,
    long evaluatedTokens,
    long checkpointBytes,
    long modelBytes,
    DiskDemand disk,
    double seconds) {

  /** {@return the findings for people, a line each} */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(
        Units.format(
            "longest micro-batch, %s tokens: a step was made, %s held of %s planned",
            Units.count(microBatchTokens),
            Units.bytes(held.total()),
            Units.bytes(planned.total())));
    lines.add(
        evaluatedTokens == 0
            ? "nothing is held out"
            : "held-out rows: a micro-batch of %s tokens was evaluated"
                .formatted(Units.count(evaluatedTokens)));
    lines.add(
        "a checkpoint of %s and a model of %s were written, read again and equal to the bit"
            .formatted(Units.bytes(checkpointBytes), Units.bytes(modelBytes)));
    lines.add(disk.text());
    lines.add(
        Units.format("the run can begin: all of it took %.1f s, nothing of it stays", seconds));
    return lines.stream().map(line -> "preflight: " + line).toList();
  }

  /** {@return the last of {@link #lines}: whether the run can begin} */
  public String lastLine() {
    List<String> lines = lines();
    return lines.get(lines.size() - 1);
  }

  /** {@return the findings as JSON, indented, with a line end} */
  public String json() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("micro_batch_tokens", microBatchTokens);
    node.putObject("memory_bytes").put("planned", planned.total()).put("held", held.total());
    node.put("evaluated_tokens", evaluatedTokens);
    node.put("checkpoint_bytes", checkpointBytes);
    node.put("model_bytes", modelBytes);
    node.putObject("disk_bytes")
        .put("needed", disk.needed())
        .put("free", disk.free())
        .put("of_the_run", disk.occupied());
    node.put("seconds", seconds);
    return node.toPrettyString() + "\n";
  }
}
