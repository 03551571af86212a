package ai.dmt.study;

import ai.dmt.config.ConfigException;
import ai.dmt.report.Table;
import ai.dmt.study.Claim.Tested;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** How many seeds would decide which claim of a study, from the variances that it saw. */
public final class MoreSeeds {
  /** What a reader of the table must know. */
  public static final String WARNING =
      "Numbers of seeds at which four of five studies would decide, at Holm's strictest step, if the"
          + " truth is what was estimated and variances are as they were seen. A verdict after a second"
          + " look at more seeds is exploratory: fix the number before the first run for one that is not.";

  private MoreSeeds() {}

  /**
   * {@return a row for each registered claim}
   *
   * @param folder of a study with results
   * @throws ConfigException if there are none yet
   * @throws IOException if they cannot be read
   */
  public static Table of(StudyFolder folder) throws IOException {
    if (!Files.exists(folder.results())) {
      throw new ConfigException(
          "%s has no results yet: run the study first".formatted(folder.root()));
    }
    ResultView view =
        new ResultView(
            new ObjectMapper().readTree(Files.readString(folder.results())),
            new StudyItems(folder));
    Registration registration = Registration.of(folder);
    List<Claim> claims = Claims.of(view, registration);
    double strictest = Claims.strictest(claims, registration);
    List<List<String>> rows = new ArrayList<>();
    for (Claim claim : claims) {
      rows.add(
          List.of(
              claim.id(),
              claim.verdict().text(),
              claim.primary().map(EffectText::of).orElse(EffectText.NONE),
              claim.primary().map(t -> "" + t.effect().seeds()).orElse("0"),
              claim.primary().map(t -> needed(claim, t, strictest)).orElse(EffectText.NONE),
              claim.text()));
    }
    return new Table(
        List.of("claim", "verdict", "effect", "seeds", "would decide", "what the paper found"),
        rows);
  }

  /** Of a claim without a verdict; as many as it has for one that has it. */
  static String needed(Claim claim, Tested test, double level) {
    return switch (claim.verdict()) {
      case SUPPORTED, CONTRADICTED -> "decided";
      case NOT_ASKED -> EffectText.NONE;
      case ESTIMATE, INCONCLUSIVE -> {
        int seeds = test.seedsToTell(level);
        boolean unknown = !test.effect().isTested();
        yield unknown ? "unknown: one seed" : seeds == 0 ? "no number" : "" + seeds;
      }
    };
  }
}
