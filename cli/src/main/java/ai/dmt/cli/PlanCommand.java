package ai.dmt.cli;

import ai.dmt.strategies.SchedulePlan;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code dmt plan}: what a recipe would train. */
@Command(
    name = "plan",
    description = {
      "Prints the stages that a recipe would train: samples, replayed samples, steps, learning rate.",
      "Needs no data where the recipe states the sizes; loads no native library."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class PlanCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private RecipeWords recipe;

  @Option(names = "--json", description = "Print JSON instead of a table.")
  private boolean json;

  @Override
  public Integer call() {
    SchedulePlan plan = SchedulePlan.of(recipe.read());
    PrintWriter out = spec.commandLine().getOut();
    out.print(json ? plan.json() : plan.text());
    out.flush();
    return ExitCode.OK;
  }
}
