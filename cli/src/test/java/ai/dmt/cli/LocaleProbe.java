package ai.dmt.cli;

import ai.dmt.study.StudyFolder;
import ai.dmt.study.StudyReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What {@link LocaleTest} runs under several locales: whatever writes numbers or letters. */
final class LocaleProbe {
  private final Path inputs;
  private final Path results;

  private LocaleProbe(Path inputs, Path results) {
    this.inputs = inputs;
    this.results = results;
  }

  /** Runs all of it. @param words folders of the inputs and of the results */
  public static void main(String... words) throws IOException {
    LocaleProbe probe = new LocaleProbe(Path.of(words[0]), Path.of(words[1]));
    probe.commands();
    probe.train();
    StudyReport.of(new StudyFolder(probe.inputs.resolve("study")))
        .write(probe.results.resolve("report"));
  }

  private void commands() throws IOException {
    Path recipe = inputs.resolve("r.yaml");
    keep("help", "train", "--help");
    keep("plan", "plan", inputs.resolve("plan.yaml"));
    keep("samples", "plan", recipe, "--samples", "--steps", "1..3");
    keep("world", "world", "--output", results.resolve("world"), "--scale", "0.0025");
    Path problems = inputs.resolve("problems.jsonl");
    Path completions = inputs.resolve("completions.jsonl");
    Object[] score = {"score", "gsm8k", "--problems", problems, "--completions", completions};
    keep("score", score);
  }

  private void train() throws IOException {
    Path output = results.resolve("trained");
    Dmt.run("train", inputs.resolve("r.yaml"), "--output", output).succeeds();
    keep("answer", "generate", "--model", output, "--prompt", "math 7?", "--max-new-tokens", 8);
  }

  private void keep(String name, Object... words) throws IOException {
    String said = Dmt.run(words).succeeds().replace(results.toString(), "RESULTS");
    Files.writeString(results.resolve(name + ".txt"), said);
  }
}
