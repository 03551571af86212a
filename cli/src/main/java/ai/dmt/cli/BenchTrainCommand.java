package ai.dmt.cli;

import ai.dmt.bench.BenchConversations;
import ai.dmt.bench.BenchJob;
import ai.dmt.bench.RandomRows;
import ai.dmt.bench.TrainBench;
import ai.dmt.data.SourceFiles;
import ai.dmt.data.SourcedSample;
import ai.dmt.engine.EngineConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code dmt bench train}: speed of training steps. */
@Command(
    name = "train",
    description = {
      "Training steps over random sequences, or over real conversations. A step is --accumulate",
      "micro-batches and one update, whose time is breakdown_ms' optimizer: passes_tokens_per_s is",
      "without it. attention_calls says what computed attention on a GPU.",
      "breakdown_ms is what the time of two more steps goes into. With --simulate-world and sharding",
      "full or grad_op the prediction is what a step would take among so many GPUs behind NVLink."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class BenchTrainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private BenchOptions options;

  @Option(
      names = "--seq",
      defaultValue = "256",
      paramLabel = "T",
      description =
          "Tokens of a sequence; conversations are cut there (default: ${DEFAULT-VALUE}).")
  private int length;

  @Option(
      names = "--accumulate",
      defaultValue = "1",
      paramLabel = "N",
      description = "Micro-batches of a step of random sequences (default: ${DEFAULT-VALUE}).")
  private int accumulate;

  @Option(
      names = "--rows",
      defaultValue = "dense",
      paramLabel = "KIND",
      description = {
        "dense: B random documents of T tokens; packed: as many tokens in documents of many",
        "lengths, other ones in every micro-batch (default: ${DEFAULT-VALUE})."
      })
  private String rows;

  @Mixin private LoraOptions lora;

  @Mixin private SimulatedRankOptions rank;

  @ArgGroup(exclusive = false)
  private Conversations conversations;

  /** Real data instead of random tokens. */
  private static final class Conversations {
    @Option(
        names = "--data",
        required = true,
        paramLabel = "NAME=FILE",
        description = "Conversations, packed and masked as in training.")
    private String data;

    @Option(
        names = "--tokenizer",
        required = true,
        paramLabel = "DIR",
        description = "Folder with tokenizer.model or tokenizer.json, at most 32000 tokens.")
    private Path tokenizer;

    @Option(
        names = "--dump-tokens",
        paramLabel = "FILE",
        description = "Write ids and labels of every sample, for scripts/peer_padded.py.")
    private Path dump;
  }

  @Override
  public Integer call() throws IOException {
    EngineConfig engine = lora.applyTo(rank.applyTo(options.engine(EngineConfig.defaults())));
    BenchJob job = options.job(engine, length);
    TrainBench bench = new TrainBench(job);
    if (conversations == null) {
      spec.commandLine().getOut().println(bench.random(RandomRows.of(rows, accumulate, job)));
      return ExitCode.OK;
    }
    SourceFiles source =
        KeyValues.sources(List.of(conversations.data), List.of(), spec.commandLine()).get(0);
    List<List<SourcedSample>> steps = BenchConversations.read(source, conversations.tokenizer, job);
    if (conversations.dump != null) {
      BenchConversations.dump(steps, conversations.dump);
    }
    spec.commandLine().getOut().println(bench.conversations(steps));
    return ExitCode.OK;
  }
}
