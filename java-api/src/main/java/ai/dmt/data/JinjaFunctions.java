package ai.dmt.data;

/** Functions that chat templates may call. Public, since the library calls it by reflection. */
public final class JinjaFunctions {
  private JinjaFunctions() {}

  /** How a template refuses a conversation. */
  public static Object raiseException(Object message) {
    throw new JinjaException.Refusal(String.valueOf(message));
  }
}
