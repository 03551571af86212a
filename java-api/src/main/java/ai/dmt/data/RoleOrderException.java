package ai.dmt.data;

/** Roles of a conversation that do not alternate. */
final class RoleOrderException extends DataException {
  private static final long serialVersionUID = 1L;

  RoleOrderException(Origin origin, String message) {
    super(origin, message);
  }
}
