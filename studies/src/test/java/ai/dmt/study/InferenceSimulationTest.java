package ai.dmt.study;

import static ai.dmt.study.Claim.Expected.LESS;
import static ai.dmt.study.Claim.Expected.MORE;
import static ai.dmt.study.Claim.Expected.NOT_LESS;
import static ai.dmt.study.Claim.Expected.SAME;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.evaluators.statistics.Holm;
import ai.dmt.study.Claim.Verdict;
import ai.dmt.study.MadeUpTests.Measured;
import ai.dmt.study.MadeUpTests.Planted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.TDistribution;
import org.junit.jupiter.api.Test;

/**
 * How often verdicts are wrong, and how often effects are found, over studies whose truth is known;
 * and the same of the method that this one replaced: one variance pooled over all groups, on the
 * measures' own scales, each test at 5 % alone. The figures lie in target/inference-simulation.txt
 * afterwards.
 */
class InferenceSimulationTest {
  private static final int STUDIES = 1_000;
  private static final int WITH_EFFECTS = 300; // power need not be as exact
  private static final double LEVEL = 0.05;
  private static final double MOST = 0.055;
  private static final double[] DIFFERENCE = {1, -1};
  private static final double[] OF_DIFFERENCES = {1, -1, -1, 1};
  private static final double[] HALF_WAY = {1, -0.5, -0.5};
  private static final double NONE = 0;

  private static Planted share(String name, Claim.Expected expected, double level, int problems) {
    return new Planted(name, expected, false, level, DIFFERENCE, NONE, 0.35, problems, 1);
  }

  private static Planted loss(
      String name, Claim.Expected expected, double nats, double[] weights, double spread) {
    return new Planted(name, expected, true, nats, weights, NONE, spread, 128, 1);
  }

  /** As many claims as are registered, at levels from floor to ceiling. */
  private static final List<Planted> CLAIMS =
      List.of(
          share("share at 0.5 %", MORE, 0.005, 300),
          share("share at 2 %", LESS, 0.02, 100),
          share("share at 15 %", MORE, 0.15, 200),
          share("share at 50 %", LESS, 0.5, 400),
          share("share at 85 %", MORE, 0.85, 100),
          share("share at 98 %", LESS, 0.98, 300),
          loss("loss of 0.1 nats", MORE, 0.1, DIFFERENCE, 0.25),
          loss("loss of 0.4 nats", LESS, 0.4, DIFFERENCE, 0.05),
          loss("loss of 1.2 nats", MORE, 1.2, DIFFERENCE, 0.02),
          loss("loss of 3 nats", LESS, 3, DIFFERENCE, 0.1),
          loss("loss of 7 nats", MORE, 7, DIFFERENCE, 0.04),
          loss("difference of differences, loss", MORE, 0.4, OF_DIFFERENCES, 0.1),
          loss("more than half way, loss", MORE, 0.3, HALF_WAY, 0.1),
          new Planted("two abilities, loss", MORE, true, 0.2, DIFFERENCE, NONE, 0.1, 128, 2),
          loss("the same, loss", SAME, 0.5, DIFFERENCE, 0.02),
          loss("not less, loss", NOT_LESS, 0.4, DIFFERENCE, 0.02),
          share("the same, share", SAME, 0.5, 400));

  /** The truth that is hardest not to be wrong about: none, or just what counts as little. */
  private static Planted atBound(Planted claim) {
    return switch (claim.expected()) {
      case MORE, LESS -> claim.withTruth(0);
      case SAME -> claim.withTruth(claim.margin());
      case NOT_LESS -> claim.withTruth(-claim.margin());
    };
  }

  /** As the claim says. */
  private static Planted asClaimed(Planted claim) {
    double size = claim.loss() ? 0.5 : 1.5;
    return switch (claim.expected()) {
      case MORE -> claim.withTruth(size);
      case LESS -> claim.withTruth(-size);
      case SAME, NOT_LESS -> claim.withTruth(0);
    };
  }

  /** Shares of studies with a verdict: of each claim alone, after Holm, and of any claim. */
  private record Rates(
      double[] alone, double[] corrected, double any, double[] old, double oldAny) {}

  private static Rates rates(List<Planted> claims, int seeds, int studies) {
    int m = claims.size();
    int[][] each = new int[studies][];
    int[][] old = new int[studies][];
    IntStream.range(0, studies)
        .parallel()
        .forEach(
            study -> {
              MadeUpTests made = new MadeUpTests(study, seeds);
              List<Measured> measured = claims.stream().map(made::measure).toList();
              each[study] = verdicts(measured);
              old[study] = oldVerdicts(claims, measured);
            });
    double[] alone = new double[m];
    double[] corrected = new double[m];
    double[] before = new double[m];
    double any = 0;
    double anyBefore = 0;
    for (int study = 0; study < studies; study++) {
      for (int c = 0; c < m; c++) {
        alone[c] += each[study][c] > 0 ? 1.0 / studies : 0;
        corrected[c] += each[study][c] > 1 ? 1.0 / studies : 0;
        before[c] += old[study][c] > 0 ? 1.0 / studies : 0;
      }
      any += Arrays.stream(each[study]).anyMatch(verdict -> verdict > 1) ? 1.0 / studies : 0;
      anyBefore += Arrays.stream(old[study]).anyMatch(verdict -> verdict > 0) ? 1.0 / studies : 0;
    }
    return new Rates(alone, corrected, any, before, anyBefore);
  }

