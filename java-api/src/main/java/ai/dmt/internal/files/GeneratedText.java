package ai.dmt.internal.files;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text that dmt writes and a person may take over: its last line has a checksum of what is above,
 * so that nothing that a person wrote or changed is ever replaced.
 */
public final class GeneratedText {
  private static final long MOST_BYTES = 16L << 20;

  private static final Pattern SEALED =
      Pattern.compile(
          "(?s)(.*\n)<!-- dmt wrote the text above, sha256 ([0-9a-f]{64}); [^\n]*-->\n");

  private GeneratedText() {}

  /**
   * {@return a text with its checksum in a comment below}
   *
   * @param text in Markdown, ends with a line break
   */
  public static String seal(String text) {
    return text
        + "<!-- dmt wrote the text above, sha256 %s; it writes it anew until somebody changes it -->\n"
            .formatted(sum(text));
  }

  /**
   * {@return whether a file may be written: it is not there, or is as dmt wrote it}
   *
   * @param file whose content was sealed, or not
   * @throws IOException if it cannot be read
   */
  public static boolean mayReplace(Path file) throws IOException {
    if (!Files.exists(file)) {
      return true;
    }
    if (!Files.isRegularFile(file) || Files.size(file) > MOST_BYTES) {
      return false;
    }
    String all = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    Matcher sealed = SEALED.matcher(all);
    return sealed.matches() && sum(sealed.group(1)).equals(sealed.group(2));
  }

  private static String sum(String text) {
    return Sha256.of(text.getBytes(StandardCharsets.UTF_8));
  }
}
