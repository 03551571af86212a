package ai.dmt.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Each alert is found where it was planted, and nowhere else. */
class AlertsTest {
  private static final int STEPS = 1000;

  private static List<Alert> alerts(UnaryOperator<ObjectNode> change) {
    return Alerts.of(new MadeUpRun(STEPS).lines(change).subList(0, 990), Surroundings.NONE);
  }

  private static Alert only(List<Alert> alerts, Alert.Kind kind) {
    assertEquals(1, alerts.size(), alerts::toString);
    assertEquals(kind, alerts.get(0).kind());
    assertTrue(alerts.get(0).advice().length() > 20);
    return alerts.get(0);
  }

  private static UnaryOperator<ObjectNode> from(long step, UnaryOperator<ObjectNode> change) {
    return line -> line.path("step").asLong() >= step ? change.apply(line) : line;
  }

  private static UnaryOperator<ObjectNode> at(Set<Long> steps, UnaryOperator<ObjectNode> change) {
    return line -> steps.contains(line.path("step").asLong()) ? change.apply(line) : line;
  }

  @Test
  void aCleanRunHasNone() {
    assertEquals(List.of(), alerts(line -> line));
  }

  @Test
  void noiseOfAThirdOfTheLossIsNoSpike() {
    java.util.Random random = new java.util.Random(3);
    assertEquals(
        List.of(),
        alerts(
            line ->
                line.put("loss", line.path("loss").asDouble() * (1 + 0.3 * random.nextDouble()))));
  }

  @Test
  void aSpikeIsNamedWithStepValueAndTheUsualOne() {
    Alert spike = only(alerts(at(Set.of(500L), line -> line.put("loss", 6.5))), Alert.Kind.SPIKE);
    assertEquals(500, spike.step());
    assertEquals("loss 6.500", spike.value());
    assertEquals(1.3, Double.parseDouble(spike.usual()), 0.1);
    assertTrue(spike.text().startsWith("Step 500: loss 6.500; usual: 1."), spike.text());
  }

  @Test
  void aStretchOfSpikesIsOneAlert() {
    Alert spike =
        only(
            alerts(
                at(
                    Set.of(500L, 501L, 503L),
                    line -> line.put("loss", 4 + line.path("step").asLong() / 1000.0))),
            Alert.Kind.SPIKE);
    assertEquals("loss 4.503 at most, until step 503", spike.value());
  }

  @Test
  void anotherStageMayHaveAnotherLoss() {
    assertEquals(
        List.of(),
        alerts(
            from(
                600,
                line ->
                    line.put("stage", "next")
                        .put("loss", 5 - line.path("step").asLong() / 500.0))));
  }

  @Test
  void notANumberIsNamedOnce() {
    for (String word : List.of("NaN", "Infinity", "-Infinity")) {
      Alert alert = only(alerts(from(700, line -> line.put("loss", word))), Alert.Kind.NOT_FINITE);
      assertEquals(700, alert.step());
      assertTrue(alert.value().startsWith("loss " + word + ", gradient norm 1."), alert.value());
    }
    only(alerts(at(Set.of(9L), line -> line.put("grad_norm", Double.NaN))), Alert.Kind.NOT_FINITE);
    only(
        alerts(
            at(
                Set.of(9L),
                line -> {
                  ((ObjectNode) line.at("/sources/code")).put("loss", Double.POSITIVE_INFINITY);
                  return line;
                })),
        Alert.Kind.NOT_FINITE);
  }

  @Test
  void aGradientThatExplodesIsFoundAtOnceOrWhenItGrewSlowly() {
    Alert once =
        only(alerts(at(Set.of(400L), line -> line.put("grad_norm", 80))), Alert.Kind.GRADIENT);
    assertEquals(400, once.step());
    assertEquals("gradient norm 80.00", once.value());
    Alert slowly =
        only(
            alerts(
                from(
                    300,
                    line ->
                        line.put(
                            "grad_norm", Math.exp((line.path("step").asLong() - 300) / 100.0)))),
            Alert.Kind.GRADIENT);
    assertTrue(slowly.step() > 500 && slowly.step() < 620, slowly::text);
  }

  @Test
  void aPlateauIsALossThatSurelyDoesNotFall() {
    Alert flat =
        only(
            alerts(
                from(300, line -> line.put("loss", 1.5 + 0.01 * (line.path("step").asLong() % 7)))),
            Alert.Kind.PLATEAU);
    assertEquals("loss 1.530 over the last 150 steps", flat.value());
    assertEquals(
        List.of(),
        alerts(from(300, line -> line.put("loss", 1.5).put("learning_rate", 1e-6))),
        "nothing is learnt at such a rate");
  }

  @Test
  void stepsThatTakeTwiceAsLongAreASlowdown() {
    Alert slow =
        only(alerts(from(950, line -> line.put("tokens_per_s", 4900))), Alert.Kind.THROUGHPUT);
    assertEquals("4,900 tokens/s", slow.value());
    assertEquals(List.of(), alerts(at(Set.of(950L, 970L), line -> line.put("tokens_per_s", 90))));
  }

  private static List<Alert> unfinished(Surroundings surroundings) {
    return Alerts.of(new MadeUpRun(STEPS).lines(line -> line).subList(0, 500), surroundings);
  }

  @Test
  void silenceOfARunThatGoesIsAStall() {
    Alert stall = only(unfinished(new Surroundings(true, 61, -1, -1)), Alert.Kind.STALL);
    assertEquals(500, stall.step());
    assertEquals("no step for 01:01", stall.value());
    assertEquals("a step in 0.02000 s", stall.usual());
    assertEquals(List.of(), unfinished(new Surroundings(true, 59, -1, -1)));
    assertEquals(List.of(), unfinished(new Surroundings(false, 6000, -1, -1)), "it is over");
  }

  @Test
  void slowStepsMayBeSilentForLonger() {
    List<String> lines =
        new MadeUpRun(STEPS).lines(line -> line.put("step_ms", 9000)).subList(0, 100);
    assertEquals(List.of(), Alerts.of(lines, new Surroundings(true, 179, -1, -1)));
    only(Alerts.of(lines, new Surroundings(true, 181, -1, -1)), Alert.Kind.STALL);
  }

  @Test
  void aDiskThatIsTooSmallIsNamed() {
    Alert disk = only(unfinished(new Surroundings(true, 0, 3L << 30, 5L << 30)), Alert.Kind.DISK);
    assertEquals("3.0 GB free", disk.value());
    assertEquals("5.0 GB for checkpoints and models to come", disk.usual());
    assertEquals(List.of(), unfinished(new Surroundings(true, 0, 5L << 30, 5L << 30)));
  }

  @Test
  void theMostUrgentComesFirstAndWhatIsNoMetricIsPassedOver() {
    List<String> lines =
        new MadeUpRun(STEPS)
            .lines(at(Set.of(300L), line -> line.put("loss", 9).put("grad_norm", "NaN")));
    List<String> dirty = new java.util.ArrayList<>(lines.subList(0, 700));
    dirty.addAll(
        3, List.of("", "{", "[]", "{\"type\":\"step\"}", "{\"type\":\"other\",\"step\":1}"));
    Surroundings surroundings = new Surroundings(true, 600, 1, 2);
    assertEquals(
        List.of(Alert.Kind.NOT_FINITE, Alert.Kind.STALL, Alert.Kind.DISK, Alert.Kind.SPIKE),
        Alerts.of(dirty, surroundings).stream().map(Alert::kind).collect(Collectors.toList()));
  }
}
