package ai.dmt.scaling;

import java.util.List;

/**
 * The plateau law of the least squares: for a given exponent and a given share of the plateau in
 * the value of the largest amount, the factor is a mean of logarithms. The two are searched on a
 * grid that is refined around its best place.
 */
final class PlateauSearch {
  private static final double LEAST_EXPONENT = -4;
  private static final double MOST_EXPONENT = -0.05; // flatter, and the plateau is beyond all data
  private static final double LEAST_SHARE = 0.001;
  private static final double MOST_SHARE = 0.999;
  private static final int GRID = 40;
  private static final int REFINEMENTS = 12;
  private static final double EDGE = 1e-3;

  private PlateauSearch() {}

  static Fit of(List<Observation> data) {
    double top = data.stream().mapToDouble(Observation::amount).max().orElseThrow();
    double exponentStep = (MOST_EXPONENT - LEAST_EXPONENT) / GRID;
    double shareStep = (MOST_SHARE - LEAST_SHARE) / GRID;
    double exponent = (LEAST_EXPONENT + MOST_EXPONENT) / 2;
    double share = (LEAST_SHARE + MOST_SHARE) / 2;
    int reach = GRID / 2;
    for (int round = 0; round <= REFINEMENTS; round++) {
      double least = Double.MAX_VALUE;
      double aroundExponent = exponent;
      double aroundShare = share;
      for (int i = -reach; i <= reach; i++) {
        double b = clamp(aroundExponent + i * exponentStep, LEAST_EXPONENT, MOST_EXPONENT);
        for (int j = -reach; j <= reach; j++) {
          double s = clamp(aroundShare + j * shareStep, LEAST_SHARE, MOST_SHARE);
          double squares = law(data, top, b, s, false).squares(data);
          if (squares < least) {
            least = squares;
            exponent = b;
            share = s;
          }
        }
      }
      reach = 2;
      exponentStep /= 2;
      shareStep /= 2;
    }
    boolean edge =
        isEdge(exponent, LEAST_EXPONENT, MOST_EXPONENT) || isEdge(share, LEAST_SHARE, MOST_SHARE);
    return law(data, top, exponent, share, edge);
  }

  /** The plateau is a share of the value at the largest amount. */
  private static Fit law(
      List<Observation> data, double top, double exponent, double share, boolean atEdge) {
    double plateau = share;
    double factor = (1 - share) / Math.pow(top, exponent);
    Fit shape = new Fit(ScalingLaw.PLATEAU, plateau, factor, exponent, atEdge);
    double logs = 0;
    for (Observation one : data) {
      logs += Math.log(one.value() / shape.at(one.amount())) / data.size();
    }
    double height = Math.exp(logs);
    return new Fit(ScalingLaw.PLATEAU, height * plateau, height * factor, exponent, atEdge);
  }

  private static double clamp(double value, double low, double high) {
    return Math.max(low, Math.min(high, value));
  }

  private static boolean isEdge(double value, double low, double high) {
    return value - low < EDGE * (high - low) || high - value < EDGE * (high - low);
  }
}
