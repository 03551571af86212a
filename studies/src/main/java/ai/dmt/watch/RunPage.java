package ai.dmt.watch;

import ai.dmt.internal.files.ProcessMemory;
import ai.dmt.internal.text.Printable;
import ai.dmt.internal.text.Units;
import ai.dmt.report.Figure;
import ai.dmt.report.LivePage;
import ai.dmt.report.LivePage.Fact;
import ai.dmt.report.LivePage.Notice;
import ai.dmt.report.LivePage.Status;
import ai.dmt.report.LivePage.Tone;
import ai.dmt.report.Report;
import ai.dmt.report.Section;
import ai.dmt.report.Table;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** A run as a page. */
final class RunPage {
  private final String name;
  private final RunMetrics metrics;
  private final RunSnapshot snapshot;
  private final double silentSeconds;
  private final List<Alert> alerts;
  private final List<LivePage.Link> links;

  /**
   * Makes one.
   *
   * @param name of the run
   * @param silentSeconds since the last line was written
   * @param alerts of the run now
   * @param links to other pages
   */
  RunPage(
      String name,
      RunMetrics metrics,
      RunSnapshot snapshot,
      double silentSeconds,
      List<Alert> alerts,
      List<LivePage.Link> links) {
    this.name = name;
    this.metrics = metrics;
    this.snapshot = snapshot;
    this.silentSeconds = silentSeconds;
    this.alerts = alerts;
    this.links = links;
  }

  /** The page. @param samples that the run has shown */
  LivePage page(Optional<Section> samples) {
    List<Section> sections = new ArrayList<>();
    List<Figure> figures = new RunFigures(metrics).all();
    if (!figures.isEmpty()) {
      sections.add(new Section("curves", "Curves", List.of(new Section.Figures(figures))));
    }
    if (snapshot.ledger().path("entries").size() > 0) {
      sections.add(new Section("mixture", "Mixture", List.of(mixture())));
    }
    if (!snapshot.plan().isMissingNode()) {
      sections.add(new Section("memory", "Memory of rank 0", List.of(memory())));
    }
    samples.ifPresent(sections::add);
    String title = "Run " + name;
    return new LivePage(
        new Report(title, subtitle(), sections),
        status(),
        alerts.stream().map(RunPage::notice).toList(),
        links);
  }

  static Notice notice(Alert alert) {
    boolean bad = alert.kind().compareTo(Alert.Kind.GRADIENT) < 0;
    return new Notice(bad ? Tone.BAD : Tone.WARNING, alert.kind().title() + ".", alert.text());
  }

  private String subtitle() {
    if (snapshot.recipe() == null) {
      return "A page that follows the run's folder.";
    }
    return "%s, from %s"
        .formatted(
            Printable.value(snapshot.recipe().strategy().name()),
            Printable.value(snapshot.recipe().model()));
  }

  private long step() {
    return metrics.last().map(MetricLine::step).orElse(0L);
  }

  private Status status() {
    long total = metrics.last().map(MetricLine::totalSteps).orElse(0L);
    boolean finished = snapshot.phase() == RunSnapshot.Phase.FINISHED;
    double done = finished ? 1 : total == 0 ? Double.NaN : (double) step() / total;
    List<Fact> facts = new ArrayList<>();
    metrics.last().ifPresent(line -> addFacts(facts, line));
    return switch (snapshot.phase()) {
      case NOT_BEGUN -> new Status("not yet begun", Tone.QUIET, waiting(), done, facts);
      case RUNNING ->
          new Status(
              "running", Tone.GOOD, step() == 0 ? "Data and model are read." : "", done, facts);
      case STALE -> new Status("no sign of life", Tone.WARNING, stale(), done, facts);
      case STOPPED ->
          new Status(
              "stopped",
              Tone.WARNING,
              "It ended before its last step; dmt train with --resume auto goes on from the newest"
                  + " checkpoint.",
              done,
              facts);
      case FAILED ->
          new Status("failed", Tone.BAD, Printable.sentence(snapshot.reason()), done, facts);
      case FINISHED -> new Status("finished", Tone.GOOD, "All steps are done.", done, facts);
      case GONE ->
          new Status(
              "folder not readable",
              Tone.BAD,
              Printable.sentence(snapshot.reason())
                  + "; the page goes on when it is back, and shows what there was before.",
              done,
              facts);
    };
  }

  private static String waiting() {
    return "The page shows the run when its first files are there.";
  }

