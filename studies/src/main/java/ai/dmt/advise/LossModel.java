package ai.dmt.advise;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import org.hipparchus.analysis.differentiation.Gradient;
import org.hipparchus.exception.MathRuntimeException;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.CholeskyDecomposition;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;
import org.hipparchus.optim.InitialGuess;
import org.hipparchus.optim.MaxEval;
import org.hipparchus.optim.SimpleBounds;
import org.hipparchus.optim.nonlinear.scalar.GoalType;
import org.hipparchus.optim.nonlinear.scalar.ObjectiveFunction;
import org.hipparchus.optim.nonlinear.scalar.noderiv.BOBYQAOptimizer;
import org.hipparchus.optim.nonlinear.vector.leastsquares.LeastSquaresBuilder;
import org.hipparchus.optim.nonlinear.vector.leastsquares.LeastSquaresProblem;
import org.hipparchus.optim.nonlinear.vector.leastsquares.LevenbergMarquardtOptimizer;
import org.hipparchus.util.Pair;

/**
 * What some runs tell of one source's held-out loss: its law, and how far mixtures lie off it.
 *
 * <p>[Note: loss model] The law is fitted with its priors (the most probable parameters), and made
 * linear there, so that what is not known of them is a Gaussian process over mixtures like the two
 * other parts: what the law does not say, which is alike for mixtures that are near each other (a
 * squared exponential kernel with a length for each source and stage), and noise of runs. The
 * process gives a mean and a deviation for every mixture in closed form (Rasmussen and Williams,
 * Gaussian Processes for Machine Learning, section 2.7). Lengths, size and noise are the most
 * probable ones under the runs.
 */
final class LossModel {
  private static final double[] STARTS = {-2, 0, 1.6}; // of the widest parameter, around its prior
  private static final double LENGTH = Math.log(1.0); // of mixtures that are alike, in logarithms
  private static final double LENGTH_SPREAD = 0.5;
  private static final double SIZE = Math.log(0.25); // of what the law does not say
  private static final double SIZE_SPREAD = 0.4;
  private static final double NOISE = Math.log(0.04); // of two seeds of one mixture
  private static final double NOISE_SPREAD = 0.5;
  private static final int ROUNDS = 2;

  private final LossLaw law;
  private final List<MeasuredRun> runs;
  private final double[] shape; // logarithms of lengths, size and noise
  private final double[] parameters;
  private final RealMatrix slopes; // of the law at each run
  private final double[][] places;
  private final RealMatrix inverse;
  private final RealVector weights;

  private LossModel(
      LossLaw law, List<MeasuredRun> runs, double[] shape, double[] start, boolean free) {
    this.law = law;
    this.runs = List.copyOf(runs);
    this.places = runs.stream().map(run -> law.space().place(run.plan())).toArray(double[][]::new);
    double[] found = shape.clone();
    double[] best = start.clone();
    RealMatrix slopesThere = MatrixUtils.createRealMatrix(runs.size(), law.prior().length);
    RealVector left = new ArrayRealVector(runs.size());
    for (int round = 0; round < (free ? ROUNDS : 1); round++) {
      best = probable(best, found, free);
      left = residuals(best, slopesThere);
      if (free) {
        found = probableShape(found, covarianceOfLaw(slopesThere), left);
      }
    }
    this.shape = found;
    this.parameters = best;
    this.slopes = slopesThere;
    RealMatrix covariance = covariance(found, covarianceOfLaw(slopesThere));
    this.inverse = new CholeskyDecomposition(covariance).getSolver().getInverse();
    this.weights = inverse.operate(left);
  }

  /** Fits everything. */
  static LossModel of(LossLaw law, List<MeasuredRun> runs) {
    double[] shape = new double[law.space().place(runs.get(0).plan()).length + 2];
    Arrays.fill(shape, LENGTH);
    shape[shape.length - 2] = SIZE;
    shape[shape.length - 1] = NOISE;
    return new LossModel(law, runs, shape, law.prior(), true);
  }

