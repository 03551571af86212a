package ai.dmt.cli;

import ai.dmt.audit.AuditReport;
import ai.dmt.audit.Copies;
import ai.dmt.audit.Lengths;
import ai.dmt.audit.OverlapScan;
import ai.dmt.audit.SourceAudit;
import ai.dmt.data.DropReason;
import ai.dmt.data.EncodedSample;
import ai.dmt.internal.text.Printable;
import ai.dmt.internal.text.Units;
import ai.dmt.run.PreparationRun;
import ai.dmt.run.SampleText;
import ai.dmt.tokenizer.Tokenizer;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** An audit as people read it; lists are cut, JSON has all of them. */
public final class AuditText implements PreparationRun.Listener {
  private static final int NAMED = 5;
  private static final int HITS = 20;
  private static final int BAR = 40;

  private final PrintWriter out;
  private final SampleText marks;

  /** Makes a text. @param marks of the parts of examples that carry loss */
  public AuditText(PrintWriter out, SampleText marks) {
    this.out = out;
    this.marks = marks;
  }

  @Override
  public void onSource(SourceAudit.Report source, boolean cached, Duration took) {
    double seconds = Math.max(1e-3, took.toNanos() * 1e-9);
    print(
        "%s: %s samples, %s tokens, %s label tokens; %s in %.1f s (%,.0f tokens/s)%n",
        source.name(),
        Units.count(source.samples()),
        Units.count(source.tokens().sum()),
        Units.count(source.labelTokens().sum()),
        cached ? "from the cache" : "tokenised",
        seconds,
        source.tokens().sum() / seconds);
    print(
        "  %s records read, %s conversations kept, %s turns%n",
        Units.count(source.records()),
        Units.count(source.conversations()),
        Units.count(source.turns()));
    source
        .dropped()
        .forEach(
            (reason, count) ->
                print(
                    "  %10s %s%n",
                    Units.count(count),
                    DropReason.valueOf(reason.toUpperCase(Locale.ROOT)).text()));
    source
        .unreadFields()
        .forEach(
            (field, count) -> print("  %10s have text in \"%s\"%n", Units.count(count), field));
    SourceAudit.Truncation cut = source.truncated();
    if (cut.samples() > 0) {
      print(
          "  cut samples lost %s tokens, %s of them label tokens: %s%n",
          Units.count(cut.tokensLost()),
          Units.count(cut.labelTokensLost()),
          firstOf(cut.origins()));
    }
    named("no question with its answer", source.empty());
    named("no token carries loss", source.allMasked());
    named("too long", source.tooLong());
    copies("repeat an earlier conversation", source.duplicateConversations());
    copies("have the prompt of an earlier one", source.duplicatePrompts());
    lengths("tokens per sample", source.tokens());
    lengths("label tokens per sample", source.labelTokens());
    out.flush();
  }

  @Override
  public void onExamples(String source, List<EncodedSample> examples, Tokenizer tokenizer) {
    for (EncodedSample example : examples) {
      print(
          "  sample %s (%s), loss on %sthis%s%n",
          Printable.value(example.id()), example.origin(), marks.begin(), marks.end());
      out.println(marks.render(example, tokenizer, Integer.MAX_VALUE).indent(4).stripTrailing());
    }
    out.flush();
  }

  /** Prints what concerns several sources. */
  public void print(AuditReport report) {
    for (SourceAudit.Shared shared : report.shared()) {
      String names = "%s and %s".formatted(shared.source(), shared.other());
      copies(names + " share conversations", shared.conversations());
      copies(names + " share prompts", shared.prompts());
    }
    report
        .benchmarks()
        .forEach(
            (name, prompts) ->
                print(
                    "overlap with %s: %s of %s prompts%n",
                    name,
                    Units.count(
                        report.overlap().stream()
                            .filter(hit -> hit.benchmark().equals(name))
                            .map(OverlapScan.Hit::problem)
                            .distinct()
                            .count()),
                    Units.count(prompts)));
    report.overlap().stream().limit(HITS).forEach(this::hit);
    if (report.overlap().size() > HITS) {
      print("  ... and %s more; --json lists all%n", Units.count(report.overlap().size() - HITS));
    }
    out.flush();
  }

  /** One sentence on the overlap that was found. */
  public static String warning(AuditReport report) {
    return Units.format(
        "warning: %s turns of the training data hold prompts of benchmarks; scores on %s would"
            + " measure memory",
        Units.count(report.overlap().size()),
        String.join(
            ", ", report.overlap().stream().map(OverlapScan.Hit::benchmark).distinct().toList()));
  }

  private void hit(OverlapScan.Hit hit) {
    print(
        "  %s %s: %s turn %d (%s) %s%n",
        hit.benchmark(),
        Printable.value(hit.problem()),
        hit.origin(),
        hit.turn(),
        Printable.value(hit.id()),
        hit.exact()
            ? "is the prompt"
            : "has %s of its %s 13-grams: \"%s\""
                .formatted(hit.matched(), hit.grams(), hit.words()));
  }

  private void named(String what, List<String> origins) {
    if (!origins.isEmpty()) {
      print("  %s: %s%n", what, firstOf(origins));
    }
  }

  private void copies(String what, Copies.Summary copies) {
    if (copies.copies() > 0) {
      Copies.Pair first = copies.pairs().get(0);
      print(
          "  %10s %s, such as %s of %s%n",
          Units.count(copies.copies()), what, first.copy(), first.of());
    }
  }

  private static String firstOf(List<String> origins) {
    String first = String.join(", ", origins.subList(0, Math.min(NAMED, origins.size())));
    return origins.size() > NAMED
        ? "%s and %s more".formatted(first, Units.count(origins.size() - NAMED))
        : first;
  }

  private void lengths(String what, Lengths.Summary lengths) {
    print(
        "  %s: median %s, p90 %s, p99 %s, longest %s%n",
        what,
        Units.count(lengths.p50()),
        Units.count(lengths.p90()),
        Units.count(lengths.p99()),
        Units.count(lengths.max()));
    long most = lengths.bins().stream().mapToLong(Lengths.Bin::samples).max().orElse(1);
    for (Lengths.Bin bin : lengths.bins()) {
      int bar = (int) Math.ceil((double) BAR * bin.samples() / most);
      print(
          "    %6d to %6d %10s %s%n",
          bin.from(), bin.to(), Units.count(bin.samples()), "#".repeat(bar));
    }
  }

  private void print(String pattern, Object... values) {
    out.print(Units.format(pattern, values));
  }
}
