package ai.dmt.world;

/**
 * The use of a problem. A fixed hash of what makes the problem (kind and operands, not the wording)
 * decides it, whatever the seed: so no seed's training data and no pretraining text holds a problem
 * of another part, and the two test parts share none.
 */
public enum Part {
  /** Fine-tuning data, and all that pretraining may see. */
  TRAIN("train"),
  /** For held-out loss. */
  HELD_OUT("held_out"),
  /** Test problems that the world was tuned on. */
  DEVELOPMENT("development"),
  /** Test problems that nobody looked at before the world was frozen. */
  TEST("test");

  private final String text;

  Part(String text) {
    this.text = text;
  }

  /** {@return the part's name in file names} */
  public String text() {
    return text;
  }

  /** The part of a problem: 70, 10, 10 and 10 of 100. */
  static Part of(String key) {
    long bucket = Math.floorMod(mix(key.hashCode()), 10);
    return bucket < 7 ? TRAIN : values()[(int) bucket - 6];
  }

  /** The finalizer of SplitMix64: neighbours differ in all bits. */
  static long mix(long z) {
    z += 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
