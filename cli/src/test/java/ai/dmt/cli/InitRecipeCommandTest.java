package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import ai.dmt.recipe.AdapterRecipe;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("native")
class InitRecipeCommandTest {
  @TempDir private Path folder;

  @BeforeEach
  void writeModelAndData() throws IOException {
    TinyRecipe.write(folder, 300);
  }

  @Test
  void theRecipeFitsModelAndDataAndTrains() {
    Path recipe = folder.resolve("own.yaml");
    Dmt.run(
            "init-recipe",
            "--model",
            folder.resolve("model"),
            "--data",
            "math=" + folder.resolve("math.jsonl"),
            "talk=" + folder.resolve("general.jsonl"),
            "-o",
            recipe,
            "--output-dir",
            folder.resolve("tuned"))
        .succeeds();
    Recipe read = RecipeReader.read(recipe, List.of());
    assertEquals(List.of("math", "talk"), List.copyOf(read.sources().keySet()));
    assertEquals(300, read.sources().get("math").samples());
    assertEquals("vicuna_v1.1", read.data().template());
    assertEquals(0, read.data().cutoffLen() % 64);
    assertTrue(read.data().cutoffLen() < 512, () -> "the longest sample decides: " + read.data());
    assertEquals(16, read.training().globalTrainBatchSize(), "600 samples, 3 epochs, 100 steps");
    Dmt.run("plan", recipe).succeeds();
    Dmt.run("train", recipe, "training.max_steps=2", "data.mixture_tolerance=1").succeeds();
    Dmt.run(
            "init-recipe",
            "--model",
            folder.resolve("tuned"),
            "--data",
            "a=" + folder.resolve("code.jsonl"),
            "-o",
            recipe)
        .fails(ExitCode.USAGE, "own.yaml is there already");
  }

  @Test
  void anAdapterHasItsSectionAndALearningRateOfItsOwn() {
    Path model = folder.resolve("model");
    Path recipe = folder.resolve("lora.yaml");
    initRecipe(model, recipe, "--lora", 4).succeeds();
    Recipe read = RecipeReader.read(recipe, List.of());
    assertEquals(AdapterRecipe.defaults().withRank(4), read.adapter());
    assertEquals(1e-2, read.training().learningRate(), "ten times that of all weights");
    Path tuned = folder.resolve("tuned");
    Dmt.run(
            "train",
            recipe,
            "output_dir=" + tuned,
            "training.max_steps=2",
            "data.mixture_tolerance=1",
            "adapter.targets=[q_proj, down_proj]",
            "adapter.ranks={down_proj: 2}",
            "adapter.alpha=6")
        .succeeds();
    Path again = folder.resolve("again.yaml");
    initRecipe(tuned, again).succeeds();
    AdapterRecipe goesOn = RecipeReader.read(again, List.of()).adapter();
    assertEquals(Map.of("down_proj", 2), goesOn.ranks(), "an adapter is trained on as it is");
    assertEquals(6.0, goesOn.alpha());
    Dmt.run("train", again, "output_dir=" + folder.resolve("more"), "--dry-run").succeeds();
    initRecipe(tuned, folder.resolve("x.yaml"), "--lora", 8)
        .fails(ExitCode.USAGE, "is another adapter: q_proj has rank 4, this recipe rank 8");
    initRecipe(model, folder.resolve("x.yaml"), "--lora", 999)
        .fails(ExitCode.USAGE, "adapter: rank of k_proj, v_proj must be at most 16");
    initRecipe(model, folder.resolve("x.yaml"), "--lora", 0)
        .fails(ExitCode.USAGE, "--lora must be positive, got 0");
  }

  private Dmt initRecipe(Path model, Path recipe, Object... options) {
    List<Object> words = new ArrayList<>(List.of("init-recipe", "--model", model));
    words.addAll(List.of("--data", "math=" + folder.resolve("math.jsonl"), "-o", recipe));
    words.addAll(List.of("--output-dir", folder.resolve("tuned")));
    words.addAll(List.of(options));
    return Dmt.run(words.toArray());
  }

  @Test
  void theCommandsOfTheDocumentRun() throws IOException {
    Path imports = TinyModel.copy(Path.of("src/test/resources/imports"), folder.resolve("imports"));
    Map<String, Path> places =
        Map.of(
            "llama", folder.resolve("model"),
            "math=math.jsonl", Path.of("math=" + folder.resolve("math.jsonl")),
            "chat=chat.jsonl", Path.of("chat=" + folder.resolve("general.jsonl")),
            "own.yaml", folder.resolve("own.yaml"),
            "mine.yaml", folder.resolve("mine.yaml"),
            "llama3_full_sft.yaml", imports.resolve("llama-factory/full_alpaca.yaml"),
            "axolotl.yml", imports.resolve("axolotl/fft_alpaca.yaml"));
    List<String> commands = ReadmeTest.commands("../docs/recipes.md");
    assertTrue(commands.size() >= 8, commands::toString);
    for (String command : commands) {
      List<Object> words = new ArrayList<>(List.of(command.split("\\s+")));
      words.remove(0);
      words.replaceAll(word -> places.getOrDefault(word, Path.of((String) word)));
      if (words.get(0).toString().equals("train")) {
        words.addAll(
            List.of(
                "--output",
                folder.resolve("trained"),
                "training.max_steps=1",
                "data.mixture_tolerance=1"));
      }
      Dmt.run(words.toArray()).succeeds();
    }
  }

  @Test
  void everyKeyIsExplainedAndWhatIsWrongIsNamed() throws IOException {
    String yaml =
        Dmt.run(
                "init-recipe",
                "--model",
                folder.resolve("model"),
                "--data",
                "a=" + folder.resolve("code.jsonl"))
            .succeeds();
    assertTrue(yaml.contains("# Peak of the learning rate\n  learning_rate: 1e-3"), yaml);
    assertTrue(yaml.contains("# 300 samples; tokens: median"), yaml);
    Path broken = Files.writeString(folder.resolve("broken.jsonl"), "{\"question\": 1}\n");
    Dmt.run("init-recipe", "--model", folder.resolve("model"), "--data", "a=" + broken)
        .fails(ExitCode.USAGE, "broken.jsonl:1");
    Dmt.run("init-recipe", "--model", folder.resolve("none"), "--data", "a=" + broken)
        .fails(ExitCode.USAGE, "none");
    Dmt.run(
            "init-recipe",
            "--model",
            folder.resolve("model"),
            "--data",
            "a=" + folder.resolve("no.jsonl"))
        .fails(ExitCode.USAGE, "no.jsonl: no such file");
  }
}
