package ai.dmt.cli;

import ai.dmt.internal.text.Printable;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.Writer;

/** Passes text on without the characters that a terminal would obey, wherever they came from. */
final class PrintableWriter extends FilterWriter {
  PrintableWriter(Writer out) {
    super(out);
  }

  @Override
  public void write(int c) throws IOException {
    out.write(Printable.text(String.valueOf((char) c)));
  }

  @Override
  public void write(char[] text, int from, int count) throws IOException {
    out.write(Printable.text(new String(text, from, count)));
  }

  @Override
  public void write(String text, int from, int count) throws IOException {
    out.write(Printable.text(text.substring(from, from + count)));
  }
}