  /** 2 for a verdict after Holm, 1 for one that the claim alone would have, 0 for none. */
  private static int[] verdicts(List<Measured> measured) {
    double[] values = measured.stream().mapToDouble(each -> each.test().pValue()).toArray();
    double[] adjusted = Holm.adjust(values);
    int[] verdicts = new int[values.length];
    for (int c = 0; c < values.length; c++) {
      Verdict after = measured.get(c).test().verdict(adjusted[c], LEVEL);
      verdicts[c] = after != Verdict.INCONCLUSIVE ? 2 : values[c] <= LEVEL ? 1 : 0;
    }
    return verdicts;
  }

  /** As Contrast and Claim of commit 548cbd5 did it: margins of 0.05, whatever the level. */
  private static int[] oldVerdicts(List<Planted> claims, List<Measured> measured) {
    int[] verdicts = new int[claims.size()];
    for (boolean loss : new boolean[] {true, false}) {
      double squares = 0;
      int degrees = 0;
      for (int c = 0; c < claims.size(); c++) {
        double[][] values = measured.get(c).values();
        for (int g = 0; claims.get(c).loss() == loss && g < values[0].length; g++) {
          int group = g;
          double mean =
              Arrays.stream(values).mapToDouble(seed -> seed[group]).average().getAsDouble();
          squares +=
              Arrays.stream(values).mapToDouble(s -> (s[group] - mean) * (s[group] - mean)).sum();
          degrees += values.length - 1;
        }
      }
      for (int c = 0; c < claims.size(); c++) {
        if (claims.get(c).loss() == loss) {
          verdicts[c] = oldVerdict(claims.get(c), measured.get(c), squares / degrees, degrees);
        }
      }
    }
    return verdicts;
  }

  private static int oldVerdict(Planted claim, Measured measured, double variance, int degrees) {
    double[][] values = measured.values();
    double mean = 0;
    double problems = 0;
    for (int s = 0; s < values.length; s++) {
      for (int g = 0; g < values[s].length; g++) {
        double weight = (claim.loss() ? -1 : 1) * claim.weights()[g];
        mean += weight * values[s][g] / values.length;
        problems += Math.pow(weight * measured.errors()[s][g], 2) / values.length;
      }
    }
    double t = TDistribution.of(degrees).inverseCumulativeProbability(0.975);
    double weights = Arrays.stream(claim.weights()).map(weight -> weight * weight).sum();
    double half = Math.sqrt(t * t * weights * variance / values.length + 1.96 * 1.96 * problems);
    double low = mean - half;
    double high = mean + half;
    double margin = 0.05;
    boolean verdict =
        switch (claim.expected()) {
          case MORE, LESS -> low > 0 || high < 0;
          case SAME -> low > -margin && high < margin || low > margin || high < -margin;
          case NOT_LESS -> low > -margin || high < -margin;
        };
    return verdict ? 1 : 0;
  }

  @Test
  void verdictsAreWrongAsSeldomAsTheySay() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int seeds : new int[] {3, 5}) {
      List<Planted> claims = CLAIMS.stream().map(InferenceSimulationTest::atBound).toList();
      Rates wrong = rates(claims, seeds, STUDIES);
      Rates found =
          rates(
              CLAIMS.stream().map(InferenceSimulationTest::asClaimed).toList(),
              seeds,
              WITH_EFFECTS);
      text.append(table(seeds, wrong, found));
      for (int c = 0; c < claims.size(); c++) {
        assertTrue(wrong.alone()[c] <= MOST, claims.get(c).name() + " " + wrong.alone()[c]);
      }
      assertTrue(wrong.any() <= MOST, "any of all claims: " + wrong.any());
    }
    Path file = Path.of("target", "inference-simulation.txt");
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static String table(int seeds, Rates wrong, Rates found) {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "%d seeds: %% of %d studies with a verdict (power: of %d)",
            seeds,
            STUDIES,
            WITH_EFFECTS));
    lines.add(
        "%-34s %10s %10s %12s %10s".formatted("claim", "no effect", "Holm", "old method", "power"));
    for (int c = 0; c < CLAIMS.size(); c++) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%-34s %10.1f %10.1f %12.1f %10.1f",
              CLAIMS.get(c).name(),
              100 * wrong.alone()[c],
              100 * wrong.corrected()[c],
              100 * wrong.old()[c],
              100 * found.corrected()[c]));
    }
    lines.add(
        String.format(
            Locale.ROOT,
            "%-34s %10s %10.1f %12.1f",
            "any of them",
            "",
            100 * wrong.any(),
            100 * wrong.oldAny()));
    return String.join("\n", lines) + "\n\n";
  }
}
