package ai.dmt.cli;

import ai.dmt.internal.files.FileOutput;
import ai.dmt.internal.files.OutputPlace;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dmt man}: pages for man. */
@Command(
    name = "man",
    description = {
      "Prints a command's page for man: dmt man recipe import | man -l -.",
      "With --output, writes those of all commands: dmt man --output ~/.local/share/man/man1."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class ManCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "COMMAND",
      arity = "0..*",
      description = "Such as recipe import; dmt itself without one.")
  private List<String> words = List.of();

  @Option(names = "--output", paramLabel = "DIR", description = "Folder for the pages.")
  private Path output;

  @Override
  public Integer call() throws IOException {
    if (output != null) {
      OutputPlace.make(output);
      write(spec.root());
      return ExitCode.OK;
    }
    CommandSpec command = spec.root();
    for (String word : words) {
      CommandLine sub = command.subcommands().get(word);
      if (sub == null) {
        throw new ParameterException(
            spec.commandLine(), "%s has no command %s".formatted(command.qualifiedName(), word));
      }
      command = sub.getCommandSpec();
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(ManPage.of(command));
    out.flush();
    return ExitCode.OK;
  }

  private void write(CommandSpec command) throws IOException {
    if (command.usageMessage().hidden()) {
      return;
    }
    FileOutput.write(output.resolve(ManPage.name(command) + ".1"), ManPage.of(command));
    for (CommandLine sub : command.subcommands().values()) {
      write(sub.getCommandSpec());
    }
  }
}
