package ai.dmt.data;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.jinja.JinjaException;
import ai.dmt.internal.jinja.JinjaLimitException;
import ai.dmt.internal.jinja.Template;
import ai.dmt.tokenizer.Tokenizer;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

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

  /** Of the tokenizer that was used last; mostly there is one. */
  private volatile @Nullable ControlText controls;

  /** Why nothing is rendered any more, or null: once a limit is exceeded, the run is over. */
  private volatile @Nullable JinjaLimitException exceeded;

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

  /**
   * {@return the same template for conversations of somebody else: once a limit of time or memory
   * was exceeded, a template renders nothing any more, and one conversation shall not end another}
   */
  public JinjaTemplate anew() {
    return new JinjaTemplate(source, now, timeLimitMillis);
  }

  /** {@return the template's text, in Jinja} */
  public String source() {
    return source;
  }

  @Override
  void render(Conversation conversation, Rendering out) {
    Writer writer = new Writer(conversation, out.tokenizer());
    List<Turn> turns = conversation.turns();
    String whole = writer.write(turns.size(), !conversation.answered());
    if (!conversation.answered()) {
      writer.addTo(out, whole, false); // no loss is asked for, so no span need be found
      return;
    }
    int written = 0;
    for (int t = 0; t < turns.size(); t++) {
      if (turns.get(t).role() == Role.ASSISTANT) {
        String before = writer.write(t, true);
        String after = t == turns.size() - 1 ? whole : writer.write(t + 1, false);
        demandBeginning(conversation, t, before, after);
        demandBeginning(conversation, t, after, whole);
        writer.addTo(out, whole.substring(written, before.length()), false);
        written = after.length();
        writer.addTo(out, whole.substring(before.length(), written), true);
      }
    }
    writer.addTo(out, whole.substring(written), false);
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

  private ControlText controlsOf(Tokenizer tokenizer) {
    ControlText known = controls;
    if (known == null || !known.isFor(tokenizer)) {
      known = new ControlText(tokenizer);
      controls = known;
    }
    return known;
  }

  /**
   * What the template makes of one conversation.
   *
   * <p>[Note: guarded texts] A template that gets guarded texts could see the guard: it may search
   * texts for what they spell, or count their characters. So it writes the texts as they are, too.
   * Where both agree but for the guard, nothing was seen; where they do not, it is refused.
   */
  private final class Writer {
    private final Conversation conversation;
    private final Tokenizer tokenizer;
    private final ControlText controls;
    private final Optional<Character> guard;

    Writer(Conversation conversation, Tokenizer tokenizer) {
      this.conversation = conversation;
      this.tokenizer = tokenizer;
      this.controls = controlsOf(tokenizer);
      this.guard =
          controls.guardFor(conversation.turns().stream().map(Turn::text).toList(), source);
    }

    /** What the template makes of the first turns, guarded. */
    String write(int turns, boolean prompt) {
      String bare = write(turns, prompt, text -> text);
      if (guard.isEmpty()) {
        return bare;
      }
      String guarded = write(turns, prompt, text -> controls.guard(text, guard.get()));
      if (!ControlText.bare(guarded, guard).equals(bare)) {
        throw readsTexts();
      }
      return guarded;
    }

    private String write(int turns, boolean prompt, UnaryOperator<String> guarding) {
      List<Map<String, Object>> messages = new ArrayList<>();
      for (Turn turn : conversation.turns().subList(0, turns)) {
        Map<String, Object> message = new LinkedHashMap<>(); // in the order in which it is written
        message.put("role", turn.role().name().toLowerCase(Locale.ROOT));
        message.put("content", guarding.apply(turn.text()));
        messages.add(message);
      }
      try {
        JinjaLimitException before = exceeded;
        if (before != null) {
          throw before;
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

    private DataException readsTexts() {
      String texts =
          conversation.turns().stream().map(Turn::text).collect(Collectors.joining("\n"));
      String spelt = controls.first(texts, 0).orElseThrow();
      int named = source.indexOf(spelt);
      long line = source.chars().limit(Math.max(0, named)).filter(c -> c == '\n').count() + 1;
      return new DataException(
          conversation.origin(),
          ("the model's chat_template%s looks into texts that spell control tokens, such as \"%s\","
                  + " but texts stay texts here; name another template, or change the text")
              .formatted(named < 0 ? "" : " (line %s)".formatted(line), spelt));
    }

    void addTo(Rendering out, String written, boolean loss) {
      controls.addTo(out, written, guard, loss);
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

  /**
   * The tokenizer's end token, and the first control token that the template puts after an answer.
   */
  @Override
  public int[] stopIds(Tokenizer tokenizer) {
    String answer = "An answer that ends here";
    Conversation conversation = Conversation.of(Turn.user("A question"), Turn.assistant(answer));
    String written = new Writer(conversation, tokenizer).write(2, false);
    int end = written.lastIndexOf(answer) + answer.length();
    return end < answer.length()
        ? new int[] {tokenizer.eosId()}
        : controlsOf(tokenizer)
            .first(written, end)
            .map(name -> Rendering.endAnd(name, tokenizer))
            .orElseGet(() -> new int[] {tokenizer.eosId()});
  }

  @Override
  String jinjaText(Tokenizer tokenizer) {
    return source;
  }
}
