package ai.dmt.study;

import ai.dmt.config.ConfigException;
import ai.dmt.engine.EngineConfig;
import ai.dmt.provenance.ModelCard;
import ai.dmt.provenance.Provenance;
import ai.dmt.provenance.Verification;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeWriter;
import ai.dmt.train.Ledger;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The record of a study: written when it begins, and beside the model of each stage. */
final class StudyRecord {
  private static final String MODEL = "model";

  private StudyRecord() {}

  /** A study that goes on has the files that it began with, or it would not have been let. */
  static void write(StudySetup setup, StudyFolder folder) throws IOException {
    StudyDefinition study = setup.study();
    JsonNode definition = definition(setup);
    Provenance old = Provenance.find(folder.root());
    if (old != null && old.recipe().equals(definition)) {
      return;
    }
    Provenance record =
        Provenance.of(
            study.recipe(),
            definition,
            Map.of("threads", Integer.toString(study.recipe().engine().threads())));
    for (Map.Entry<String, BenchmarkRecipe> each : study.benchmarks().entrySet()) {
      Path problems = Path.of(each.getValue().problems());
      if (Files.isRegularFile(problems)) {
        record = record.withFile("benchmark " + each.getKey(), problems);
      }
    }
    if (study.sizes() != null) {
      for (Map.Entry<String, String> size : study.sizes().models().entrySet()) {
        record = record.withModel("model of size " + size.getKey(), Path.of(size.getValue()));
      }
    }
    record.writeWithRows(folder.root());
  }

  /** Record and card of a stage's model. @param target folder of the model */
  static void writeModel(
      Recipe recipe, StageNode node, Ledger ledger, StudyFolder folder, Path target)
      throws IOException {
    EngineConfig engine = recipe.engineConfig();
    Provenance study = Provenance.find(folder.root());
    if (study == null) {
      return; // begun by a version that kept none, and only looked at again
    }
    String parent = node.parent().isEmpty() ? "" : ", after stage " + node.parent();
    ModelCard.write(
        target,
        study
            .withRecipe(RecipeWriter.json(recipe))
            .madeWith(Provenance.machine(engine))
            .ofStage(node.stage().name() + parent, ledger));
  }

  static Verification verify(StudyFolder folder) throws IOException {
    Provenance record = Provenance.read(folder.root());
    return Verification.of(
        folder.root(),
        record,
        new Verification.Settings(
            folder.study(),
            record.recipe(),
            () -> {
              try {
                return definition(StudySetup.read(folder));
              } catch (IOException e) {
                throw new ConfigException(folder.study() + " cannot be read: " + e.getMessage(), e);
              }
            }),
        models(folder));
  }

  private static Map<String, Path> models(StudyFolder folder) throws IOException {
    Map<String, Path> models = new TreeMap<>();
    Path nodes = Objects.requireNonNull(folder.node("x").getParent());
    if (Files.isDirectory(nodes)) {
      try (Stream<Path> all = Files.list(nodes)) {
        for (Path node : all.toList()) {
          if (!NodeResult.read(node).name().equals("base")) {
            models.put("stage " + node.getFileName(), node.resolve(MODEL));
          }
        }
      }
    }
    return models;
  }

  /** Its hashes are in the record file by file, and seeds that were added change no result. */
  private static JsonNode definition(StudySetup setup) {
    JsonNode all = RecipeWriter.json(setup);
    if (all instanceof ObjectNode fields) {
      fields.remove(List.of("hashes", "earlier_seeds"));
    }
    return all;
  }
}
