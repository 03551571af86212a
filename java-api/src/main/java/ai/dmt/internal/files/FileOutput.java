package ai.dmt.internal.files;

import java.io.BufferedWriter;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;

/**
 * Files whose failures name them. What the JDK throws when a file is open already are the system's
 * words alone, such as "No space left on device".
 */
public final class FileOutput {
  private FileOutput() {}

  /**
   * As {@link #write(Path, byte[], OpenOption...)}, in UTF-8.
   *
   * @param file to write
   * @param text all that it will hold
   * @param options as {@link Files#write} takes them
   * @throws IOException naming the file, if it cannot be written
   */
  public static void write(Path file, String text, OpenOption... options) throws IOException {
    try {
      Files.writeString(file, text, options);
    } catch (IOException e) {
      throw named(file, e);
    }
  }

  /**
   * Writes a file, which is there in part if that fails; see {@link WholeFile}.
   *
   * @param file to write
   * @param content all that it will hold
   * @param options as {@link Files#write} takes them
   * @throws IOException naming the file, if it cannot be written
   */
  public static void write(Path file, byte[] content, OpenOption... options) throws IOException {
    try {
      Files.write(file, content, options);
    } catch (IOException e) {
      throw named(file, e);
    }
  }

  /**
   * {@return text to a file, in UTF-8}
   *
   * @param file to write
   * @param options as {@link Files#newOutputStream} takes them
   * @throws IOException naming the file, if it cannot be written; so do the writer's
   */
  public static BufferedWriter writer(Path file, OpenOption... options) throws IOException {
    // An encoder reports what a character set would replace by question marks.
    CharsetEncoder encoder = StandardCharsets.UTF_8.newEncoder();
    return new BufferedWriter(new OutputStreamWriter(stream(file, options), encoder));
  }

  /**
   * {@return bytes to a file, which are not buffered}
   *
   * @param file to write
   * @param options as {@link Files#newOutputStream} takes them
   * @throws IOException naming the file, if it cannot be written; so do the stream's
   */
  public static OutputStream stream(Path file, OpenOption... options) throws IOException {
    return new Named(file, Files.newOutputStream(file, options));
  }

  /** Those that the JDK knows the file of stay as they are: they have types of their own. */
  private static IOException named(Path file, IOException e) {
    return e.getClass() == IOException.class ? new UnwrittenFileException(file, e) : e;
  }

  private static final class Named extends FilterOutputStream {
    private final Path file;

    Named(Path file, OutputStream out) {
      super(out);
      this.file = file;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b});
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        out.write(bytes, offset, length);
      } catch (IOException e) {
        throw named(file, e);
      }
    }

    @Override
    public void close() throws IOException {
      try {
        out.close();
      } catch (IOException e) {
        throw named(file, e);
      }
    }
  }
}
