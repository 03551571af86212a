package ai.dmt.advise;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.Units;
import ai.dmt.study.Study;
import ai.dmt.study.StudyDefinition;
import ai.dmt.study.StudyQuestion;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Says how to mix data: runs some mixtures, most of them small, predicts all others from them, and
 * spends the last of its budget on whole runs that could be the best. docs/advise.md has the
 * method.
 *
 * <pre>{@code
 * StudyDefinition study = StudyPresets.read("recipe.yaml", List.of());
 * AdviceSettings settings = new AdviceSettings(Budget.parse("20%"), 0, null);
 * Advice advice = Advisor.of(study, Path.of("advice"), settings).advise();
 * System.out.println(advice.recommended().text());
 * }</pre>
 */
public final class Advisor {
  private static final int ALTERNATIVES = 5;
  private static final int LEAST_CANDIDATES = 5;

  private final Mixtures mixtures;
  private final AdviceSettings settings;
  private final Objective objective;
  private final long seed;
  private final Consumer<String> log;

  Advisor(Mixtures mixtures, AdviceSettings settings, long seed, Consumer<String> log) {
    this.mixtures = mixtures;
    this.settings = settings;
    this.objective =
        settings.objective() == null ? Objective.equal(mixtures.sources()) : settings.objective();
    objective.demandSources(mixtures.abilities());
    this.seed = seed;
    this.log = log;
  }

  /**
   * {@return an advisor that trains in this process}
   *
   * @param study whose recipe has model, sources with held-out samples, and settings of training
   * @param folder for the runs; one that was begun goes on
   * @param settings what is asked
   * @throws ai.dmt.config.ConfigException if the objective is of sources that there are not
   */
  public static Advisor of(StudyDefinition study, Path folder, AdviceSettings settings) {
    return of(study, folder, settings, Advisor::trainHere, line -> {});
  }

  /**
   * {@return an advisor whose runs are trained by somebody else}
   *
   * @param study whose recipe has model, sources with held-out samples, and settings of training
   * @param folder for the runs; one that was begun goes on
   * @param settings what is asked
   * @param trainer trains all mixtures of a study
   * @param log takes a line for each round of runs
   * @throws ai.dmt.config.ConfigException if the objective is of sources that there are not, or
   *     scores are asked of a study without benchmarks
   */
  public static Advisor of(
      StudyDefinition study,
      Path folder,
      AdviceSettings settings,
      Trainer trainer,
      Consumer<String> log) {
    if (settings.scored() && study.benchmarks().isEmpty()) {
      throw new ConfigException(
          "scores are asked for, and study %s has no benchmarks; tiny has some, or name a study of"
                  .formatted(study.name())
              + " your own with a section benchmarks");
    }
    return new Advisor(
        new StudyMixtures(
            settings.baseText() > 0 ? study.withBaseText(settings.baseText()) : study,
            folder,
            settings.scored(),
            trainer),
        settings,
        study.recipe().training().seed(),
        log);
  }

  /** Has all mixtures of a study trained, here or by a scheduler. */
  @FunctionalInterface
  public interface Trainer {
    /**
     * Returns when all are.
     *
     * @param study whose mixtures are trained
     * @param folder of the study
     * @throws IOException if a run has failed
     * @throws InterruptedException if this thread is interrupted; what was done stays
     */
    void train(StudyDefinition study, Path folder) throws IOException, InterruptedException;
  }

  private static void trainHere(StudyDefinition study, Path folder)
      throws IOException, InterruptedException {
    List<String> failed =
        Study.open(study, folder).withQuestions(List.of(StudyQuestion.MIXTURE)).run().failed();
    if (!failed.isEmpty()) {
      throw new IOException("runs have failed: " + String.join("; ", failed));
    }
  }

  /**
   * Trains what is missing, and advises.
   *
   * @return the advice
   * @throws ai.dmt.config.ConfigException if model, data or settings are at fault
   * @throws IOException if a run has failed, or the folder cannot be written
   * @throws InterruptedException if this thread is interrupted; started again it goes on
   */
  public Advice advise() throws IOException, InterruptedException {
    MixtureSpace space = mixtures.space(settings.tokens());
    List<MixturePlan> candidates = space.candidates();
    if (!candidates.contains(space.proportional()) || candidates.size() < LEAST_CANDIDATES) {
      throw new ConfigException(
          Units.format(
              "%,.0f tokens are too few to mix: a sample has up to %s; train on more (--tokens)",
              space.tokens(), space.longest()));
    }
    double budget = budget(space);
    List<MixturePlan> plans = SmallRuns.of(space, budget, seed);
    double left = budget - cost(plans, space);
    log.accept(
        Units.format(
            "%s candidates of %,.0f tokens; %s runs to begin with, %.1f whole runs are left after"
                + " them",
            candidates.size(), space.tokens(), plans.size(), left));
    List<MeasuredRun> runs = mixtures.train(plans);
    Forecasts forecasts = Forecasts.of(space, mixtures.base(), runs);
    Set<MixturePlan> all = new LinkedHashSet<>(plans);
    while (left >= 1) {
      Optional<MixturePlan> next = next(forecasts, candidates);
      if (next.isEmpty()) {
        break;
      }
      log.accept("next: " + next.get().text());
      all.add(next.get());
      left--;
      runs = mixtures.train(all);
      forecasts = Forecasts.of(space, mixtures.base(), runs);
    }
    Advice advice = advice(space, runs, forecasts);
    return settings.rated() ? advice.with(learningRate(advice)) : advice;
  }

