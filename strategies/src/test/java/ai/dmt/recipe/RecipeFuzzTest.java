package ai.dmt.recipe;

import ai.dmt.config.ConfigException;
import ai.dmt.fuzz.FuzzRun;
import ai.dmt.fuzz.FuzzedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Broken recipes are refused or read; none takes long or leaves a trace. */
class RecipeFuzzTest {
  private static final String RECIPE =
      """
      name: "r"
      model: folder
      sources:
        math: {role: specialized, files: [a.jsonl, b.jsonl], fraction: 1/4, samples: 100}
        general:
          role: general
          format: sharegpt
          fields: {conversations: dialog}
          files: ["c.jsonl"]
          samples: 3000
          prepare: {min_characters: 16, filters: [{part: tags, regex: "(?i)code", action: drop}]}
      strategy: {name: dmt, k: 1/256}
      training:
        learning_rate: 2e-5
        lr_scheduler_type: cosine
        warmup_ratio: 0.03
        epochs: 3
      data: {template: vicuna_v1.1, cutoff_len: 2048, eval_fraction: 0.01}
      """;

  /** Recipes. */
  public static final class YamlReader implements FuzzedReader {
    @Override
    public List<byte[]> samples() {
      return List.of(RECIPE.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String fileName() {
      return "r.yaml";
    }

    @Override
    public void read(Path file) {
      RecipeReader.read(file, List.of());
    }

    @Override
    public List<Class<? extends Exception>> refusals() {
      return List.of(ConfigException.class);
    }
  }

  @Test
  void mutantsDoNoHarm(@TempDir Path work) throws IOException, InterruptedException {
    FuzzRun.demandNoHarm(YamlReader.class, 200, work);
  }
}
