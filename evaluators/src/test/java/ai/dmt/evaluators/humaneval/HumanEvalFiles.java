package ai.dmt.evaluators.humaneval;

import ai.dmt.SharedFiles;
import ai.dmt.data.Origin;
import ai.dmt.evaluators.CompletionFile;
import ai.dmt.evaluators.CompletionRecord;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipInputStream;

/** HumanEval and completions of it, from the data beside the repository. */
final class HumanEvalFiles {
  private HumanEvalFiles() {}

  static List<HumanEvalProblem> problems() {
    return HumanEvalProblem.read(SharedFiles.require("data/humaneval/HumanEval.jsonl.gz"));
  }

  static List<CompletionRecord> canonical(List<HumanEvalProblem> problems, String lead) {
    return problems.stream()
        .map(p -> new CompletionRecord(Origin.UNKNOWN, p.taskId(), lead + p.canonicalSolution()))
        .toList();
  }

  static List<CompletionRecord> evolReplit() {
    return CompletionFile.read(
        SharedFiles.require("data/checks/humaneval_samples/evol_replit3b_greedy.jsonl"));
  }

  static List<CompletionRecord> wizardCoder(Path folder) throws IOException {
    Path zip =
        SharedFiles.require("data/checks/humaneval_samples/wizardcoder_15b_humaneval.59.8.gen.zip");
    Path unpacked = folder.resolve("wizardcoder.jsonl");
    try (InputStream in = Files.newInputStream(zip);
        ZipInputStream entries = new ZipInputStream(in)) {
      while (!entries.getNextEntry().getName().endsWith(".jsonl")) {
        continue; // folders, and what another system adds
      }
      Files.copy(entries, unpacked);
    }
    return CompletionFile.read(unpacked);
  }
}
