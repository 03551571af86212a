package ai.dmt.cli;

import ai.dmt.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A study of a tiny model over sources of twenty rows each, whose stages take a moment. */
final class MiniStudy {
  private MiniStudy() {}

  /**
   * Writes model, data and preset.
   *
   * @param sources the one called general is general, others are specialized
   * @param more lines of the preset
   * @return the preset's file
   */
  static Path write(Path folder, List<String> sources, String... more) throws IOException {
    Path model = TinyModel.write(folder.resolve("model"));
    List<String> lines =
        new ArrayList<>(List.of("name: mini", "recipe:", "  model: " + model, "  sources:"));
    for (String source : sources) {
      StringBuilder records = new StringBuilder();
      for (int i = 0; i < 20; i++) {
        records.append(
            "{\"question\": \"%s %s?\", \"answer\": \"%s\"}\n".formatted(source, i, i + 1));
      }
      Files.writeString(folder.resolve(source + ".jsonl"), records);
      String role = source.equals("general") ? "general" : "specialized";
      lines.add("    %s: {role: %s, files: [%s.jsonl]}".formatted(source, role, source));
    }
    lines.add("  data: {cutoff_len: 512, eval_fraction: 0.1}");
    lines.add("  training: {num_train_epochs: 1, global_train_batch_size: 6, learning_rate: 1e-3}");
    lines.add("  engine: {threads: 1}");
    lines.add("data_dir: " + folder);
    lines.addAll(List.of(more));
    return Files.write(folder.resolve("mini.yaml"), lines);
  }
}
