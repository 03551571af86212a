package ai.dmt.conflict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.conflict.CosineEstimate.Direction;
import ai.dmt.data.EncodedSample;
import ai.dmt.data.Origin;
import ai.dmt.data.Source;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.FakeEngine;
import ai.dmt.engine.GradientProducts;
import ai.dmt.engine.ModelConfig;
import ai.dmt.report.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Sources whose rules are known, at a model that learns what follows what. */
class GradientConflictTest {
  private static final int WORDS = 12;

  private interface Rule {
    int next(int token, Random random);
  }

  /** Samples of ten tokens, from some words only. */
  private static Source source(String name, int first, int words, Rule rule) {
    Random random = new Random(name.hashCode());
    List<EncodedSample> samples = new ArrayList<>();
    for (int s = 0; s < 40; s++) {
      int[] ids = new int[10];
      boolean[] loss = new boolean[10];
      ids[0] = first + random.nextInt(words);
      for (int t = 1; t < ids.length; t++) {
        ids[t] = first + Math.floorMod(rule.next(ids[t - 1] - first, random), words);
        loss[t] = true;
      }
      samples.add(new EncodedSample(name + s, Origin.UNKNOWN, ids, loss));
    }
    return new Source(name, samples);
  }

  private static GradientConflict conflict(Source... sources) {
    SourceSets sets = SourceSets.draw(List.of(sources), 4, 10, 1);
    ModelConfig model = ModelConfig.llama(2 * WORDS, 8, 8, 1, 2, 2, 32).withInitializerRange(0.1);
    try (FakeEngine engine = FakeEngine.create(model, 1, EngineConfig.defaults())) {
      return GradientConflict.of(engine, sets, 64);
    }
  }

  private static Source up(String name) {
    return source(name, 0, WORDS, (token, random) -> token + 1);
  }

  @Test
  void sourcesThatTeachTheOppositeAreOpposedAndEqualOnesAligned() {
    Source down = source("down", 0, 2, (token, random) -> token);
    Source over = source("over", 0, 2, (token, random) -> token + 1);
    assertEquals(Direction.OPPOSED, twoWords(down, over).direction());
    CosineEstimate same = conflict(up("one"), up("two")).of("one", "two");
    assertEquals(Direction.ALIGNED, same.direction());
    assertEquals(1, same.cosine(), 0.05);
  }

  private static CosineEstimate twoWords(Source one, Source other) {
    SourceSets sets = SourceSets.draw(List.of(one, other), 4, 10, 1);
    ModelConfig model = ModelConfig.llama(2, 8, 8, 1, 2, 2, 32).withInitializerRange(0.01);
    try (FakeEngine engine = FakeEngine.create(model, 1, EngineConfig.defaults())) {
      return GradientConflict.of(engine, sets, 64).of(one.name(), other.name());
    }
  }

  @Test
  void sourcesOfOtherWordsHaveNothingToDoWithEachOther() {
    Source others = source("others", WORDS, WORDS, (token, random) -> token + 1);
    CosineEstimate cosine = conflict(up("up"), others).of("up", "others");
    assertEquals(0, cosine.cosine(), 1e-9);
    assertEquals(Direction.UNDECIDED, cosine.direction());
  }

  @Test
  void overlapIsThatOfTheTextAndNoneWhereWordsDiffer() {
    Source random = source("random", 0, WORDS, (token, dice) -> dice.nextInt(WORDS));
    Source others = source("others", WORDS, WORDS, (token, dice) -> token + 1);
    SourceSets sets = SourceSets.draw(List.of(up("one"), up("two"), others, random), 4, 10, 1);
    List<DataOverlap> words = DataOverlap.of(sets, 1);
    List<DataOverlap> pairs = DataOverlap.of(sets, 3);
    assertEquals(1, of(pairs, "one", "two").relative(), 0.1);
    assertEquals(0, of(words, "one", "others").shared());
    assertTrue(of(words, "one", "random").relative() > 0.85, "the same words");
    assertTrue(of(pairs, "one", "random").relative() < 0.3, "in another order");
  }

  private static DataOverlap of(List<DataOverlap> overlaps, String one, String other) {
    return overlaps.stream()
        .filter(each -> each.one().equals(one) && each.other().equals(other))
        .findFirst()
        .orElseThrow();
  }

  /** One set's products are those of all others; only the tensors' names matter. */
  @Test
  void tensorsAreGroupedByLayerAndKind() {
    List<String> tensors =
        List.of(
            "model.embed_tokens.weight",
            "model.layers.0.self_attn.q_proj.weight",
            "model.layers.10.self_attn.q_proj.weight",
            "model.layers.10.input_layernorm.weight",
            "model.norm.weight",
            "lm_head.weight");
    double[][][] products = new double[tensors.size()][6][6];
    products[1][0][3] = 7;
    GradientConflict conflict =
        new GradientConflict(new GradientProducts(tensors, products), List.of("a", "b"), 3);
    assertEquals(List.of("embedding", "0", "10", "head"), List.copyOf(conflict.byLayer().keySet()));
    assertEquals(
        List.of("embed_tokens", "input_layernorm", "lm_head", "norm", "q_proj"),
        List.copyOf(conflict.byKind().keySet()));
    Table table = ConflictReport.cosines(Map.of("m", conflict));
    assertEquals(List.of("m", "a, b", "-", "-", "not decided"), table.rows().get(0).subList(0, 5));
  }

  @Test
  void setsAreIndependentAndOfOneSize() {
    Source few = new Source("few", up("few").samples().subList(0, 9));
    SourceSets sets = SourceSets.draw(List.of(up("many"), few), 4, 10, 3);
    assertEquals(2, sets.size(), "9 samples for 4 sets");
    long different =
        sets.samples().get(0).stream()
            .flatMap(List::stream)
            .map(EncodedSample::id)
            .distinct()
            .count();
    assertEquals(8, different);
    for (List<Source> wrong :
        List.of(List.of(few), List.of(few, new Source("two", few.samples().subList(0, 2))))) {
      assertThrows(ConfigException.class, () -> SourceSets.draw(wrong, 3, 10, 1));
    }
  }
}
