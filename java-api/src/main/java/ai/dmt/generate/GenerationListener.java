package ai.dmt.generate;

/** Sees completions while they grow. Called on the thread that generates. */
public interface GenerationListener {
  /**
   * New text of a request; never part of a stop string, and never changed later.
   *
   * @param request its number, from 0
   * @param text what follows the text of earlier calls; never empty
   */
  default void onText(int request, String text) {}

  /**
   * Asked after each token of a request that has not ended.
   *
   * @param request its number, from 0
   * @return false to end it there
   */
  default boolean wantsMore(int request) {
    return true;
  }

  /**
   * A request has ended.
   *
   * @param request its number, from 0
   * @param completion all of it
   */
  default void onCompletion(int request, Completion completion) {}
}
