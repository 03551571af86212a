package ai.dmt.cli;

import ai.dmt.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A recipe over small sources of code, math and general data, and a tiny model to start from. */
final class TinyRecipe {
  private TinyRecipe() {}

  /**
   * Writes model, data and recipe.
   *
   * @param samples of each source
   * @param more lines of the recipe after its model and sources
   */
  static Path write(Path folder, int samples, String... more) throws IOException {
    Path model = TinyModel.write(folder.resolve("model"));
    List<String> lines = new ArrayList<>(List.of("model: " + model, "sources:"));
    for (String source : List.of("code", "math", "general")) {
      StringBuilder records = new StringBuilder();
      for (int i = 0; i < samples; i++) {
        records.append(
            "{\"question\": \"%s %s?\", \"answer\": \"%s\"}\n".formatted(source, i, i * i));
      }
      Path file = Files.writeString(folder.resolve(source + ".jsonl"), records);
      String role = source.equals("general") ? "general" : "specialized";
      lines.add("  %s: {role: %s, files: [%s]}".formatted(source, role, file));
    }
    lines.addAll(List.of(more));
    return Files.write(folder.resolve("r.yaml"), lines);
  }
}
