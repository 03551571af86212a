package ai.dmt.dashboard;

import ai.dmt.audit.AuditReport;
import ai.dmt.audit.Copies;
import ai.dmt.audit.Lengths;
import ai.dmt.audit.OverlapScan;
import ai.dmt.audit.SourceAudit;
import ai.dmt.data.DropReason;
import ai.dmt.data.EncodedSample;
import ai.dmt.internal.files.WholeFile;
import ai.dmt.internal.text.Units;
import ai.dmt.report.Axis;
import ai.dmt.report.Figure;
import ai.dmt.report.Point;
import ai.dmt.report.Report;
import ai.dmt.report.Section;
import ai.dmt.report.Series;
import ai.dmt.report.Table;
import ai.dmt.run.PreparationRun;
import ai.dmt.run.SampleText;
import ai.dmt.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * An audit of training data as one HTML page that needs no other file: lengths, what was dropped
 * and why, copies, overlap with benchmarks, and samples in which the tokens with loss are coloured.
 * It can be read without scripts.
 *
 * <pre>{@code
 * DataDashboard page = new DataDashboard("my data");
 * page.write(new PreparationRun(recipe, cache, Map.of(), 5).run(page), Path.of("data.html"));
 * }</pre>
 */
public final class DataDashboard implements PreparationRun.Listener {
  private static final int MOST_ROWS = 200; // of copies and overlaps; the rest is counted
  private static final int MOST_TOKENS = 400; // of a sample

  /** Characters that texts cannot have, since control characters are escaped in them. */
  private static final SampleText MARKS = new SampleText("\u0001", "\u0002");

  private final String title;
  private final Map<String, List<Section.MarkedText>> examples = new LinkedHashMap<>();

  /**
   * Begins a page.
   *
   * @param title such as the recipe's name
   */
  public DataDashboard(String title) {
    this.title = title;
  }

  @Override
  public void onSource(SourceAudit.Report report, boolean cached, Duration took) {
    // All of it comes again with the report.
  }

  @Override
  public void onExamples(String source, List<EncodedSample> samples, Tokenizer tokenizer) {
    List<Section.MarkedText> texts = new ArrayList<>();
    for (EncodedSample sample : samples) {
      texts.add(
          new Section.MarkedText(
              "%s, %s: %s tokens, %s of them with loss"
                  .formatted(
                      sample.id(),
                      sample.origin(),
                      Units.count(sample.tokenIds().length),
                      Units.count(sample.labelTokens())),
              spans(MARKS.render(sample, tokenizer, MOST_TOKENS))));
    }
    examples.put(source, texts);
  }

  private static List<Section.Span> spans(String text) {
    List<Section.Span> spans = new ArrayList<>();
    boolean marked = false;
    for (String part : text.split("[\u0001\u0002]", -1)) {
      if (!part.isEmpty()) {
        spans.add(new Section.Span(part, marked));
      }
      marked = !marked;
    }
    return spans;
  }

  /**
   * Writes the page.
   *
   * @param audit of all sources, of which this was the listener
   * @param file to write; one that is there is replaced in one step
   * @throws IOException if it cannot be written
   */
  public void write(AuditReport audit, Path file) throws IOException {
    WholeFile.replace(file, report(audit).standalone());
  }

  /**
   * {@return the page in its parts}
   *
   * @param audit of all sources, of which this was the listener
   */
  public Report report(AuditReport audit) {
    List<Section> sections = new ArrayList<>();
    sections.add(new Section("sources", "Sources", List.of(sources(audit))));
    sections.add(new Section("lengths", "Lengths", lengths(audit)));
    sections.add(new Section("dropped", "Cut and left out", dropped(audit)));
    sections.add(new Section("samples", "Samples, with loss on what is coloured", samples()));
    sections.add(new Section("copies", "Copies", copies(audit)));
    sections.add(new Section("overlap", "Overlap with benchmarks", overlap(audit)));
    long tokens = audit.sources().stream().mapToLong(each -> each.tokens().sum()).sum();
    return new Report(
        "Data of " + title,
        "%s sources, %s tokens".formatted(audit.sources().size(), Units.count(tokens)),
        sections);
  }

