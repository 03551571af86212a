package ai.dmt.study;

import ai.dmt.adapter.AdapterFolder;
import ai.dmt.checkpoint.ModelDigest;
import ai.dmt.checkpoint.ModelFolder;
import ai.dmt.data.ModelExtras;
import ai.dmt.data.Source;
import ai.dmt.engine.DType;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.NativeEngine;
import ai.dmt.engine.SourceLoss;
import ai.dmt.engine.StepMetrics;
import ai.dmt.evaluation.HeldOutLoss;
import ai.dmt.evaluation.SampleLoss;
import ai.dmt.internal.files.FileOutput;
import ai.dmt.internal.text.Units;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.ReportTo;
import ai.dmt.run.MetricsFile;
import ai.dmt.run.PreparedSources;
import ai.dmt.run.TensorBoardLog;
import ai.dmt.train.Ledger;
import ai.dmt.train.Progress;
import ai.dmt.train.ScheduleBatches;
import ai.dmt.train.ScheduleTrainer;
import ai.dmt.train.ScheduleTraining;
import ai.dmt.train.TrainingListener;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Trains a node: one stage from its parent's model, as {@code dmt train} would within a run. */
final class NodeTraining {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Recipe recipe;
  private final StudyFolder folder;
  private final PreparedSources sources;
  private final BooleanSupplier stopping;
  private final ScheduleTraining settings;
  private final int baseText;

  /**
   * @param baseText texts that base models write, see {@link BaseText}; 0 for none
   * @param stopping asked after each step; once true, a checkpoint is written and the stage ends
   */
  NodeTraining(
      Recipe recipe,
      StudyFolder folder,
      PreparedSources sources,
      int baseText,
      BooleanSupplier stopping) {
    this.recipe = recipe;
    this.folder = folder;
    this.sources = sources;
    this.baseText = baseText;
    this.stopping = stopping;
    this.settings = recipe.training().scheduleTraining(recipe.data().cutoffLen());
  }

  /** Measures a base model. @return the losses, for people */
  String base(String key, Path model, Path target) throws IOException {
    Map<String, Double> losses = Map.of();
    if (!sources.heldOut().isEmpty() || baseText > 0) {
      try (NativeEngine engine = NativeEngine.open(model, config())) {
        if (baseText > 0) {
          int most = Math.min(settings.batch().maxTokensPerMicroBatch(), recipe.data().cutoffLen());
          BaseText.write(engine, model, sources.tokenizer(), baseText, most, target);
        }
        losses = writeHeldOut(engine, target, target);
      }
    }
    new NodeResult("base", key, Map.of(), 0, 0, 0, null, losses).write(target);
    return text(losses);
  }

  /**
   * Trains, and leaves model, metrics, ledger and result.
   *
   * @param base folder of the model that the first stage begins with
   * @return what it did, for people
   * @throws StoppedException if it was asked to stop; a checkpoint is there then
   */
  String train(StageNode node, Path base, StageSize size, Path target) throws IOException {
    Path parent = node.parent().isEmpty() ? base : folder.model(node.parent());
    List<String> faults = node.parent().isEmpty() ? List.of() : ModelFolder.faults(parent);
    if (!faults.isEmpty()) {
      throw new IOException(String.join("\n", faults));
    }
    NodeCheckpoints checkpoints = new NodeCheckpoints(recipe, folder, node.key(), target);
    LastLoss last = new LastLoss();
    List<String> warnings = new ArrayList<>();
    Map<String, Double> losses;
    long start = System.nanoTime();
    Progress from;
    Progress end;
    try (NativeEngine engine = open(parent, base)) {
      from = checkpoints.start(engine);
      last.loss = checkpoints.lastLoss();
      try (MetricsFile metrics = checkpoints.metrics(from);
          TensorBoardLog board = board(target, warnings)) {
        metrics.countMemoryOf(config().device().at(0));
        ScheduleTrainer trainer = new ScheduleTrainer(engine, settings);
        trainer.addListener(metrics);
        if (board != null) {
          trainer.addListener(board);
        }
        trainer.addListener(last);
        trainer.addListener(new StopListener(trainer, stopping));
        trainer.keepWith(checkpoints.keeper(engine, from));
        end = trainer.train(node.schedule(), sources.train(), List.of(), from);
      }
      if (!end.finished()) {
        throw new StoppedException(
            "%s: stopped after step %s of %s"
                .formatted(node.label(), end.step(), end.totalSteps()));
      }
      losses = writeHeldOut(engine, folder.node(node.base()), target);
      Ledger ledger = ledger(node);
      FileOutput.write(target.resolve("ledger.json"), ledger.toJson().toPrettyString() + "\n");
      ModelExtras extras = ModelExtras.of(base, sources.template(), sources.tokenizer());
      engine.save(
          target.resolve("model"),
          saved(node),
          fresh -> {
            extras.writeTo(fresh);
            nameBase(engine, base, folder.model(node.key()), fresh);
            StudyRecord.writeModel(recipe, node, ledger, folder, fresh);
          });
    }
    new NodeResult(
            node.stage().name(),
            node.key(),
            size.samples(),
            size.steps(),
            size.tokens(),
            size.labelTokens(),
            last.loss,
            losses)
        .write(target);
    double trained = end.elapsed().toMillis() / 1000.0;
    writeTiming(target, node.label(), size.tokens(), trained, (System.nanoTime() - start) * 1e-9);
    String done =
        Units.format(
            "%s%d steps, loss %.3f%s",
            from.step() == 0 ? "" : "went on after step %s; ".formatted(from.step()),
            size.steps(),
            last.loss,
            losses.isEmpty() ? "" : ", held out " + text(losses));
    return warnings.isEmpty() ? done : done + "; " + String.join("; ", warnings);
  }

