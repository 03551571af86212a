package ai.dmt.cli;

import ai.dmt.evaluation.HeldOutLoss;
import ai.dmt.evaluators.Interval;
import ai.dmt.internal.text.Units;
import java.util.Map;

/** Held-out losses as text: a line a source, a column a model. */
public final class HeldOutTable {
  private static final int COLUMN = 26;

  private HeldOutTable() {}

  /** The table. @param losses by the model's name, of the same sources, at least one */
  public static String text(Map<String, HeldOutLoss> losses) {
    StringBuilder text = new StringBuilder("held-out loss, nats a label token, 95 % interval\n");
    text.append(Units.format("%-20s %7s", "source", "samples"));
    losses.keySet().forEach(model -> text.append(Units.format("  %" + COLUMN + "s", model)));
    text.append('\n');
    HeldOutLoss first = losses.values().iterator().next();
    first
        .sources()
        .forEach(
            (source, samples) -> {
              text.append(Units.format("%-20s %7s", source, Units.count(samples.size())));
              losses
                  .values()
                  .forEach(
                      loss -> text.append(Units.format("  %" + COLUMN + "s", cell(loss, source))));
              text.append('\n');
            });
    return text.toString();
  }

  private static String cell(HeldOutLoss loss, String source) {
    Interval interval = loss.interval(source);
    return Units.format("%.4f (%.4f to %.4f)", loss.mean(source), interval.low(), interval.high());
  }
}
