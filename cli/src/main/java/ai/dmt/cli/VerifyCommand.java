package ai.dmt.cli;

import ai.dmt.provenance.Verification;
import ai.dmt.run.RunFolder;
import ai.dmt.study.StudyFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code dmt verify}: compares runs, models and studies with the record of what they were made of.
 */
@Command(
    name = "verify",
    description = {
      "Compares a run, a model that a run saved, or a study with the record of what it was made"
          + " of.",
      "The record has recipe, data, base model, tokenizer, template, saved models, checkpoints.",
      "Reads all of these files, and needs no libtorch. Returns 1 if something has changed."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class VerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "DIR",
      description = "Outputs of dmt train, models in them, or outputs of dmt study.")
  private List<Path> folders;

  @Override
  public Integer call() throws IOException {
    boolean equal = true;
    for (Path folder : folders) {
      StudyFolder study = new StudyFolder(folder);
      equal &=
          tell(folder, Files.exists(study.study()) ? study.verify() : RunFolder.verify(folder));
    }
    return equal ? ExitCode.OK : ExitCode.FAILED;
  }

  private boolean tell(Path folder, Verification found) {
    PrintWriter out = spec.commandLine().getOut();
    int changes = found.changes().size();
    out.println(
        "%s: %s; compared %s"
            .formatted(
                folder,
                changes == 0
                    ? "as it was recorded"
                    : changes == 1 ? "1 thing has changed" : changes + " things have changed",
                String.join(", ", found.checked())));
    found.changes().forEach(change -> out.println("  " + change));
    found.notes().forEach(note -> out.println("  note: " + note));
    out.flush();
    return changes == 0;
  }
}
