package ai.dmt.tokenizer;

/** Keeps DJL off the network: its libraries would download variants and report their use. */
final class DjlSettings {
  private DjlSettings() {}

  /** To be called before the first use of DJL; what the application has set stays. */
  static void goOffline() {
    setIfAbsent("ai.djl.offline", "true");
    setIfAbsent("OPT_OUT_TRACKING", "true");
  }

  private static void setIfAbsent(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
