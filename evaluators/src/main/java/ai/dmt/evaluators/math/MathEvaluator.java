package ai.dmt.evaluators.math;

import ai.dmt.evaluators.AnsweredProblems;
import ai.dmt.evaluators.AnsweredProblems.Missing;
import ai.dmt.evaluators.Benchmark;
import ai.dmt.evaluators.BenchmarkOptions;
import ai.dmt.evaluators.CompletionRecord;
import ai.dmt.evaluators.Evaluator;
import ai.dmt.evaluators.Fingerprint;
import ai.dmt.evaluators.ItemVerdict;
import ai.dmt.evaluators.Prompt;
import ai.dmt.evaluators.Score;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.statistics.Intervals;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * MATH as a service. Settings: {@code prompt}, "chat" (default) or "raw"; {@code mode}, see {@link
 * MathMode#parse}, default "all".
 */
public final class MathEvaluator implements Evaluator {
  private static final String NAME = "math";

  /** Raised whenever a golden verdict changes. */
  private static final String VERSION = "1";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Benchmark open(Path problems, BenchmarkOptions options) {
    options.allowOnly("prompt", "mode");
    MathPrompt prompt = MathPrompt.parse(options.setting("prompt", "chat"));
    List<MathMode> modes = MathMode.parse(options.setting("mode", MathMode.ALL));
    List<MathProblem> all = MathProblem.read(problems);
    return new MathBenchmark(all, options.limited(all), prompt, modes);
  }

  private record MathBenchmark(
      List<MathProblem> all, List<MathProblem> wanted, MathPrompt prompt, List<MathMode> modes)
      implements Benchmark {
    @Override
    public List<Prompt> prompts() {
      return wanted.stream().map(prompt::of).toList();
    }

    /** Of several completions of each problem, all count alike. */
    @Override
    public ScoreReport score(List<CompletionRecord> completions) {
      Map<String, List<CompletionRecord>> answers =
          AnsweredProblems.of(ids(all), ids(wanted), completions, Missing.REFUSED);
      List<Score> scores = new ArrayList<>();
      List<ItemVerdict> items = new ArrayList<>();
      for (MathMode mode : modes) {
        int first = items.size();
        for (MathProblem problem : wanted) {
          List<CompletionRecord> given = Objects.requireNonNull(answers.get(problem.id()));
          for (int s = 0; s < given.size(); s++) {
            Integer sample = given.size() == 1 ? null : s;
            String verdict = verdict(mode, problem, given.get(s).completion());
            items.add(new ItemVerdict(problem.id(), mode.text(), sample, verdict, null));
          }
        }
        List<ItemVerdict> own = items.subList(first, items.size());
        long right = own.stream().filter(ItemVerdict::solved).count();
        scores.add(
            new Score(
                "accuracy",
                mode.text(),
                right,
                (long) own.size(),
                (double) right / own.size(),
                Intervals.wilson(right, own.size())));
      }
      Fingerprint fingerprint = new Fingerprint();
      wanted.forEach(each -> fingerprint.add(each.problem()).add(each.answer()));
      return new ScoreReport(NAME, VERSION, scores, items).withProblems(fingerprint.text());
    }

    private static String verdict(MathMode mode, MathProblem problem, String completion) {
      Optional<String> answer = mode.extract(completion);
      if (answer.isEmpty()) {
        return "invalid";
      }
      return mode.isRight(answer.get(), problem) ? "correct" : "wrong";
    }

    private static List<String> ids(List<MathProblem> problems) {
      return problems.stream().map(MathProblem::id).toList();
    }
  }
}