  private String stale() {
    String silence = Units.time(Duration.ofSeconds((long) silentSeconds));
    String held =
        snapshot.process().isPresent()
            ? "its process %s is there".formatted(snapshot.process().getAsLong())
            : "no process of this machine holds its lock, so it was killed or runs elsewhere";
    return "Nothing was written for %s; %s.".formatted(silence, held);
  }

  private void addFacts(List<Fact> facts, MetricLine line) {
    facts.add(new Fact("step", "%s of %s".formatted(count(line.step()), count(line.totalSteps()))));
    if (!line.stage().isEmpty()) {
      facts.add(new Fact("stage", stage(line.stage())));
    }
    facts.add(new Fact("loss", Alerts.text(line.loss())));
    if (snapshot.phase() == RunSnapshot.Phase.RUNNING && line.step() < line.totalSteps()) {
      facts.add(new Fact("time left", time(metrics.secondsLeft())));
    }
    facts.add(new Fact("trained for", time(metrics.trainedSeconds())));
    facts.add(new Fact("tokens a second", Units.format("%,.0f", line.tokensPerSecond())));
    facts.add(new Fact("tokens so far", count(metrics.tokens())));
    facts.add(new Fact("learning rate", Units.format("%.2e", line.learningRate())));
  }

  /** Such as "code, 2 of 3". */
  private String stage(String stage) {
    List<String> stages = stages();
    int place = stages.indexOf(stage);
    return Printable.value(stage)
        + (stages.size() > 1 && place >= 0 ? ", %s of %s".formatted(place + 1, stages.size()) : "");
  }

  private List<String> stages() {
    List<String> stages = new ArrayList<>();
    for (JsonNode entry : snapshot.ledger().path("entries")) {
      String stage = entry.path("stage").asText();
      if (!stages.contains(stage)) {
        stages.add(stage);
      }
    }
    return stages;
  }

  private Section.Block mixture() {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode entry : snapshot.ledger().path("entries")) {
      String stage = entry.path("stage").asText();
      String source = entry.path("source").asText();
      Map<String, Long> counts = metrics.labelTokens().getOrDefault(stage, Map.of());
      long all = counts.values().stream().mapToLong(Long::longValue).sum();
      long own = counts.getOrDefault(source, 0L);
      rows.add(
          List.of(
              Printable.value(stage),
              Printable.value(source),
              percent(entry.path("asked_share").asDouble()),
              percent(entry.path("realised_share").asDouble()),
              percent(entry.path("realised").path("label_token_share").asDouble()),
              all == 0 ? "-" : percent((double) own / all),
              count(own)));
    }
    return new Section.TableBlock(
        "Share of each source in its stage: asked for and planned in what the recipe measures,"
            + " planned and so far in label tokens",
        new Table(
            List.of(
                "stage",
                "source",
                "asked",
                "planned",
                "of label tokens",
                "of label tokens so far",
                "label tokens so far"),
            rows));
  }

  private Section.Block memory() {
    JsonNode bytes = snapshot.plan().path("memory_bytes");
    List<List<String>> rows = new ArrayList<>();
    row(rows, "planned by the account", bytes.path("planned"));
    row(rows, "held by the engine at most", bytes.path("held"));
    row(rows, "growth of its process", bytes.path("process_growth"));
    snapshot
        .process()
        .ifPresent(
            process -> {
              row(rows, "process %s now".formatted(process), ProcessMemory.NOW.of(process));
              row(rows, "process %s at most".formatted(process), ProcessMemory.PEAK.of(process));
            });
    return new Section.TableBlock(
        "The account is of weights, gradients, states and activations; a process has the JVM and"
            + " libraries beside",
        new Table(List.of("what", "memory"), rows));
  }

  private static void row(List<List<String>> rows, String what, JsonNode bytes) {
    if (bytes.isNumber()) {
      rows.add(List.of(what, Units.bytes(bytes.asLong())));
    }
  }

  private static void row(List<List<String>> rows, String what, OptionalLong bytes) {
    bytes.ifPresent(count -> rows.add(List.of(what, Units.bytes(count))));
  }

  private static String count(long number) {
    return Units.count(number);
  }

  private static String percent(double share) {
    return Units.format("%.1f %%", 100 * share);
  }

  static String time(double seconds) {
    return Double.isNaN(seconds) ? "-" : Units.time(Duration.ofSeconds((long) seconds));
  }
}
