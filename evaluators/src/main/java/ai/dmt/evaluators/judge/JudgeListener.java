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
   * @param wait until the next; zero after the last
   */
  default void onFailedTry(int tried, int maxTries, String reason, Duration wait) {}

  /** A file of the cache cannot be trusted; the judge is asked again. */
  default void onDamagedReply(Path file, String fault) {}

  /** A reply held the key that the judge was sent; it was masked before anything else was done. */
  default void onKeyInReply() {}

  /**
   * A judgement is done.
   *
   * @param done judgements of this run so far
   */
  default void onJudgment(Judgment judgment, int done, int total) {}
}
