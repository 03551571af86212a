package ai.dmt.study;

import ai.dmt.evaluators.Interval;
import ai.dmt.evaluators.Score;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.provenance.CardScore;
import ai.dmt.provenance.ModelCard;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Puts scores of a model into its card. */
public final class ScoredCard {
  private ScoredCard() {}

  /**
   * Adds scores to the card and the record of a model that dmt saved; other models are left alone.
   *
   * @param model its folder
   * @param reports of the model; they replace older ones of the same benchmarks
   * @return whether the model has a record
   * @throws ai.dmt.config.ConfigException if the record is damaged
   * @throws IOException if card or record cannot be written
   */
  public static boolean write(Path model, List<ScoreReport> reports) throws IOException {
    List<CardScore> scores = new ArrayList<>();
    for (ScoreReport report : reports) {
      for (Score score : report.scores()) {
        Interval interval = score.interval();
        scores.add(
            new CardScore(
                report.benchmark(),
                score.mode() == null ? score.name() : score.name() + " (" + score.mode() + ")",
                score.score(),
                interval == null ? null : interval.low(),
                interval == null ? null : interval.high(),
                score.total()));
      }
    }
    return ModelCard.addScores(model, scores);
  }
}
