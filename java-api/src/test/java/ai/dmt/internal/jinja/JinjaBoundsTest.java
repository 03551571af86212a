package ai.dmt.internal.jinja;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.fuzz.FuzzRun;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A hostile template ends, soon and with a message. */
class JinjaBoundsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PIECES = "{}[]()%#-+|.,:='\"\\~*/ \n0a_\u00e9\ud83d";
  private static final String LONG = "x".repeat(1 << 16);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}",
        "{% macro f(x) %}{{ f(x) }}{{ f(x) }}{% endmacro %}{{ f(1) }}",
        "{% for x in [1] recursive %}{{ loop([1, 2]) }}{% endfor %}",
        "{% set ns = namespace(s='x' * 1000) %}{% for a in range(90) %}{% set ns.s = ns.s + ns.s"
            + " %}{% endfor %}",
        "{% set ns = namespace(s=[1]) %}{% for a in range(90) %}{% set ns.s = ns.s + ns.s %}{%"
            + " endfor %}",
        "{% set ns = namespace(s=[1]) %}{% for a in range(90) %}{% set ns.s = [ns.s, ns.s] %}{%"
            + " endfor %}{{ ns.s }}",
        "{% set ns = namespace(s=[1]) %}{% for a in range(90) %}{% set ns.s = [ns.s, ns.s] %}{%"
            + " endfor %}{{ ns.s | tojson }}",
        "{% set ns = namespace(s=[1]) %}{% for a in range(90000) %}{% set ns.s = [ns.s] %}{% endfor"
            + " %}{{ ns.s }}",
        "{% set ns = namespace(s=[1], t=[1]) %}{% for a in range(40) %}{% set ns.s = [ns.s, ns.s]"
            + " %}{% set ns.t = [ns.t, ns.t] %}{% endfor %}{{ ns.s == ns.t }}",
        "{% for a in range(90000) %}{{ long * 90000 }}{% endfor %}",
        "{% for a in range(90000) %}{% set x = long * 1000 %}{% endfor %}",
        "{{ '%1000000000s' % 'x' }}",
        "{{ '%.1000000000f' % 1.5 }}",
        "{{ '{:1000000000}'.format('x') }}",
        "{{ '{:.1000000000f}'.format(1.5) }}",
        "{{ '{:>{}}'.format('x', 1000000000) }}",
        "{{ 'x'.center(1000000000) }}",
        "{{ 'x'.ljust(1000000000) }}",
        "{{ 'x'.zfill(1000000000) }}",
        "{{ '\\t'.expandtabs(1000000000) }}",
        "{{ 'x' | indent(1000000000, true) }}",
        "{{ [1] | tojson(indent=1000000000) }}",
        "{{ [1] * 1000000000 }}",
        "{{ [[1] * 1000] * 1000000 }}",
        "{{ 9 ** 999999999 }}",
        "{{ 2 ** 131000 * 2 ** 131000 }}",
        "{% set ns = namespace(n=3) %}{% for a in range(90000) %}{% set ns.n = ns.n * ns.n %}{%"
            + " endfor %}",
        "{% for a in range(90000) %}{% set x = 3 ** 80000 %}{% endfor %}",
        "{% for a in range(90000) %}{% set x = long.replace('x', 'yy') %}{% endfor %}",
        "{% for a in range(90000) %}{% set x = long.split('x') %}{% endfor %}",
        "{% for a in range(90000) %}{% set x = long | upper %}{% endfor %}",
        "{% for a in range(90000) %}{% set x = long | list | sort %}{% endfor %}",
        "{% for a in range(90000) %}{% set x = long[::-1] %}{% endfor %}",
        "{% set a = 'a' * 3000000 %}{% set b = 'a' * 1000000 ~ 'b' %}{% for i in range(90000) %}{{"
            + " b in a }}{% endfor %}",
        "{{ range(100000) | batch(1) | map('list') | map('string') | list | length }}{% for a in"
            + " range(90000) %}{{ range(100000) | list | length }}{% endfor %}",
        "{% for a in range(90000) %}{% for c in long %}{% endfor %}{% endfor %}",
        "{{ [1] | batch(1000000000, 'x') | list }}",
        "{{ [1] | slice(1000000000) | list }}",
        "{{ long | wordwrap(1) | wordwrap(1) | length }}{% for a in range(90000) %}{{ long |"
            + " wordwrap(2) | length }}{% endfor %}",
        "{% for a in range(90000) %}{% set x = dict(a=long).items() | list %}{{ messages |"
            + " tojson(indent=100000) | length }}{% endfor %}",
        "{% for a in range(90000) %}{{ '%s' * 10000 % ((1,) * 10000) | length }}{% endfor %}",
      })
  void whatNeverEndsIsStopped(String source) {
    Map<String, ?> variables =
        Map.of("long", LONG, "messages", List.of(Map.of("role", "user", "content", "a")));
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          Template template = Template.parse(source);
          assertThrows(
              JinjaException.class,
              () -> template.render(variables, Set.of(), RenderLines.NOW, 10_000));
        },
        source);
  }

  @Test
  void nestingInTheSourceIsBounded() {
    for (String source :
        List.of(
            "{{ " + "(".repeat(100_000) + "1" + ")".repeat(100_000) + " }}",
            "{{ " + "[".repeat(100_000),
            "{{ " + "not ".repeat(100_000) + "1 }}",
            "{{ " + "-".repeat(100_000) + "1 }}",
            "{{ 1" + " + 1".repeat(100_000) + " }}",
            "{{ a" + ".b".repeat(100_000) + " }}",
            "{{ a" + " | e".repeat(100_000) + " }}",
            "{{ a" + "()".repeat(100_000) + " }}",
            "{{ 1" + " if 1 else 1".repeat(100_000) + " }}",
            "{% if 1 %}".repeat(100_000) + "{% endif %}".repeat(100_000),
            "{% for a in [1] %}".repeat(1000) + "{% endfor %}".repeat(1000))) {
      assertTimeoutPreemptively(
          Duration.ofSeconds(20),
          () -> assertThrows(JinjaException.class, () -> Template.parse(source)),
          source.substring(0, 30));
    }
  }

  @Test
  void manyRenderingsJustBelowTheLimitExceedItTogether() {
    Template template =
        Template.parse(
            "{% for a in range(3000) %}{% for b in range(1000) %}{% endfor %}{% endfor %}");
    assertThrows(
        JinjaLimitException.class,
        () -> {
          for (int i = 0; i < 1000; i++) {
            template.render(Map.of(), Set.of(), RenderLines.NOW, 10_000);
          }
        });
  }

  /** Templates of the table with characters and pieces of others changed. */
  @Test
  void mutatedTemplatesEndInATextOrAMessage() throws IOException {
    List<JsonNode> rows = rows();
    Random random = new Random(Long.getLong(FuzzRun.SEED, 20261128));
    int mutants = FuzzRun.count(1500);
    for (int i = 0; i < mutants; i++) {
      JsonNode row = rows.get(random.nextInt(rows.size()));
      String other = rows.get(random.nextInt(rows.size())).path("template").asText();
      String mutant = mutate(row.path("template").asText(), other, random);
      long start = System.nanoTime();
      try {
        RenderLines.render(mutant, RenderLines.variables(row.path("variables")));
      } catch (JinjaException e) {
        assertTrue(e.getMessage() != null, mutant);
      } catch (RuntimeException | Error e) {
        throw new AssertionError(mutant, e);
      }
      assertTrue(System.nanoTime() - start < 20_000_000_000L, mutant);
    }
  }

  private static String mutate(String source, String other, Random random) {
    StringBuilder text = new StringBuilder(source);
    for (int n = random.nextInt(4); n >= 0; n--) {
      int at = random.nextInt(text.length() + 1);
      int end = Math.min(text.length(), at + random.nextInt(6));
      switch (random.nextInt(5)) {
        case 0 -> text.delete(at, end);
        case 1 -> text.insert(at, text.substring(at, end));
        case 2 -> text.insert(at, PIECES.charAt(random.nextInt(PIECES.length())));
        case 3 -> {
          int from = random.nextInt(other.length() + 1);
          text.insert(at, other, from, Math.min(other.length(), from + random.nextInt(20)));
        }
        default -> text.replace(at, end, String.valueOf((char) random.nextInt(0x3100)));
      }
    }
    return text.toString();
  }

  private static List<JsonNode> rows() throws IOException {
    List<JsonNode> rows = new ArrayList<>();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                JinjaBoundsTest.class.getResourceAsStream("table.jsonl"),
                StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        rows.add(JSON.readTree(line));
      }
    }
    return rows;
  }
}
