package ai.dmt.cli;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluation.AnswerSettings;
import ai.dmt.evaluation.ProblemFiles;
import ai.dmt.evaluators.Benchmark;
import ai.dmt.evaluators.BenchmarkOptions;
import ai.dmt.evaluators.Evaluator;
import ai.dmt.evaluators.Evaluators;
import ai.dmt.run.RankIdentity;
import ai.dmt.train.RunIdentity;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which benchmarks a model is scored on, and how its answers are made. */
final class BenchmarkWords {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--benchmarks",
      split = ",",
      paramLabel = "NAME[=FILE]",
      description = {
        "gsm8k, humaneval, math, mbpp, mtbench or an evaluator of your own, with commas between them; FILE holds"
            + " the problems.",
        "mtbench is scored where its questions have \"rules\"; otherwise dmt judge mtbench judges"
            + " the answers."
      })
  private List<String> words = List.of();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "../shared/data",
      description = {
        "Folder that problems without FILE are in: gsm8k/test.jsonl, humaneval/HumanEval.jsonl.gz,"
            + " mtbench/question.jsonl, or what dmt world wrote (default: ${DEFAULT-VALUE})."
      })
  private Path data;

  @Option(
      names = "--setting",
      paramLabel = "NAME.KEY=VALUE",
      description = {
        "A benchmark's own setting; may come again: gsm8k.prompt=cot-8 (eight examples, for base"
            + " models), gsm8k.mode=screl, humaneval.prompt=chat, stub or raw,"
            + " humaneval.mode=bigcode, mtbench.temperature=0."
      })
  private List<String> settings = List.of();

  @Option(
      names = "--allow-code-execution",
      description =
          "Let programs that the model wrote run in the sandbox; humaneval and mbpp have no score"
              + " without.")
  private boolean allowed;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Longest answer, if the benchmark would allow a longer one; 0 for the benchmark's"
              + " (default).")
  private int maxNewTokens;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "16",
      description =
          "Prompts that are worked on at once; changes no answer (default: ${DEFAULT-VALUE}).")
  private int batchSize;

  @Option(
      names = "--check-batch",
      paramLabel = "N",
      description =
          "Answer everything once more, N prompts at once, and list the ids whose answers differ; the"
              + " exit code is then 1.")
  private Integer checkBatch;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Seed of answers that are sampled, such as mtbench's (default: ${DEFAULT-VALUE}).")
  private long seed;

  boolean given() {
    return !words.isEmpty();
  }

  /** How answers are made. */
  AnswerSettings answers() {
    return new AnswerSettings(maxNewTokens, batchSize, seed);
  }

  /** Size of the batches to compare with; null for none. */
  Integer checkBatch() {
    return checkBatch;
  }

  /**
   * A benchmark that was asked for.
   *
   * @param missing why it will have no score; null if it will
   */
  record Opened(String name, Path problems, Benchmark benchmark, String missing) {}

  /** Reads all problems. @param limit most problems of each; 0 for all */
  List<Opened> open(long limit) {
    Map<String, Map<String, String>> own = ownSettings();
    Map<String, Opened> opened = new LinkedHashMap<>();
    for (String word : words) {
      String name = word.split("=", 2)[0];
      Evaluator evaluator = Evaluators.byName(name);
      Path problems =
          word.contains("=")
              ? Path.of(KeyValues.cut(word, "NAME=FILE", spec.commandLine()).value())
              : ProblemFiles.find(name, data);
      Map<String, String> options = new LinkedHashMap<>(own.getOrDefault(name, Map.of()));
      if (evaluator.runsCode()) {
        options.put(Evaluator.ALLOW_CODE_EXECUTION, Boolean.toString(allowed));
      }
      Integer first = limit == 0 ? null : (int) Math.min(limit, Integer.MAX_VALUE);
      Benchmark benchmark = evaluator.open(problems, new BenchmarkOptions(first, options));
      String missing =
          evaluator.runsCode() && !allowed
              ? "programs that a model wrote run only with --allow-code-execution"
              : benchmark.unscorable().orElse(null);
      if (opened.put(name, new Opened(name, problems, benchmark, missing)) != null) {
        throw new ParameterException(
            spec.commandLine(), "--benchmarks names %s twice".formatted(name));
      }
    }
    own.keySet().removeAll(opened.keySet());
    if (!own.isEmpty()) {
      throw new ConfigException(
          "--setting is for %s, which --benchmarks does not name"
              .formatted(String.join(", ", new TreeSet<>(own.keySet()))));
    }
    return List.copyOf(opened.values());
  }

  /** What ranks that answer together must have in common. */
  RunIdentity identity(List<Opened> opened) {
    RunIdentity identity =
        new RunIdentity(
            Map.of(
                "settings", String.join(" ", settings),
                "check_batch", String.valueOf(checkBatch)));
    for (Opened each : opened) {
      identity =
          identity.plus(RankIdentity.ofFiles(each.name() + ".problems", List.of(each.problems())));
    }
    return identity;
  }

  private Map<String, Map<String, String>> ownSettings() {
    Map<String, Map<String, String>> own = new LinkedHashMap<>();
    KeyValues.settings(settings, spec.commandLine())
        .forEach(
            (key, value) -> {
              String[] parts = key.split("\\.", 2);
              if (parts.length < 2) {
                throw new ParameterException(
                    spec.commandLine(),
                    "--setting %s=%s must be NAME.KEY=VALUE".formatted(key, value));
              }
              own.computeIfAbsent(parts[0], name -> new LinkedHashMap<>()).put(parts[1], value);
            });
    return own;
  }
}
