package ai.dmt.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LengthsTest {
  private static Lengths.Summary of(IntStream lengths) {
    Lengths all = new Lengths();
    lengths.forEach(all::add);
    return all.summary();
  }

  @Test
  void percentilesAreLengthsThatOccur() {
    Lengths.Summary summary = of(IntStream.rangeClosed(1, 2000).map(i -> 2001 - i));
    assertEquals(1000, summary.p50());
    assertEquals(1800, summary.p90());
    assertEquals(1980, summary.p99());
    assertEquals(2000, summary.max());
    assertEquals(2001000, summary.sum());
    assertEquals(7, of(IntStream.of(7)).p50());
    assertEquals(0, of(IntStream.empty()).max());
  }

  @Test
  void binsDoubleInWidthAndCoverAll() {
    assertEquals(
        List.of(
            new Lengths.Bin(0, 31, 1),
            new Lengths.Bin(32, 63, 2),
            new Lengths.Bin(64, 127, 0),
            new Lengths.Bin(128, 255, 1)),
        of(IntStream.of(31, 32, 63, 128)).bins());
  }
}