  private static Section.Block sources(AuditReport audit) {
    List<List<String>> rows = new ArrayList<>();
    long all = audit.sources().stream().mapToLong(each -> each.labelTokens().sum()).sum();
    for (SourceAudit.Report source : audit.sources()) {
      long labels = source.labelTokens().sum();
      rows.add(
          List.of(
              source.name(),
              Units.count(source.records()),
              Units.count(source.conversations()),
              Units.count(source.samples()),
              Units.count(source.turns()),
              Units.count(source.tokens().sum()),
              Units.count(labels),
              all == 0 ? "-" : Units.format("%.1f %%", 100.0 * labels / all)));
    }
    return new Section.TableBlock(
        "What was read, and what is left to train on.",
        new Table(
            List.of(
                "source",
                "records",
                "conversations",
                "samples",
                "turns",
                "tokens",
                "label tokens",
                "share of label tokens"),
            rows));
  }

  private static List<Section.Block> lengths(AuditReport audit) {
    List<Section.Block> blocks = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    for (SourceAudit.Report source : audit.sources()) {
      rows.add(row(source.name(), "tokens", source.tokens()));
      rows.add(row(source.name(), "label tokens", source.labelTokens()));
    }
    blocks.add(
        new Section.TableBlock(
            "Lengths of samples.",
            new Table(List.of("source", "counted", "median", "90 %", "99 %", "longest"), rows)));
    List<Figure> figures = new ArrayList<>();
    for (SourceAudit.Report source : audit.sources()) {
      List<Series> series = new ArrayList<>();
      addSeries(series, "tokens", source.tokens());
      addSeries(series, "label tokens", source.labelTokens());
      if (!series.isEmpty()) {
        figures.add(
            new Figure(
                "lengths-" + (figures.size() + 1),
                "Lengths in " + source.name(),
                "Samples in each class of length, at its middle.",
                Axis.whole("tokens"),
                Axis.whole("samples"),
                series,
                Figure.Style.LINES));
      }
    }
    if (!figures.isEmpty()) {
      blocks.add(new Section.Figures(figures));
    }
    return blocks;
  }

  private static List<String> row(String source, String counted, Lengths.Summary lengths) {
    return List.of(
        source,
        counted,
        Units.count(lengths.p50()),
        Units.count(lengths.p90()),
        Units.count(lengths.p99()),
        Units.count(lengths.max()));
  }

  private static void addSeries(List<Series> all, String name, Lengths.Summary lengths) {
    List<Point> points = new ArrayList<>();
    for (Lengths.Bin bin : lengths.bins()) {
      double middle = (bin.from() + bin.to()) / 2.0;
      points.add(Point.of(middle, bin.samples()));
    }
    if (!points.isEmpty()) {
      all.add(new Series(name, points));
    }
  }

  private static List<Section.Block> dropped(AuditReport audit) {
    List<Section.Block> blocks = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    for (SourceAudit.Report source : audit.sources()) {
      source
          .dropped()
          .forEach(
              (reason, count) ->
                  rows.add(
                      List.of(
                          source.name(),
                          DropReason.valueOf(reason.toUpperCase(Locale.ROOT)).text(),
                          Units.count(count))));
      source
          .unreadFields()
          .forEach(
              (field, count) ->
                  rows.add(
                      List.of(
                          source.name(),
                          "have text in \"%s\", which is not read".formatted(field),
                          Units.count(count))));
      SourceAudit.Truncation cut = source.truncated();
      if (cut.samples() > 0) {
        rows.add(
            List.of(
                source.name(),
                "label tokens that cut samples lost",
                Units.count(cut.labelTokensLost())));
      }
    }
    if (rows.isEmpty()) {
      blocks.add(new Section.Paragraph("Nothing was cut or left out."));
    } else {
      blocks.add(
          new Section.TableBlock(
              "By reason.", new Table(List.of("source", "reason", "count"), rows)));
    }
    for (SourceAudit.Report source : audit.sources()) {
      places(blocks, source.name() + ": cut", source.truncated().origins());
      places(blocks, source.name() + ": no question with its answer", source.empty());
      places(blocks, source.name() + ": no token carries loss", source.allMasked());
      places(blocks, source.name() + ": too long", source.tooLong());
    }
    return blocks;
  }

