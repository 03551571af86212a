package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import ai.dmt.data.TemplateFile;
import ai.dmt.data.TemplateNames;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The template that a model was trained with is saved with it and used again. */
@Tag("native")
class SavedTemplateTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String OWN = template("Q");

  @TempDir private Path folder;
  private Path model;
  private Path data;

  private static String template(String mark) {
    return "{% for m in messages %}{{ '"
        + mark
        + ": ' if m.role == 'user' else 'A: ' }}{{ m.content }}{{ eos_token if m.role =="
        + " 'assistant' }}{% endfor %}{% if add_generation_prompt %}A: {% endif %}";
  }

  @BeforeEach
  void writeModelAndData() throws IOException {
    model = TinyModel.write(folder.resolve("model"));
    data =
        Files.writeString(
            folder.resolve("data.jsonl"),
            "{\"question\": \"1 + 1?\", \"answer\": \"2\"}\n".repeat(12));
  }

  private Dmt generate(Path from, Object... more) {
    List<Object> words =
        new java.util.ArrayList<>(
            List.of("generate", "--model", from, "--prompt", "1 + 1?", "--max-new-tokens", 4));
    words.addAll(List.of(more));
    return Dmt.run(words.toArray());
  }

  /** What it says of templates; the tokenizer, which comes alone here, is told of as well. */
  private static String said(Dmt run) {
    return run.err()
        .lines()
        .filter(line -> !line.contains("tokenizer.model has no tokenizer_config.json"))
        .map(line -> line + System.lineSeparator())
        .collect(Collectors.joining());
  }

  private JsonNode saved(Path from) throws IOException {
    return JSON.readTree(from.resolve(TemplateFile.NAME).toFile());
  }

  private Path train(String template) {
    Path output = folder.resolve("out");
    Dmt.run(
            "train",
            "--model",
            model,
            "--data",
            "math=" + data,
            "--output",
            output,
            "--overwrite",
            "num_train_epochs=1",
            "template=" + template)
        .succeeds();
    return output;
  }

  @Test
  void generationUsesWhatTrainingSaved() throws IOException {
    Path output = train("alpaca");
    assertEquals("alpaca", saved(output).path("name").asText());
    Dmt plain = generate(output);
    assertEquals("", said(plain));
    assertEquals(plain.succeeds(), generate(output, "--template", "alpaca").succeeds());
    assertEquals("", said(generate(output, "--template", "alpaca")));
    Dmt other = generate(output, "--template", "zephyr");
    other.succeeds();
    assertEquals(
        "dmt: warning: template zephyr is used, but %s was trained with alpaca%n".formatted(output),
        said(other));
  }

  @Test
  void modelWithoutATemplateTellsWhichOneIsUsed() throws IOException {
    Dmt nothing = generate(model);
    nothing.succeeds();
    assertEquals(
        "dmt: %s has no dmt_template.json and no chat_template of its own; vicuna_v1.1 is used, --template names another%n"
            .formatted(model),
        said(nothing));
    Files.writeString(model.resolve("chat_template.jinja"), OWN);
    assertTrue(generate(model).err().contains("its own chat_template is used"));
    assertEquals("", said(generate(model, "--template", "none")));
    generate(model, "--template", "vicuna").fails(ExitCode.USAGE, "did you mean vicuna_v1.1?");
  }

  @Test
  void modelsOwnTemplateIsTrainedWithAndSaved() throws IOException {
    Files.writeString(model.resolve("chat_template.jinja"), OWN);
    Path output = train("chat_template");
    assertEquals(OWN, saved(output).path("source").asText());
    assertEquals("", said(generate(output)));
  }

  @Test
  void templateFileIsRelativeToTheRecipeAndKeptWithTheModel() throws IOException {
    Path recipes = Files.createDirectory(folder.resolve("recipes"));
    Files.writeString(recipes.resolve("mine.jinja"), template("U"));
    Path recipe =
        Files.write(
            recipes.resolve("r.yaml"),
            List.of(
                "model: " + model,
                "sources: {math: {role: general, files: [%s]}}".formatted(data),
                "data: {template: mine.jinja, cutoff_len: 128}",
                "training: {num_train_epochs: 1, global_train_batch_size: 12}"));
    Path output = folder.resolve("run");
    Dmt.run("train", recipe, "--output", output).succeeds();
    assertEquals(template("U"), saved(output).path("source").asText());
    assertEquals(template("U"), saved(output.resolve("stages/1-all")).path("source").asText());
    Dmt.run("train", output.resolve("recipe.yaml"), "--output", folder.resolve("again")).succeeds();
    Dmt.run("recipe", "validate", recipe, "data.template=mine.jinja")
        .fails(ExitCode.USAGE, "data.template: ", "mine.jinja: no such template file");
    Dmt.run("train", recipe, "--output", output, "--overwrite", "data.template=chat_template")
        .fails(ExitCode.USAGE, "data.template: template chat_template: " + model);
  }

  @Test
  void helpListsEveryTemplateAndFormat() {
    String generate = Dmt.run("generate", "--help").succeeds().replaceAll("\\s+", " ");
    String train = Dmt.run("train", "--help").succeeds().replaceAll("\\s+", "");
    for (String name : TemplateNames.all()) {
      assertTrue(generate.contains(name), () -> name + " in " + generate);
    }
    for (String name : TemplateNames.trainable()) {
      assertTrue(train.contains(name), () -> name + " in " + train);
    }
    for (String name : ai.dmt.data.ReadOptions.formats()) {
      assertTrue(train.contains(name), () -> name + " in " + train);
    }
  }
}
