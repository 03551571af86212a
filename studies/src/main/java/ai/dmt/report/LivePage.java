package ai.dmt.report;

import java.util.List;

/**
 * What a page that changes while it is open shows at one moment.
 *
 * @param report title, and sections, each either of figures alone or without figures
 * @param status where the thing that is watched is
 * @param notices what a reader must know, the most urgent first
 * @param links to other pages
 */
public record LivePage(Report report, Status status, List<Notice> notices, List<Link> links) {
  /** How a state looks. */
  public enum Tone {
    /** Nothing is going on. */
    QUIET,
    /** All is well. */
    GOOD,
    /** Somebody should look. */
    WARNING,
    /** Something has failed. */
    BAD;

    /** {@return the name of a class of the page's style} */
    public String css() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /**
   * Where the thing that is watched is.
   *
   * @param state one word or two
   * @param tone how it looks
   * @param sentence what is to be said of the state
   * @param done share that is done, in [0, 1]; NaN where nobody knows
   * @param facts in the order of their weight
   */
  public record Status(String state, Tone tone, String sentence, double done, List<Fact> facts) {
    /**
     * Copies the list.
     *
     * @param state one word or two
     * @param tone how it looks
     * @param sentence what is to be said of the state
     * @param done share that is done, in [0, 1]; NaN where nobody knows
     * @param facts in the order of their weight
     */
    public Status {
      facts = List.copyOf(facts);
    }

    /** {@return the share that is done in percent; -1 where nobody knows; for the template} */
    public long percent() {
      return Double.isNaN(done) ? -1 : (long) Math.floor(100 * Math.max(0, Math.min(1, done)));
    }
  }

  /**
   * A value with its name.
   *
   * @param name what it is
   * @param value as it is read
   */
  public record Fact(String name, String value) {}

  /**
   * Something that a reader must know.
   *
   * @param tone how it looks
   * @param title what is the matter
   * @param text what is known of it, and what can be done
   */
  public record Notice(Tone tone, String title, String text) {}

  /**
   * A link to another page of the same server.
   *
   * @param text of the link
   * @param to path, relative to this page
   */
  public record Link(String text, String to) {}

  /**
   * Copies the lists.
   *
   * @param report title, and sections, each either of figures alone or without figures
   * @param status where the thing that is watched is
   * @param notices what a reader must know, the most urgent first
   * @param links to other pages
   */
  public LivePage {
    notices = List.copyOf(notices);
    links = List.copyOf(links);
  }
}
