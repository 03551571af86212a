package ai.dmt.cli;

import ai.dmt.internal.files.OutputPlace;
import ai.dmt.world.BaseModel;
import ai.dmt.world.Part;
import ai.dmt.world.World;
import ai.dmt.world.WorldFiles;
import ai.dmt.world.WorldKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code dmt world}: writes the bundled world's data. */
@Command(
    name = "world",
    description = {
      "Writes the data of a bundled world, in the formats of the real data sets.",
      "There are rows to train on, for held-out loss, and to test with: math, code and general, or"
          + " those of --kind office. In the folder base is the model of a million parameters that"
          + " can be trained on them."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class WorldCommand implements Callable<Integer> {
  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Folder to write to; files of these names are replaced.")
  private Path output;

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      description =
          "Which world: paper (math, code, general) or office (calendar, table, glossary, chat)"
              + " (default: paper).")
  private WorldKind kind = WorldKind.PAPER;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of all draws (default: ${DEFAULT-VALUE}, what the study uses).")
  private long seed = World.SHIPPED_SEED;

  @Option(
      names = "--scale",
      paramLabel = "X",
      description =
          "Training rows as a share of all, of the paper's in its world, in (0, 1] (default:"
              + " ${DEFAULT-VALUE}).")
  private double scale = World.TINY;

  @Option(
      names = "--test-part",
      paramLabel = "PART",
      description =
          "Where test problems come from: test, or development for tuning (default: test).")
  private Part testPart = Part.TEST;

  @Option(
      names = "--pretraining",
      paramLabel = "N",
      description = "Write N documents to pretrain a base model on, and nothing else.")
  private int documents;

  @Override
  public Integer call() throws IOException {
    OutputPlace.demandWritable("--output", output, List.of());
    if (documents > 0) {
      WorldFiles.writePretraining(documents, output);
    } else {
      WorldFiles.write(World.of(kind, seed, scale, testPart), output);
      BaseModel.writeAll(output);
    }
    return ExitCode.OK;
  }
}
