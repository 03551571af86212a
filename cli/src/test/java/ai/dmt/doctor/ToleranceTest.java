package ai.dmt.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.dmt.doctor.Finding.Verdict;
import org.junit.jupiter.api.Test;

class ToleranceTest {
  private static final float[] EXPECTED = {3, 4};

  @Test
  void errorsAreThoseOfTheDefinition() {
    Finding finding = Tolerance.absolute(1).compare("x", new float[] {3.5f, 4}, EXPECTED);
    assertEquals(0.5, finding.absoluteError(), 1e-12);
    assertEquals(0.1, finding.relativeError(), 1e-12); // 0.5 over 5
    assertEquals(Verdict.OK, finding.verdict());
    assertEquals("1e+00 absolute", finding.tolerance());
  }

  @Test
  void relativeToleranceReadsTheRelativeError() {
    float[] actual = {3.5f, 4};
    assertEquals(Verdict.OK, Tolerance.relative(0.11).compare("x", actual, EXPECTED).verdict());
    assertEquals(Verdict.FAIL, Tolerance.relative(0.09).compare("x", actual, EXPECTED).verdict());
    assertEquals(Verdict.FAIL, Tolerance.absolute(0.4).compare("x", actual, EXPECTED).verdict());
  }

  @Test
  void notANumberFails() {
    float[] actual = {Float.NaN, 4};
    assertEquals(Verdict.FAIL, Tolerance.absolute(1e9).compare("x", actual, EXPECTED).verdict());
    assertEquals(Verdict.FAIL, Tolerance.relative(1e9).compare("x", actual, EXPECTED).verdict());
    assertEquals(Verdict.FAIL, Tolerance.absolute(1).compare("x", 1, Double.NaN).verdict());
  }

  @Test
  void anotherSizeFails() {
    Finding finding = Tolerance.NONE.compare("x", new float[3], EXPECTED);
    assertEquals(Verdict.FAIL, finding.verdict());
    assertEquals("3 elements, expected 2", finding.tolerance());
  }

  @Test
  void zeroAgainstZeroIsNoError() {
    assertEquals(0, Tolerance.relative(0).compare("x", 0, 0).relativeError());
    assertEquals(Verdict.FAIL, Tolerance.relative(1).compare("x", 1, 0).verdict());
  }

  @Test
  void withoutToleranceThereIsNoVerdict() {
    assertEquals(Verdict.NONE, Tolerance.NONE.compare("x", 9, 1).verdict());
  }
}
