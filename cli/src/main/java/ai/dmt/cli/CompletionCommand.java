package ai.dmt.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dmt completion}: scripts that complete commands and options in a shell. */
@Command(
    name = "completion",
    description = {
      "Prints a script that completes commands, options and their values.",
      "bash and zsh: source <(dmt completion bash); fish: dmt completion fish | source."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class CompletionCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
  private Shell shell;

  /** Shells that are known. */
  private enum Shell {
    BASH,
    ZSH,
    FISH;

    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  @Override
  public Integer call() {
    CommandLine root = spec.root().commandLine();
    PrintWriter out = spec.commandLine().getOut();
    out.print(
        shell == Shell.FISH
            ? FishCompletion.script(root.getCommandSpec())
            : AutoComplete.bash(root.getCommandName(), root)); // which sees when it runs in zsh
    out.flush();
    return ExitCode.OK;
  }
}
