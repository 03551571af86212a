package ai.dmt.launch;

import ai.dmt.internal.files.FileOutput;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Copies what a rank prints to its log, each line with the rank's name before it. */
final class RankLog {
  private RankLog() {}

  /**
   * Begins to copy.
   *
   * @param printed read to its end, whatever happens: a rank must not wait for room to print
   * @param log is appended to
   * @param prefix of each line
   * @return ends with the stream
   */
  static Thread copy(InputStream printed, Path log, String prefix) throws IOException {
    Writer writer = FileOutput.writer(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    Thread thread = new Thread(() -> run(printed, writer, prefix), "log of " + prefix);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static void run(InputStream printed, Writer writer, String prefix) {
    boolean writes = true;
    // A decoder that replaces what is no UTF-8: native libraries print what they like.
    try (writer;
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(printed, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        writes = writes && write(writer, prefix + line + "\n");
      }
    } catch (IOException e) {
      return; // the rank is gone
    }
  }

  /** Whether it could be written; the disk may be full. */
  private static boolean write(Writer writer, String line) {
    try {
      writer.write(line);
      writer.flush();
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
