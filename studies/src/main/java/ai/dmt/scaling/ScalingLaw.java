package ai.dmt.scaling;

import java.util.List;

/** A law for a value y above 0 of an amount of data n, fitted to logarithms by least squares. */
public enum ScalingLaw {
  /** y = c: the amount does not matter. */
  CONSTANT("constant", 1) {
    @Override
    Fit fit(List<Observation> data) {
      return new Fit(this, Math.exp(meanLog(data)), 0, 0, false);
    }
  },
  /** y = a n^b. */
  POWER("power law", 2) {
    @Override
    Fit fit(List<Observation> data) {
      double meanX = 0;
      for (Observation one : data) {
        meanX += Math.log(one.amount()) / data.size();
      }
      double meanY = meanLog(data);
      double products = 0;
      double squares = 0;
      for (Observation one : data) {
        double x = Math.log(one.amount()) - meanX;
        products += x * (Math.log(one.value()) - meanY);
        squares += x * x;
      }
      double exponent = products / squares;
      return new Fit(this, 0, Math.exp(meanY - exponent * meanX), exponent, false);
    }
  },
  /** y = c + a n^b with b below 0 and c above: a power law that levels off at c. */
  PLATEAU("power law with a plateau", 3) {
    @Override
    Fit fit(List<Observation> data) {
      return PlateauSearch.of(data);
    }
  };

  private final String text;
  private final int parameters;

  ScalingLaw(String text, int parameters) {
    this.text = text;
    this.parameters = parameters;
  }

  /** {@return the law's name for people} */
  public String text() {
    return text;
  }

  /** Numbers that are fitted, without the error's variance. */
  int parameters() {
    return parameters;
  }

  abstract Fit fit(List<Observation> data);

  static double meanLog(List<Observation> data) {
    return data.stream().mapToDouble(one -> Math.log(one.value())).average().orElseThrow();
  }
}
