package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class LiveLineTest {
  private static final String ERASE = "\r\u001b[J";

  private final StringWriter terminal = new StringWriter();
  private int columns = 20;
  private final LiveLine line = new LiveLine(terminal, () -> columns);
  private final PrintWriter out = new PrintWriter(line.above(terminal), true);

  private String drawn() {
    String text = terminal.toString();
    terminal.getBuffer().setLength(0);
    return text;
  }

  @Test
  void whatIsPrintedAppearsAboveTheLine() {
    out.println("before");
    assertEquals("before\n", drawn());
    line.show("step 1");
    assertEquals("step 1", drawn());
    out.println("warning");
    assertEquals(ERASE + "warning\nstep 1", drawn());
    line.end();
    assertEquals(ERASE, drawn());
    out.println("after");
    assertEquals("after\n", drawn());
  }

  @Test
  void aLineThatIsNotEndedIsNotOverwritten() {
    line.show("step 1");
    drawn();
    out.print("half");
    out.flush();
    assertEquals(ERASE + "half", drawn());
    line.show("step 2");
    assertEquals("", drawn());
    out.println(" whole");
    assertEquals(" whole\nstep 2", drawn());
  }

  @Test
  void itNeverFillsItsRow() {
    line.show("x".repeat(30));
    assertEquals("x".repeat(19), drawn());
    line.end();
    drawn();
    line.show("\u4f60\u597d".repeat(8)); // two columns each
    assertEquals("\u4f60\u597d".repeat(4) + "\u4f60", drawn());
  }

  @Test
  void charactersThatATerminalObeysAreEscaped() {
    line.show("a\u001b[2Jb\nc");
    String shown = drawn();
    assertEquals(-1, shown.indexOf('\u001b'), shown);
    assertEquals(-1, shown.indexOf('\n'), shown);
  }

  @Test
  void allRowsOfALineThatANarrowerWindowHasWrappedAreErased() throws IOException {
    line.show("x".repeat(19));
    drawn();
    columns = 8;
    out.println("warning");
    assertEquals("\u001b[A\u001b[A" + ERASE + "warning\nxxxxxxx", drawn());
  }

  @Test
  void aCommandLearnsThatItsOutputIsClosed() {
    PrintWriter good = new PrintWriter(line.above(new PrintWriter(terminal)));
    good.println("text");
    assertFalse(good.checkError());
    PrintWriter closed = new PrintWriter(line.above(new PrintWriter(new ClosedPipe())));
    closed.println("text");
    assertTrue(closed.checkError());
  }

  @Test
  @Timeout(10)
  void whoIsStuckWhilePrintingHoldsUpNobodyWhereNoLineIsShown() throws Exception {
    CountDownLatch stuck = new CountDownLatch(1);
    CountDownLatch read = new CountDownLatch(1);
    PrintWriter pipe = new PrintWriter(line.above(new FullPipe(stuck, read)), true);
    Thread printing = new Thread(() -> pipe.println("x"));
    printing.start();
    stuck.await();
    out.println("no line was shown: this passes");
    assertEquals("no line was shown: this passes\n", drawn());
    read.countDown();
    printing.join();
  }

  @Test
  @Timeout(10)
  void whoIsStuckBesideALineDoesNotKeepAProcessFromEnding() throws Exception {
    line.show("step 1");
    CountDownLatch stuck = new CountDownLatch(1);
    CountDownLatch read = new CountDownLatch(1);
    PrintWriter pipe = new PrintWriter(line.above(new FullPipe(stuck, read)), true);
    Thread printing = new Thread(() -> pipe.println("x"));
    printing.start();
    stuck.await();
    line.end();
    read.countDown();
    printing.join();
  }

  /** Its reader takes nothing for a while. */
  private static final class FullPipe extends StringWriter {
    private final CountDownLatch stuck;
    private final CountDownLatch read;

    FullPipe(CountDownLatch stuck, CountDownLatch read) {
      this.stuck = stuck;
      this.read = read;
    }

    @Override
    public void write(char[] text, int from, int count) {
      stuck.countDown();
      try {
        read.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static final class ClosedPipe extends Writer {
    @Override
    public void write(char[] text, int from, int count) throws IOException {
      throw new IOException("broken pipe");
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
