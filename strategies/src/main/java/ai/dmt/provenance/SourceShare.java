package ai.dmt.provenance;

import ai.dmt.train.Ledger;
import java.util.List;

/**
 * What a source has given to a stage.
 *
 * @param stage its name
 * @param source its name
 * @param samples draws of a sample, repeats included
 * @param labelTokens of these
 * @param labelTokenShare of the stage's label tokens, in [0, 1]
 */
public record SourceShare(
    String stage, String source, long samples, long labelTokens, double labelTokenShare) {
  static List<SourceShare> of(Ledger ledger) {
    return ledger.entries().stream()
        .map(
            entry ->
                new SourceShare(
                    entry.stage(),
                    entry.source(),
                    entry.realised().samples(),
                    entry.realised().labelTokens(),
                    entry.realised().labelTokenShare()))
        .toList();
  }
}
