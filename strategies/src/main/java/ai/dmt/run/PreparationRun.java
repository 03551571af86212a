package ai.dmt.run;

import ai.dmt.audit.AuditReport;
import ai.dmt.audit.BenchmarkPrompts;
import ai.dmt.audit.OverlapScan;
import ai.dmt.audit.SourceAudit;
import ai.dmt.config.ConfigException;
import ai.dmt.data.DataException;
import ai.dmt.data.EncodedSample;
import ai.dmt.data.SourceFiles;
import ai.dmt.model.TokenLimits;
import ai.dmt.prepare.CacheUse;
import ai.dmt.prepare.SourcePreparer;
import ai.dmt.recipe.Recipe;
import ai.dmt.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tokenises and audits the sources of a recipe, one after the other. Samples pass by and are not
 * held, so the memory needed grows by some 100 bytes a sample. Needs no weights and no libtorch.
 */
public final class PreparationRun {
  private final Recipe recipe;
  private final CacheUse cache;
  private final Map<String, Path> benchmarkFiles;
  private final int shown;

  /**
   * Makes a run.
   *
   * @param recipe whose sources are prepared
   * @param cache of tokenised samples
   * @param benchmarkFiles whose prompts are looked for in the samples, by name
   * @param shown samples of each source that are handed out as examples
   */
  public PreparationRun(
      Recipe recipe, CacheUse cache, Map<String, Path> benchmarkFiles, int shown) {
    this.recipe = recipe;
    this.cache = cache;
    this.benchmarkFiles = new LinkedHashMap<>(benchmarkFiles);
    this.shown = shown;
  }

  /** Hears of each source as soon as it is done, and if it likes of all that leads there. */
  public interface Listener {
    /**
     * Recipe and files are in order, and reading begins.
     *
     * @param sources in the order in which they are read
     */
    default void onStart(List<SourceFiles> sources) {}

    /**
     * A source is begun.
     *
     * @param source its name in the recipe
     */
    default void onSourceStart(String source) {}

    /**
     * A sample is there.
     *
     * @param sample of the source that was begun last
     */
    default void onSample(EncodedSample sample) {}

    /**
     * A source is done.
     *
     * @param report what the source holds, and what was dropped and cut
     * @param cached whether its samples came from the cache
     * @param took time for reading and tokenising
     */
    void onSource(SourceAudit.Report report, boolean cached, Duration took);

    /**
     * Shows examples of a source, in the order of the subsets that hold them.
     *
     * @param source its name in the recipe
     * @param examples as many as were asked for, or fewer if the source is smaller
     * @param tokenizer of the model, to decode them; closed when the run ends
     */
    void onExamples(String source, List<EncodedSample> examples, Tokenizer tokenizer);
  }

  /**
   * Runs to the end.
   *
   * @param listener called on this thread
   * @return what was found in all sources
   * @throws ConfigException if recipe, model folder or files are at fault, all faults together
   * @throws DataException if the data is
   */
  public AuditReport run(Listener listener) {
    Map<String, SourceFiles> sources = new LinkedHashMap<>();
    List<BenchmarkPrompts> benchmarks = new ArrayList<>();
    TokenLimits limits = check(sources, benchmarks);
    Path folder = Path.of(recipe.model());
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      SourcePreparer preparer = RecipeCheck.preparer(recipe, folder, tokenizer, cache);
      List<SourceAudit> audits = new ArrayList<>();
      List<SourceAudit.Report> reports = new ArrayList<>();
      List<OverlapScan.Hit> hits = new ArrayList<>();
      OverlapScan scan = new OverlapScan(benchmarks);
      listener.onStart(List.copyOf(sources.values()));
      for (SourceFiles source : sources.values()) {
        listener.onSourceStart(source.name());
        SourceAudit audit = new SourceAudit(source.name());
        Examples examples = new Examples(shown, recipe.training().dataSeed());
        long began = System.nanoTime();
        SourcePreparer.Result result =
            preparer.prepare(
                source,
                sample -> {
                  limits.check(sample.sample());
                  audit.add(sample);
                  examples.add(sample.sample());
                  listener.onSample(sample.sample());
                });
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        audits.add(audit);
        reports.add(audit.report(result.summary()));
        listener.onSource(reports.get(reports.size() - 1), result.cached(), took);
        listener.onExamples(source.name(), examples.inOrder(), tokenizer);
        if (!benchmarks.isEmpty()) {
          hits.addAll(scan.scan(source, tokenizer));
        }
      }
      return new AuditReport(reports, shared(audits), counts(benchmarks), hits);
    }
  }

  private TokenLimits check(Map<String, SourceFiles> sources, List<BenchmarkPrompts> benchmarks) {
    List<String> faults = RecipeCheck.faults(recipe);
    List<TokenLimits> limits = new ArrayList<>();
    RecipeCheck.collect(faults, () -> limits.add(RecipeCheck.limits(recipe)));
    recipe
        .sources()
        .forEach(
            (name, source) ->
                RecipeCheck.collect(
                    faults, () -> sources.put(name, RecipeCheck.existingFiles(name, source))));
    benchmarkFiles.forEach(
        (name, file) ->
            RecipeCheck.collect(faults, () -> benchmarks.add(BenchmarkPrompts.read(name, file))));
    RecipeCheck.throwIfAny(faults);
    return limits.get(0);
  }

  private static List<SourceAudit.Shared> shared(List<SourceAudit> audits) {
    List<SourceAudit.Shared> shared = new ArrayList<>();
    for (int first = 0; first < audits.size(); first++) {
      for (int second = first + 1; second < audits.size(); second++) {
        shared.add(audits.get(first).sharedWith(audits.get(second)));
      }
    }
    return shared;
  }

  private static Map<String, Integer> counts(List<BenchmarkPrompts> benchmarks) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    benchmarks.forEach(each -> counts.put(each.name(), each.prompts().size()));
    return counts;
  }
}
