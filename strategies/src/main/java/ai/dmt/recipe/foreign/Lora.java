package ai.dmt.recipe.foreign;

import ai.dmt.adapter.AdapterTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Takes what other programs say of a LoRA adapter, each under its own names. */
final class Lora {
  /**
   * How a program calls things, and what it takes where its recipe says nothing.
   *
   * @param rank key of the rank
   * @param targets key of the names of matrices
   * @param rankStabilized key of rsLoRA
   * @param defaultRank where the recipe says none
   * @param alphaByRank alpha where the recipe says none, divided by the rank
   * @param defaultDropout where the recipe says none
   * @param defaultTargets where the recipe says none
   */
  record Names(
      String rank,
      String targets,
      String rankStabilized,
      long defaultRank,
      double alphaByRank,
      double defaultDropout,
      List<AdapterTarget> defaultTargets) {}

  private static final String ALPHA = "lora_alpha";
  private static final String DROPOUT = "lora_dropout";

  private final Keys keys;
  private final Draft draft;
  private final Names names;

  Lora(Keys keys, Draft draft, Names names) {
    this.keys = keys;
    this.draft = draft;
    this.names = names;
  }

  /**
   * @param linear whether all matrices of decoder blocks are asked for otherwise
   */
  void take(boolean linear) {
    long rank = keys.whole(names.rank()).orElse(names.defaultRank());
    draft.adapter("rank", rank);
    draft.adapter("alpha", keys.number(ALPHA).orElse(names.alphaByRank() * rank));
    draft.adapter("dropout", keys.number(DROPOUT).orElse(names.defaultDropout()));
    draft.adapter("targets", targets(linear).stream().map(AdapterTarget::text).toList());
    if (keys.isTrue(names.rankStabilized())) {
      draft.adapter("rank_stabilized", true);
    }
  }

  private List<AdapterTarget> targets(boolean linear) {
    List<AdapterTarget> targets = new ArrayList<>();
    List<String> given = keys.texts(names.targets());
    for (String name : given) {
      if (List.of("all", "all-linear").contains(name)) {
        return AdapterTarget.ALL_LINEAR;
      }
      Optional<AdapterTarget> target =
          AdapterTarget.names().contains(name)
              ? Optional.of(AdapterTarget.parse(name))
              : Optional.empty();
      target.filter(each -> !targets.contains(each)).ifPresent(targets::add);
      if (target.isEmpty()) {
        keys.tell(
            names.targets(),
            name,
            "adapters stand beside " + String.join(", ", AdapterTarget.names()));
      }
    }
    if (linear) {
      return AdapterTarget.ALL_LINEAR;
    }
    return targets.isEmpty() ? names.defaultTargets() : targets;
  }

  /** The base in 4 or 8 bits. @param bits 0 for neither */
  void base(int bits) {
    if (bits != 0) {
      draft.adapter("base_weights", bits == 4 ? "nf4" : "int8");
    }
    if (bits == 4) {
      for (String key : List.of("bnb_4bit_quant_type", "quantization_type")) {
        keys.text(key)
            .filter(type -> !type.equals("nf4"))
            .ifPresent(type -> keys.tell(key, type, "4 bits are nf4 here"));
      }
      for (String key :
          List.of("use_bnb_nested_quant", "double_quantization", "bnb_4bit_use_double_quant")) {
        keys.text(key)
            .filter(text -> text.equalsIgnoreCase("false"))
            .ifPresent(text -> keys.tell(key, text, "scales of nf4 are always quantised again"));
      }
    }
  }
}
