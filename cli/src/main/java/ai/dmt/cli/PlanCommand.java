package ai.dmt.cli;

import ai.dmt.recipe.Recipe;
import ai.dmt.run.PreparedSources;
import ai.dmt.run.StepRange;
import ai.dmt.strategies.SchedulePlan;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code dmt plan}: what a recipe would train. */
@Command(
    name = "plan",
    description = {
      "Prints the stages that a recipe would train: samples, replayed samples, steps, learning rate.",
      "Needs no data where the recipe states the sizes; loads no libtorch.",
      "With --samples, reads the data and prints which samples form which step.",
      "With --gpus or --gpu, what the run will take there: memory of a rank, time, GPU hours, and the",
      "settings that are fastest of those that fit."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class PlanCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private RecipeWords recipe;

  @Option(names = "--json", description = "Print JSON instead of a table.")
  private boolean json;

  @ArgGroup(exclusive = false)
  private Samples samples;

  @ArgGroup(exclusive = false)
  private MachineOptions machine;

  @Mixin private CacheOptions cache;

  /** What to list. */
  private static final class Samples {
    @Option(
        names = "--samples",
        required = true,
        description = "Print the ids of each step's samples, one JSON object a line.")
    private boolean list;

    @Option(
        names = "--steps",
        paramLabel = "A..B",
        defaultValue = "1..",
        description = "Only these, counted from 1; A.., ..B and A are known too.")
    private String steps;

    @Option(
        names = "--world-size",
        paramLabel = "N",
        description = "Print the micro-batches of each of so many ranks as well.")
    private int worldSize;
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (samples != null && machine != null) {
      throw new ParameterException(
          spec.commandLine(), "--samples and the machine's options exclude each other");
    } else if (samples != null) {
      list(out);
    } else if (machine != null) {
      machine.plan(recipe, json, cache, spec.commandLine());
    } else {
      SchedulePlan plan = SchedulePlan.of(recipe.read());
      out.print(json ? plan.json() : plan.text());
    }
    out.flush();
    return ExitCode.OK;
  }

  private void list(PrintWriter out) {
    if (samples.worldSize < 0) {
      throw new ParameterException(
          spec.commandLine(), "--world-size must be 1 or more, got " + samples.worldSize);
    }
    StepRange steps = StepRange.parse(samples.steps);
    Recipe read = recipe.read();
    try (PreparedSources prepared =
        PreparedSources.of(read, cache.use(spec.commandLine().getErr()))) {
      Recipe whole =
          prepared.withMicroBatch(read, Math.max(1, samples.worldSize), CacheOptions.speeds());
      new StepListing(whole, prepared).write(steps, samples.worldSize, out);
    }
  }
}
