package ai.dmt.plan;

import ai.dmt.adapter.AdapterConfig;
import ai.dmt.engine.AdapterShapes;
import ai.dmt.engine.BaseWeights;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.MemoryAccount;
import ai.dmt.engine.StepPrediction;
import ai.dmt.internal.text.Units;
import java.util.ArrayList;
import java.util.List;

/** A plan for people. */
final class RunPlanText {
  /** Of runs on several nodes. */
  private static String network(RunPlan plan) {
    Machine machine = plan.machine();
    return plan.ranks() <= machine.ranksPerNode()
        ? ""
        : Units.format(
            ", %s in a node, each with %.1f GB/s to others",
            machine.ranksPerNode(), machine.network() / 1e9);
  }

  private static final int MOST_ROWS = 12;
  private static final double HOUR = 3600;

  private final RunPlan plan;
  private final double price;

  RunPlanText(RunPlan plan, double price) {
    this.plan = plan;
    this.price = price;
  }

  String text() {
    Placement chosen = plan.chosen();
    StringBuilder text = new StringBuilder();
    line(text, "on", "%s x %s%s", plan.ranks(), plan.machine().name(), network(plan));
    line(text, "speed", "%s", plan.machine().speed().basis());
    line(text, "model", "%s parameters", Units.parameters(plan.model().parameters()));
    chosen.config().adapter().ifPresent(adapter -> line(text, "adapter", "%s", adapter(adapter)));
    line(text, "samples", "%s", plan.lengths().basis());
    line(text, "settings", "%s", PlacementText.settings(chosen));
    line(text, "memory", "%s", memory(chosen));
    line(text, "step", "%s", step(chosen.step()));
    line(text, "run", "%s", run());
    line(text, "because", "%s", because());
    text.append('\n').append(table());
    return text.toString();
  }

  private static void line(StringBuilder text, String name, String pattern, Object... values) {
    text.append(Units.format("%-10s %s%n", name, Units.format(pattern, values)));
  }

  private String adapter(AdapterConfig adapter) {
    long own = AdapterShapes.parameters(plan.model(), adapter);
    return Units.format(
        "%s parameters, %.2f %% of the model's; weights that are not trained in %s",
        Units.parameters(own),
        100.0 * own / plan.model().parameters(),
        plan.chosen().config().baseWeights() == BaseWeights.COMPUTE
            ? plan.chosen().config().computeDType().text()
            : plan.chosen().config().baseWeights().text());
  }

  private String memory(Placement placement) {
    MemoryAccount account = placement.memory();
    return Units.format(
        "rank 0: weights %s%s, master %s, gradients %s%s, moments %s, buffers %s, activations %s: %s of"
            + " %s, beside %s that are not planned",
        Units.bytes(account.weights()),
        ofAdapter(placement),
        Units.bytes(account.masterWeights()),
        Units.bytes(account.gradients()),
        ofSelection(placement),
        Units.bytes(account.optimizerStates()),
        Units.bytes(account.buffers()),
        Units.bytes(account.activationsPeak()),
        Units.bytes(account.total()),
        Units.bytes(placement.available()),
        Units.bytes(plan.machine().reserved()));
  }

  /** Every rank has all of it. */
  private String ofAdapter(Placement placement) {
    EngineConfig config = placement.config();
    if (config.adapter().isEmpty()) {
      return "";
    }
    EngineConfig alone = EngineConfig.inference().withComputeDType(config.computeDType());
    long base =
        MemoryAccount.planned(
                plan.model(),
                alone
                    .withDevice(config.device())
                    .withBaseWeights(config.baseWeights())
                    .withSharding(config.sharding())
                    .withRanks(config.ranks()),
                0)
            .weights();
    return Units.format(
        " (%s of them the adapter's)", Units.bytes(placement.memory().weights() - base));
  }

  /** Those that are compared when a stage begins. */
  private String ofSelection(Placement placement) {
    long kept =
        placement.memory().gradients()
            - MemoryAccount.planned(plan.model(), placement.config(), 0).gradients();
    return kept == 0
        ? ""
        : Units.format(" (%s of them for control.replay_selection)", Units.bytes(kept));
  }

  private String step(StepPrediction step) {
    String among =
        plan.ranks() == 1
            ? ""
            : Units.format(
                ", of which %s s wait for collectives",
                PlacementText.seconds(step.exposed() + step.slowDown()));
    String reaches =
        plan.utilization() == 0
            ? ""
            : Units.format(", %.1f %% of the peak", 100 * plan.utilization());
    return Units.format(
        "%s s%s; %,.0f tokens/s%s%s",
        PlacementText.seconds(step.seconds()),
        among,
        plan.tokensPerSecond(),
        plan.ranks() == 1
            ? ""
            : Units.format(", %,.0f for each rank", plan.tokensPerSecond() / plan.ranks()),
        reaches);
  }

  private String run() {
    String hours = plan.machine().device().isCuda() ? "GPU hours" : "hours of a process";
    String cost =
        price == 0 ? "" : Units.format(", %,.2f at %,.2f an hour", price * plan.rankHours(), price);
    return Units.format(
        "%s steps, %s, %s %s%s; evaluation, saving and loading are not counted",
        Units.count(plan.steps()),
        time(plan.duration().toMillis() / 1e3),
        hours(plan.rankHours()),
        hours,
        cost);
  }

  private static String hours(double hours) {
    return Units.format(hours < 10 ? "%.2f" : hours < 100 ? "%.1f" : "%,.0f", hours);
  }

  private static String time(double seconds) {
    return seconds < 60
        ? Units.format("%.1f s", seconds)
        : seconds < 2 * HOUR
            ? Units.format("%.1f minutes", seconds / 60)
            : seconds < 48 * HOUR
                ? Units.format("%.1f hours", seconds / HOUR)
                : Units.format("%.1f days", seconds / 24 / HOUR);
  }

  private String because() {
    long fitting = plan.others().stream().filter(Placement::fits).count();
    String first =
        plan.chosen().changesNumbers()
            ? "nothing fits with the recipe's types of moments and gradients; of %s ways in bfloat16, which"
                + " rounds, it is the fastest"
            : "of %s ways that fit it is the fastest that keeps the recipe's numbers";
    Placement written = plan.asWritten();
    String own =
        !written.fits()
            ? "as written it needs %s and does not fit"
                .formatted(Units.bytes(written.memory().total()))
            : Units.format(
                "as written a step takes %s s and %s",
                PlacementText.seconds(written.step().seconds()),
                Units.bytes(written.memory().total()));
    return first.formatted(fitting) + "; " + own;
  }

  private String table() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(PlacementText.HEAD);
    plan.others().stream()
        .limit(MOST_ROWS)
        .forEach(each -> rows.add(PlacementText.row(each, each.equals(plan.chosen()))));
    String text = TextTable.of(rows, PlacementText.WORDS);
    int left = plan.others().size() - rows.size() + 1;
    return left == 0 ? text : text + "and %s more (--json)%n".formatted(left);
  }
}
