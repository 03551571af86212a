package ai.dmt.scaling;

import java.util.List;
import org.hipparchus.optim.MaxEval;
import org.hipparchus.optim.nonlinear.scalar.GoalType;
import org.hipparchus.optim.univariate.BrentOptimizer;
import org.hipparchus.optim.univariate.SearchInterval;
import org.hipparchus.optim.univariate.UnivariateObjectiveFunction;

/** A law for a value y of an amount of data n. */
public enum ScalingLaw {
  /** y = c: the amount does not matter. */
  CONSTANT("constant", 1) {
    @Override
    Fit fit(List<Observation> data) {
      double mean = data.stream().mapToDouble(Observation::value).average().orElseThrow();
      return new Fit(this, mean, 0, 0);
    }
  },
  /** y = a n^b. */
  POWER("power law", 2) {
    @Override
    Fit fit(List<Observation> data) {
      return best(data, -MOST_EXPONENT, MOST_EXPONENT, b -> withoutPlateau(data, b));
    }
  },
  /** y = c + a n^b with b below 0: a power law that levels off at c. */
  PLATEAU("power law with a plateau", 3) {
    @Override
    Fit fit(List<Observation> data) {
      return best(data, -MOST_EXPONENT, -LEAST_EXPONENT, b -> withPlateau(data, b));
    }
  };

  private static final double MOST_EXPONENT = 3;
  private static final double LEAST_EXPONENT = 0.02; // below it a plateau is far beyond the data
  private static final int GRID = 60;
  private static final double TOLERANCE = 1e-9;
  private static final int MOST_EVALUATIONS = 500;

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

  /** The law for a given exponent is linear in the rest. */
  private interface GivenExponent {
    Fit fit(double exponent);
  }

  /** The exponent of the least squares: the best of a grid, then Brent's method around it. */
  private static Fit best(List<Observation> data, double low, double high, GivenExponent law) {
    double step = (high - low) / GRID;
    double start = low;
    double least = Double.MAX_VALUE;
    for (int i = 0; i <= GRID; i++) {
      double exponent = low + i * step;
      double squares = law.fit(exponent).squares(data);
      if (squares < least) {
        least = squares;
        start = exponent;
      }
    }
    double found =
        new BrentOptimizer(TOLERANCE, TOLERANCE)
            .optimize(
                new MaxEval(MOST_EVALUATIONS),
                new UnivariateObjectiveFunction(b -> law.fit(b).squares(data)),
                GoalType.MINIMIZE,
                new SearchInterval(
                    Math.max(low, start - step), Math.min(high, start + step), start))
            .getPoint();
    return law.fit(found);
  }

  private static Fit withoutPlateau(List<Observation> data, double exponent) {
    double products = 0;
    double squares = 0;
    for (Observation one : data) {
      double x = Math.pow(one.amount(), exponent);
      products += x * one.value();
      squares += x * x;
    }
    return new Fit(POWER, 0, products / squares, exponent);
  }

  private static Fit withPlateau(List<Observation> data, double exponent) {
    double meanX = 0;
    double meanY = 0;
    for (Observation one : data) {
      meanX += Math.pow(one.amount(), exponent) / data.size();
      meanY += one.value() / data.size();
    }
    double products = 0;
    double squares = 0;
    for (Observation one : data) {
      double x = Math.pow(one.amount(), exponent) - meanX;
      products += x * (one.value() - meanY);
      squares += x * x;
    }
    double factor = products / squares;
    return new Fit(PLATEAU, meanY - factor * meanX, factor, exponent);
  }
}
