package ai.dmt.cli;

import ai.dmt.internal.text.Units;
import java.io.PrintWriter;
import java.time.Duration;

/** How far a long count is: a line for each tenth. */
final class CountLines {
  private static final long STEPS = 10;

  private final PrintWriter out;
  private final String unit;
  private final int total;
  private final long start = System.nanoTime();
  private long shown;

  CountLines(PrintWriter out, String unit, int total) {
    this.out = out;
    this.unit = unit;
    this.total = total;
  }

  void show(int done) {
    long tenths = done * STEPS / total;
    if (tenths > shown) {
      shown = tenths;
      Duration passed = Duration.ofNanos(System.nanoTime() - start);
      out.printf("%s/%s %s, %s%n", done, total, unit, Units.time(passed));
      out.flush();
    }
  }
}