  /** The same without one of its runs; what says how alike mixtures are stays. */
  LossModel without(int run) {
    List<MeasuredRun> others = new ArrayList<>(runs);
    others.remove(run);
    return new LossModel(law, others, shape, parameters, false);
  }

  LossLaw law() {
    return law;
  }

  double[] parameters() {
    return parameters.clone();
  }

  /**
   * Mean and standard deviation.
   *
   * @param mean logarithm of the loss
   * @param deviation of a run's, with the noise of runs
   */
  record Forecast(double mean, double deviation) {}

  /** What a run of a mixture would give. */
  Forecast forecast(MixturePlan plan) {
    Gradient here = law.logLoss(parameters, plan);
    double[] slope = here.getGradient();
    double[] place = law.space().place(plan);
    double[] spread = law.spread();
    double[] prior = law.prior();
    double mean = here.getValue();
    double variance = Math.exp(2 * shape[shape.length - 2]) + Math.exp(2 * shape[shape.length - 1]);
    double[] scaled = new double[slope.length];
    for (int p = 0; p < slope.length; p++) {
      mean += slope[p] * (prior[p] - parameters[p]);
      scaled[p] = slope[p] * spread[p] * spread[p];
      variance += slope[p] * scaled[p];
    }
    double[] alike = slopes.operate(scaled);
    for (int run = 0; run < alike.length; run++) {
      alike[run] += kernel(shape, place, places[run]);
    }
    RealVector near = new ArrayRealVector(alike, false);
    mean += near.dotProduct(weights);
    variance -= near.dotProduct(inverse.operate(near));
    double noise = Math.exp(2 * shape[shape.length - 1]);
    return new Forecast(mean, Math.sqrt(Math.max(variance, noise)));
  }

  /** The law's parameters, from several starts where they are looked for anew. */
  private double[] probable(double[] start, double[] shapeNow, boolean free) {
    double error =
        Math.hypot(
            Math.exp(shapeNow[shapeNow.length - 2]), Math.exp(shapeNow[shapeNow.length - 1]));
    double[] best = start;
    double least = Double.POSITIVE_INFINITY;
    for (double offset : free ? STARTS : new double[] {0}) {
      double[] from = start.clone();
      from[law.widest()] += offset;
      LeastSquaresProblem problem = problem(from, error);
      LevenbergMarquardtOptimizer.Optimum found;
      try {
        found = new LevenbergMarquardtOptimizer().optimize(problem);
      } catch (MathRuntimeException e) {
        continue; // no better than where another start ends
      }
      if (found.getCost() < least) {
        least = found.getCost();
        best = found.getPoint().toArray();
      }
    }
    return best;
  }

  /** Runs beside the law, each in units of what it may be off, and parameters beside priors. */
  private LeastSquaresProblem problem(double[] start, double error) {
    double[] prior = law.prior();
    double[] spread = law.spread();
    int n = runs.size();
    double[] target = new double[n + prior.length];
    for (int run = 0; run < n; run++) {
      target[run] = runs.get(run).logLoss(law.ability()) / error;
    }
    for (int p = 0; p < prior.length; p++) {
      target[n + p] = prior[p] / spread[p];
    }
    return new LeastSquaresBuilder()
        .start(start)
        .target(target)
        .model(
            point -> {
              double[] values = point.toArray();
              double[] modelled = new double[target.length];
              double[][] jacobian = new double[target.length][values.length];
              for (int run = 0; run < n; run++) {
                Gradient gradient = law.logLoss(values, runs.get(run).plan());
                modelled[run] = gradient.getValue() / error;
                for (int p = 0; p < values.length; p++) {
                  jacobian[run][p] = gradient.getPartialDerivative(p) / error;
                }
              }
              for (int p = 0; p < values.length; p++) {
                modelled[n + p] = values[p] / spread[p];
                jacobian[n + p][p] = 1 / spread[p];
              }
              return new Pair<>(
                  (RealVector) new ArrayRealVector(modelled, false),
                  (RealMatrix) new Array2DRowRealMatrix(jacobian, false));
            })
        .maxEvaluations(500)
        .maxIterations(500)
        .build();
  }

