package ai.dmt.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PromptIndexTest {
  private static final String LONG =
      "Natalia sold clips to 48 of her friends in April, and then she sold half as many in May.";

  private static PromptIndex index(String... prompts) {
    List<BenchmarkPrompts.Prompt> all = new ArrayList<>();
    for (String prompt : prompts) {
      all.add(new BenchmarkPrompts.Prompt("p" + all.size(), prompt));
    }
    return new PromptIndex(List.of(new BenchmarkPrompts("b", all)));
  }

  private static String found(PromptIndex index, String text) {
    StringBuilder all = new StringBuilder();
    for (PromptIndex.Match match : index.find(text)) {
      all.append(
          "%s %s %s/%s;"
              .formatted(
                  match.entry().prompt().problem(),
                  match.exact(),
                  match.matched(),
                  match.entry().grams()));
    }
    return all.toString();
  }

  @Test
  void caseSpacesAndPunctuationMakeNoDifference() {
    PromptIndex index = index("x", LONG);
    String expected = "p1 true 7/7;";
    assertEquals(expected, found(index, LONG));
    assertEquals(expected, found(index, LONG.toUpperCase(java.util.Locale.ROOT)));
    assertEquals(expected, found(index, "  " + LONG.replaceAll("[.,]", "").replace(" ", "\n\t")));
    assertEquals(expected, found(index, LONG.replace(",", " -- ,;") + "!?"));
  }

  @Test
  void promptInsideOfATextIsFoundByItsNgrams() {
    PromptIndex index = index(LONG);
    assertEquals("p0 false 7/7;", found(index, "Solve this: " + LONG + " Think."));
    assertEquals(
        "p0 false 1/7;",
        found(index, "sold clips to 48 of her friends in April and then she sold"));
    assertEquals("", found(index, "sold clips to 48 of her friends in April and then she"));
  }

  @Test
  void shortPromptIsFoundOnlyWhereItIsTheWholeText() {
    PromptIndex index = index("Can you parallelize it?");
    assertEquals("p0 true 0/0;", found(index, "can you parallelize it"));
    assertEquals("", found(index, "Can you parallelize it, please?"));
    assertEquals("", found(index, " ?! "));
  }

  @Test
  void copiesOfAPromptAreAllFound() {
    assertEquals("p0 true 7/7;p1 true 7/7;", found(index(LONG, LONG + "?"), LONG));
  }

  /** Every answer is compared with a search for each n-gram as a text. */
  @Test
  void findsWhatANaiveSearchFinds() {
    Random random = new Random(3);
    String[] words = "a b c".split(" ");
    List<String> prompts = new ArrayList<>();
    for (int i = 0; i < 3000; i++) { // the table grows
      prompts.add(text(random, words, 13 + random.nextInt(4)));
    }
    PromptIndex index = index(prompts.toArray(String[]::new));
    int hits = 0;
    for (int i = 0; i < 200; i++) {
      String text = text(random, words, 40);
      List<String> expected = new ArrayList<>();
      for (int p = 0; p < prompts.size(); p++) {
        if (naive(prompts.get(p), text)) {
          expected.add("p" + p);
        }
      }
      List<String> found =
          index.find(text).stream().map(m -> m.entry().prompt().problem()).sorted().toList();
      assertEquals(expected.stream().sorted().toList(), found);
      hits += found.size();
    }
    assertTrue(hits > 0);
    assertFalse(hits > 10_000);
  }

  private static boolean naive(String prompt, String text) {
    String[] words = prompt.split(" ");
    for (int from = 0; from + 13 <= words.length; from++) {
      String gram = String.join(" ", Arrays.copyOfRange(words, from, from + 13));
      if ((" " + text + " ").contains(" " + gram + " ")) {
        return true;
      }
    }
    return false;
  }

  private static String text(Random random, String[] words, int count) {
    List<String> chosen = new ArrayList<>();
    for (int w = 0; w < count; w++) {
      chosen.add(words[random.nextInt(words.length)]);
    }
    return String.join(" ", chosen);
  }
}
