package ai.dmt.internal.jinja;

/**
 * Text that is marked as HTML. Python gives it operators of its own, which escape what is added;
 * only those that chat templates could need are here, and all others are refused.
 */
record Markup(String text) {
  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace(">", "&gt;")
        .replace("<", "&lt;")
        .replace("'", "&#39;")
        .replace("\"", "&#34;");
  }

  static JinjaException refusal() {
    return JinjaException.refused("this use of a text marked as HTML is not supported");
  }
}
