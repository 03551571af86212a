package ai.dmt.evaluation;

import ai.dmt.evaluators.Benchmark;
import ai.dmt.evaluators.CompletionRecord;
import ai.dmt.evaluators.ItemVerdict;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.UnscoredException;
import ai.dmt.evaluators.json.JsonLines;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.files.OutputPlace;
import ai.dmt.internal.text.Units;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A model's answers to a benchmark and what they are worth.
 *
 * @param answers round after round
 * @param report null where they could not be scored
 * @param missing why not; null where they are scored
 */
public record BenchmarkOutcome(
    List<PromptAnswer> answers, @Nullable ScoreReport report, @Nullable String missing) {
  /** Name of the file of completions. */
  public static final String COMPLETIONS_FILE = "completions.jsonl";

  /** Name of the file of scores. */
  public static final String REPORT_FILE = "report.json";

  /** Verdict on what was not answered, since the prompt left the model no room. */
  public static final String TOO_LONG = "prompt too long";

  /**
   * Scores answers, where this machine can and a judge that is asked replies.
   *
   * @param benchmark that was asked
   * @param answers round after round
   * @return the answers with their scores, or with why there are none
   */
  public static BenchmarkOutcome of(Benchmark benchmark, List<PromptAnswer> answers) {
    String missing = benchmark.unscorable().orElse(null);
    ScoreReport report = null;
    if (missing == null) {
      try {
        report = withTooLong(benchmark.score(completions(answers)), answers);
      } catch (UnscoredException e) {
        missing = e.getMessage();
      }
    }
    return new BenchmarkOutcome(List.copyOf(answers), report, missing);
  }

  private static List<CompletionRecord> completions(List<PromptAnswer> answers) {
    return answers.stream().map(PromptAnswer::record).toList();
  }

  /** Says of items that were never answered that they were not; what they score stays. */
  private static ScoreReport withTooLong(ScoreReport report, List<PromptAnswer> answers) {
    Map<String, List<Boolean>> tooLong = new HashMap<>();
    for (PromptAnswer answer : answers) {
      tooLong
          .computeIfAbsent(answer.prompt().id(), id -> new ArrayList<>())
          .add(answer.isTooLong());
    }
    List<ItemVerdict> items = new ArrayList<>();
    for (ItemVerdict item : report.items()) {
      int sample = item.sample() == null ? 0 : item.sample();
      List<Boolean> rounds = tooLong.getOrDefault(item.id(), List.of());
      boolean unanswered = sample < rounds.size() && rounds.get(sample) && !item.solved();
      items.add(
          unanswered
              ? new ItemVerdict(item.id(), item.mode(), item.sample(), TOO_LONG, item.score())
              : item);
    }
    return new ScoreReport(
        report.benchmark(), report.version(), report.problems(), report.scores(), items);
  }

  /**
   * Writes completions, scores where there are some, and the benchmark's own files.
   *
   * @param benchmark that was asked
   * @param model name
   * @param folder made if it is not there
   * @throws UncheckedIOException if a file cannot be written
   */
  public void write(Benchmark benchmark, String model, Path folder) {
    try {
      OutputPlace.make(folder);
      Files.deleteIfExists(folder.resolve(REPORT_FILE)); // of other completions
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be written: " + Disk.reason(e), e);
    }
    JsonLines.write(
        folder.resolve(COMPLETIONS_FILE), answers.stream().map(PromptAnswer::json).toList());
    benchmark.export(model, completions(answers), folder);
    if (report != null) {
      report.write(folder.resolve(REPORT_FILE));
    }
  }

  /**
   * {@return the answers in a line, such as "400 answers, 12,345 tokens, 3 cut at the limit of
   * tokens, 1 without room for an answer"}
   */
  public String summary() {
    long tokens = answers.stream().mapToLong(PromptAnswer::tokens).sum();
    long cut = count(PromptAnswer.LENGTH);
    long tooLong = count(PromptAnswer.TOO_LONG);
    return "%s answers, %s tokens%s%s"
        .formatted(
            Units.count(answers.size()),
            Units.count(tokens),
            cut == 0 ? "" : ", %s cut at the limit of tokens".formatted(Units.count(cut)),
            tooLong == 0 ? "" : ", %s without room for an answer".formatted(Units.count(tooLong)));
  }

  private long count(String reason) {
    return answers.stream().filter(answer -> answer.finishReason().equals(reason)).count();
  }
}
