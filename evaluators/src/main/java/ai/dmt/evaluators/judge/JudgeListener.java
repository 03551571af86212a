package ai.dmt.evaluators.judge;

import ai.dmt.evaluators.mtbench.Judgment;
import java.nio.file.Path;
import java.time.Duration;

/** Hears what happens while answers are judged, from several threads. */
public interface JudgeListener {
  /** Hears nothing. */
  JudgeListener NONE = new JudgeListener() {};

  /**
   * A try failed.
   *
   * @param tried tries so far
   * @param maxTries of one request, the first included
   * @param reason why it failed, for people
   * @param wait until the next; zero after the last
   */
  default void onFailedTry(int tried, int maxTries, String reason, Duration wait) {}

  /**
   * Hears that a file of the cache cannot be trusted; the judge is asked again.
   *
   * @param file of one reply
   * @param fault what is wrong with it
   */
  default void onDamagedReply(Path file, String fault) {}

  /** A reply held the key that the judge was sent; it was masked before anything else was done. */
  default void onKeyInReply() {}

  /**
   * A judgement is done.
   *
   * @param judgment with or without a rating
   * @param done judgements of this run so far
   * @param total judgements that were asked for
   */
  default void onJudgment(Judgment judgment, int done, int total) {}
}