  private static void places(List<Section.Block> blocks, String what, List<String> origins) {
    if (!origins.isEmpty()) {
      List<List<String>> rows = origins.stream().limit(MOST_ROWS).map(List::of).toList();
      blocks.add(
          new Section.FoldedTable(
              summary(what, rows.size(), origins.size()), new Table(List.of("where"), rows)));
    }
  }

  private static String summary(String what, long shown, long all) {
    return shown == all
        ? "%s: %s".formatted(what, Units.count(all))
        : "%s: the first %s of %s".formatted(what, Units.count(shown), Units.count(all));
  }

  private List<Section.Block> samples() {
    List<Section.Block> blocks = new ArrayList<>();
    examples.forEach(
        (source, texts) -> {
          if (!texts.isEmpty()) {
            blocks.add(
                new Section.Marked(
                    "%s: samples that every subset of it has first".formatted(source), texts));
          }
        });
    if (blocks.isEmpty()) {
      blocks.add(new Section.Paragraph("No samples were asked for."));
    }
    return blocks;
  }

  private static List<Section.Block> copies(AuditReport audit) {
    List<Section.Block> blocks = new ArrayList<>();
    for (SourceAudit.Report source : audit.sources()) {
      pairs(
          blocks,
          source.name() + ": repeats of an earlier conversation",
          source.duplicateConversations());
      pairs(
          blocks,
          source.name() + ": samples with the prompt of an earlier one",
          source.duplicatePrompts());
    }
    for (SourceAudit.Shared shared : audit.shared()) {
      String names = shared.source() + " and " + shared.other();
      pairs(blocks, names + " share conversations", shared.conversations());
      pairs(blocks, names + " share prompts", shared.prompts());
    }
    if (blocks.isEmpty()) {
      blocks.add(new Section.Paragraph("There are none, within sources and between them."));
    }
    return blocks;
  }

  private static void pairs(List<Section.Block> blocks, String what, Copies.Summary copies) {
    if (copies.copies() > 0) {
      List<List<String>> rows =
          copies.pairs().stream()
              .limit(MOST_ROWS)
              .map(pair -> List.of(pair.copy(), pair.of()))
              .toList();
      blocks.add(
          new Section.FoldedTable(
              summary(what, rows.size(), copies.copies()), new Table(List.of("copy", "of"), rows)));
    }
  }

  private static List<Section.Block> overlap(AuditReport audit) {
    if (audit.benchmarks().isEmpty()) {
      return List.of(
          new Section.Paragraph(
              "No benchmark was looked for; dmt prepare --benchmark NAME=FILE looks for its"
                  + " prompts."));
    }
    List<Section.Block> blocks = new ArrayList<>();
    List<List<String>> counts = new ArrayList<>();
    audit
        .benchmarks()
        .forEach(
            (name, prompts) -> {
              long found =
                  audit.overlap().stream()
                      .filter(hit -> hit.benchmark().equals(name))
                      .map(OverlapScan.Hit::problem)
                      .distinct()
                      .count();
              counts.add(List.of(name, Units.count(prompts), Units.count(found)));
            });
    blocks.add(
        new Section.TableBlock(
            "Prompts of benchmarks that the data holds.",
            new Table(List.of("benchmark", "prompts", "found in the data"), counts)));
    List<List<String>> rows =
        audit.overlap().stream()
            .limit(MOST_ROWS)
            .map(
                hit ->
                    List.of(
                        hit.benchmark(),
                        hit.problem(),
                        hit.origin(),
                        hit.exact()
                            ? "is the prompt"
                            : "%s of its %s 13-grams".formatted(hit.matched(), hit.grams())))
            .toList();
    if (!rows.isEmpty()) {
      blocks.add(
          new Section.FoldedTable(
              summary("Where", rows.size(), audit.overlap().size()),
              new Table(List.of("benchmark", "problem", "where", "what is there"), rows)));
    }
    return blocks;
  }
}
