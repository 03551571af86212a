package ai.dmt.run;

import ai.dmt.dist.RankEnvironment;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.MemoryAccount;
import ai.dmt.engine.NativeRuntime;
import ai.dmt.engine.StepMetrics;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.files.FileOutput;
import ai.dmt.internal.files.ProcessMemory;
import ai.dmt.internal.text.Units;
import ai.dmt.plan.Placement;
import ai.dmt.plan.SampleLengths;
import ai.dmt.plan.Speed;
import ai.dmt.train.Progress;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what was planned of a run beside what was measured, in {@code plan.json} of its output: the
 * memory of this rank, and the time of a step where the machine's speed is known or assumed.
 */
final class PlanCheck implements RunListener {
  /** Name in the output folder. */
  static final String FILE = "plan.json";

  private static final String MEMORY = "memory_bytes";
  private static final String PLANNED = "planned";
  private static final double FAR = 1.25; // runs of the same differ by less on a quiet machine

  /** Steps that are not counted: first uses of memory, and of code that is compiled. */
  private static final int WARM_UP = 2;

  private final PreparedSchedule prepared;
  private final RankEnvironment place;
  private final @Nullable MicroBatchChoice choice; // null where the recipe has the number
  private final @Nullable Path speeds; // null: nothing was measured before
  private final Consumer<String> notes;
  private final long residentBefore;
  private @Nullable EngineFacts facts; // null until the engine is there
  private long steps;
  private long tokens;
  private double seconds;

  PlanCheck(
      PreparedSchedule prepared,
      RankEnvironment place,
      @Nullable MicroBatchChoice choice,
      @Nullable Path speeds,
      Consumer<String> notes) {
    this.prepared = prepared;
    this.place = place;
    this.choice = choice;
    this.speeds = speeds;
    this.notes = notes;
    NativeRuntime.threads(); // loads libtorch, which is no part of the plan
    residentBefore = ProcessMemory.NOW.ofThis().orElse(0);
  }

  @Override
  public void onEngine(EngineFacts engine) {
    facts = engine;
    ObjectNode node = begun(engine); // what was planned is there while the run goes
    node.putObject(MEMORY).put(PLANNED, engine.plan().total());
    write(prepared.output(), node);
  }

  private ObjectNode begun(EngineFacts engine) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("ranks", engine.config().ranks().worldSize());
    if (choice != null) {
      node.putObject("max_tokens_per_micro_batch")
          .put("chosen", choice.maxTokens())
          .put("because", choice.reason());
    }
    return node;
  }

  @Override
  public void onStep(Progress progress, StepMetrics metrics) {
    steps++;
    if (steps > WARM_UP) {
      tokens += metrics.tokens();
      seconds += progress.stepTime().toNanos() * 1e-9;
    }
  }

  @Override
  public void onSaved(Path folder, MemoryAccount memory) {
    EngineFacts engine = facts;
    if (engine == null) {
      return;
    }
    ObjectNode node = begun(engine);
    putMemory(node, engine.plan(), memory);
    if (seconds > 0) {
      putTime(node, engine);
    }
    write(folder, node);
  }

  private void write(Path folder, ObjectNode node) {
    try {
      FileOutput.write(folder.resolve(FILE), node.toPrettyString() + "\n");
    } catch (IOException e) {
      notes.accept("%s cannot be written: %s".formatted(folder.resolve(FILE), Disk.reason(e)));
    }
  }

  private void putMemory(ObjectNode node, MemoryAccount planned, MemoryAccount held) {
    ObjectNode memory = node.putObject(MEMORY);
    memory.put(PLANNED, planned.total());
    memory.put("held", held.total());
    ProcessMemory.PEAK
        .ofThis()
        .ifPresent(peak -> memory.put("process_growth", peak - residentBefore));
  }

  private void putTime(ObjectNode node, EngineFacts engine) {
    double measured = tokens / seconds;
    ObjectNode time = node.putObject("tokens_per_s");
    time.put("measured", measured);
    predicted(engine.config())
        .ifPresent(
            speed -> {
              time.put("predicted", speed.tokensPerSecond);
              time.put("speed", speed.basis);
              if (speed.measured) {
                notes.accept(
                    Units.format(
                        "%,.0f tokens/s measured, %,.0f predicted%s",
                        measured,
                        speed.tokensPerSecond,
                        isFar(measured, speed.tokensPerSecond)
                            ? "; predictions hold while nothing else works on this machine, now"
                                + " and when its speed was measured"
                            : ""));
              }
            });
  }

  private static boolean isFar(double one, double other) {
    return Math.max(one, other) > FAR * Math.min(one, other);
  }

  /** What a plan says. */
  private record Prediction(double tokensPerSecond, String basis, boolean measured) {}

  /** Empty for GPUs, of which nothing was measured. */
  private Optional<Prediction> predicted(EngineConfig config) {
    if (config.device().isCuda()) {
      return Optional.empty();
    }
    PlannerHere here =
        PlannerHere.of(
            prepared.recipe(), prepared.batches(), prepared.model(), place, speeds, notes);
    Placement written = here.planner().asWritten(place.worldSize());
    Speed speed = here.machine().speed();
    double stepTokens =
        prepared.recipe().training().globalTrainBatchSize()
            * SampleLengths.of(prepared.tables()).mean();
    return Optional.of(
        new Prediction(stepTokens / written.step().seconds(), speed.basis(), speed.measured()));
  }
}
