package ai.dmt.data;

import ai.dmt.config.ConfigException;
import ai.dmt.jinja.JinjaException;
import ai.dmt.jinja.JinjaLimitException;
import ai.dmt.jinja.Template;
import ai.dmt.tokenizer.Tokenizer;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A model's own {@code chat_template}, in Jinja, rendered as transformers does. The template can
 * read nothing but the conversation, and its time and output are bounded.
 *
 * <p>[Note: spans of a Jinja template] A Jinja template tells nothing of loss, so each answer's
 * span is what it writes more when it gets the answer: from the text of the turns before it with
 * {@code add_generation_prompt}, to the text of the turns up to it. That works if each of these
 * texts is a beginning of the next; a template that writes earlier turns otherwise once more follow
 * (as some do to leave out earlier thoughts) is refused. White space after the last control token
 * of a span carries no loss.
 */
public final class JinjaTemplate extends RenderedTemplate {
  /** Its name. */
  public static final String NAME = "jinja";

  /** Of one rendering, which takes less than a millisecond. */
  private static final long TIME_LIMIT_MILLIS = 10_000;

  /** Lists of tokens that transformers may have and a tokenizer here does not tell. */
  private static final Set<String> UNKNOWN_TOKENS =
      Set.of("additional_special_tokens", "extra_special_tokens");

  private final String source;
  private final Template template;
  private final LocalDateTime now;
  private final long timeLimitMillis;

  /** Why nothing is rendered any more, or null: once a limit is exceeded, the run is over. */
  private volatile JinjaLimitException exceeded;

  /**
   * Makes a template. A template that asks for the date gets today's.
   *
   * @param source in Jinja, as models have it in tokenizer_config.json or chat_template.jinja
   * @throws ConfigException if it is malformed, or uses what is not supported
   */
  public JinjaTemplate(String source) {
    this(source, LocalDateTime.now());
  }

  /**
   * Makes a template that gets a date.
   *
   * @param source in Jinja
   * @param now what {@code strftime_now} writes
   * @throws ConfigException if it is malformed, or uses what is not supported
   */
  public JinjaTemplate(String source, LocalDateTime now) {
    this(source, now, TIME_LIMIT_MILLIS);
  }

  JinjaTemplate(String source, LocalDateTime now, long timeLimitMillis) {
    super(NAME);
    this.source = source;
    this.now = now;
    this.timeLimitMillis = timeLimitMillis;
    try {
      this.template = Template.parse(source);
    } catch (JinjaException e) {
      throw new ConfigException("the chat_template cannot be used: " + e.getMessage(), e);
    }
  }

  /** The template's text. */
  public String source() {
    return source;
  }

  @Override
  void render(Conversation conversation, Rendering out) {
    ControlText controls = ControlText.of(out.tokenizer(), conversation, source);
    List<Turn> turns = conversation.turns();
    String whole =
        write(conversation, turns.size(), !conversation.answered(), controls, out.tokenizer());
    int written = 0;
    for (int t = 0; t < turns.size(); t++) {
      if (turns.get(t).role() == Role.ASSISTANT) {
        String before = write(conversation, t, true, controls, out.tokenizer());
        String after =
            t == turns.size() - 1
                ? whole
                : write(conversation, t + 1, false, controls, out.tokenizer());
        demandBeginning(conversation, t, before, after);
        demandBeginning(conversation, t, after, whole);
        controls.addTo(out, whole.substring(written, before.length()), false);
        written = after.length();
        controls.addTo(out, whole.substring(before.length(), written), true);
      }
    }
    controls.addTo(out, whole.substring(written), false);
  }

  private static void demandBeginning(
      Conversation conversation, int turn, String beginning, String text) {
    if (!text.startsWith(beginning)) {
      throw new DataException(
          conversation.origin(),
          ("the model's chat_template writes what stands before the answer of turn %s otherwise"
                  + " once it is answered, so its loss cannot be told; name another template")
              .formatted(turn + 1));
    }
  }

  /** What the template makes of the first turns. */
  private String write(
      Conversation conversation,
      int turns,
      boolean prompt,
      ControlText controls,
      Tokenizer tokenizer) {
    List<Map<String, Object>> messages = new ArrayList<>();
    for (Turn turn : conversation.turns().subList(0, turns)) {
      String role =
          switch (turn.role()) {
            case SYSTEM -> "system";
            case USER -> "user";
            case ASSISTANT -> "assistant";
          };
      messages.add(Map.of("role", role, "content", controls.guard(turn.text())));
    }
    try {
      if (exceeded != null) {
        throw exceeded;
      }
      return template.render(
          variables(messages, prompt, tokenizer), UNKNOWN_TOKENS, now, timeLimitMillis);
    } catch (JinjaLimitException e) {
      exceeded = e;
      throw failure(conversation, e);
    } catch (JinjaException e) {
      throw failure(conversation, e);
    }
  }

  private static DataException failure(Conversation conversation, JinjaException e) {
    return new DataException(
        conversation.origin(), "the model's chat_template fails: " + e.getMessage(), e);
  }

  /** What transformers gives a template that is called without tools. */
  private static Map<String, Object> variables(
      List<Map<String, Object>> messages, boolean prompt, Tokenizer tokenizer) {
    Map<String, Object> variables = new HashMap<>(tokenizer.namedTokens());
    variables.put("messages", messages);
    variables.put("tools", null);
    variables.put("documents", null);
    variables.put("add_generation_prompt", prompt);
    return variables;
  }

  @Override
  public String answer(String continuation) {
    return continuation.strip();
  }

  /** The tokenizer's end token, and the control token that the template puts after an answer. */
  @Override
  public int[] stopIds(Tokenizer tokenizer) {
    EncodedSample sample = encode(Conversation.of(Turn.user("a"), Turn.assistant("b")), tokenizer);
    int last = sample.tokenIds()[sample.inputTokens()];
    Map<Integer, String> names =
        tokenizer.controlTokens().entrySet().stream()
            .sorted(Map.Entry.comparingByKey(Comparator.reverseOrder()))
            .collect(Collectors.toMap(Map.Entry::getValue, Map.Entry::getKey, (a, b) -> a));
    return names.containsKey(last)
        ? Rendering.endAnd(names.get(last), tokenizer)
        : new int[] {tokenizer.eosId()};
  }

  @Override
  String jinjaText(Tokenizer tokenizer) {
    return source;
  }
}
