package ai.dmt.study;

import ai.dmt.report.Table;
import java.util.List;

/** What the measures of a study mean, for who does not know the benchmarks. */
final class Measures {
  private Measures() {}

  /** A line for each measure. */
  static Table of(ResultView view) {
    return new Table(
        List.of("measure", "what it is"),
        view.metrics().stream().map(each -> List.of(each.label(), meaning(each))).toList());
  }

  private static String meaning(Metric metric) {
    if (metric.isLoss()) {
      return "mean loss over the label tokens of %s rows that nothing was trained on; less is better"
          .formatted(metric.source());
    }
    String problems = metric.ofWorld() ? "the bundled world's " : "";
    return problems
        + switch (metric.benchmark() + "/" + metric.mode()) {
          case "gsm8k/openai", "gsm8k/screl", "gsm8k/lm-eval-strict" ->
              "word problems whose answer has the right number after ####, the form of the training data";
          case "gsm8k/lm-eval-flexible", "gsm8k/last-number" ->
              "word problems whose answer ends with the right number, in whatever form";
          case "humaneval/human-eval", "humaneval/bigcode", "humaneval/evalplus-base" ->
              "functions that pass all of their tests, run in a sandbox";
          case "mtbench/" ->
              metric.ofWorld()
                  ? "questions, whose answers rules rate from 1 to 10"
                  : "a judge's rating of the answers, from 1 to 10";
          default -> "as the benchmark %s defines it".formatted(metric.benchmark());
        };
  }
}
