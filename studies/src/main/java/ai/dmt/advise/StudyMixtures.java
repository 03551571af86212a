package ai.dmt.advise;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.Units;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.StrategyRecipe;
import ai.dmt.run.PreparedSources;
import ai.dmt.study.AbilityScore;
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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** Runs of mixtures as a study in a folder, which trains each once, wherever it is asked for. */
final class StudyMixtures implements Mixtures {
  private static final String RUNS = "runs";
  private static final String COMPARISON = "comparison"; // other seeds, so another study

  private final StudyDefinition study;
  private final Path output;
  private final Path folder;
  private final boolean scored;
  private final Advisor.Trainer trainer;
  private final Map<MixturePlan, String> names = new LinkedHashMap<>();
  private final Map<String, StrategyRecipe> asked = new LinkedHashMap<>(); // by name

  StudyMixtures(StudyDefinition study, Path output, boolean scored, Advisor.Trainer trainer) {
    this.study = study;
    this.output = output;
    this.folder = output.resolve(RUNS);
    this.scored = scored;
    this.trainer = trainer;
  }

  @Override
  public Set<String> sources() {
    return study.recipe().sources().keySet();
  }

  @Override
  public Set<String> abilities() {
    Set<String> abilities = new LinkedHashSet<>(sources());
    if (study.baseText() > 0) {
      abilities.add(StudyDefinition.BASE_TEXT);
    }
    return abilities;
  }

  @Override
  public Recipe recipe() throws IOException {
    return StudyWorld.place(study, StudyFolder.ofOutput(folder)).recipe();
  }

  @Override
  public double tokensPerSecond() {
    return study.tokensPerSecond();
  }

  @Override
  public MixtureSpace space(double tokens) throws IOException {
    StudyFolder runs = StudyFolder.ofOutput(folder);
    Recipe recipe = StudyWorld.place(study, runs).recipe();
    Map<String, Corpus.Role> roles = new LinkedHashMap<>();
    recipe.sources().forEach((name, source) -> roles.put(name, source.role()));
    Map<String, Double> sizes = new LinkedHashMap<>();
    Map<String, Double> longest = new LinkedHashMap<>();
    try (PreparedSources sources = PreparedSources.of(recipe, runs.prepared())) {
      demandHeldOut(sources);
      for (SampleTable table : sources.tables()) {
        sizes.put(table.name(), (double) table.total(Measure.TOKENS));
        longest.put(
            table.name(),
            IntStream.range(0, table.size())
                .mapToDouble(sample -> table.length(sample, Measure.TOKENS))
                .max()
                .orElse(0));
      }
    }
    double all = sizes.values().stream().mapToDouble(Double::doubleValue).sum();
    double whole = tokens > 0 ? tokens : all * recipe.training().numTrainEpochs();
    return MixtureSpace.of(roles, sizes, longest, whole);
  }

  @Override
  public SourceFacts facts() throws IOException {
    StudyFolder runs = StudyFolder.ofOutput(folder);
    Recipe recipe = StudyWorld.place(study, runs).recipe();
    try (PreparedSources sources = PreparedSources.of(recipe, runs.prepared())) {
      return SourceFacts.of(sources.train(), recipe.training().dataSeed());
    }
  }

  private static void demandHeldOut(PreparedSources sources) {
    List<String> without = new ArrayList<>(sources.sizes().keySet());
    sources.heldOut().stream()
        .filter(source -> !source.samples().isEmpty())
        .forEach(source -> without.remove(source.name()));
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
    plans.forEach(plan -> asked.put(names.computeIfAbsent(plan, this::name), plan.strategy()));
    Map<String, List<CellResult>> found = trainAsked();
    List<MeasuredRun> runs = new ArrayList<>();
    for (MixturePlan plan : plans) {
      runs.add(measured(plan, found, Present.in(names, plan), 1).get(0));
    }
    return runs;
  }

  @Override
  public MeasuredRun train(MixturePlan plan, double factor)
      throws IOException, InterruptedException {
    String name = "%s-rate-%s".formatted(names.computeIfAbsent(plan, this::name), factor);
    asked.put(name, plan.strategy(factor * study.recipe().training().learningRate()));
    return measured(plan, trainAsked(), name, 1).get(0);
  }

  /** All that was asked for so far is one study. */
  private Map<String, List<CellResult>> trainAsked() throws IOException, InterruptedException {
    return train(study.ofMixtures(asked, 0, 1, scored), folder);
  }

  @Override
  public Map<String, List<MeasuredRun>> train(Map<String, MixturePlan> plans, int seeds)
      throws IOException, InterruptedException {
    Map<String, StrategyRecipe> mixtures = new LinkedHashMap<>();
    plans.forEach((name, plan) -> mixtures.put(name, plan.strategy()));
    Map<String, List<CellResult>> found =
        train(study.ofMixtures(mixtures, 1, seeds, false), output.resolve(COMPARISON));
    Map<String, List<MeasuredRun>> runs = new LinkedHashMap<>();
    for (Map.Entry<String, MixturePlan> plan : plans.entrySet()) {
      runs.put(plan.getKey(), measured(plan.getValue(), found, plan.getKey(), seeds));
    }
    return runs;
  }

  /** By the names of mixtures. */
  private Map<String, List<CellResult>> train(StudyDefinition all, Path place)
      throws IOException, InterruptedException {
    trainer.train(all, place);
    Map<String, List<CellResult>> found = new LinkedHashMap<>();
    for (CellResult cell : Study.open(all, place).results()) {
      found.computeIfAbsent(cell.group(), group -> new ArrayList<>()).add(cell);
    }
    return found;
  }

  private List<MeasuredRun> measured(
      MixturePlan plan, Map<String, List<CellResult>> found, String name, int seeds)
      throws IOException {
    List<CellResult> cells = found.getOrDefault("mixture " + name, List.of());
    if (cells.size() < seeds) {
      throw new IOException(
          "%s has %s of %s results of %s; start again to go on"
              .formatted(output, cells.size(), seeds, plan.text()));
    }
    return cells.stream()
        .map(cell -> new MeasuredRun(plan, cell.heldOut(), AbilityScore.of(study, cell)))
        .toList();
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
