package ai.dmt.evaluators.judge;

import ai.dmt.evaluators.mtbench.Judgment;
import ai.dmt.evaluators.mtbench.Match;
import ai.dmt.evaluators.mtbench.Rating;

/**
 * What a judge said.
 *
 * @param prompt name of the prompt it was asked with
 * @param userPrompt what it was shown
 * @param text with a rating in it; {@link Judgment#NO_REPLY} if there was no reply
 * @param timestamp seconds since 1970, of the reply
 * @param fromCache whether it was said in an earlier run, or to an equal question of this one
 */
public record Opinion(
    String prompt, String userPrompt, String text, double timestamp, boolean fromCache) {
  /**
   * {@return the opinion as a line of a file of judgements}
   *
   * @param judge its name
   * @param match that was judged
   */
  public Judgment judgment(String judge, Match match) {
    return new Judgment(
        match.question().id(),
        match.answer().modelId(),
        judge,
        prompt,
        userPrompt,
        text,
        Rating.parse(text),
        match.turn(),
        timestamp);
  }
}
