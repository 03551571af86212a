package ai.dmt.engine;

import ai.dmt.adapter.AdapterConfig;
import ai.dmt.adapter.AdapterTarget;
import java.util.List;

/** How large an adapter is beside each of its targets: native/src/model/adapter.cpp in numbers. */
record LowRankSizes(ModelConfig model, AdapterConfig adapter) {
  /** Targets with the same input. */
  static final List<AdapterTarget> QKV =
      List.of(AdapterTarget.Q_PROJ, AdapterTarget.K_PROJ, AdapterTarget.V_PROJ);

  static final List<AdapterTarget> OUTPUT = List.of(AdapterTarget.O_PROJ);

  static final List<AdapterTarget> GATE_UP =
      List.of(AdapterTarget.GATE_PROJ, AdapterTarget.UP_PROJ);

  static final List<AdapterTarget> DOWN = List.of(AdapterTarget.DOWN_PROJ);

  /** Of a target; 0 where there is no adapter. */
  long rank(AdapterTarget target) {
    AdapterConfig.Size size = adapter.sizes().get(target);
    return size == null ? 0 : size.rank();
  }

  /** Of several targets together. */
  long ranks(List<AdapterTarget> group) {
    return group.stream().mapToLong(this::rank).sum();
  }

  /** Elements of a target's two matrices, in one layer. */
  long of(AdapterTarget target) {
    return rank(target)
        * (AdapterShapes.rows(model, target) + AdapterShapes.columns(model, target));
  }

  long ofBlock() {
    return AdapterTarget.ALL_LINEAR.stream().mapToLong(this::of).sum();
  }
}
