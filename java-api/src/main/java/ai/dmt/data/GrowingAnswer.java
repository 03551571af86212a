package ai.dmt.data;

/**
 * An answer while it grows: what {@link ChatTemplate#answer} makes of a continuation that comes in
 * pieces. Text that was given out never changes.
 *
 * @since 0.1
 */
public final class GrowingAnswer {
  private final ChatTemplate template;
  private final StringBuilder continuation = new StringBuilder();
  private int given;

  /**
   * Starts with nothing said.
   *
   * @param template that the prompt was written with
   */
  public GrowingAnswer(ChatTemplate template) {
    this.template = template;
  }

  /**
   * {@return what a piece adds to the answer; empty where it is, or may be, between prompt and
   * answer or behind the answer}
   *
   * @param piece what follows the pieces before
   */
  public String add(String piece) {
    continuation.append(piece);
    String answer = text();
    String fresh = answer.substring(given);
    given = answer.length();
    return fresh;
  }

  /** {@return the answer so far} */
  public String text() {
    return template.answer(continuation.toString());
  }
}
