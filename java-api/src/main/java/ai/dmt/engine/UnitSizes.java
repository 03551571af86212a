package ai.dmt.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * How the parameters of a model lie in units, and what ranks cut of them: native/src/model/
 * model_units.cpp and dist/shard_spec.h in numbers. Units are the embedding, each block, the head.
 */
final class UnitSizes {
  /** Rows of the vocabulary's matrices on a GPU are a multiple of it. */
  private static final long VOCABULARY_ROWS = 8;

  private final EngineConfig config;
  private final List<Unit> units = new ArrayList<>();
  private final long vocabularyRows;

  /**
   * Parameters that are gathered and updated together.
   *
   * @param elements of all of them
   * @param padding elements behind them that products see
   * @param stays whether every rank keeps it whole, whatever is cut
   */
  record Unit(long elements, long padding, boolean stays) {}

  UnitSizes(ModelConfig model, EngineConfig config) {
    this.config = config;
    long vocabulary = model.vocabSize();
    vocabularyRows =
        config.device().isCuda()
            ? (vocabulary + VOCABULARY_ROWS - 1) / VOCABULARY_ROWS * VOCABULARY_ROWS
            : vocabulary;
    long matrix = vocabulary * model.hiddenSize();
    long padding = (vocabularyRows - vocabulary) * model.hiddenSize();
    units.add(new Unit(matrix, padding, false));
    for (int layer = 0; layer < model.layers(); layer++) {
      units.add(new Unit(model.blockParameters(), 0, false));
    }
    // A tied head is the final norm alone, which stays.
    units.add(
        model.tieWordEmbeddings()
            ? new Unit(model.hiddenSize(), 0, true)
            : new Unit(model.hiddenSize() + matrix, padding, false));
  }

  List<Unit> units() {
    return units;
  }

  long vocabularyRows() {
    return vocabularyRows;
  }

  boolean weightsStay(Unit unit) {
    return unit.stays || shards() == 1 || config.sharding().mode() == Sharding.GRAD_OP;
  }

  boolean gradientsStay(Unit unit) {
    return unit.stays
        || shards() == 1
        || config.sharding().gradientReduction() == GradientReduction.STEP;
  }

  /** Elements of a unit, with what makes its slices equally long. */
  long padded(Unit unit) {
    long ranks = config.ranks().worldSize();
    return (unit.elements + unit.padding + ranks - 1) / ranks * ranks;
  }

  /** Elements of a rank's slice. */
  long slice(Unit unit) {
    return padded(unit) / shards();
  }

  /** Ranks that share one copy of what is cut. */
  long shards() {
    return switch (config.sharding().mode()) {
      case FULL, GRAD_OP -> config.ranks().worldSize();
      case HYBRID -> config.ranks().nodeSize();
      case NONE -> 1;
    };
  }

  /** Ranks that hold the same slices. */
  long replicas() {
    return config.ranks().worldSize() / shards();
  }

  /** Type in which gradients travel. */
  DType travelling() {
    return config.gradientDType() == DType.FLOAT32
        ? config.sharding().reduceDType()
        : config.gradientDType();
  }

  static long bytes(DType type) {
    return type == DType.FLOAT32 ? Float.BYTES : Short.BYTES;
  }
}
