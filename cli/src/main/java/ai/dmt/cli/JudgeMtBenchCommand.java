package ai.dmt.cli;

import ai.dmt.config.ConfigException;
import ai.dmt.data.DataException;
import ai.dmt.evaluators.judge.Judge;
import ai.dmt.evaluators.judge.JudgeClock;
import ai.dmt.evaluators.judge.JudgingResult;
import ai.dmt.evaluators.judge.JudgingRun;
import ai.dmt.evaluators.mtbench.Match;
import ai.dmt.evaluators.mtbench.Matches;
import ai.dmt.evaluators.mtbench.ModelAnswer;
import ai.dmt.evaluators.mtbench.Question;
import ai.dmt.evaluators.rules.RuleJudge;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code dmt judge mtbench}: grades each turn of each answer alone. */
@Command(
    name = "mtbench",
    description = {
      "Grades answers to MT-Bench's questions, each turn alone, with FastChat's prompts at"
          + " temperature 0, or by the rules that questions carry.",
      "Reads FastChat's model_answer files and writes its model_judgment file. Replies are cached:"
          + " an interrupted judging continues, a repeated one is free."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done; a reply without a rating counts as done",
      "1:failed, or some requests got no reply after all tries: the same command asks them again",
      "2:files or settings are at fault, or the judge refused a request",
      "130:interrupted; replies so far are cached"
    })
final class JudgeMtBenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--answers",
      required = true,
      arity = "1..*",
      paramLabel = "FILE.jsonl",
      description = "FastChat's model_answer files, one for each model.")
  private List<Path> answers;

  @Option(
      names = "--questions",
      required = true,
      paramLabel = "FILE.jsonl",
      description = "FastChat's question.jsonl.")
  private Path questions;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE.jsonl",
      description =
          "Judgements. Those of other models, judges and questions that the file holds stay; while"
              + " judging, FILE.jsonl.partial grows.")
  private Path output;

  @ArgGroup(multiplicity = "1")
  private Judges judges;

  /** Who judges. */
  private static final class Judges {
    @Option(
        names = "--local",
        required = true,
        description = "Judge by the \"rules\" of each question, without a model.")
    private boolean local;

    @ArgGroup(exclusive = false, heading = "A judge behind an endpoint:%n")
    private HttpJudgeOptions http;
  }

  @Option(
      names = "--concurrency",
      defaultValue = "4",
      paramLabel = "N",
      description = "Requests at once (default: ${DEFAULT-VALUE}).")
  private int concurrency;

  @Option(
      names = "--repeats",
      defaultValue = "1",
      paramLabel = "N",
      description = "Judgements of each turn (default: ${DEFAULT-VALUE}).")
  private int repeats;

  @Option(names = "--limit", paramLabel = "N", description = "Judge the first N questions only.")
  private Integer limit;

  @Override
  public Integer call() throws InterruptedException {
    List<Question> asked = Question.read(questions);
    if (limit != null) {
      if (limit < 1) {
        throw new ConfigException("--limit must be positive, got " + limit);
      }
      asked = asked.subList(0, Math.min(limit, asked.size()));
    }
    JudgeClock clock = JudgeClock.system();
    JudgeProgress progress = new JudgeProgress(spec.commandLine().getErr());
    Judge judge =
        judges.local ? new RuleJudge(asked, clock) : judges.http.judge(output, clock, progress);
    JudgingRun run = new JudgingRun(judge, repeats, concurrency, clock, progress);
    List<Match> matches = Matches.of(asked, models(), references(asked));
    StopSignals.onFirst(
        () -> {
          progress.say(
              "stopping when the requests under way have ended; once more to quit at once");
          run.stop();
        });
    JudgingResult result = run.judge(matches, output);
    report(result, progress);
    if (!result.complete()) {
      return ExitCode.INTERRUPTED;
    }
    return result.withoutReply().isEmpty() ? ExitCode.OK : ExitCode.FAILED;
  }

  private List<Map<String, ModelAnswer>> models() {
    Map<String, Map<String, ModelAnswer>> byModel = new LinkedHashMap<>();
    for (Path file : answers) {
      Map<String, ModelAnswer> read = ModelAnswer.read(file);
      ModelAnswer first = read.values().iterator().next();
      Map<String, ModelAnswer> other = byModel.put(first.modelId(), read);
      if (other != null) {
        throw new DataException(
            first.origin(),
            "model_id \"%s\" is that of %s too; expected a file for each model"
                .formatted(first.modelId(), other.values().iterator().next().origin().file()));
      }
    }
    return List.copyOf(byModel.values());
  }

  private Map<String, ModelAnswer> references(List<Question> asked) {
    if (judges.local) {
      return null; // rules know what is right
    }
    if (judges.http.references() != null) {
      return ModelAnswer.read(judges.http.references());
    }
    for (Question question : asked) {
      if (Matches.needsReference(question.category())) {
        throw new DataException(
            question.origin(),
            "question %s of category %s needs a reference answer; give --references FILE.jsonl"
                .formatted(question.id(), question.category()));
      }
    }
    return Map.of();
  }

  private void report(JudgingResult result, JudgeProgress progress) {
    PrintWriter out = spec.commandLine().getOut();
    int done = result.judgments().size();
    out.printf(
        "%s of %s judgements%s: %s from the cache, %s without a reply, %s without a rating%n",
        done,
        result.total(),
        result.complete() ? " in " + output : ", " + output + " is unchanged",
        result.fromCache(),
        result.withoutReply().size(),
        result.withoutRating().size());
    out.flush();
    result
        .withoutReply()
        .forEach(
            judgment ->
                progress.say(
                    "no reply: question %s turn %s of %s"
                        .formatted(judgment.questionId(), judgment.turn(), judgment.model())));
    result
        .withoutRating()
        .forEach(
            judgment ->
                progress.say(
                    "no rating: question %s turn %s of %s"
                        .formatted(judgment.questionId(), judgment.turn(), judgment.model())));
  }
}
