package ai.dmt.evaluators.judge;

import ai.dmt.evaluators.mtbench.JudgePrompts;
import ai.dmt.evaluators.mtbench.Judgment;
import ai.dmt.evaluators.mtbench.Match;
import java.nio.file.Path;

/**
 * A model behind an HTTP endpoint that grades with FastChat's prompts, at temperature 0 and with at
 * most 2048 tokens a reply (its llm_judge/common.py).
 */
public final class HttpJudge implements Judge {
  private static final int MAX_TOKENS = 2048;

  private final String name;
  private final String model;
  private final JudgePrompts prompts;
  private final ChatClient client;
  private final JudgeClock clock;

  /**
   * Makes a judge; nothing is asked yet.
   *
   * @param name in files of judgements
   * @param prompts for each turn, with and without a reference
   * @param settings where and how to ask
   * @param cache folder of replies, made when the first is kept
   * @param clock for waiting and for the time of each judgement
   * @param listener told of failed tries and damaged replies
   */
  public HttpJudge(
      String name,
      JudgePrompts prompts,
      HttpJudgeSettings settings,
      Path cache,
      JudgeClock clock,
      JudgeListener listener) {
    this.name = name;
    this.model = settings.model();
    this.prompts = prompts;
    this.clock = clock;
    this.client =
        new ChatClient(
            new HttpEndpoint(settings.baseUrl(), settings.key(), settings.timeout(), clock),
            new Secret(settings.key()),
            new ReplyCache(cache, listener),
            new Pace(settings.requestsPerMinute(), clock),
            settings.backoff(),
            clock,
            listener);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Opinion judge(Match match, int repeat) throws InterruptedException {
    String userPrompt = prompts.userPrompt(match);
    ChatRequest request =
        new ChatRequest(model, prompts.of(match).system(), userPrompt, MAX_TOKENS);
    ChatClient.Answer answer = client.ask(request, repeat);
    Reply reply = answer.reply().orElseGet(() -> new Reply(Judgment.NO_REPLY, clock.timestamp()));
    return new Opinion(
        prompts.of(match).name(), userPrompt, reply.text(), reply.timestamp(), answer.fromCache());
  }
}
