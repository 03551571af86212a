package ai.dmt.evaluators.dialogue;

import ai.dmt.config.ConfigException;
import ai.dmt.data.DataException;
import ai.dmt.evaluators.BenchmarkOptions;
import ai.dmt.evaluators.UnscoredException;
import ai.dmt.evaluators.judge.Backoff;
import ai.dmt.evaluators.judge.HttpJudge;
import ai.dmt.evaluators.judge.HttpJudgeSettings;
import ai.dmt.evaluators.judge.Judge;
import ai.dmt.evaluators.judge.JudgeClock;
import ai.dmt.evaluators.judge.JudgeListener;
import ai.dmt.evaluators.judge.JudgingResult;
import ai.dmt.evaluators.judge.JudgingRun;
import ai.dmt.evaluators.judge.Opinion;
import ai.dmt.evaluators.mtbench.JudgePrompts;
import ai.dmt.evaluators.mtbench.Judgment;
import ai.dmt.evaluators.mtbench.Match;
import ai.dmt.evaluators.mtbench.Matches;
import ai.dmt.evaluators.mtbench.ModelAnswer;
import ai.dmt.evaluators.mtbench.Question;
import ai.dmt.internal.files.Disk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A judge behind an endpoint, as a benchmark's settings name it. Each turn is judged as often as
 * they say; one answer that gets no reply leaves all without a score, since a mean over the others
 * would be of other questions.
 */
final class HttpJudging implements Judging {
  /** Says that there is such a judge. */
  static final String URL = "judge-url";

  private static final String MODEL = "judge-model";
  private static final String KEY = "judge-key";
  private static final String PROMPTS = "judge-prompts";
  private static final String REFERENCES = "judge-references";
  private static final String REPEATS = "judge-repeats";
  private static final String CONCURRENCY = "judge-concurrency";
  private static final String PER_MINUTE = "judge-requests-per-minute";
  private static final String TIMEOUT = "judge-timeout";
  private static final String TRIES = "judge-tries";
  private static final String CACHE = "judge-cache";

  /** All settings of such a judge. */
  static final List<String> SETTINGS =
      List.of(
          URL,
          MODEL,
          KEY,
          PROMPTS,
          REFERENCES,
          REPEATS,
          CONCURRENCY,
          PER_MINUTE,
          TIMEOUT,
          TRIES,
          CACHE);

  private static final long MILLISECONDS = 1000;

  private final HttpJudgeSettings settings;
  private final JudgePrompts prompts;
  private final Map<String, ModelAnswer> references;
  private final int repeats;
  private final int concurrency;
  private final String cache; // empty for none that stays

  private HttpJudging(
      HttpJudgeSettings settings,
      JudgePrompts prompts,
      Map<String, ModelAnswer> references,
      int repeats,
      int concurrency,
      String cache) {
    this.settings = settings;
    this.prompts = prompts;
    this.references = references;
    this.repeats = repeats;
    this.concurrency = concurrency;
    this.cache = cache;
  }

  /**
   * Reads the settings and the judge's files; asks nothing yet.
   *
   * @param options of the benchmark, {@link #URL} among them
   * @param problems file of the questions; prompts and references lie beside it
   * @param questions that will be asked
   */
  static HttpJudging of(BenchmarkOptions options, Path problems, List<Question> questions) {
    String model = options.setting(MODEL, "");
    if (model.isEmpty()) {
      throw new ConfigException(
          "%s=%s needs %s, the model that is asked there"
              .formatted(URL, options.setting(URL, ""), MODEL));
    }
    String key = options.setting(KEY, "");
    HttpJudgeSettings settings =
        HttpJudgeSettings.of(options.setting(URL, ""), model)
            .withKey(key.isEmpty() ? null : key)
            .withTimeout(
                Duration.ofMillis(Math.round(MILLISECONDS * number(options, TIMEOUT, "120"))))
            .withRequestsPerMinute(number(options, PER_MINUTE, "0"))
            .withBackoff(
                Backoff.standard(
                    count(options, TRIES, "16"), () -> ThreadLocalRandom.current().nextDouble()));
    return new HttpJudging(
        settings,
        new JudgePrompts(problems.resolveSibling(options.setting(PROMPTS, "judge_prompts.jsonl"))),
        references(options, problems, questions),
        count(options, REPEATS, "1"),
        count(options, CONCURRENCY, "4"),
        options.setting(CACHE, ""));
  }