  /** A stage of an adapter goes on with its parent's, wherever the study's folder is now. */
  private NativeEngine open(Path parent, Path base) {
    return AdapterFolder.isAdapter(parent)
        ? NativeEngine.open(AdapterFolder.read(parent, base), config())
        : NativeEngine.open(parent, config());
  }

  /** Of a base in the study's own folder an adapter says where it is from there. */
  private void nameBase(NativeEngine engine, Path base, Path model, Path fresh) throws IOException {
    if (engine.adapter().isPresent() && base.startsWith(folder.root())) {
      String place = model.relativize(base).toString();
      AdapterFolder.write(fresh, engine.adapter().get(), place, ModelDigest.of(base));
    }
  }

  /** Null where nobody asked for it. */
  private @Nullable TensorBoardLog board(Path target, List<String> warnings) {
    return recipe.training().reportTo() == ReportTo.TENSORBOARD
        ? new TensorBoardLog(target.resolve(TensorBoardLog.FOLDER), warnings::add)
        : null;
  }

  private EngineConfig config() {
    return recipe.engineConfig();
  }

  /** The master weights are what a next stage goes on from. */
  private DType saved(StageNode node) {
    DType asked = recipe.engine().saveDtype();
    if (node.inner()) {
      return DType.FLOAT32;
    }
    return asked == null ? recipe.engine().dtype() : asked;
  }

  private Ledger ledger(StageNode node) {
    ScheduleBatches batches =
        new ScheduleBatches(
            node.schedule(), sources.tables(), recipe.training().globalTrainBatchSize());
    return Ledger.of(batches, sources.drops());
  }

  static void writeTiming(
      Path target, String label, long tokens, double trainSeconds, double seconds)
      throws IOException {
    FileOutput.write(
        target.resolve(StudyTiming.FILE),
        JSON.createObjectNode()
                .put("task", label)
                .put("tokens", tokens)
                .put("train_seconds", trainSeconds)
                .put("seconds", seconds)
                .toPrettyString()
            + "\n");
  }

  private static String text(Map<String, Double> losses) {
    return losses.entrySet().stream()
        .map(loss -> Units.format("%s %.3f", loss.getKey(), loss.getValue()))
        .collect(Collectors.joining(", "));
  }

  /**
   * Measures each held-out sample, so that differences between models can be paired by sample.
   *
   * @param base folder of the base model's node
   * @return means by source; none where nothing is held out
   */
  private Map<String, Double> writeHeldOut(NativeEngine engine, Path base, Path target)
      throws IOException {
    List<Source> measuredSources = new ArrayList<>(sources.heldOut());
    if (baseText > 0) {
      measuredSources.add(BaseText.read(base));
    }
    Map<String, List<SampleLoss>> losses = new LinkedHashMap<>();
    for (Source source : measuredSources) {
      List<SourceLoss> measured =
          sources.sampleLosses(engine, source, settings.batch().maxTokensPerMicroBatch());
      List<SampleLoss> samples = new ArrayList<>();
      for (int s = 0; s < measured.size(); s++) {
        SourceLoss loss = measured.get(s);
        String id = source.samples().get(s).id();
        samples.add(new SampleLoss(id, loss.lossSum(), loss.labelTokens()));
      }
      losses.put(source.name(), samples);
    }
    if (losses.isEmpty()) {
      return Map.of();
    }
    HeldOutLoss heldOut = new HeldOutLoss(losses);
    heldOut.report().write(target.resolve(StudyItems.HELD_OUT));
    Map<String, Double> means = new LinkedHashMap<>();
    losses.keySet().forEach(source -> means.put(source, heldOut.mean(source)));
    return means;
  }

  /** Ends the stage after the step at which somebody asks for it. */
  private record StopListener(ScheduleTrainer trainer, BooleanSupplier stopping)
      implements TrainingListener {
    @Override
    public void onStep(Progress progress, StepMetrics metrics) {
      if (stopping.getAsBoolean() && !progress.finished()) {
        trainer.cancel();
      }
    }
  }

  /** Keeps the last step's loss. */
  private static final class LastLoss implements TrainingListener {
    private double loss;

    @Override
    public void onStep(Progress progress, StepMetrics metrics) {
      loss = metrics.loss();
    }
  }
}
