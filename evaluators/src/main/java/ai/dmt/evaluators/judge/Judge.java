package ai.dmt.evaluators.judge;

import ai.dmt.evaluators.mtbench.Match;

/** Gives its opinion on one turn of an answer. Several threads may ask at once. */
public interface Judge {
  /** {@return the judge's name in files of judgements} */
  String name();

  /**
   * Judges a match.
   *
   * @param match one turn of one answer
   * @param repeat from 0; each repeat is an opinion of its own
   * @return what the judge says, with or without a rating
   * @throws InterruptedException if the run is stopped
   * @throws RuntimeException if no match can be judged this way
   */
  Opinion judge(Match match, int repeat) throws InterruptedException;
}
