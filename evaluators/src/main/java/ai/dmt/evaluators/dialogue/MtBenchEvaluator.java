package ai.dmt.evaluators.dialogue;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.Benchmark;
import ai.dmt.evaluators.BenchmarkOptions;
import ai.dmt.evaluators.Evaluator;
import ai.dmt.evaluators.judge.JudgeClock;
import ai.dmt.evaluators.mtbench.Question;
import ai.dmt.evaluators.rules.RuleJudge;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * MT-Bench as a service. Setting {@code temperature}: "category" for MT-Bench's own by category,
 * which is the default, or a number for all.
 *
 * <p>The judge is one behind an endpoint of OpenAI's form where {@code judge-url} and {@code
 * judge-model} name it, with {@code judge-key}, {@code judge-repeats}, {@code judge-concurrency},
 * {@code judge-requests-per-minute}, {@code judge-timeout} in seconds, {@code judge-tries}, {@code
 * judge-cache} (a folder of replies), {@code judge-prompts} and {@code judge-references}
 * (FastChat's files, by default judge_prompts.jsonl and reference_answer_gpt-4.jsonl beside the
 * questions). Otherwise rules judge; questions without rules give answers but no score, and {@code
 * dmt judge mtbench} has those judged.
 */
public final class MtBenchEvaluator implements Evaluator {
  private static final String BY_CATEGORY = "category";

  @Override
  public String name() {
    return MtBenchBenchmark.NAME;
  }

  @Override
  public Benchmark open(Path problems, BenchmarkOptions options) {
    List<String> known = new ArrayList<>(List.of("temperature"));
    known.addAll(HttpJudging.SETTINGS);
    options.allowOnly(known.toArray(String[]::new));
    Double temperature = temperature(options.setting("temperature", BY_CATEGORY));
    List<Question> questions = options.limited(Question.read(problems));
    if (options.settings().containsKey(HttpJudging.URL)) {
      Judging judging = HttpJudging.of(options, problems, questions);
      return new MtBenchBenchmark(questions, temperature, judging, "");
    }
    for (String name : options.settings().keySet()) {
      if (HttpJudging.SETTINGS.contains(name)) {
        throw new ConfigException("%s needs %s".formatted(name, HttpJudging.URL));
      }
    }
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
    return new MtBenchBenchmark(questions, temperature, Judging.by(judge), "");
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
