package ai.dmt.engine;

import ai.dmt.bindings.DmtEngine;
import ai.dmt.bindings.Engine;

/** What heads attend to, and losses without one. */
final class NativeAttention {
  /** Adds a micro-batch's losses and label tokens by source. */
  interface LossCall {
    void add(ai.dmt.bindings.MicroBatch batch, double[] lossSums, long[] labelTokens);
  }

  private NativeAttention() {}

  /** Forward pass without a head. */
  static LossCall without(Engine engine, AttentionHead head) {
    return (batch, lossSums, labelTokens) ->
        engine.evaluate_without_head(batch, head.layer(), head.head(), lossSums, labelTokens);
  }

  /** See {@link TrainingEngine#attention}. @param model of the first engine */
  static AttentionMeasures[][][] of(
      Engine engine, Engine before, ModelConfig model, MicroBatch batch) {
    int values = DmtEngine.kAttentionMeasures();
    AttentionMeasures[][][] measures =
        new AttentionMeasures[model.layers()][model.heads()][batch.documents()];
    double[] flat =
        new double[Math.multiplyExact(model.layers() * model.heads(), batch.documents() * values)];
    NativeCall.run(() -> engine.attention(NativeConfigs.of(batch), before, flat));
    int at = 0;
    for (AttentionMeasures[][] layer : measures) {
      for (AttentionMeasures[] head : layer) {
        for (int d = 0; d < head.length; d++, at += values) {
          head[d] = new AttentionMeasures(flat[at], flat[at + 1], flat[at + 2], flat[at + 3]);
        }
      }
    }
    return measures;
  }
}
