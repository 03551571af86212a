package ai.dmt.engine;

import ai.dmt.adapter.AdapterConfig;
import ai.dmt.adapter.AdapterTarget;
import java.util.ArrayList;
import java.util.List;

/**
 * How the parameters of a model and its adapter lie in units, and what ranks cut of them:
 * native/src/model/model_units.cpp, packed_block.cpp, adapter.cpp and dist/shard_spec.h in numbers.
 * Units are the embedding, each block, the head; an adapter has those of them that it stands
 * beside.
 */
final class UnitSizes {
  /** Rows of the vocabulary's matrices on a GPU are a multiple of it. */
  private static final long VOCABULARY_ROWS = 8;

  private final EngineConfig config;
  private final List<Unit> units = new ArrayList<>();
  private final List<Unit> adapterUnits = new ArrayList<>();
  private final long vocabularyRows;

  /**
   * Parameters that are gathered and updated together.
   *
   * @param elements of all of them; bytes of a block that is quantised
   * @param padding elements behind them that products see
   * @param elementBytes of each, as weights
   * @param weightsStay whether every rank keeps the weights whole, whatever is cut
   * @param gradientsStay the same of gradients
   */
  record Unit(
      long elements, long padding, long elementBytes, boolean weightsStay, boolean gradientsStay) {}

  UnitSizes(ModelConfig model, EngineConfig config) {
    this.config = config;
    long vocabulary = model.vocabSize();
    vocabularyRows =
        config.device().isCuda()
            ? (vocabulary + VOCABULARY_ROWS - 1) / VOCABULARY_ROWS * VOCABULARY_ROWS
            : vocabulary;
    long matrix = vocabulary * model.hiddenSize();
    long padding = (vocabularyRows - vocabulary) * model.hiddenSize();
    long element = bytes(config.computeDType());
    units.add(new Unit(matrix, padding, element, false, false));
    Unit block =
        config.baseWeights() == BaseWeights.COMPUTE
            ? new Unit(model.blockParameters(), 0, element, false, false)
            : new Unit(PackedBlock.bytes(model, config), 0, 1, false, false);
    for (int layer = 0; layer < model.layers(); layer++) {
      units.add(block);
    }
    // A tied head is the final norm alone, which stays.
    units.add(
        model.tieWordEmbeddings()
            ? new Unit(model.hiddenSize(), 0, element, true, true)
            : new Unit(model.hiddenSize() + matrix, padding, element, false, false));
    config.adapter().ifPresent(adapter -> addAdapter(model, adapter, element));
  }

  private void addAdapter(ModelConfig model, AdapterConfig adapter, long element) {
    LowRankSizes sizes = new LowRankSizes(model, adapter);
    Unit block = new Unit(sizes.ofBlock(), 0, element, true, false);
    add(new Unit(sizes.of(AdapterTarget.EMBED_TOKENS), 0, element, true, false));
    for (int layer = 0; layer < model.layers(); layer++) {
      add(block);
    }
    add(new Unit(sizes.of(AdapterTarget.LM_HEAD), 0, element, true, false));
  }

  private void add(Unit ofAdapter) {
    if (ofAdapter.elements > 0) {
      adapterUnits.add(ofAdapter);
    }
  }

  /** Those of the model. */
  List<Unit> units() {
    return units;
  }

  /** Those of the adapter. */
  List<Unit> adapterUnits() {
    return adapterUnits;
  }

  /** Those that have gradients: the adapter's if there is one. */
  List<Unit> trained() {
    return isFrozen() ? adapterUnits : units;
  }

  /** Whether the model's weights stay as they are beside an adapter. */
  boolean isFrozen() {
    return config.adapter().isPresent();
  }

  long vocabularyRows() {
    return vocabularyRows;
  }

  boolean weightsStay(Unit unit) {
    return unit.weightsStay || shards() == 1 || config.sharding().mode() == Sharding.GRAD_OP;
  }

  boolean gradientsStay(Unit unit) {
    return unit.gradientsStay
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
