package ai.dmt.data;

import java.util.List;

/**
 * Turns that alternate between user and assistant, user first; a system turn may stand before them.
 *
 * @param id the record's own id, or its place in the file
 * @param origin where it was read
 * @param turns at least one of the user
 */
public record Conversation(String id, Origin origin, List<Turn> turns) {
  /**
   * Checks the order of roles.
   *
   * @throws DataException if it is not user, assistant, user, ... after an optional system turn
   */
  public Conversation {
    turns = List.copyOf(turns);
    int first = !turns.isEmpty() && turns.get(0).role() == Role.SYSTEM ? 1 : 0;
    if (turns.size() == first) {
      throw new DataException(origin, "conversation has no turn of the user");
    }
    for (int t = first; t < turns.size(); t++) {
      Role expected = (t - first) % 2 == 0 ? Role.USER : Role.ASSISTANT;
      if (turns.get(t).role() != expected) {
        throw new DataException(
            origin,
            "turn %d is of role %s, expected %s: user and assistant must alternate, user first"
                .formatted(t + 1, turns.get(t).role(), expected));
      }
    }
  }

  /** A conversation that came from no file. */
  public static Conversation of(Turn... turns) {
    return new Conversation("", Origin.UNKNOWN, List.of(turns));
  }

  /** Whether the last turn is the assistant's, as training needs it. */
  public boolean answered() {
    return turns.get(turns.size() - 1).role() == Role.ASSISTANT;
  }
}
