package ai.dmt.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.engine.ModelConfig;
import ai.dmt.recipe.Recipe;
import ai.dmt.strategies.Presets;
import ai.dmt.strategies.Strategies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Measures this machine; the speeds that come out are whatever they are. */
@Tag("multirank")
class CalibrationTest {
  private static final ModelConfig MODEL = ModelConfig.llama(200, 64, 128, 6, 4, 2, 128);
  private static final SampleLengths LENGTHS = SampleLengths.assumed(20, "for tests");

  @TempDir private Path folder;

  private static Placement placement(int ranks) {
    Recipe recipe = Presets.recipe("7b-math", List.of("engine.dtype=float32"));
    return new RunPlanner(
            recipe,
            Strategies.batches(recipe, recipe.corpus().tables()),
            MODEL,
            LENGTHS,
            Machine.cpus(2, 1L << 40))
        .asWritten(ranks);
  }

  @ParameterizedTest(name = "{0} ranks")
  @ValueSource(ints = {1, 2})
  void whatWasMeasuredIsKept(int ranks) throws IOException {
    Speed speed = new Calibration(MODEL, placement(ranks), LENGTHS, 100).measure("here");
    for (double rate :
        List.of(
            speed.products(),
            speed.attention(),
            speed.elements(),
            speed.logits(),
            speed.updates(),
            speed.interconnect().allGather())) {
      assertTrue(rate > 1e3 && Double.isFinite(rate), speed.toString());
    }
    assertTrue(speed.overhead() >= 1 && speed.measured());
    SpeedFile file = new SpeedFile(folder, "cpu", MODEL, placement(ranks).config());
    assertEquals(Optional.empty(), file.read());
    file.write(speed);
    assertEquals(Optional.of(speed), file.read());
  }

  @Test
  void aDamagedFileIsNamed() throws IOException {
    SpeedFile file = new SpeedFile(folder, "cpu", MODEL, placement(1).config());
    Files.writeString(file.path(), "{\"products\": \"fast\"}");
    String message = assertThrows(ConfigException.class, file::read).getMessage();
    assertTrue(message.startsWith(file.path() + " is no measured speed: "), message);
  }
}
