package ai.dmt.study;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.NearestName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What a study asks (arXiv 2310.05492, sections 3.2 to 4.3). */
public enum StudyQuestion {
  /** Strategies, and each source alone: the main table. */
  STRATEGIES("RQ4"),
  /** Each source alone, at each amount. */
  AMOUNT("RQ1"),
  /** All sources together, the same share of each. */
  MIXED("RQ2"),
  /** Specialized against general data in three set-ups. */
  RATIO("RQ3"),
  /** DMT with different shares k of replayed data. */
  DMT_K("RQ4"),
  /** Models of several sizes: each source alone, mixtures, mixed-sequential and DMT. */
  SIZE("RQ1, RQ2, RQ4"),
  /** Controls: an arm of less data with the steps, or the tokens, of the arm that it is beside. */
  MATCHED("RQ2, RQ4"),
  /** All sources together, the same number of samples of each, beside the same share. */
  EQUAL_AMOUNT("App. H"),
  /** All sources together, the general ones without code and mathematics. */
  FILTERED("RQ2"),
  /** Each amount of specialized data with each of general data; not part of "all". */
  GRID("beyond RQ3"),
  /** Adapters of several ranks beside all weights; not part of "all". */
  LORA("beyond RQ1, RQ2, RQ4"),
  /** Strategies of the user's own. */
  MIXTURE("beyond RQ3");

  private final String paper;

  StudyQuestion(String paper) {
    this.paper = paper;
  }

  /**
   * {@return the number of the paper's research question, such as "RQ1", or what it goes beyond}
   */
  public String paper() {
    return paper;
  }

  /** {@return the question's name on the command line, such as "dmt-k"} */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** {@return the names of all questions on the command line} */
  public static List<String> words() {
    return Arrays.stream(values()).map(StudyQuestion::word).toList();
  }

  /**
   * Reads a name, or "all". What a study means by it says {@link StudyDefinition#asked}.
   *
   * @param word a name on the command line, or "all"
   * @return one question, or all of the paper's
   * @throws ConfigException if there is no such question
   */
  public static List<StudyQuestion> parse(String word) {
    if (word.equals("all")) {
      return Arrays.stream(values())
          .filter(question -> question != GRID && question != LORA)
          .toList();
    }
    List<String> known = new ArrayList<>(words());
    known.add("all");
    return Arrays.stream(values())
        .filter(question -> question.word().equals(word))
        .findFirst()
        .map(List::of)
        .orElseThrow(
            () ->
                new ConfigException(
                    "there is no question \"%s\"; did you mean %s? There are %s"
                        .formatted(
                            word,
                            NearestName.of(word, known).orElse("all"),
                            String.join(", ", known))));
  }
}
