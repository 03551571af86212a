package ai.dmt.evaluators.dialogue;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.Benchmark;
import ai.dmt.evaluators.BenchmarkOptions;
import ai.dmt.evaluators.Evaluator;
import ai.dmt.evaluators.judge.JudgeClock;
import ai.dmt.evaluators.mtbench.Question;
import ai.dmt.evaluators.rules.RuleJudge;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * MT-Bench as a service. The judge is that of rules; questions without rules give answers but no
 * score, and {@code dmt judge mtbench} has those judged. Setting: {@code temperature}, "category"
 * for MT-Bench's own by category, which is the default, or a number for all.
 */
public final class MtBenchEvaluator implements Evaluator {
  private static final String BY_CATEGORY = "category";

  @Override
  public String name() {
    return MtBenchBenchmark.NAME;
  }

  @Override
  public Benchmark open(Path problems, BenchmarkOptions options) {
    options.allowOnly("temperature");
    Double temperature = temperature(options.setting("temperature", BY_CATEGORY));
    List<Question> questions = options.limited(Question.read(problems));
    for (Question question : questions) {
      if (question.rules() == null) {
        return new MtBenchBenchmark(
            questions,
            temperature,
            null,
            "question %s has no rules to judge by; dmt judge mtbench has the answers judged"
                .formatted(question.id()));
      }
    }
    RuleJudge judge = new RuleJudge(questions, JudgeClock.system());
    return new MtBenchBenchmark(questions, temperature, judge, "");
  }

  private static @Nullable Double temperature(String setting) {
    if (setting.equals(BY_CATEGORY)) {
      return null;
    }
    try {
      return Double.valueOf(setting);
    } catch (NumberFormatException e) {
      throw new ConfigException(
          "temperature of mtbench must be %s or a number, got \"%s\""
              .formatted(BY_CATEGORY, setting),
          e);
    }
  }
}
