package ai.dmt.run;

import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.StepMetrics;
import ai.dmt.provenance.ModelCard;
import ai.dmt.provenance.Provenance;
import ai.dmt.recipe.RecipeWriter;
import ai.dmt.train.Cursor;
import ai.dmt.train.Ledger;
import ai.dmt.train.MixtureController;
import ai.dmt.train.MixtureDecision;
import ai.dmt.train.Progress;
import ai.dmt.train.ReplayedSamples;
import ai.dmt.train.ScheduleBatches;
import ai.dmt.train.StageBatches;
import ai.dmt.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The record of a run: made when it begins, and written beside every model that it saves. */
final class RunRecord implements TrainingListener {
  private final PreparedSchedule prepared;
  private final Provenance record;
  private final MixtureController controller;
  private ScheduleBatches batches; // as the decisions so far have them
  private long step;

  private RunRecord(
      PreparedSchedule prepared, Provenance record, Progress from, MixtureController controller) {
    this.prepared = prepared;
    this.record = record;
    this.controller = controller;
    this.batches = controller.state().decided(prepared.batches());
    this.step = from.step();
  }

  /**
   * Makes the record of a run that begins, and writes it to its output; one that goes on keeps what
   * its files held at the beginning.
   *
   * @param config of the engine, which is open
   * @param from where the run is
   * @param controller of its mixtures, with what was decided so far
   */
  static RunRecord begin(
      PreparedSchedule prepared, EngineConfig config, Progress from, MixtureController controller)
      throws IOException {
    Path output = prepared.output();
    Provenance old = from.step() == 0 ? null : Provenance.find(output);
    Provenance made =
        Provenance.of(
            prepared.recipe(), RecipeWriter.json(prepared.recipe()), Provenance.machine(config));
    Provenance planned = made.planning(prepared.ledger());
    if (old == null) {
      planned.writeWithRows(output);
      return new RunRecord(prepared, planned, from, controller);
    }
    Provenance record = old.continuedBy(planned);
    if (Files.exists(output.resolve(Provenance.ROWS))) {
      record.write(output);
    } else { // another machine's folder
      record.writeWithRows(output);
    }
    return new RunRecord(prepared, record, from, controller);
  }

  @Override
  public void onStep(Progress progress, StepMetrics metrics) {
    step = progress.step();
  }

  @Override
  public void onDecision(Progress progress, List<MixtureDecision> made) {
    batches = controller.state().decided(prepared.batches());
    step = progress.step();
  }

  @Override
  public void onReplay(Progress progress, List<ReplayedSamples> chosen) {
    batches = controller.state().decided(prepared.batches());
  }

  /** As far as the run is, for a checkpoint. */
  void write(Path folder) throws IOException {
    now().write(folder);
  }

  /** Record and card of the model as it is, beside its weights. */
  void writeWithCard(Path folder) throws IOException {
    ModelCard.write(folder, now());
  }

  private Provenance now() {
    Cursor next = batches.cursorAfter(step);
    boolean between = next.stage() > 0 && next.step() == 0; // then the stage before is done
    int number = between ? next.stage() - 1 : next.stage();
    StageBatches stage = batches.stages().get(number);
    long done = between ? stage.steps() : next.step();
    String name =
        "%s of %s, %s%s"
            .formatted(
                number + 1,
                batches.stages().size(),
                stage.stage().name(),
                between ? "" : ", step %s of %s".formatted(done, stage.steps()));
    Ledger ledger = Ledger.upTo(batches, new Cursor(number, done), Map.of());
    return record.ofStage(name, ledger);
  }
}
