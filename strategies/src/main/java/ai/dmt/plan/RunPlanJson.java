package ai.dmt.plan;

import ai.dmt.engine.AdapterShapes;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.MemoryAccount;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A plan for programs: bytes, seconds and tokens. */
final class RunPlanJson {
  private RunPlanJson() {}

  static ObjectNode of(RunPlan plan, double price) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("name", plan.recipe().name());
    node.put("machine", plan.machine().name());
    node.put("ranks", plan.ranks());
    node.put("speed", plan.machine().speed().basis());
    node.put("measured", plan.machine().speed().measured());
    node.put("parameters", plan.model().parameters());
    plan.chosen()
        .config()
        .adapter()
        .ifPresent(
            adapter ->
                node.putObject("adapter")
                    .put("parameters", AdapterShapes.parameters(plan.model(), adapter))
                    .put("base_weights", plan.chosen().config().baseWeights().text()));
    node.put("tokens_per_sample", plan.lengths().mean());
    node.put("samples", plan.lengths().basis());
    ObjectNode changes = node.putObject("settings");
    plan.changes().forEach(changes::put);
    node.set("chosen", placement(plan.chosen()));
    node.set("as_written", placement(plan.asWritten()));
    node.put("steps", plan.steps());
    node.put("tokens_per_s", plan.tokensPerSecond());
    node.put("utilization", plan.utilization());
    node.put("seconds", plan.duration().toMillis() / 1e3);
    node.put("gpu_hours", plan.rankHours());
    if (price > 0) {
      node.put("cost", price * plan.rankHours());
    }
    ArrayNode others = node.putArray("alternatives");
    plan.others().forEach(each -> others.add(placement(each)));
    return node;
  }

  private static ObjectNode placement(Placement placement) {
    EngineConfig config = placement.config();
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("sharding", config.sharding().mode().text());
    node.put("gradient_reduction", config.sharding().gradientReduction().text());
    node.put("recompute", config.recompute().text());
    node.put("optimizer_states", placement.states().text());
    node.put("gradient_dtype", config.gradientDType().text());
    node.put("max_tokens_per_micro_batch", placement.maxTokens());
    node.put("micro_batches", placement.microBatches());
    node.put("fits", placement.fits());
    node.put("rounds", placement.changesNumbers());
    node.put("available_bytes", placement.available());
    node.set("memory_bytes", memory(placement.memory()));
    node.put("step_s", placement.step().seconds());
    node.put("computation_s", placement.step().computation());
    node.put("exposed_s", placement.step().exposed());
    node.put("slow_down_s", placement.step().slowDown());
    node.put("communication_s", placement.step().communication());
    node.put("communication_bytes", Math.round(placement.step().bytes()));
    return node;
  }

  static ObjectNode memory(MemoryAccount account) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("weights", account.weights())
        .put("master_weights", account.masterWeights())
        .put("gradients", account.gradients())
        .put("optimizer_states", account.optimizerStates())
        .put("buffers", account.buffers())
        .put("activations", account.activationsPeak())
        .put("total", account.total());
  }
}
