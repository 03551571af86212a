package ai.dmt.doctor;

import ai.dmt.internal.text.Units;

/**
 * How large an error may be.
 *
 * @param limit of the error; NaN where there is no verdict
 * @param relative whether the relative error counts, else the absolute one
 */
record Tolerance(double limit, boolean relative) {
  static final Tolerance NONE = new Tolerance(Double.NaN, false);

  static Tolerance absolute(double limit) {
    return new Tolerance(limit, false);
  }

  static Tolerance relative(double limit) {
    return new Tolerance(limit, true);
  }

  Finding compare(String quantity, double actual, double expected) {
    return compare(quantity, new double[] {actual}, new double[] {expected});
  }

  Finding compare(String quantity, float[] actual, float[] expected) {
    double[] wideActual = new double[actual.length];
    double[] wideExpected = new double[expected.length];
    for (int i = 0; i < actual.length; i++) {
      wideActual[i] = actual[i];
    }
    for (int i = 0; i < expected.length; i++) {
      wideExpected[i] = expected[i];
    }
    return compare(quantity, wideActual, wideExpected);
  }

  private Finding compare(String quantity, double[] actual, double[] expected) {
    if (actual.length != expected.length) {
      String sizes = "%s elements, expected %s".formatted(actual.length, expected.length);
      return new Finding(quantity, Double.NaN, Double.NaN, sizes, Finding.Verdict.FAIL);
    }
    double largest = 0;
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < actual.length; i++) {
      double error = Math.abs(actual[i] - expected[i]);
      largest = Math.max(largest, error); // NaN stays NaN
      difference += error * error;
      norm += expected[i] * expected[i];
    }
    double ratio = difference == 0 ? 0 : Math.sqrt(difference) / Math.sqrt(norm);
    return new Finding(quantity, largest, ratio, text(), verdict(relative ? ratio : largest));
  }

  private Finding.Verdict verdict(double error) {
    if (Double.isNaN(limit)) {
      return Finding.Verdict.NONE;
    }
    return error <= limit ? Finding.Verdict.OK : Finding.Verdict.FAIL; // NaN fails
  }

  private String text() {
    return Double.isNaN(limit)
        ? "-"
        : Units.format("%.0e %s", limit, relative ? "relative" : "absolute");
  }
}
