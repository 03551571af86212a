package ai.dmt.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.Optional;

/** Messages that somebody types: mostly a line each. */
final class ChatInput {
  private static final String BLOCK = "\"\"\"";

  private final BufferedReader lines;
  private final Runnable more; // before a line that goes on with a message

  /** A message. @param literal whether it is no command, whatever it begins with */
  record Message(String text, boolean literal) {}

  ChatInput(BufferedReader lines, Runnable more) {
    this.lines = lines;
    this.more = more;
  }

  /** The next message; empty at the end of the input. */
  Optional<Message> next() throws IOException {
    String line = lines.readLine();
    if (line == null) {
      return Optional.empty();
    }
    if (line.startsWith(BLOCK)) {
      return Optional.of(new Message(block(line.substring(BLOCK.length())), true));
    }
    StringBuilder text = new StringBuilder();
    while (line != null && line.endsWith("\\")) {
      text.append(line, 0, line.length() - 1).append('\n');
      more.run();
      line = lines.readLine();
    }
    text.append(line == null ? "" : line);
    return Optional.of(new Message(text.toString(), false));
  }

  /** What stands before the closing quotes. @param first rest of the line with the opening ones */
  private String block(String first) throws IOException {
    StringBuilder text = new StringBuilder();
    String line = first;
    while (line != null && !line.endsWith(BLOCK)) {
      text.append(line).append('\n');
      more.run();
      line = lines.readLine();
    }
    if (line != null) {
      text.append(line, 0, line.length() - BLOCK.length());
    }
    String whole = text.toString();
    // The line ends beside the quotes belong to them.
    return whole.replaceFirst("\\A\n", "").replaceFirst("\n\\z", "");
  }
}
