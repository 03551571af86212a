package ai.dmt.adapter;

import ai.dmt.internal.text.Named;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Matrices of a model that an adapter can stand beside, by PEFT's names of LLaMA's modules. */
public enum AdapterTarget {
  /** Queries. */
  Q_PROJ("self_attn"),
  /** Keys. */
  K_PROJ("self_attn"),
  /** Values. */
  V_PROJ("self_attn"),
  /** What attention gives back. */
  O_PROJ("self_attn"),
  /** The feed-forward network's gate. */
  GATE_PROJ("mlp"),
  /** The feed-forward network's way up. */
  UP_PROJ("mlp"),
  /** The feed-forward network's way down. */
  DOWN_PROJ("mlp"),
  /** The embedding of tokens. */
  EMBED_TOKENS("model"),
  /** The output projection. */
  LM_HEAD("");

  /** The seven matrices of a decoder block: what PEFT's "all-linear" means. */
  public static final List<AdapterTarget> ALL_LINEAR =
      List.of(Q_PROJ, K_PROJ, V_PROJ, O_PROJ, GATE_PROJ, UP_PROJ, DOWN_PROJ);

  private static final String PREFIX = "base_model.model.";

  private final String parent;

  AdapterTarget(String parent) {
    this.parent = parent;
  }

  /** {@return PEFT's name, which recipes have too, such as "q_proj"} */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** {@return whether there is one in each decoder block} */
  public boolean isOfBlock() {
    return this != EMBED_TOKENS && this != LM_HEAD;
  }

  /** {@return the names of all targets, in the order of the constants} */
  public static List<String> names() {
    return Arrays.stream(values()).map(AdapterTarget::text).toList();
  }

  /**
   * Finds a target by its name.
   *
   * @param text such as "q_proj"
   * @return the target of this name
   * @throws ai.dmt.config.ConfigException if there is none of this name
   */
  public static AdapterTarget parse(String text) {
    return Named.setting("adapter target", values(), AdapterTarget::text, text);
  }

  /**
   * The target of a name, or of an end of a module's path that means all layers, such as
   * "self_attn.q_proj".
   */
  static Optional<AdapterTarget> ofSuffix(String suffix) {
    return Arrays.stream(values())
        .filter(
            target ->
                suffix.equals(target.text())
                    || !target.parent.isEmpty()
                        && suffix.equals(target.parent + "." + target.text()))
        .findFirst();
  }

  /**
   * {@return the names of the two tensors in adapter_model.safetensors, A's first}
   *
   * @param layer from 0; without meaning where the target is not of a block
   */
  public List<String> tensorNames(int layer) {
    String path = PREFIX + path(layer);
    return this == EMBED_TOKENS
        ? List.of(path + ".lora_embedding_A", path + ".lora_embedding_B")
        : List.of(path + ".lora_A.weight", path + ".lora_B.weight");
  }

  /**
   * {@return the names of copies of the base's own matrix, which PEFT puts beside an adapter's
   * tensors where embeddings are targets; empty for other targets}
   */
  public List<String> namesOfBase() {
    String path = PREFIX + path(0);
    List<String> names = new ArrayList<>();
    if (!isOfBlock()) {
      names.add(path + ".base_layer.weight");
      names.add(path + ".weight");
    }
    return names;
  }

  private String path(int layer) {
    return switch (this) {
      case LM_HEAD -> text();
      case EMBED_TOKENS -> "model." + text();
      default -> "model.layers." + layer + "." + parent + "." + text();
    };
  }
}
