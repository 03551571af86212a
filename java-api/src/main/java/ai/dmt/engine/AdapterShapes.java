package ai.dmt.engine;

import ai.dmt.adapter.AdapterConfig;
import ai.dmt.adapter.AdapterTarget;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How an adapter lies beside the matrices of a model. */
public final class AdapterShapes {
  private AdapterShapes() {}

  /** A rank that several targets may have, and the limit that they share. */
  private record TooHigh(int rank, int most) {}

  /**
   * {@return what of an adapter a model has no place for: ranks above the smaller side of their
   * matrix; empty if all fits}
   *
   * @param model whose matrices are looked at
   * @param adapter to stand beside them
   */
  public static List<String> faults(ModelConfig model, AdapterConfig adapter) {
    List<String> faults = new ArrayList<>();
    Map<TooHigh, List<AdapterTarget>> tooHigh = new LinkedHashMap<>();
    adapter
        .sizes()
        .forEach(
            (target, size) -> {
              if (model.tieWordEmbeddings() && !target.isOfBlock()) {
                faults.add(
                    "%s cannot be a target: the model has one matrix for embeddings and head (tie_word_embeddings), so that it could not be merged"
                        .formatted(target.text()));
              }
              int most = Math.min(rows(model, target), columns(model, target));
              if (size.rank() > most) {
                tooHigh
                    .computeIfAbsent(new TooHigh(size.rank(), most), each -> new ArrayList<>())
                    .add(target);
              }
            });
    tooHigh.forEach(
        (rank, targets) ->
            faults.add(
                "rank of %s must be at most %s, the smaller side of %s, got %s"
                    .formatted(
                        String.join(", ", targets.stream().map(AdapterTarget::text).toList()),
                        rank.most(),
                        targets.size() > 1
                            ? "each matrix"
                            : "its matrix [%s, %s]"
                                .formatted(
                                    rows(model, targets.get(0)), columns(model, targets.get(0))),
                        rank.rank())));
    return faults;
  }

  /**
   * {@return elements of an adapter's tensors}
   *
   * @param model that it stands beside
   * @param adapter its settings
   */
  public static long parameters(ModelConfig model, AdapterConfig adapter) {
    return tensors(model, adapter).values().stream()
        .mapToLong(shape -> shape.get(0) * shape.get(1))
        .sum();
  }

  /**
   * {@return the tensors of adapter_model.safetensors by PEFT's names, with their shapes}
   *
   * @param model that it stands beside
   * @param adapter its settings
   */
  public static Map<String, List<Long>> tensors(ModelConfig model, AdapterConfig adapter) {
    Map<String, List<Long>> tensors = new LinkedHashMap<>();
    for (Map.Entry<AdapterTarget, AdapterConfig.Size> each : adapter.sizes().entrySet()) {
      AdapterTarget target = each.getKey();
      long rank = each.getValue().rank();
      for (int layer = 0; layer < (target.isOfBlock() ? model.layers() : 1); layer++) {
        List<String> names = target.tensorNames(layer);
        // An embedding is looked up by row: its A stands at the vocabulary.
        boolean lookedUp = target == AdapterTarget.EMBED_TOKENS;
        long in = lookedUp ? rows(model, target) : columns(model, target);
        long out = lookedUp ? columns(model, target) : rows(model, target);
        tensors.put(names.get(0), List.of(rank, in));
        tensors.put(names.get(1), List.of(out, rank));
      }
    }
    return tensors;
  }

  /**
   * {@return whether a tensor is a copy of the base's own, which PEFT puts beside an adapter's
   * where embeddings are targets}
   *
   * @param name of the tensor in adapter_model.safetensors
   */
  public static boolean isOfBase(String name) {
    return AdapterTarget.EMBED_TOKENS.namesOfBase().contains(name)
        || AdapterTarget.LM_HEAD.namesOfBase().contains(name);
  }

  /**
   * {@return rows of a target's matrix: its outputs, or the tokens of an embedding}
   *
   * @param model that has it
   * @param target any
   */
  public static int rows(ModelConfig model, AdapterTarget target) {
    return switch (target) {
      case Q_PROJ -> model.heads() * model.headDim();
      case K_PROJ, V_PROJ -> model.kvHeads() * model.headDim();
      case O_PROJ, DOWN_PROJ -> model.hiddenSize();
      case GATE_PROJ, UP_PROJ -> model.intermediateSize();
      case EMBED_TOKENS, LM_HEAD -> model.vocabSize();
    };
  }

  /**
   * {@return columns of a target's matrix: its inputs, or the width of an embedding}
   *
   * @param model that has it
   * @param target any
   */
  public static int columns(ModelConfig model, AdapterTarget target) {
    return switch (target) {
      case O_PROJ -> model.heads() * model.headDim();
      case DOWN_PROJ -> model.intermediateSize();
      case Q_PROJ, K_PROJ, V_PROJ, GATE_PROJ, UP_PROJ, EMBED_TOKENS, LM_HEAD -> model.hiddenSize();
    };
  }
}
