package ai.dmt.data;

import java.util.List;

/**
 * Turns that alternate between user and assistant, user first; a system turn may stand before them.
 * A single turn of the assistant stands for a text that answers nothing.
 *
 * @param id the record's own id, or its place in the file
 * @param origin where it was read
 * @param turns at least one that is not the system's
 * @param tags what the record is about, where it says so
 */
public record Conversation(String id, Origin origin, List<Turn> turns, List<String> tags) {
  /**
   * Checks the order of roles.
   *
   * @param id see {@link #id()}
   * @param origin see {@link #origin()}
   * @param turns see {@link #turns()}
   * @param tags see {@link #tags()}
   * @throws DataException if it is not user, assistant, user, ... after an optional system turn
   */
  public Conversation {
    turns = List.copyOf(turns);
    tags = List.copyOf(tags);
    checkRoles(turns, origin);
  }

  /**
   * Makes a conversation without tags.
   *
   * @param id see {@link #id()}
   * @param origin see {@link #origin()}
   * @param turns see {@link #turns()}
   * @throws DataException as the other constructor
   */
  public Conversation(String id, Origin origin, List<Turn> turns) {
    this(id, origin, turns, List.of());
  }

  /**
   * {@return a conversation that came from no file, without id and tags}
   *
   * @param turns see {@link #turns()}
   * @throws DataException if roles are not in order
   */
  public static Conversation of(Turn... turns) {
    return new Conversation("", Origin.UNKNOWN, List.of(turns));
  }

  /** {@return whether the last turn is the assistant's, as training needs it} */
  public boolean answered() {
    return turns.get(turns.size() - 1).role() == Role.ASSISTANT;
  }

  /** {@return whether it is one text that answers nothing} */
  public boolean isPlainText() {
    return turns.size() == 1 && answered();
  }

  /** {@return the system turn's text; empty if there is none} */
  public String system() {
    return turns.get(0).role() == Role.SYSTEM ? turns.get(0).text() : "";
  }

  /** {@return the turns without the system's, at least one} */
  public List<Turn> dialogue() {
    return turns.get(0).role() == Role.SYSTEM ? turns.subList(1, turns.size()) : turns;
  }

  private static void checkRoles(List<Turn> turns, Origin origin) {
    int first = !turns.isEmpty() && turns.get(0).role() == Role.SYSTEM ? 1 : 0;
    if (turns.size() == first) {
      throw new DataException(origin, "conversation has no turn of the user");
    }
    if (turns.size() == 1 && turns.get(0).role() == Role.ASSISTANT) {
      return;
    }
    for (int t = first; t < turns.size(); t++) {
      Role expected = (t - first) % 2 == 0 ? Role.USER : Role.ASSISTANT;
      if (turns.get(t).role() != expected) {
        throw new RoleOrderException(
            origin,
            "turn %s is of role %s, expected %s: user and assistant must alternate, user first"
                .formatted(t + 1, turns.get(t).role(), expected));
      }
    }
  }
}
