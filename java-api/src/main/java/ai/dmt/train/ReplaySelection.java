package ai.dmt.train;

/**
 * Which samples of an earlier stage's source a stage replays. All but {@link #RANDOM} are chosen
 * once, when the stage begins, with the model as it is then; see [Note: replay selection] in {@link
 * ReplayChoice}.
 */
public enum ReplaySelection {
  /** Those that a hash of sample and seed puts first, see {@link SubsetRanking}. */
  RANDOM,
  /** Those that the model does worst: the highest loss per label token. */
  LOSS,
  /** Those whose hidden states are most like those of the stage's own samples. */
  SIMILARITY,
  /** Those whose gradients point most as that of their source does (LESS, arXiv 2402.04333). */
  GRADIENT
}
