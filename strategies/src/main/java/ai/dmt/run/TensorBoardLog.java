package ai.dmt.run;

import ai.dmt.config.ConfigException;
import ai.dmt.data.EncodedSample;
import ai.dmt.engine.MemoryAccount;
import ai.dmt.engine.SourceLoss;
import ai.dmt.engine.StepMetrics;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.text.Units;
import ai.dmt.provenance.Provenance;
import ai.dmt.recipe.RecipeWriter;
import ai.dmt.recipe.ReportTo;
import ai.dmt.tensorboard.EventFile;
import ai.dmt.train.Evaluation;
import ai.dmt.train.Ledger;
import ai.dmt.train.MixtureDecision;
import ai.dmt.train.Progress;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes a run as TensorBoard shows it: losses, rates, speed and memory of every step, held-out
 * losses, and a text where a stage begins. The tags are described in docs/progress.md.
 *
 * <p>A recipe's {@code report_to} has a run write one to its output. Another, to another folder, is
 * a listener like any other; of several ranks one alone should have it. A run that goes on takes
 * out what the folder has of later steps.
 */
public final class TensorBoardLog implements RunListener, Closeable {
  /** Name of its folder in a run's output. */
  public static final String FOLDER = "tensorboard";

  /** Of texts: begins the tag of a source's first sample. */
  private static final String SAMPLES = "samples/";

  /** Of what came after the run, below the other. */
  private static final String SCORES = "scores";

  /** Of a source's first sample. */
  private static final int SHOWN_TOKENS = 400;

  private static final String TRAINING = "train/";
  private static final String HELD_OUT = "eval/";

  private final Path folder;
  private final Consumer<String> warnings;
  private final Map<String, String> texts;
  private @Nullable EventFile events; // null until there is something to write
  private @Nullable Supplier<MemoryAccount> memory; // null where no engine was told of
  private List<Ledger.Entry> ledger = List.of();

  /**
   * Makes a listener; nothing is written before the run begins.
   *
   * @param folder for the files; made if it is not there
   * @param warnings told once if nothing can be written; the run goes on
   */
  public TensorBoardLog(Path folder, Consumer<String> warnings) {
    this(folder, warnings, Map.of());
  }

  private TensorBoardLog(Path folder, Consumer<String> warnings, Map<String, String> texts) {
    this.folder = folder;
    this.warnings = warnings;
    this.texts = texts;
  }

  /** That of a run's own output, with its recipe and samples; null where nobody asked for it. */
  static @Nullable TensorBoardLog of(PreparedSchedule prepared, Consumer<String> warnings) {
    if (prepared.recipe().training().reportTo() != ReportTo.TENSORBOARD) {
      return null;
    }
    SampleText marks = SampleText.BRACKETS;
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put("recipe", code(RecipeWriter.yaml(prepared.recipe())));
    for (SourceData source : prepared.sources()) {
      EncodedSample first = source.train().samples().get(0);
      texts.put(
          SAMPLES + source.name(),
          "%s, with loss on %sthis%s\n\n%s"
              .formatted(
                  first.origin(),
                  marks.begin(),
                  marks.end(),
                  code(marks.render(first, prepared.tokenizer(), SHOWN_TOKENS))));
    }
    TensorBoardLog log = new TensorBoardLog(prepared.output().resolve(FOLDER), warnings, texts);
    log.onPlanned(prepared.ledger());
    return log;
  }

  /**
   * The samples that a run has shown, as text.
   *
   * @param run output folder of a run; one without events has shown none
   * @return by source, with where each sample is from and which part carries loss
   * @throws IOException if the folder cannot be read
   */
  public static Map<String, String> samples(Path run) throws IOException {
    Map<String, String> samples = new LinkedHashMap<>();
    EventFile.textsBefore(run.resolve(FOLDER))
        .forEach(
            (tag, text) -> {
              if (tag.startsWith(SAMPLES)) {
                samples.put(tag.substring(SAMPLES.length()), text.replaceAll("(?m)^ {4}", ""));
              }
            });
    return samples;
  }

  /** As Markdown shows it line by line. */
  private static String code(String text) {
    return text.indent(4);
  }

  @Override
  public void onPlanned(Ledger planned) {
    ledger = planned.entries();
  }

  @Override
  public void onEngine(EngineFacts facts) {
    memory = facts.memory();
  }

  @Override
  public void onStart(Progress progress) {
    at(progress);
  }

  @Override
  public void onStageStart(Progress progress) {
    if (progress.stage().step() == 0) { // else it has begun before
      at(progress).text(progress.step() + 1, "stage", stage(progress));
    }
  }

