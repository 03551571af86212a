package ai.dmt.independence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.statistics.PooledMean;
import ai.dmt.independence.Independence.Change;
import ai.dmt.independence.Independence.Kind;
import ai.dmt.independence.Independence.Outcome;
import ai.dmt.independence.Independence.Verdict;
import ai.dmt.independence.IndependenceStudy.Models;
import ai.dmt.independence.IndependenceStudy.Settings;
import ai.dmt.tensors.SafetensorsFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Models of 90 weights, 30 for each ability. Losses are made up: of an ability's own weights, of
 * those of others, too, or of none.
 */
class IndependenceStudyTest {
  private static final List<String> ABILITIES = List.of("math", "code", "general");
  private static final int OWN = 30;
  private static final int SAMPLES = 80;
  private static final Settings SETTINGS = new Settings(List.of(-0.5, 0.5), -0.5, 19);

  @TempDir private Path root;
  private Models models;

  @BeforeEach
  void writeModels() throws IOException {
    Path base = write("base", new float[OWN * ABILITIES.size()]);
    Map<String, Path> tuned = new LinkedHashMap<>();
    float[] joint = new float[OWN * ABILITIES.size()];
    Random random = new Random(3);
    for (int a = 0; a < ABILITIES.size(); a++) {
      float[] alone = new float[joint.length];
      for (int i = a * OWN; i < (a + 1) * OWN; i++) {
        alone[i] = 1 + random.nextFloat();
        joint[i] = alone[i];
      }
      tuned.put(ABILITIES.get(a), write(ABILITIES.get(a), alone));
    }
    models = new Models(base, write("joint", joint), tuned);
  }

  private Path write(String name, float[] weights) throws IOException {
    String header =
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[%s],\"data_offsets\":[0,%s]}}"
            .formatted(weights.length, 4 * weights.length);
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + text.length + 4 * weights.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(text.length).put(text);
    for (float weight : weights) {
      bytes.putFloat(weight);
    }
    Path folder = Files.createDirectories(root.resolve(name));
    Files.write(folder.resolve("model.safetensors"), bytes.array());
    return folder;
  }

  /**
   * Losses of samples whose difficulty differs: the further the ability's weights are from where
   * joint training left them, the higher, in logarithms.
   *
   * @param own weight of the ability's own weights
   * @param others weight of those of the ability before it
   */
  private AbilityMeter meter(double own, double others, double noise) {
    float[] joint = weights(models.joint());
    return new AbilityMeter() {
      @Override
      public Map<String, PooledMean> losses(Path model) {
        float[] weights = weights(model);
        Map<String, PooledMean> losses = new LinkedHashMap<>();
        for (int a = 0; a < ABILITIES.size(); a++) {
          int before = (a + ABILITIES.size() - 1) % ABILITIES.size();
          double worse = own * lost(joint, weights, a) + others * lost(joint, weights, before);
          losses.put(ABILITIES.get(a), samples(worse, noise, a, weights));
        }
        return losses;
      }

      @Override
      public List<AbilityScore> scores(Path model) {
        return List.of();
      }
    };
  }

  private static float[] weights(Path model) {
    SafetensorsFile file = SafetensorsFile.open(model.resolve("model.safetensors"));
    return file.floats(file.tensors().get("w"));
  }

  /** Along the task vector: what is lost of it, as a share. */
  private static double lost(float[] joint, float[] weights, int ability) {
    double product = 0;
    double square = 0;
    for (int i = ability * OWN; i < (ability + 1) * OWN; i++) {
      product += (joint[i] - weights[i]) * joint[i];
      square += joint[i] * joint[i];
    }
    return product / square;
  }

  private static PooledMean samples(double worse, double noise, int ability, float[] weights) {
    Random difficulty = new Random(ability);
    Random moved = new Random(java.util.Arrays.hashCode(weights) * 31L + ability);
    double[] sums = new double[SAMPLES];
    double[] tokens = new double[SAMPLES];
    for (int s = 0; s < SAMPLES; s++) {
      tokens[s] = 5 + difficulty.nextInt(20);
      double loss = Math.exp(difficulty.nextGaussian() * 0.5);
      sums[s] = tokens[s] * loss * Math.exp(worse + noise * moved.nextGaussian());
    }
    return new PooledMean(sums, tokens);
  }

