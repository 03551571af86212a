package ai.dmt.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Decisions from made-up losses. */
class MixtureControllerTest {
  private static final MixtureControl PER_SOURCE =
      new MixtureControl(
          MixtureControl.Stop.PER_SOURCE,
          2,
          MixtureControl.Replay.FIXED,
          0.01,
          0.5,
          0,
          ReplaySelection.RANDOM);
  private static final MixtureControl ADAPTIVE =
      new MixtureControl(
          MixtureControl.Stop.NONE,
          2,
          MixtureControl.Replay.ADAPTIVE,
          0.05,
          0.5,
          0.1,
          ReplaySelection.RANDOM);
  private static final Schedule DMT =
      Schedule.of(
          42,
          Counting.stage("one", Portion.fraction("math", 1), Portion.fraction("code", 1)),
          Counting.stage("two", Portion.fraction("chat", 1), Portion.fraction("math", 0.1)));

  private static Progress at(int stage, String name, long step, long stageStep) {
    Progress start = Progress.start(100);
    StageProgress place = new StageProgress(stage, name, stageStep, 50, 0);
    return new Progress(
        step, 100, 0, 0, 0, 0, Duration.ZERO, Duration.ZERO, 0, place, start.remaining());
  }

  private static List<MixtureDecision> after(
      MixtureController controller, long step, Map<String, Double> losses) {
    Progress place = at(0, "one", step, step);
    controller.measured(place, losses, true);
    return controller.decide(place);
  }

  @Test
  void aSourceLeavesAtItsBestOnceItsLossHasRisenForAsLongAsThePatience() {
    MixtureController controller = new MixtureController(PER_SOURCE, DMT);
    assertEquals(List.of(), after(controller, 10, Map.of("math", 2.0, "code", 3.0)));
    assertEquals(List.of(), after(controller, 20, Map.of("math", 1.0, "code", 2.0)));
    assertEquals(Set.of(20L), controller.needed());
    assertEquals(List.of(), after(controller, 30, Map.of("math", 1.1, "code", 1.0)));
    assertEquals(Set.of(20L, 30L), controller.needed());
    List<MixtureDecision> made = after(controller, 40, Map.of("math", 1.05, "code", 0.9));
    assertEquals(List.of(new MixtureDecision("one", "math", 0, 20, 20, 40)), made);
    assertEquals(made, controller.state().decisions());
    assertEquals(2, controller.state().measured().size(), "what was undone is forgotten");
  }

  @Test
  void aLossThatFallsAgainInTimeKeepsTheSource() {
    MixtureController controller = new MixtureController(PER_SOURCE, DMT);
    double[] math = {1, 1.1, 0.9, 0.95, 0.9, 0.8};
    for (int i = 0; i < 4; i++) {
      assertEquals(List.of(), after(controller, 10L * (i + 1), Map.of("math", math[i])));
    }
    assertEquals(1, after(controller, 50, Map.of("math", math[4])).size(), "as low is not lower");
  }

  @Test
  void theEarliestBestGoesFirstAndEachSourceOnce() {
    MixtureController controller = new MixtureController(PER_SOURCE, DMT);
    after(controller, 10, Map.of("math", 2.0, "code", 1.0));
    after(controller, 20, Map.of("math", 1.0, "code", 1.2));
    assertEquals("code", after(controller, 30, Map.of("math", 1.5, "code", 1.3)).get(0).source());
    // Gone back to step 10; now both rise, but code has left.
    assertEquals(List.of(), after(controller, 20, Map.of("math", 3.0, "code", 1.5)));
    List<MixtureDecision> second = after(controller, 30, Map.of("math", 3.0, "code", 1.6));
    assertEquals(List.of(new MixtureDecision("one", "math", 0, 10, 10, 30)), second);
    for (long step = 20; step <= 100; step += 10) {
      assertEquals(List.of(), after(controller, step, Map.of("math", 9.0, "code", 9.0)));
    }
  }

