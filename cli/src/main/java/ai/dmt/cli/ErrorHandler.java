package ai.dmt.cli;

import ai.dmt.config.ConfigException;
import ai.dmt.data.DataException;
import ai.dmt.engine.EngineException;
import ai.dmt.engine.ModelFileException;
import ai.dmt.internal.files.UnwrittenFileException;
import ai.dmt.internal.text.NearestName;
import ai.dmt.internal.text.Printable;
import ai.dmt.study.executor.JobException;
import ai.dmt.tokenizer.TokenizerException;
import ai.dmt.train.checkpoint.CheckpointException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns exceptions into one message and an {@link ExitCode}. */
final class ErrorHandler implements IExecutionExceptionHandler, IParameterExceptionHandler {
  private final BooleanSupplier verbose;

  ErrorHandler(BooleanSupplier verbose) {
    this.verbose = verbose;
  }

  @Override
  public int handleParseException(ParameterException e, String[] args) {
    CommandLine commandLine = e.getCommandLine();
    PrintWriter err = commandLine.getErr();
    err.println("dmt: " + Printable.lines(e.getMessage()));
    if (!printNearestCommand(e, err)) {
      CommandLine.UnmatchedArgumentException.printSuggestions(e, err);
    }
    err.println("see " + commandLine.getCommandSpec().qualifiedName() + " --help");
    printTrace(e, err);
    return ExitCode.USAGE;
  }

  /** The command whose name is misspelt; picocli measures by letters that names share. */
  private static boolean printNearestCommand(ParameterException e, PrintWriter err) {
    if (!(e instanceof UnmatchedArgumentException unmatched)
        || unmatched.isUnknownOption()
        || unmatched.getUnmatched().isEmpty()) {
      return false;
    }
    String typed = unmatched.getUnmatched().get(0);
    List<String> names =
        e.getCommandLine().getSubcommands().values().stream()
            .map(CommandLine::getCommandSpec)
            .filter(command -> !command.usageMessage().hidden())
            .map(CommandSpec::name)
            .toList();
    Optional<String> near =
        NearestName.of(typed, names).filter(name -> RecipeWords.isMeant(typed, name));
    near.ifPresent(
        name ->
            err.printf(
                "Did you mean: %s %s?%n",
                e.getCommandLine().getCommandSpec().qualifiedName(), name));
    return near.isPresent();
  }

  @Override
  public int handleExecutionException(Exception e, CommandLine commandLine, ParseResult result) {
    PrintWriter err = commandLine.getErr();
    err.println("dmt: " + Printable.lines(message(e)));
    printTrace(e, err);
    return exitCode(e);
  }

  private void printTrace(Exception e, PrintWriter err) {
    if (verbose.getAsBoolean()) {
      e.printStackTrace(err);
    }
    err.flush();
  }

  private static int exitCode(Exception e) {
    boolean users =
        e instanceof ConfigException
            || e instanceof DataException
            || e instanceof ModelFileException
            || e instanceof TokenizerException
            || e instanceof CheckpointException;
    return users ? ExitCode.USAGE : ExitCode.FAILED;
  }

  private static String message(Exception e) {
    boolean known =
        exitCode(e) == ExitCode.USAGE
            || e instanceof EngineException
            || e instanceof JobException
            || e instanceof UncheckedIOException;
    if (known) {
      return e.getMessage();
    }
    if ((e.getClass() == IOException.class && e.getMessage() != null)
        || e instanceof UnwrittenFileException) {
      return e.getMessage(); // a sentence of ours, or of the operating system
    }
    if (e instanceof NoSuchFileException missing) {
      return missing.getFile() + ": no such file or folder";
    }
    if (e instanceof AccessDeniedException denied) {
      return denied.getFile() + ": access is denied";
    }
    // The JDK's other subtypes say a path alone, so the type belongs to them.
    return e instanceof IOException
        ? e.toString()
        : e + "; this is a fault of dmt itself, --verbose shows where";
  }
}