  private static Map<String, ModelAnswer> references(
      BenchmarkOptions options, Path problems, List<Question> questions) {
    boolean needed = questions.stream().anyMatch(q -> Matches.needsReference(q.category()));
    Path file =
        problems.resolveSibling(options.setting(REFERENCES, "reference_answer_gpt-4.jsonl"));
    if (!needed) {
      return Map.of();
    }
    if (!Files.isRegularFile(file)) {
      throw new ConfigException(
          "questions of math, reasoning and coding are judged beside reference answers: there is no"
              + " %s; name the file with %s".formatted(file, REFERENCES));
    }
    Map<String, ModelAnswer> read = ModelAnswer.read(file);
    for (Question question : questions) {
      if (Matches.needsReference(question.category()) && !read.containsKey(question.id())) {
        throw new DataException(
            question.origin(),
            "question %s of category %s has no reference answer in %s"
                .formatted(question.id(), question.category(), file));
      }
    }
    return read;
  }

  private static double number(BenchmarkOptions options, String name, String byDefault) {
    String text = options.setting(name, byDefault);
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new ConfigException("%s must be a number, got \"%s\"".formatted(name, text), e);
    }
  }

  private static int count(BenchmarkOptions options, String name, String byDefault) {
    double value = number(options, name, byDefault);
    if (value != Math.rint(value) || value < 1 || value > Integer.MAX_VALUE) {
      throw new ConfigException(
          "%s must be a whole number of 1 or more, got \"%s\""
              .formatted(name, options.setting(name, byDefault)));
    }
    return (int) value;
  }

  @Override
  public List<Judgment> judge(List<Question> questions, Map<String, ModelAnswer> answers)
      throws InterruptedException {
    List<Match> matches = Matches.of(questions, List.of(answers), references);
    try {
      Path work = Files.createTempDirectory("dmt-judging");
      try {
        return judged(matches, work);
      } finally {
        Disk.delete(work);
      }
    } catch (IOException e) {
      String folder = System.getProperty("java.io.tmpdir");
      throw new UncheckedIOException(
          "judgements cannot be written to %s: %s".formatted(folder, Disk.reason(e)), e);
    }
  }

  private List<Judgment> judged(List<Match> matches, Path work) throws InterruptedException {
    JudgeClock clock = JudgeClock.system();
    AtomicReference<String> fault = new AtomicReference<>("");
    JudgeListener listener =
        new JudgeListener() {
          @Override
          public void onFailedTry(int tried, int maxTries, String reason, Duration wait) {
            fault.set(reason);
          }
        };
    Path replies = cache.isEmpty() ? work.resolve("replies") : Path.of(cache);
    try {
      HttpJudge judge =
          new HttpJudge(settings.model(), prompts, settings, replies, clock, listener);
      JudgingRun run =
          new JudgingRun(demanding(judge, fault), repeats, concurrency, clock, JudgeListener.NONE);
      JudgingResult result = run.judge(matches, work.resolve("judgments.jsonl"));
      if (result.withoutRating().size() == result.total()) {
        throw new UnscoredException(
            "none of the %s replies of the judge %s holds a rating"
                .formatted(result.total(), settings.model()),
            null);
      }
      return result.judgments();
    } catch (ConfigException e) { // such as a key that is refused
      throw new UnscoredException(
          "the judge %s cannot be asked: %s".formatted(settings.model(), e.getMessage()), e);
    }
  }

  /** The first answer without a reply ends the run: all tries were made, and no mean is left. */
  private Judge demanding(Judge judge, AtomicReference<String> fault) {
    return new Judge() {
      @Override
      public String name() {
        return judge.name();
      }

      @Override
      public Opinion judge(Match match, int repeat) throws InterruptedException {
        Opinion opinion = judge.judge(match, repeat);
        if (opinion.text().equals(Judgment.NO_REPLY)) {
          throw new UnscoredException(
              "no reply from the judge %s in %s tries: %s"
                  .formatted(settings.model(), settings.backoff().maxTries(), fault.get()),
              null);
        }
        return opinion;
      }
    };
  }
}
