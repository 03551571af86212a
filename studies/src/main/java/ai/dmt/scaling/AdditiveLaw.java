package ai.dmt.scaling;

/**
 * A law of size N and amount D, y = floor + sizeFactor N^sizeExponent + amountFactor
 * D^amountExponent: what no model and no data take away, what a larger model does, what more data
 * do.
 *
 * @param floor 0 or above
 * @param sizeFactor 0 or above
 * @param sizeExponent below 0
 * @param amountFactor 0 or above
 * @param amountExponent below 0
 * @param atEdge whether an exponent is at an edge of what was searched, or one of the three parts
 *     is gone, so that it is no fit
 */
public record AdditiveLaw(
    double floor,
    double sizeFactor,
    double sizeExponent,
    double amountFactor,
    double amountExponent,
    boolean atEdge) {
  /**
   * {@return the law's value}
   *
   * @param size of the model, above 0
   * @param amount of data, above 0
   */
  public double at(double size, double amount) {
    return floor
        + sizeFactor * Math.pow(size, sizeExponent)
        + amountFactor * Math.pow(amount, amountExponent);
  }
}
