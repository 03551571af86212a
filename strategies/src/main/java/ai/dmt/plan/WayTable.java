package ai.dmt.plan;

import ai.dmt.engine.MemoryAccount;
import ai.dmt.internal.text.Units;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Full training, LoRA and QLoRA side by side: of one model, or of several.
 *
 * @param ranks GPUs, or processes on CPUs
 * @param machine that they run on
 * @param plans by the model's name, in the order of rows
 */
public record WayTable(int ranks, Machine machine, Map<String, List<WayPlan>> plans) {
  private static final List<String> HEAD =
      List.of(
          "model",
          "way",
          "trained",
          "weights",
          "master",
          "gradients",
          "moments",
          "buffers",
          "activations",
          "memory",
          "",
          "tokens/s",
          "hours");

  private static final int WORDS = 2; // columns of words; the others are numbers

  /**
   * Copies the map.
   *
   * @param ranks GPUs, or processes on CPUs
   * @param machine that they run on
   * @param plans by the model's name, in the order of rows
   */
  public WayTable {
    plans = new LinkedHashMap<>(plans);
  }

  /** {@return the table for people, with the words that ask for each row below it} */
  public String text() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEAD);
    StringBuilder words = new StringBuilder();
    plans.forEach(
        (name, ways) ->
            ways.forEach(
                plan -> {
                  rows.add(row(name, plan));
                  words.append(Units.format("%s %s: %s%n", name, plan.way().text(), plan.words()));
                }));
    return Units.format(
            "%s x %s, of which each has %s beside %s that are not planned; %s%n%n",
            ranks,
            machine.name(),
            Units.bytes(Math.max(0, machine.memoryOf(ranks))),
            Units.bytes(machine.reserved()),
            machine.speed().basis())
        + TextTable.of(rows, WORDS)
        + "\n"
        + words;
  }

  private static List<String> row(String name, WayPlan plan) {
    MemoryAccount memory = plan.placement().memory();
    return List.of(
        name,
        plan.way().text(),
        Units.parameters(plan.trained()),
        Units.bytes(memory.weights()),
        Units.bytes(memory.masterWeights()),
        Units.bytes(memory.gradients()),
        Units.bytes(memory.optimizerStates()),
        Units.bytes(memory.buffers()),
        Units.bytes(memory.activationsPeak()),
        Units.bytes(memory.total()),
        fits(plan.placement()),
        Units.format("%,.0f", plan.tokensPerSecond()),
        Units.format(plan.hours() < 10 ? "%.2f" : "%,.1f", plan.hours()));
  }

  private static String fits(Placement placement) {
    return !placement.fits()
        ? "does not fit"
        : placement.changesNumbers() ? "fits, rounds" : "fits";
  }

  /** {@return the same in bytes, with a line end} */
  public String json() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("machine", machine.name());
    node.put("ranks", ranks);
    node.put("speed", machine.speed().basis());
    node.put("measured", machine.speed().measured());
    ArrayNode rows = node.putArray("ways");
    plans.forEach((name, ways) -> ways.forEach(plan -> rows.add(json(name, plan))));
    return node.toPrettyString() + "\n";
  }

  private static ObjectNode json(String name, WayPlan plan) {
    ObjectNode row = JsonNodeFactory.instance.objectNode();
    row.put("model", name);
    row.put("way", plan.way().text());
    row.put("parameters", plan.model().parameters());
    row.put("trained_parameters", plan.trained());
    row.put("fits", plan.placement().fits());
    row.put("rounds", plan.placement().changesNumbers());
    row.put("available_bytes", plan.placement().available());
    row.set("memory_bytes", RunPlanJson.memory(plan.placement().memory()));
    row.put("step_s", plan.placement().step().seconds());
    row.put("tokens_per_s", plan.tokensPerSecond());
    row.put("hours", plan.hours());
    ObjectNode settings = row.putObject("settings");
    plan.keys().forEach(settings::put);
    return row;
  }
}