  private Independence run(AbilityMeter meter) throws IOException {
    Independence found =
        new IndependenceStudy(models, SETTINGS, meter, line -> {}).run(root.resolve("work"), null);
    assertFalse(Files.exists(root.resolve("work")), "the last changed model is gone");
    assertEquals(3 * (2 + 19), found.changes().size());
    return found;
  }

  @Test
  void abilitiesOfTheirOwnWeightsAreChangedByThemselves() throws IOException {
    Independence found = run(meter(2, 0, 0.05));
    for (Change change : found.judged()) {
      Verdict verdict = found.verdict(change);
      assertEquals(Outcome.ALONE, verdict.outcome(), change::toString);
      assertEquals(0.05, verdict.p(), 1e-12, change::toString);
      assertEquals(1, Independence.loss(change, change.ability()).log(), 0.05);
      assertTrue(verdict.specificity() > 0.9);
    }
  }

  @Test
  void abilitiesThatShareWeightsAreNot() throws IOException {
    Independence found = run(meter(2, 1, 0.05));
    Change math = found.judged().get(0);
    assertEquals(Outcome.NOT_ALONE, found.verdict(math).outcome());
    assertEquals(List.of("code"), found.verdict(math).others(), "math stands before code");
    assertEquals(0.5, Independence.loss(math, "code").log(), 0.05);
  }

  @Test
  void whereWeightsMatterNotNothingIsFound() throws IOException {
    int specific = 0;
    Independence found = run(meter(0, 0, 0.05));
    for (Change change : found.judged()) {
      Verdict verdict = found.verdict(change);
      assertEquals(Outcome.NOTHING, verdict.outcome(), change::toString);
      specific += verdict.p() <= 0.05 ? 1 : 0;
    }
    assertTrue(specific <= 1, specific + " of 3 vectors are specific");
  }

  @Test
  void aFewNoisySamplesDecideNothing() throws IOException {
    Independence found = run(meter(0.15, 0, 1));
    assertEquals(Outcome.OPEN, found.verdict(found.judged().get(0)).outcome());
  }

  @Test
  void trainingOnIsJudgedWithoutControls() throws IOException {
    float[] worse = weights(models.joint());
    for (int i = OWN; i < 2 * OWN; i++) {
      worse[i] *= 0.5f; // training on math takes half of code away
    }
    Path trained = write("trained", worse);
    Settings few = new Settings(List.of(-0.5), -0.5, 0);
    Independence found =
        new IndependenceStudy(models, few, meter(2, 0, 0.05), line -> {})
            .run(root.resolve("work"), (ability, work) -> trained);
    Change change = found.judged().get(1);
    assertEquals(Kind.RETRAINED, change.kind());
    assertEquals("math", change.ability());
    assertEquals(1, Independence.loss(change, "code").log(), 0.05);
    assertEquals(Outcome.NOTHING, found.verdict(change).outcome(), "math itself stays");
    assertTrue(Double.isNaN(found.verdict(change).p()));
    String page = new IndependenceReport(found).report("made up").html();
    assertTrue(page.contains("trained on math") && page.contains("it does not move"));
  }

  @Test
  void whatIsNotMeasuredIsTold() {
    Map<String, Path> tuned = new LinkedHashMap<>(models.tuned());
    tuned.put("latin", models.base());
    Models more = new Models(models.base(), models.joint(), tuned);
    IndependenceStudy study = new IndependenceStudy(more, SETTINGS, meter(1, 0, 0.05), line -> {});
    String message =
        assertThrows(ConfigException.class, () -> study.run(root.resolve("work"), null))
            .getMessage();
    assertTrue(message.startsWith("held-out samples of [latin] are missing"), message);
  }
}
