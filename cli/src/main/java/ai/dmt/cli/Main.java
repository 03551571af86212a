package ai.dmt.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command {@code dmt}: lists its subcommands and does nothing else. */
@Command(
    name = "dmt",
    description = "Fine-tunes LLaMA-family models on a mixture of abilities.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:failed",
      "2:the command line, the settings, the data or a model's files are at fault",
      "130:interrupted; what was done so far is saved"
    })
public final class Main implements Runnable {
  private static final List<Class<?>> COMMANDS =
      List.of(
          ReproduceCommand.class,
          PrepareCommand.class,
          PlanCommand.class,
          TrainCommand.class,
          LaunchCommand.class,
          StudyCommand.class,
          AdviseCommand.class,
          StudyWorkerCommand.class,
          StudyJobCommand.class,
          WatchCommand.class,
          GenerateCommand.class,
          ChatCommand.class,
          ServeCommand.class,
          RftCommand.class,
          EvaluateCommand.class,
          AnalyzeCommand.class,
          JudgeCommand.class,
          ScoreCommand.class,
          CompareCommand.class,
          TransferCommand.class,
          RecipeCommand.class,
          DoctorCommand.class,
          BenchCommand.class,
          CheckpointCommand.class,
          VerifyCommand.class,
          ExportCommand.class,
          InitCommand.class,
          InitRecipeCommand.class,
          WorldCommand.class,
          CompletionCommand.class,
          ManCommand.class);

  /** They read the words of all commands. */
  private static final List<Class<?>> NEED_ALL = List.of(CompletionCommand.class, ManCommand.class);

  @Spec private CommandSpec spec;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Print the stack trace of an error.")
  private boolean verbose;

  @Option(
      names = "--explain",
      paramLabel = "KEY",
      description = "Say what a key of a recipe is, as dmt recipe explain does, and stop.")
  private String explained;

  /** Runs a command and exits with its {@link ExitCode}. */
  public static void main(String[] args) {
    if (!argumentsAreUtf8()) {
      System.err.println(
          "dmt: an argument is not UTF-8, so it would name another file; rename the file, or reach"
              + " it by a link");
      System.exit(ExitCode.USAGE);
    }
    System.exit(execute(commandLine(args), args));
  }

  /** The JDK puts U+FFFD for what is none, in silence. */
  private static boolean argumentsAreUtf8() {
    try {
      byte[] raw = Files.readAllBytes(Path.of("/proc/self/cmdline"));
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(raw));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    } catch (IOException e) {
      return true; // no /proc here
    }
  }

  private static int execute(CommandLine commandLine, String[] args) {
    try {
      return commandLine.execute(args);
    } catch (OutOfMemoryError e) { // picocli leaves errors alone
      System.err.printf(
          "dmt: out of memory: %s, the heap has %s MB; give more with DMT_JAVA_OPTS=-Xmx8g%n",
          e.getMessage(), Runtime.getRuntime().maxMemory() >> 20);
      return ExitCode.FAILED;
    } finally {
      Terminal.line().end();
    }
  }

  /** With all commands. */
  static CommandLine commandLine() {
    return commandLine(COMMANDS);
  }

  /** With the one command that is named first, if one is: to read the words of all takes longer. */
  static CommandLine commandLine(String[] args) {
    for (Class<?> command : COMMANDS) {
      if (args.length > 0 && name(command).equals(args[0]) && !NEED_ALL.contains(command)) {
        return commandLine(List.of(command));
      }
    }
    return commandLine();
  }

  private static String name(Class<?> command) {
    return Objects.requireNonNull(command.getAnnotation(Command.class)).name();
  }

  private static CommandLine commandLine(List<Class<?>> commands) {
    Main main = new Main();
    ErrorHandler errors = new ErrorHandler(() -> main.verbose);
    CommandLine commandLine = new CommandLine(main);
    commands.forEach(commandLine::addSubcommand);
    if (commands.contains(TrainCommand.class)) {
      commandLine
          .getSubcommands()
          .get("train")
          .getHelpSectionMap()
          .put(UsageMessageSpec.SECTION_KEY_FOOTER, SettingsHelp::text);
    }
    LiveLine line = Terminal.lineOn(commandLine.getOut());
    return commandLine
        .setOut(new PrintWriter(line.above(commandLine.getOut()), true))
        .setErr(new PrintWriter(new PrintableWriter(line.above(commandLine.getErr())), true))
        .setResourceBundle(new HelpWords())
        .setExecutionExceptionHandler(errors)
        .setParameterExceptionHandler(errors)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .registerConverter(Path.class, Main::place);
  }

  /** An empty word, as of a variable of the shell that is not set, would be the current folder. */
  private static Path place(String word) {
    if (word.isBlank()) {
      throw new CommandLine.TypeConversionException(
          "expected a file or a folder, got \"%s\"".formatted(word));
    }
    return Path.of(word);
  }

  @Override
  public void run() {
    if (explained != null) {
      PrintWriter out = spec.commandLine().getOut();
      out.print(RecipeCommand.explanation(explained));
      out.flush();
      return;
    }
    throw new CommandLine.ParameterException(spec.commandLine(), "name a command");
  }
}
