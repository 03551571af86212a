package ai.dmt.advise;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.Units;
import ai.dmt.prepare.CacheUse;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.StrategyRecipe;
import ai.dmt.run.PreparedSources;
import ai.dmt.study.CellResult;
import ai.dmt.study.Study;
import ai.dmt.study.StudyDefinition;
import ai.dmt.study.StudyFolder;
import ai.dmt.study.StudyWorld;
import ai.dmt.train.Corpus;
import ai.dmt.train.Measure;
import ai.dmt.train.SampleTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs of mixtures as a study in a folder, which trains each once, wherever it is asked for. */
final class StudyMixtures implements Mixtures {
  private final StudyDefinition study;
  private final Path folder;
  private final Advisor.Trainer trainer;
  private final Map<MixturePlan, String> names = new LinkedHashMap<>();

  StudyMixtures(StudyDefinition study, Path folder, Advisor.Trainer trainer) {
    this.study = study;
    this.folder = folder;
    this.trainer = trainer;
  }

  @Override
  public Recipe recipe() throws IOException {
    return placed().recipe();
  }

  private StudyDefinition placed() throws IOException {
    return StudyWorld.place(study, StudyFolder.ofOutput(folder));
  }

  @Override
  public double tokensPerSecond() {
    return study.tokensPerSecond();
  }

  @Override
  public MixtureSpace space(double tokens) throws IOException {
    Recipe recipe = recipe();
    Map<String, Corpus.Role> roles = new LinkedHashMap<>();
    recipe.sources().forEach((name, source) -> roles.put(name, source.role()));
    Map<String, Double> sizes = new LinkedHashMap<>();
    try (PreparedSources sources = PreparedSources.of(recipe, CacheUse.none())) {
      demandHeldOut(sources);
      for (SampleTable table : sources.tables()) {
        sizes.put(table.name(), (double) table.total(Measure.TOKENS));
      }
    }
    double all = sizes.values().stream().mapToDouble(Double::doubleValue).sum();
    double whole = tokens > 0 ? tokens : all * recipe.training().numTrainEpochs();
    return MixtureSpace.of(roles, sizes, whole);
  }

  private static void demandHeldOut(PreparedSources sources) {
    List<String> without = new ArrayList<>();
    for (int s = 0; s < sources.heldOut().size(); s++) {
      if (sources.heldOut().get(s).samples().isEmpty()) {
        without.add(sources.heldOut().get(s).name());
      }
    }
    if (!without.isEmpty()) {
      throw new ConfigException(
          "advice predicts held-out losses, and there are no held-out samples of %s: name files in"
                  .formatted(String.join(", ", without))
              + " sources.NAME.held_out, or set data.eval_fraction");
    }
  }

  @Override
  public List<MeasuredRun> train(Collection<MixturePlan> plans)
      throws IOException, InterruptedException {
    Map<String, StrategyRecipe> mixtures = new LinkedHashMap<>();
    plans.forEach(plan -> names.computeIfAbsent(plan, this::name));
    names.forEach((plan, name) -> mixtures.put(name, plan.strategy()));
    StudyDefinition all = study.ofMixtures(mixtures);
    trainer.train(all, folder);
    Map<String, CellResult> found = new LinkedHashMap<>();
    for (CellResult cell : Study.open(all, folder).results()) {
      found.put(cell.group(), cell);
    }
    List<MeasuredRun> runs = new ArrayList<>();
    for (MixturePlan plan : plans) {
      CellResult cell = found.get("mixture " + names.get(plan));
      if (cell == null) {
        throw new IOException(
            "%s has no result of %s; start again to go on".formatted(folder, plan.text()));
      }
      runs.add(new MeasuredRun(plan, cell.heldOut()));
    }
    return runs;
  }

  @Override
  public Map<String, Double> base() throws IOException {
    return Study.open(study, folder).base();
  }

  /** As a cell is called; no two mixtures have one name. */
  private String name(MixturePlan plan) {
    String text =
        Units.format("%s-%.0f", plan.text(), plan.tokens()).replaceAll("[^A-Za-z0-9._=/+-]+", "-");
    return names.containsValue(text) ? text + "-" + names.size() : text;
  }
}
