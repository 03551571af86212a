package ai.dmt.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.MicroBatch;
import ai.dmt.plan.ModelPreset;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RandomRowsTest {
  @ParameterizedTest
  @ValueSource(ints = {3, 7, 64})
  void packedDocumentsHaveLabelsAndFit(int longest) {
    BenchJob job =
        new BenchJob(
            BenchModel.of(ModelPreset.parse("tiny")), EngineConfig.defaults(), 3, longest, 1);
    RandomRows rows = RandomRows.of("packed", 2, job);
    Set<Integer> lengths = new HashSet<>();
    for (int step = 0; step < 200; step++) {
      for (MicroBatch batch : rows.step(100)) {
        int[] offsets = batch.documentOffsets();
        for (int d = 1; d < offsets.length; d++) {
          lengths.add(offsets[d] - offsets[d - 1]);
        }
        assertEquals(3 * longest, offsets[offsets.length - 1]);
      }
    }
    assertTrue(
        lengths.stream().allMatch(length -> length >= 2 && length <= longest), lengths::toString);
    assertTrue(lengths.size() > 1, lengths::toString);
  }
}
