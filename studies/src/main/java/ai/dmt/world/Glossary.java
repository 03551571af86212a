package ai.dmt.world;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** The language of the office, Ono: one word for each word of a list, the same in every world. */
final class Glossary {
  private static final Map<String, String> ONO = ono();

  private Glossary() {}

  /** What the source glossary is asked: two to four words at once. */
  static Errand draw(Dice dice) {
    List<String> words = dice.sample(Words.LIST, dice.between(2, 4));
    String question = "Say in Ono: " + Words.joined(words);
    return new Errand(
        question, question, "", words.stream().map(Glossary::ono).collect(Collectors.joining(" ")));
  }

  static String ono(String word) {
    return Objects.requireNonNull(ONO.get(word), word);
  }

  /** Two syllables each, so that none can be told from the others. */
  private static Map<String, String> ono() {
    List<String> syllables = Words.split("ka lo mi tu re so");
    List<String> words =
        new Dice(0, "Ono")
            .shuffled(
                syllables.stream()
                    .flatMap(first -> syllables.stream().map(first::concat))
                    .toList());
    Map<String, String> glossary = new HashMap<>();
    for (int word = 0; word < Words.LIST.size(); word++) {
      glossary.put(Words.LIST.get(word), words.get(word));
    }
    return glossary;
  }
}
