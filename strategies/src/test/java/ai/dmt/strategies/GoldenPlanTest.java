package ai.dmt.strategies;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Planned schedules as text; -Ddmt.golden.update=FOLDER writes them anew there, to be reviewed. */
@Tag("jackson")
class GoldenPlanTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "7b-math",
        "7b-multi-task",
        "7b-sequential",
        "7b-mixed-sequential",
        "7b-dmt-1_256",
        "7b-rq3c-1_16"
      })
  void presetPlansAsItDid(String preset) throws IOException {
    SchedulePlan plan = SchedulePlan.of(Presets.recipe(preset, List.of()));
    check(preset + ".txt", plan.text());
    if (preset.equals("7b-dmt-1_256")) {
      check(preset + ".json", plan.json());
      check(preset + ".yaml", Presets.yaml(preset));
    }
  }

  private static void check(String file, String actual) throws IOException {
    String update = System.getProperty("dmt.golden.update");
    if (update != null) {
      Files.writeString(Path.of(update, file), actual);
      return;
    }
    try (InputStream in = GoldenPlanTest.class.getResourceAsStream("/golden/" + file)) {
      assertEquals(new String(in.readAllBytes(), StandardCharsets.UTF_8), actual, file);
    }
  }
}