  /** What the law, made linear, with its parameters at their priors leaves of each run. */
  private RealVector residuals(double[] values, RealMatrix slopesThere) {
    double[] prior = law.prior();
    double[] left = new double[runs.size()];
    for (int run = 0; run < left.length; run++) {
      Gradient gradient = law.logLoss(values, runs.get(run).plan());
      left[run] = runs.get(run).logLoss(law.ability()) - gradient.getValue();
      for (int p = 0; p < values.length; p++) {
        slopesThere.setEntry(run, p, gradient.getPartialDerivative(p));
        left[run] -= gradient.getPartialDerivative(p) * (prior[p] - values[p]);
      }
    }
    return new ArrayRealVector(left, false);
  }

  private RealMatrix covarianceOfLaw(RealMatrix slopesThere) {
    double[] spread = law.spread();
    double[] variances = DoubleStream.of(spread).map(each -> each * each).toArray();
    RealMatrix diagonal = MatrixUtils.createRealDiagonalMatrix(variances);
    return slopesThere.multiply(diagonal).multiplyTransposed(slopesThere);
  }

  private RealMatrix covariance(double[] shapeNow, RealMatrix ofLaw) {
    RealMatrix all = ofLaw.copy();
    double noise = Math.exp(2 * shapeNow[shapeNow.length - 1]);
    for (int i = 0; i < places.length; i++) {
      for (int j = 0; j <= i; j++) {
        double alike = kernel(shapeNow, places[i], places[j]) + (i == j ? noise : 0);
        all.addToEntry(i, j, alike);
        all.setEntry(j, i, all.getEntry(i, j)); // to the last bit, as factors demand
      }
    }
    return all;
  }

  private static double kernel(double[] shape, double[] one, double[] other) {
    double distance = 0;
    for (int d = 0; d < one.length; d++) {
      double apart = (one[d] - other[d]) / Math.exp(shape[d]);
      distance += apart * apart;
    }
    return Math.exp(2 * shape[shape.length - 2] - distance / 2);
  }

  private double[] probableShape(double[] start, RealMatrix ofLaw, RealVector left) {
    double[] low = DoubleStream.of(start).map(each -> each - 3).toArray();
    double[] high = DoubleStream.of(start).map(each -> each + 3).toArray();
    return new BOBYQAOptimizer(2 * start.length + 1, 0.5, 0.02)
        .optimize(
            new MaxEval(2000),
            new ObjectiveFunction(shapeNow -> improbability(shapeNow, ofLaw, left)),
            GoalType.MINIMIZE,
            new SimpleBounds(low, high),
            new InitialGuess(start))
        .getPoint();
  }

  /** Negative logarithm of the runs' probability, and of the priors', but for constants. */
  private double improbability(double[] shapeNow, RealMatrix ofLaw, RealVector left) {
    CholeskyDecomposition factors;
    try {
      factors = new CholeskyDecomposition(covariance(shapeNow, ofLaw));
    } catch (MathRuntimeException e) {
      return 1e9; // rounding has made it indefinite
    }
    double sum = left.dotProduct(factors.getSolver().solve(left)) / 2;
    for (int i = 0; i < left.getDimension(); i++) {
      sum += Math.log(factors.getL().getEntry(i, i));
    }
    int lengths = shapeNow.length - 2;
    for (int d = 0; d < lengths; d++) {
      sum += off(shapeNow[d], LENGTH, LENGTH_SPREAD);
    }
    return sum
        + off(shapeNow[lengths], SIZE, SIZE_SPREAD)
        + off(shapeNow[lengths + 1], NOISE, NOISE_SPREAD);
  }

  private static double off(double value, double prior, double spread) {
    double away = (value - prior) / spread;
    return away * away / 2;
  }
}
