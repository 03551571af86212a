package ai.dmt.cli;

import ai.dmt.config.ConfigException;
import ai.dmt.data.GlobalBatch;
import ai.dmt.data.Source;
import ai.dmt.data.SourcedSample;
import ai.dmt.recipe.ControlRecipe;
import ai.dmt.recipe.Recipe;
import ai.dmt.run.PreparedSources;
import ai.dmt.run.StepRange;
import ai.dmt.strategies.Strategies;
import ai.dmt.train.Cursor;
import ai.dmt.train.Packing;
import ai.dmt.train.Rank;
import ai.dmt.train.ReplaySelection;
import ai.dmt.train.SampleRef;
import ai.dmt.train.ScheduleBatches;
import ai.dmt.train.ScheduleTraining;
import ai.dmt.train.StageBatches;
import ai.dmt.train.StepPart;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.List;

/**
 * Which samples form which step of a recipe's run, as JSON lines: what {@code dmt train} does,
 * without training. A step is asked for by its number alone, as a run that is resumed there asks
 * for it. The fields are described in cli/README.md.
 */
public final class StepListing {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<Source> sources;
  private final ScheduleBatches batches;
  private final Packing packing;
  private final Packing.Limits limits;
  private final ReplaySelection selection;

  /**
   * Makes the schedule.
   *
   * @throws ConfigException if a stage asks for what the sources do not have
   */
  public StepListing(Recipe recipe, PreparedSources prepared) {
    ScheduleTraining training = recipe.training().scheduleTraining(recipe.data().cutoffLen());
    this.sources = prepared.train();
    this.packing = training.packing();
    this.limits = training.limits();
    ControlRecipe control = recipe.control();
    this.selection = control == null ? ReplaySelection.RANDOM : control.replaySelection();
    this.batches =
        new ScheduleBatches(
            Strategies.plan(recipe, recipe.corpus(prepared.sizes())),
            prepared.tables(),
            training.batch().globalBatchSize());
  }

  /**
   * Writes one line per step; stops early once nobody reads.
   *
   * @param worldSize ranks to show the micro-batches of; 0 for the samples alone
   * @throws ConfigException if the run has fewer steps
   */
  public void write(StepRange steps, int worldSize, PrintWriter out) {
    long total = batches.totalSteps();
    if (steps.first() > total) {
      throw new ConfigException(
          "the run has %s steps, there is no step %s".formatted(total, steps.first()));
    }
    for (long step = steps.first(); step <= Math.min(steps.last(), total); step++) {
      out.println(line(step, worldSize));
      if (out.checkError()) {
        return;
      }
    }
  }

  private ObjectNode line(long step, int worldSize) {
    Cursor cursor = batches.cursorAfter(step - 1);
    StageBatches stage = batches.stages().get(cursor.stage());
    if (selection != ReplaySelection.RANDOM
        && !batches.schedule().replayed(cursor.stage()).isEmpty()) {
      throw new ConfigException(
          "step %s is of stage \"%s\", which chooses what it replays when it begins"
                  .formatted(step, stage.stage().name())
              + " (control.replay_selection); list earlier steps, or see replay.jsonl of a run");
    }
    GlobalBatch batch =
        new GlobalBatch(stage.samplesOf(cursor.step()).stream().map(this::sample).toList());
    ObjectNode line =
        JSON.createObjectNode()
            .put("step", step)
            .put("stage", stage.stage().name())
            .put("epoch", cursor.step() / stage.stepsPerEpoch() + 1)
            .put("label_tokens", batch.labelTokens());
    line.set("ids", ids(batch.samples()));
    if (worldSize > 0) {
      ArrayNode ranks = line.putArray("ranks");
      for (int rank = 0; rank < worldSize; rank++) {
        ArrayNode microBatches = ranks.addArray();
        for (StepPart part : packing.cut(batch, new Rank(rank, worldSize), limits)) {
          microBatches.add(ids(part.samples()));
        }
      }
    }
    return line;
  }

  private SourcedSample sample(SampleRef ref) {
    return new SourcedSample(sources.get(ref.source()).samples().get(ref.sample()), ref.source());
  }

  private ArrayNode ids(List<SourcedSample> samples) {
    ArrayNode ids = JSON.createArrayNode();
    for (SourcedSample each : samples) {
      ids.add(sources.get(each.source()).name() + "/" + each.sample().id());
    }
    return ids;
  }
}
