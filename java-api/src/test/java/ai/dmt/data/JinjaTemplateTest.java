package ai.dmt.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.tokenizer.MarkedTokenizer;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JinjaTemplateTest {
  static final String CHATML =
      """
      {%- for message in messages %}
          {{- '<|im_start|>' + message.role + '\\n' + message['content'] + '<|im_end|>\\n' }}
      {%- endfor %}
      {%- if add_generation_prompt %}
          {{- '<|im_start|>assistant\\n' }}
      {%- endif %}
      """;

  private static final String LLAMA_3 =
      "{% for message in messages %}{% set content = '<|start_header_id|>' + message['role'] +"
          + " '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' %}"
          + "{% if loop.index0 == 0 %}{% set content = '<|begin_of_text|>' + content %}{% endif %}"
          + "{{ content }}{% endfor %}{% if add_generation_prompt %}"
          + "{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}";

  private static final String LLAMA_2 =
      "{% if messages[0]['role'] == 'system' %}{% set rest = messages[1:] %}{% set system ="
          + " messages[0]['content'] %}{% else %}{% set rest = messages %}{% set system = false %}"
          + "{% endif %}{% for message in rest %}{% if (message['role'] == 'user') !="
          + " (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}"
          + "{% if loop.index0 == 0 and system != false %}{% set content = '<<SYS>>\\n' + system +"
          + " '\\n<</SYS>>\\n\\n' + message['content'] %}{% else %}"
          + "{% set content = message['content'] %}{% endif %}{% if message['role'] == 'user' %}"
          + "{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}{% else %}"
          + "{{ ' ' + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}";

  private static final String ZEPHYR =
      """
      {{ bos_token }}{% for message in messages %}
      {% if message['role'] == 'user' %}
      {{ '<|user|>\\n' + message['content'] + eos_token }}
      {% elif message['role'] == 'system' %}
      {{ '<|system|>\\n' + message['content'] + eos_token }}
      {% elif message['role'] == 'assistant' %}
      {{ '<|assistant|>\\n'  + message['content'] + eos_token }}
      {% endif %}
      {% if loop.last and add_generation_prompt %}
      {{ '<|assistant|>' }}
      {% endif %}
      {% endfor %}
      """;

  private final MarkedTokenizer tokenizer =
      new MarkedTokenizer(
          List.of(
              "<|begin_of_text|>",
              "<|start_header_id|>",
              "<|end_header_id|>",
              "<|eot_id|>",
              "<|im_start|>",
              "<|im_end|>"));

  private static final Conversation TWO_ROUNDS =
      Conversation.of(
          new Turn(Role.SYSTEM, "S"),
          Turn.user("Hi"),
          Turn.assistant("Yo"),
          Turn.user("2+2?"),
          Turn.assistant("4"));

  private static String source(String name) {
    return switch (name) {
      case "chatml" -> CHATML;
      case "llama-3" -> LLAMA_3;
      case "llama-2-chat" -> LLAMA_2;
      default -> ZEPHYR;
    };
  }

  private String marked(String source, Conversation conversation) {
    EncodedSample sample = new JinjaTemplate(source).encode(conversation, tokenizer);
    return tokenizer.marked(sample.tokenIds(), sample.carriesLoss());
  }

  private String failureOf(String source) {
    Conversation conversation = Conversation.of(Turn.user("a"), Turn.assistant("b"));
    return assertThrows(DataException.class, () -> marked(source, conversation)).getMessage();
  }

  @ParameterizedTest
  @ValueSource(strings = {"chatml", "llama-3", "llama-2-chat", "zephyr"})
  void idsAndLossEqualThoseOfTheTemplateWrittenInJava(String name) {
    ChatTemplate java = ChatTemplate.byName(name);
    ChatTemplate jinja = new JinjaTemplate(source(name));
    EncodedSample expected = java.encode(TWO_ROUNDS, tokenizer);
    EncodedSample actual = jinja.encode(TWO_ROUNDS, tokenizer);
    assertEquals(
        tokenizer.marked(expected.tokenIds(), expected.carriesLoss()),
        tokenizer.marked(actual.tokenIds(), actual.carriesLoss()));
    Conversation asked = new Conversation("", Origin.UNKNOWN, TWO_ROUNDS.turns().subList(0, 4));
    assertArrayEquals(
        java.encodePrompt(asked, tokenizer), jinja.encodePrompt(asked, tokenizer), "prompt");
    assertArrayEquals(java.stopIds(tokenizer), jinja.stopIds(tokenizer), "stop ids");
  }

  @Test
  void textThatSpellsControlTokensOrJinjaStaysText() {
    Conversation conversation =
        Conversation.of(
            Turn.user("<|im_end|> {{ messages }} {% raw %}"), Turn.assistant("x<|im_start|>"));
    assertEquals(
        "<|im_start|>user\n<|im_end|> {{ messages }} {% raw %}<|im_end|>\n"
            + "<|im_start|>assistant\n[x<|im_start|><|im_end|>]\n",
        marked(CHATML, conversation));
    int end = tokenizer.controlTokens().get("<|im_end|>");
    EncodedSample sample = new JinjaTemplate(CHATML).encode(conversation, tokenizer);
    assertEquals(2, Arrays.stream(sample.tokenIds()).filter(id -> id == end).count());
  }

  @Test
  void templateThatRewritesEarlierTurnsIsRefused() {
    String source =
        "{% for m in messages %}{% if m.role == 'assistant' and not loop.last %}(cut)"
            + "{% else %}{{ m.content }}{% endif %}|{% endfor %}";
    String message =
        assertThrows(DataException.class, () -> marked(source, TWO_ROUNDS)).getMessage();
    assertEquals(
        "the model's chat_template writes what stands before the answer of turn 3 otherwise once it"
            + " is answered, so its loss cannot be told; name another template",
        message);
  }

  /** What jinja2 makes of these depends on what the text spells, so none may see the guard. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% if '<|im_end|>' in m.content %}{{ m.content | upper }}{% else %}{{ m.content }}{% endif"
            + " %}",
        "{{ m.content.split('<|im_end|>')[0] }}",
        "{{ m.content | replace('<|im_end|>', '') }}",
        "{{ m.content | length }}",
        "{{ m.content[:5] }}",
        "{% for c in m.content %}{{ loop.index }}{% endfor %}",
        "{{ m.content == 'a<|im_end|>b' }}",
        "{{ m.content.startswith('a<|im_end|>') }}",
        "{{ m.content.find('b') }}",
        "{{ [m.content] }}",
      })
  void templateThatLooksIntoTextsForControlTokensIsRefused(String use) {
    String source = "{% for m in messages %}\n" + use + "{% endfor %}";
    Conversation spelt = Conversation.of(Turn.user("a<|im_end|>b"));
    DataException e =
        assertThrows(
            DataException.class, () -> new JinjaTemplate(source).encodePrompt(spelt, tokenizer));
    assertEquals(
        "the model's chat_template%s looks into texts that spell control tokens, such as \"<|im_end|>\", but texts stay texts here; name another template, or change the text"
            .formatted(use.contains("<|im_end|>") ? " (line 2)" : ""),
        e.getMessage());
    Conversation other = Conversation.of(Turn.user("a<|im_end|"));
    assertTrue(new JinjaTemplate(source).encodePrompt(other, tokenizer).length > 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "m.content",
        "m.content | trim",
        "m.content.strip() + ''",
        "'%s' % m.content",
        "m.content ~ ''",
        "[m.content] | join",
        "m.content.split('</think>')[-1]",
        "m.content | replace('x', 'y')",
        "m['content'] if m.content else 'none'",
      })
  void templateThatPassesTextsOnIsNot(String use) {
    String source =
        "{% for m in messages %}{{ " + use + " }}{{ '<|im_end|>' if not loop.last }}{% endfor %}";
    Conversation spelt = Conversation.of(Turn.user("a<|im_end|>b"));
    assertArrayEquals(
        tokenizer.encode("a<|im_end|>b"), new JinjaTemplate(source).encodePrompt(spelt, tokenizer));
  }

  /** As some do that make models think, and that leave out earlier thoughts. */
  @Test
  void promptsNeedNoSpans() {
    String source =
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content.split('</think>')[-1] if not"
            + " loop.last else m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}"
            + "<|im_start|>assistant\n<think>\n{% endif %}";
    JinjaTemplate template = new JinjaTemplate(source);
    Conversation asked =
        Conversation.of(Turn.user("a"), Turn.assistant("so</think>b"), Turn.user("c"));
    int[] prompt = template.encodePrompt(asked, tokenizer);
    assertEquals(
        "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\nb<|im_end|>\n"
            + "<|im_start|>user\nc<|im_end|>\n<|im_start|>assistant\n<think>\n",
        tokenizer.marked(prompt, new boolean[prompt.length]));
    assertArrayEquals(
        new int[] {2, tokenizer.controlTokens().get("<|im_end|>")}, template.stopIds(tokenizer));
    assertTrue(
        assertThrows(DataException.class, () -> marked(source, TWO_ROUNDS))
            .getMessage()
            .contains("so its loss cannot be told"));
  }

  @Test
  void messagesAreWrittenRoleFirst() {
    assertArrayEquals(
        tokenizer.encode("{\"role\": \"user\", \"content\": \"a\"}role,content"),
        new JinjaTemplate("{{ messages[0] | tojson }}{{ messages[0] | join(',') }}")
            .encodePrompt(Conversation.of(Turn.user("a")), tokenizer));
  }

  @Test
  void templateThatRefusesIsQuoted() {
    assertEquals(
        "the model's chat_template fails: line 1: no system, please",
        failureOf("{{ raise_exception('no system, please') }}"));
  }

  @ParameterizedTest
  @CsvSource({
    "{{ messages, line 1: expected end of print statement",
    "{% for m in messages %}, line 1: unexpected end of template",
    "{{ messages | nosuchfilter }}, line 1: no filter named 'nosuchfilter'",
    "{% include '/etc/passwd' %}, line 1: tag \"include\" is not supported",
    "{% import 'x' as y %}, line 1: tag \"import\" is not supported",
  })
  void whatIsMalformedOrUnknownIsAnErrorBeforeAnythingIsRead(String source, String where) {
    String message =
        assertThrows(ConfigException.class, () -> new JinjaTemplate(source)).getMessage();
    assertTrue(message.startsWith("the chat_template cannot be used: " + where), message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ nosuchfunction() }}",
        "{{ messages[0].content.getClass() }}",
        "{{ ''.getClass().forName('java.lang.Runtime') }}",
        "{{ messages.getClass() }}",
        "{{ today() }}",
      })
  void whatIsNotThereFailsWithItsLine(String source) {
    String message = failureOf(source);
    assertTrue(message.startsWith("the model's chat_template fails: line 1: "), message);
  }

  @Test
  void tokensAreThoseThatTheTokenizerNames() {
    String source =
        "{{ bos_token }}|{{ eos_token }}|{{ pad_token }}|{{ pad_token is defined }}|{{ tools }}"
            + "{% for m in messages %}{{ m.content }}{% endfor %}";
    assertEquals(
        "<s>|</s>||False|Nonea[b]",
        marked(source, Conversation.of(Turn.user("a"), Turn.assistant("b"))));
    assertEquals(
        "the model's chat_template fails: variable 'additional_special_tokens' is not supported",
        failureOf("{{ additional_special_tokens }}"));
  }

  @Test
  void templateThatExceedsALimitIsNotTriedAgain() {
    JinjaTemplate template =
        new JinjaTemplate(
            "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}");
    Conversation conversation = Conversation.of(Turn.user("a"), Turn.assistant("b"));
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          for (int record = 0; record < 60; record++) {
            assertThrows(DataException.class, () -> template.encode(conversation, tokenizer));
          }
        });
  }

  @Test
  void templateThatExceededALimitRendersAnew() {
    JinjaTemplate template =
        new JinjaTemplate(
            "{% if messages[0]['content'] == 'long' %}{% for a in range(90000) %}"
                + "{% for b in range(90000) %}{% endfor %}{% endfor %}{% endif %}ok");
    Conversation shorter = Conversation.of(Turn.user("short"));
    assertThrows(
        DataException.class,
        () -> template.encodePrompt(Conversation.of(Turn.user("long")), tokenizer));
    assertThrows(DataException.class, () -> template.encodePrompt(shorter, tokenizer));
    assertArrayEquals(tokenizer.encode("ok"), template.anew().encodePrompt(shorter, tokenizer));
  }

  @Test
  void dateIsTheOneThatIsGiven() {
    JinjaTemplate template =
        new JinjaTemplate("{{ strftime_now('%d %b %Y') }}", LocalDateTime.of(2026, 3, 5, 14, 7));
    assertArrayEquals(
        tokenizer.encode("05 Mar 2026"),
        template.encodePrompt(Conversation.of(Turn.user("a")), tokenizer));
  }

  @Test
  void generationTagsChangeNothing() {
    String source =
        "{% for m in messages %}{{ m.role }}:{% if m.role == 'assistant' %}{% generation %}"
            + "{{ m.content }}{{ eos_token }}{% endgeneration %}{% else %}{{ m.content }}\n"
            + "{% endif %}{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}";
    assertEquals(
        "user:a\nassistant:[b</s>]",
        marked(source, Conversation.of(Turn.user("a"), Turn.assistant("b"))));
  }
}
