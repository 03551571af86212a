package ai.dmt.engine;

import java.util.Locale;

/**
 * How the matrices of decoder blocks are kept that are not trained. Embeddings, output projection
 * and norms are in the compute dtype always.
 */
public enum BaseWeights {
  /** In the compute dtype. */
  COMPUTE,
  /** A byte each, with a scale per row (LLM.int8, arXiv 2208.07339). */
  INT8,
  /** Four bits each, in blocks of 64 with scales that are quantised again (arXiv 2305.14314). */
  NF4;

  /** {@return the name in recipes, such as "nf4"} */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