  @Test
  void sourcesWithTheSameBestLeaveTogether() {
    MixtureController controller = new MixtureController(PER_SOURCE, DMT);
    after(controller, 10, Map.of("math", 1.0, "code", 1.0));
    after(controller, 20, Map.of("math", 2.0, "code", 2.0));
    assertEquals(2, after(controller, 30, Map.of("math", 2.0, "code", 2.0)).size());
  }

  @Test
  void whatAnEarlierStageHasHadStays() {
    MixtureController controller = new MixtureController(PER_SOURCE, DMT);
    for (long step = 10; step <= 50; step += 10) {
      Progress place = at(1, "two", 50 + step, step);
      controller.measured(place, Map.of("math", 1.0 * step, "chat", 1.0 / step), true);
      assertEquals(List.of(), controller.decide(place));
    }
    assertEquals(Set.of(100L), controller.needed());
  }

  @Test
  void theShareFollowsWhatIsForgottenWithinItsBounds() {
    MixtureController controller = new MixtureController(ADAPTIVE, DMT);
    Progress end = at(0, "one", 50, 50);
    controller.measured(end, Map.of("math", 1.0, "chat", 2.0), false);
    controller.stageEnded();
    assertEquals(Map.of("math", 1.0, "chat", 2.0), controller.state().before());
    double[] losses = {1.2, 1.3, 1.11, 1.2, 1.1, 1.0, 0.9, 1.0, 1.0};
    double[] shares = {0.2, 0.4, 0.5, 0.5, 0.25, 0.125, 0.0625, 0.05, 0.05};
    double share = 0.1;
    for (int i = 0; i < losses.length; i++) {
      Progress place = at(1, "two", 55 + 5 * i, 5 + 5 * i);
      controller.measured(place, Map.of("math", losses[i], "chat", 9.0), true);
      List<MixtureDecision> made = controller.decide(place);
      assertEquals(shares[i] == share ? 0 : 1, made.size(), "evaluation " + i);
      if (!made.isEmpty()) {
        assertEquals(
            new MixtureDecision("two", "math", shares[i], 5 + 5 * i, 55 + 5 * i, 55 + 5 * i),
            made.get(0));
      }
      share = shares[i];
    }
  }

  @Test
  void aRestoredStateDecidesTheSame() {
    MixtureController whole = new MixtureController(PER_SOURCE, DMT);
    MixtureController other = new MixtureController(PER_SOURCE, DMT);
    for (long step = 10; step <= 30; step += 10) {
      MixtureController resumed = new MixtureController(PER_SOURCE, DMT);
      resumed.restore(other.state());
      Map<String, Double> losses = Map.of("math", 1.0 * step, "code", 1.0 / step);
      assertEquals(after(whole, step, losses), after(resumed, step, losses));
      other = resumed;
    }
    assertEquals(1, whole.state().decisions().size());
  }

  @Test
  void badSettingsAreNamed() {
    assertTrue(
        assertThrows(
                ConfigException.class,
                () ->
                    new MixtureControl(
                        MixtureControl.Stop.PER_SOURCE,
                        0,
                        MixtureControl.Replay.ADAPTIVE,
                        0.5,
                        0.1,
                        -1,
                        ReplaySelection.RANDOM))
            .getMessage()
            .contains(
                "replay_min_k and replay_max_k must be 0 < min <= max <= 1, got 0.5 and 0.1"));
    Schedule single = Schedule.of(42, Counting.stage("one", Portion.fraction("math", 1)));
    assertTrue(
        assertThrows(ConfigException.class, () -> new MixtureController(ADAPTIVE, single))
            .getMessage()
            .contains("no stage replays a source of an earlier one"));
    Schedule much =
        Schedule.of(
            42,
            Counting.stage("one", Portion.fraction("math", 1)),
            Counting.stage("two", Portion.fraction("chat", 1), Portion.fraction("math", 0.75)));
    assertTrue(
        assertThrows(ConfigException.class, () -> new MixtureController(ADAPTIVE, much))
            .getMessage()
            .contains("begins with 0.75 of source \"math\""));
  }
}
