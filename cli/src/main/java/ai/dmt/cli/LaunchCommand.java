package ai.dmt.cli;

import ai.dmt.config.ConfigException;
import ai.dmt.engine.NativeRuntime;
import ai.dmt.internal.files.Disk;
import ai.dmt.launch.NodeLauncher;
import ai.dmt.launch.NodeRanks;
import ai.dmt.launch.NodesAround;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dmt launch}: a command as several ranks. */
@Command(
    name = "launch",
    description = {
      "Runs a command as several ranks, which train one model together.",
      "Such as dmt launch --nproc 2 -- train --model DIR --data NAME=FILE --output DIR.",
      "On several nodes, start it on each with the same --rdzv; srun --ntasks-per-node=1 and",
      "torchrun's variables (PET_NNODES and others) tell nodes and place by themselves.",
      "torchrun and srun can start dmt train as well: their variables are read."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class LaunchCommand implements Callable<Integer> {
  private static final Duration GRACE = Duration.ofSeconds(10);

  @Spec private CommandSpec spec;

  @Option(
      names = "--nproc",
      required = true,
      paramLabel = "N",
      description = "Ranks of this node, and of every other.")
  private int processes;

  @Option(
      names = "--nnodes",
      paramLabel = "M",
      description = "Nodes (default: those of the srun that started this, else 1).")
  private Integer nodes; // null if the environment is to say

  @Option(
      names = "--node-rank",
      paramLabel = "R",
      description = "This node, from 0 (default: as srun says, else 0).")
  private Integer node;

  @Option(
      names = {"--rdzv", "--master"},
      paramLabel = "HOST:PORT",
      description = {
        "Where node 0 is reached; an IPv6 address in brackets, [fd00::1]:29500.",
        "Default: on one node a free port, under srun the first node."
      })
  private String master;

  @Option(
      names = "--max-restarts",
      defaultValue = "0",
      paramLabel = "K",
      description = "Start all ranks again after so many failures (default: ${DEFAULT-VALUE}).")
  private int maxRestarts;

  @Option(
      names = "--log-dir",
      paramLabel = "DIR",
      description = {
        "Output of all ranks but 0 (default: a new temporary folder, deleted if all end well)."
      })
  private Path logFolder;

  @Parameters(arity = "1..*", paramLabel = "COMMAND", description = "After --: dmt's words.")
  private List<String> words;

  @Override
  public Integer call() throws IOException, InterruptedException {
    NodeRanks ranks = ranks();
    if (maxRestarts < 0) {
      throw new ConfigException("--max-restarts must be at least 0, got " + maxRestarts);
    }
    NativeRuntime.unpackLibraries();
    Path logs = logFolder == null ? Files.createTempDirectory("dmt-ranks-") : logFolder;
    List<String> command = new ArrayList<>(JavaProcess.command(Main.class));
    command.addAll(words);
    NodeLauncher launcher = new NodeLauncher(command, ranks, logs, GRACE, this::say);
    StopSignals.onFirstAndSecond(
        launcher::stop,
        () -> {
          launcher.kill();
          StopSignals.quit();
        });
    if (ranks.processes() > 1 && !words.contains("--quiet")) {
      say("output of all ranks but 0 is in " + logs);
    }
    int exitCode = launcher.run(maxRestarts);
    if (logFolder == null && (exitCode == ExitCode.OK || !hasEntries(logs))) {
      Disk.delete(logs);
    }
    return exitCode;
  }

  private static boolean hasEntries(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.findAny().isPresent();
    }
  }

  private void say(String line) {
    spec.commandLine().getErr().println("dmt: " + line);
    spec.commandLine().getErr().flush();
  }

  private NodeRanks ranks() {
    return new NodesAround(System.getenv(), nodes, node, master).ranks(processes);
  }
}