  @Override
  public void onStep(Progress progress, StepMetrics metrics) {
    double seconds = Math.max(progress.stepTime().toNanos(), 1) * 1e-9;
    Map<String, Double> values = new LinkedHashMap<>();
    values.put(TRAINING + "loss", metrics.loss());
    putSources(values, TRAINING, metrics.sources());
    values.put(TRAINING + "learning_rate", progress.learningRate());
    values.put(TRAINING + "grad_norm", metrics.gradientNorm());
    values.put(TRAINING + "epoch", progress.epoch());
    values.put(TRAINING + "stage", progress.stage().stage() + 1.0);
    values.put("speed/tokens_per_s", progress.tokensPerSecond());
    values.put("speed/label_tokens_per_s", metrics.labelTokens() / seconds);
    if (memory != null) {
      values.put("memory/held_bytes", (double) memory.get().total());
    }
    at(progress).scalars(progress.step(), values);
  }

  @Override
  public void onEvaluation(Progress progress, Evaluation evaluation) {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put(HELD_OUT + "loss", evaluation.loss());
    putSources(values, HELD_OUT, evaluation.sources());
    at(progress).scalars(progress.step(), values);
  }

  /** A text of each; events of steps that are made again are taken out. */
  @Override
  public void onDecision(Progress progress, List<MixtureDecision> made) {
    if (made.get(0).decidedStep() > progress.step()) {
      close();
    }
    made.forEach(
        each -> at(progress).text(progress.step(), "decision/" + each.source(), text(each)));
  }

  private static String text(MixtureDecision decision) {
    return decision.drops()
        ? Units.format(
            "%s leaves stage %s; the run goes back to step %s",
            decision.source(), decision.stage(), Units.count(decision.step()))
        : Units.format(
            "stage %s takes %.3g of %s from step %s on",
            decision.stage(), decision.share(), decision.source(), Units.count(decision.step()));
  }

  @Override
  public void onEnd(Progress progress) {
    close();
  }

  @Override
  public void onError(Throwable failure) {
    close();
  }

  /**
   * Writes what the models of a run have scored, as their records say, each at the last step of its
   * stage: once again all of them, so that none is there twice. A run without events is left alone.
   *
   * @param run output folder of a run
   * @param warnings told if the scores cannot be read or written
   */
  public static void writeScores(Path run, Consumer<String> warnings) {
    Path folder = run.resolve(FOLDER);
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (EventFile events = EventFile.after(folder.resolve(SCORES), 0, warnings)) {
      List<Long> ends = MetricsFile.stageEnds(run.resolve(MetricsFile.NAME));
      List<Path> models = RunFolder.stages(run);
      for (int s = 0; s < Math.min(ends.size(), models.size()); s++) {
        Provenance record = Provenance.find(models.get(s));
        if (record != null && !record.scores().isEmpty()) {
          Map<String, Double> values = new LinkedHashMap<>();
          record
              .scores()
              .forEach(
                  each ->
                      values.put(HELD_OUT + each.benchmark() + "/" + each.name(), each.value()));
          events.scalars(ends.get(s), values);
        }
      }
    } catch (IOException | ConfigException e) {
      warnings.accept(
          "TensorBoard does not get the scores of %s: %s".formatted(run, e.getMessage()));
    }
  }

  /** Ends the file. */
  @Override
  public void close() {
    if (events != null) {
      events.close();
      events = null;
    }
  }

  private EventFile at(Progress progress) {
    if (events == null) {
      forgetScores();
      events = EventFile.after(folder, progress.step(), warnings);
      if (progress.step() == 0) {
        texts.forEach((tag, text) -> events.text(0, tag, text));
      }
    }
    return events;
  }

  /** They are those of models that the run is about to replace. */
  private void forgetScores() {
    try {
      Disk.delete(folder.resolve(SCORES));
    } catch (IOException e) {
      warnings.accept("%s cannot be deleted: %s".formatted(folder.resolve(SCORES), Disk.reason(e)));
    }
  }

  /** Under a tag of its own each: a source that has no label in a step has no loss. */
  private static void putSources(
      Map<String, Double> values, String group, List<SourceLoss> losses) {
    losses.stream()
        .filter(loss -> loss.labelTokens() > 0)
        .forEach(loss -> values.put(group + "loss/" + loss.source(), loss.mean()));
  }

  /** Its name, length and mixture. */
  private String stage(Progress progress) {
    String name = progress.stage().name();
    String mixture =
        ledger.stream()
            .filter(entry -> entry.stage().equals(name))
            .map(
                entry ->
                    Units.format(
                        "- %s: %s samples, %.1f %%",
                        entry.source(),
                        Units.count(entry.realised().samples()),
                        100 * entry.realised().sampleShare()))
            .collect(Collectors.joining("\n"));
    return Units.format(
        "**stage %s: %s**, %s steps\n\n%s",
        progress.stage().stage() + 1, name, Units.count(progress.stage().steps()), mixture);
  }
}