  /** Tries other learning rates for the advised mixture, until the best lies between two others. */
  private LearningRateScale learningRate(Advice advice) throws IOException, InterruptedException {
    MixturePlan plan = advice.recommended();
    int left = LearningRateScale.RUNS - (advice.forecasts().isMeasured(plan) ? 0 : 1);
    MeasuredRun own = mixtures.train(List.of(plan)).get(0);
    LearningRateScale scale =
        new LearningRateScale(
            List.of(new LearningRateScale.Tried(1, objective.of(own.logLosses()), true, own)));
    while (scale.isOpen() && left-- > 0) {
      double factor = scale.next();
      log.accept(Units.format("next: the learning rate times %s", factor));
      List<LearningRateScale.Tried> all = new ArrayList<>(scale.tried());
      MeasuredRun run = mixtures.train(plan, factor);
      boolean kept = advice.forecasts().keeps(objective, run, advice.space().candidates());
      all.add(new LearningRateScale.Tried(factor, objective.of(run.logLosses()), kept, run));
      scale = new LearningRateScale(all);
    }
    return scale;
  }

  /**
   * Trains all candidates, too, and compares what is advised with the best of them.
   *
   * @param advice of this advisor
   * @return regrets of the advice and of what others would choose
   * @throws IOException if a run has failed, or the folder cannot be written
   * @throws InterruptedException if this thread is interrupted; started again it goes on
   */
  public AdviceCheck.Result check(Advice advice) throws IOException, InterruptedException {
    return AdviceCheck.of(advice, mixtures, budget(advice.space()), seed);
  }

  /**
   * Trains the advised mixture, and what is done without advice, on as many tokens.
   *
   * @param advice of this advisor
   * @param seeds how often each is trained, with other seeds than the recipe's; at least 2 for
   *     intervals
   * @return held-out losses of all of them
   * @throws IOException if a run has failed, or the folder cannot be written
   * @throws InterruptedException if this thread is interrupted; started again it goes on
   */
  public AdviceComparison compare(Advice advice, int seeds)
      throws IOException, InterruptedException {
    Map<String, Map<String, List<Double>>> losses = new LinkedHashMap<>();
    mixtures
        .train(AdviceComparison.plans(advice), seeds)
        .forEach(
            (name, runs) -> {
              Map<String, List<Double>> own = new LinkedHashMap<>();
              for (String source : advice.space().sources().keySet()) {
                own.put(source, runs.stream().map(run -> run.logLoss(source)).toList());
              }
              losses.put(name, own);
            });
    return new AdviceComparison(losses);
  }

  /**
   * Writes recipe.yaml, which {@code dmt train} trains, advice.json and the report.
   *
   * @param folder that is there
   * @param report of this advisor's advice
   * @throws IOException if a file cannot be written
   */
  public void write(Path folder, AdviceReport report) throws IOException {
    AdviceFiles.write(folder, mixtures.recipe(), report);
    String sources = String.join(", ", report.advice().space().sources().keySet());
    report.page("How to mix " + sources).write(folder);
  }

  /** For mixtures, in whole runs. */
  private double budget(MixtureSpace space) {
    return settings
        .budget()
        .runs(
            space.candidates().size(),
            space.tokens(),
            mixtures.tokensPerSecond(),
            settings.rated() ? LearningRateScale.RUNS : 0);
  }

  private static double cost(List<MixturePlan> plans, MixtureSpace space) {
    return plans.stream().mapToDouble(MixturePlan::tokens).sum() / space.tokens();
  }

  private Optional<MixturePlan> next(Forecasts forecasts, List<MixturePlan> candidates) {
    return forecasts.promising(objective, candidates).stream()
        .filter(plan -> !forecasts.isMeasured(plan))
        .findFirst();
  }

  /** Of measured candidates alone, where the laws do not hold. */
  private Advice advice(MixtureSpace space, List<MeasuredRun> runs, Forecasts forecasts)
      throws IOException {
    List<MixturePlan> all = space.candidates();
    List<MixturePlan> known =
        forecasts.hold(objective) ? all : all.stream().filter(forecasts::isMeasured).toList();
    List<MixturePlan> ranked = forecasts.ranked(objective, known);
    MixturePlan best = ranked.get(0);
    Set<MixturePlan> others =
        new LinkedHashSet<>(ranked.subList(1, Math.min(1 + ALTERNATIVES, ranked.size())));
    others.addAll(space.baselines());
    others.remove(best);
    return new Advice(
        space,
        mixtures.facts(),
        objective,
        runs,
        forecasts,
        best,
        List.copyOf(others),
        forecasts.hold(objective) ? undecided(forecasts, best, ranked) : List.of(),
        next(forecasts, all),
        binding(forecasts, known, best),
        Optional.empty());
  }

  /** Those whose value could be as good as that of the best. */
  private List<MixturePlan> undecided(
      Forecasts forecasts, MixturePlan best, List<MixturePlan> ranked) {
    Forecasts.Value own = forecasts.value(objective, best);
    Map<MixturePlan, Double> lost = forecasts.lost(objective, ranked);
    List<MixturePlan> open = new ArrayList<>();
    for (MixturePlan plan : ranked) {
      Forecasts.Value value = forecasts.value(objective, plan);
      double apart = value.estimate() - own.estimate();
      if (!plan.equals(best)
          && Present.in(lost, plan) <= Present.in(lost, best)
          && apart <= Math.hypot(value.half(), own.half())) {
        open.add(plan);
      }
    }
    return open;
  }

  /** Without which of its constraints the choice would be another. */
  private List<String> binding(Forecasts forecasts, List<MixturePlan> known, MixturePlan best) {
    List<String> binding = new ArrayList<>();
    for (String ability : objective.keep().keySet()) {
      Map<String, Double> others = new LinkedHashMap<>(objective.keep());
      others.remove(ability);
      Objective without = new Objective(objective.weights(), others);
      if (!forecasts.ranked(without, known).get(0).equals(best)) {
        binding.add(ability);
      }
    }
    return binding;
  }
}
