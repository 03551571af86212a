package ai.dmt.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.data.DropCounts;
import ai.dmt.data.DropReason;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MixtureTest {
  private static final List<SampleTable> TABLES =
      List.of(
          SampleTable.of(Counting.source("math", 100)),
          SampleTable.of(Counting.source("code", 30)));

  private static Mixture weights(Measure measure, long total, Mixture.Draw draw) {
    return new Mixture(
        List.of(
            new Portion("math", new Amount.Weight(1)), new Portion("code", new Amount.Weight(1))),
        measure,
        total,
        draw);
  }

  private static Ledger ledger(Mixture mixture, List<SampleTable> tables) {
    Stage stage = new Stage("mixed", mixture, StageSettings.paper().withEpochs(1));
    DropCounts drops = new DropCounts();
    drops.add(DropReason.TRUNCATED, 3);
    drops.add(DropReason.TOO_LONG, 2);
    return Ledger.of(new ScheduleBatches(Schedule.of(42, stage), tables, 8), Map.of("code", drops));
  }

  @Test
  void weightsWithoutReplacementEndWhereTheFirstSourceDoes() {
    Ledger ledger = ledger(weights(Measure.SAMPLES, 0, Mixture.Draw.WITHOUT_REPLACEMENT), TABLES);
    assertEquals(
        List.of(30L, 30L),
        ledger.entries().stream().map(entry -> entry.realised().samples()).toList());
    ledger.check(1e-12);
  }

  @Test
  void weightsWithReplacementUseUpEverySource() {
    Ledger ledger = ledger(weights(Measure.SAMPLES, 0, Mixture.Draw.WITH_REPLACEMENT), TABLES);
    assertEquals(
        List.of(100L, 100L),
        ledger.entries().stream().map(entry -> entry.realised().samples()).toList());
    assertEquals(List.of(0L, 70L), ledger.entries().stream().map(Ledger.Entry::repeats).toList());
  }

  @Test
  void weightsInTokensGiveThoseSharesOfTheTokens() {
    for (Measure measure : List.of(Measure.TOKENS, Measure.LABEL_TOKENS)) {
      Ledger ledger = ledger(weights(measure, 200, Mixture.Draw.WITH_REPLACEMENT), TABLES);
      ledger.check(0.05);
      long sum =
          ledger.entries().stream()
              .mapToLong(
                  each ->
                      measure == Measure.TOKENS
                          ? each.realised().tokens()
                          : each.realised().labelTokens())
              .sum();
      assertTrue(sum > 185 && sum <= 200, measure + " " + sum);
    }
  }

  @Test
  void shareThatIsOffByMoreThanTheToleranceIsNamed() {
    Mixture mixture =
        new Mixture(
            List.of(
                new Portion("math", new Amount.Weight(3)),
                new Portion("code", new Amount.Weight(1))),
            Measure.TOKENS,
            43,
            Mixture.Draw.WITHOUT_REPLACEMENT);
    Stage cut = new Stage("mixed", mixture, StageSettings.paper().withEpochs(1).withMaxSteps(1));
    Ledger ledger = Ledger.of(new ScheduleBatches(Schedule.of(42, cut), TABLES, 3), Map.of());
    ConfigException e = assertThrows(ConfigException.class, () -> ledger.check(1e-6));
    assertTrue(e.getMessage().contains("off by more than mixture_tolerance=1.0E-6"), e::getMessage);
    assertTrue(e.getMessage().contains("stage \"mixed\": source \"code\""), e::getMessage);
    assertTrue(e.getMessage().contains("of the tokens, asked for 0.2500"), e::getMessage);
    assertTrue(e.getMessage().contains("max_steps"), e::getMessage);
  }

  @Test
  void whatComesOfWholeSamplesIsNoMismatch() {
    // 2.8 and 4.4 of 28 and 44 samples: 2 and 4 of them, 0.33 where 0.39 was asked
    List<SampleTable> tables = List.of(SampleTable.counted("a", 28), SampleTable.counted("b", 44));
    Mixture mixture = Mixture.of(List.of(Portion.fraction("a", 0.1), Portion.fraction("b", 0.1)));
    Ledger ledger = ledger(mixture, tables);
    Ledger.Entry entry = ledger.entries().get(0);
    assertEquals(2 / 6.0, entry.realisedShare(), 1e-12);
    assertEquals(2.8 / 7.2, entry.askedShare(), 1e-12);
    assertTrue(entry.rounding() >= 2.8 / 7.2 - 2 / 6.0, entry::toString);
    assertTrue(entry.rounding() < 0.15, entry::toString);
    ledger.check(1e-12);

    Random random = new Random(7);
    for (int i = 0; i < 200; i++) {
      Measure measure = Measure.values()[i % 3];
      long total = 16 + random.nextInt(150);
      ledger(weights(measure, total, Mixture.Draw.WITH_REPLACEMENT), TABLES).check(1e-12);
      double share = random.nextDouble(0.1, 1);
      Mixture shares =
          new Mixture(
              List.of(Portion.fraction("math", share), Portion.fraction("code", 1)),
              measure,
              0,
              Mixture.Draw.WITHOUT_REPLACEMENT);
      Ledger exact = ledger(shares, TABLES);
      exact.check(1e-12);
      if (measure == Measure.SAMPLES) {
        exact.entries().forEach(each -> assertTrue(each.rounding() < 0.03, each::toString));
      }
    }
    ledger(Mixture.of(List.of(Portion.fraction("math", 1), Portion.fraction("code", 1))), TABLES)
        .entries()
        .forEach(each -> assertEquals(0, each.rounding(), "whole sources"));
  }

  @Test
  void ledgerHoldsDropsAndIsWrittenAsJson() {
    var json =
        ledger(Mixture.of(List.of(Portion.fraction("code", 1))), TABLES).toJson().at("/entries/0");
    assertEquals(30, json.at("/realised/samples").asInt());
    assertEquals(1.0, json.at("/realised/label_token_share").asDouble());
    assertEquals(3, json.get("truncated").asInt());
    assertEquals(2, json.get("dropped").asInt());
    assertEquals("samples", json.get("measure").asText());
  }

  @Test
  void ledgerUpToACursorCountsTheStepsBeforeIt() {
    Stage stage = Counting.stage("all", Portion.fraction("math", 1));
    ScheduleBatches batches = new ScheduleBatches(Schedule.of(42, stage), TABLES, 8);
    Ledger ledger = Ledger.upTo(batches, new Cursor(0, 5), Map.of());
    assertEquals(40, ledger.entries().get(0).realised().samples());
  }

  private static void assertRefused(String message, org.junit.jupiter.api.function.Executable bad) {
    ConfigException e = assertThrows(ConfigException.class, bad);
    assertTrue(e.getMessage().contains(message), e::getMessage);
  }

  @Test
  void badMixturesAreRefusedWithTheReason() {
    assertRefused("a mixture needs at least one source", () -> Mixture.of(List.of()));
    assertRefused(
        "sources must have different names, got [math, math]",
        () -> Mixture.of(List.of(Portion.fraction("math", 1), Portion.fraction("math", 0.5))));
    assertRefused(
        "source \"math\": fraction 1.5 is above 1, which needs replacement",
        () -> Mixture.of(List.of(Portion.fraction("math", 1.5))));
    assertRefused(
        "fraction must be finite and not negative, got -0.1", () -> new Amount.Fraction(-0.1));
    assertRefused("fraction must be finite", () -> new Amount.Fraction(Double.NaN));
    assertRefused("count must not be negative, got -1", () -> new Amount.Count(-1));
    assertRefused("weight must be positive and finite, got 0.0", () -> new Amount.Weight(0));
    assertRefused(
        "either all sources have a weight or none",
        () ->
            Mixture.of(
                List.of(new Portion("math", new Amount.Weight(1)), Portion.fraction("code", 1))));
    assertRefused(
        "total=5 is for weights",
        () ->
            new Mixture(
                List.of(Portion.fraction("math", 1)),
                Measure.SAMPLES,
                5,
                Mixture.Draw.WITHOUT_REPLACEMENT));
  }

  @Test
  void badStagesAreRefusedWithTheReason() {
    assertRefused(
        "source \"maths\" is none of the sources [math, code]",
        () -> ledger(Mixture.of(List.of(Portion.fraction("maths", 1))), TABLES));
    assertRefused(
        "stage \"mixed\": source \"code\" has 30 samples, 31 are asked for",
        () -> ledger(Mixture.of(List.of(new Portion("code", new Amount.Count(31)))), TABLES));
    assertRefused(
        "stage \"mixed\" has no samples: [code fraction 0.01] of [code 30]",
        () -> ledger(Mixture.of(List.of(Portion.fraction("code", 0.01))), TABLES));
    assertRefused(
        "source \"math\": its tokens are not known without its data",
        () ->
            ledger(
                weights(Measure.TOKENS, 0, Mixture.Draw.WITHOUT_REPLACEMENT),
                List.of(SampleTable.counted("math", 5), SampleTable.counted("code", 5))));
    assertRefused(
        "sources must have different names, got [math, math]",
        () ->
            ledger(
                Mixture.of(List.of(Portion.fraction("math", 1))),
                List.of(SampleTable.counted("math", 5), SampleTable.counted("math", 5))));
    assertThrows(
        IllegalStateException.class,
        () -> SampleTable.counted("math", 5).length(0, Measure.TOKENS));
    assertRefused("needs at least one stage", () -> new Schedule(List.of(), 1, 1));
    assertRefused(
        "stages must have different names, got [a, a]",
        () ->
            Schedule.of(
                1,
                Counting.stage("a", Portion.fraction("math", 1)),
                Counting.stage("a", Portion.fraction("code", 1))));
  }
}
