package ai.dmt.plan;

import ai.dmt.adapter.AdapterConfig;
import ai.dmt.adapter.AdapterTarget;
import ai.dmt.engine.AdapterShapes;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.ModelConfig;
import java.util.Map;

/**
 * What an adapter computes beside the model in a step.
 *
 * @param products operations for each token, in all layers
 * @param headProducts the same for each label
 * @param elements values for each token that dropout goes through, in all layers
 */
record AdapterWork(double products, double headProducts, double elements) {
  /** Forward x A and h B; backward h again, and of both matrices the gradients of input and own. */
  private static final int PASSES_OF_A = 4;

  private static final int PASSES_OF_B = 3;

  /** Forward; backward the input again, its gradient, and the sum. */
  private static final int PASSES_OF_DROPOUT = 4;

  private static final int OPERATIONS = 2;

  static AdapterWork of(ModelConfig model, EngineConfig config) {
    double products = 0;
    double head = 0;
    double elements = 0;
    if (config.adapter().isEmpty()) {
      return new AdapterWork(0, 0, 0);
    }
    AdapterConfig adapter = config.adapter().orElseThrow();
    for (Map.Entry<AdapterTarget, AdapterConfig.Size> each : adapter.sizes().entrySet()) {
      AdapterTarget target = each.getKey();
      double rank = each.getValue().rank();
      double in = AdapterShapes.columns(model, target);
      double out = AdapterShapes.rows(model, target);
      double ofA = OPERATIONS * rank * in;
      double ofB = OPERATIONS * rank * out;
      if (target == AdapterTarget.EMBED_TOKENS) {
        products += PASSES_OF_B * OPERATIONS * rank * in; // A is looked up, B as wide as the model
      } else if (target == AdapterTarget.LM_HEAD) {
        head += PASSES_OF_A * ofA + PASSES_OF_B * ofB;
      } else {
        boolean again = StepWork.repeatsProducts(config) && target != AdapterTarget.DOWN_PROJ;
        int more = again ? 1 : 0;
        products += model.layers() * ((PASSES_OF_A + more) * ofA + (PASSES_OF_B + more) * ofB);
        // Targets with the same input drop it once.
        elements += drops(adapter, target) ? model.layers() * (PASSES_OF_DROPOUT + more) * in : 0;
      }
    }
    return new AdapterWork(products, head, elements);
  }

  /** Whether it is the first of its input's targets. */
  private static boolean drops(AdapterConfig adapter, AdapterTarget target) {
    return adapter.dropout() > 0
        && switch (target) {
          case K_PROJ -> !adapter.sizes().containsKey(AdapterTarget.Q_PROJ);
          case V_PROJ ->
              !adapter.sizes().containsKey(AdapterTarget.Q_PROJ)
                  && !adapter.sizes().containsKey(AdapterTarget.K_PROJ);
          case UP_PROJ -> !adapter.sizes().containsKey(AdapterTarget.GATE_PROJ);
          default -> true;
        };
  }
}
