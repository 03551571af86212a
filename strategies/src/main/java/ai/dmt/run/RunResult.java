package ai.dmt.run;

import ai.dmt.train.Evaluation;
import ai.dmt.train.Ledger;
import ai.dmt.train.Progress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How a run ended.
 *
 * @param model folder of the model; loadable by transformers. A run that was stopped before its
 *     first step has saved none
 * @param end where the run ended
 * @param ledger what the stages asked for and get of each source, in samples and tokens
 * @param before held-out loss before the first step; empty if nothing is held out, or if the run
 *     went on from a checkpoint
 * @param after held-out loss that was measured last
 */
public record RunResult(
    Path model,
    Progress end,
    Ledger ledger,
    Optional<Evaluation> before,
    Optional<Evaluation> after) {
  /**
   * {@return whether all steps are done; not if the run was stopped, whose checkpoint it can go on
   * from}
   */
  public boolean finished() {
    return end.finished();
  }
}
