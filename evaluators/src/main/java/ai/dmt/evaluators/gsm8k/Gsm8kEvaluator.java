package ai.dmt.evaluators.gsm8k;

import ai.dmt.evaluators.Benchmark;
import ai.dmt.evaluators.BenchmarkOptions;
import ai.dmt.evaluators.Evaluator;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * GSM8K as a service. Settings: {@code prompt}, see {@link Gsm8kPrompt}, default "chat"; {@code
 * mode}, see {@link Gsm8kMode#parse}, default "all".
 */
public final class Gsm8kEvaluator implements Evaluator {
  @Override
  public String name() {
    return Gsm8kScorer.NAME;
  }

  @Override
  public Benchmark open(Path problems, BenchmarkOptions options) {
    options.allowOnly("prompt", "mode");
    Gsm8kPrompt prompt = Gsm8kPrompt.parse(options.setting("prompt", Gsm8kPrompt.CHAT.text()));
    List<Gsm8kMode> modes = Gsm8kMode.parse(options.setting("mode", Gsm8kMode.ALL));
    List<Gsm8kProblem> all = Gsm8kProblem.read(problems);
    return new Gsm8kBenchmark(all, options.limited(all), prompt, new Gsm8kScorer(modes, Set.of()));
  }
}
