package ai.dmt.watch;

import ai.dmt.internal.files.Disk;
import ai.dmt.internal.text.JsonText;
import ai.dmt.internal.text.Printable;
import ai.dmt.internal.text.Units;
import ai.dmt.report.Figure;
import ai.dmt.report.LiveBoard;
import ai.dmt.report.LivePage;
import ai.dmt.report.LivePage.Fact;
import ai.dmt.report.LivePage.Notice;
import ai.dmt.report.LivePage.Status;
import ai.dmt.report.LivePage.Tone;
import ai.dmt.report.PageServer;
import ai.dmt.report.Report;
import ai.dmt.report.Section;
import ai.dmt.report.Table;
import ai.dmt.study.StudyFolder;
import ai.dmt.study.StudyReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The folder of a study: what is worked on now, each stage's own page, and the report so far. */
final class WatchedStudy implements Watched {
  private static final int MOST_FOLLOWED = 16; // stages whose pages were opened
  private static final String RUNS = "/run/";
  private static final String REPORT = "/report";

  private final StudyFolder folder;
  private final StudyTasksNow tasks;
  private final LiveBoard board = new LiveBoard();
  private final Map<String, RunWatch> runs = new LinkedHashMap<>(16, 0.75f, true); // by key
  private int slots; // figures of running stages that the page has had
  private List<StudyTasksNow.Running> running = List.of();
  private Map<String, String> finished = Map.of();
  private @Nullable FileTime resultsSeen; // null before there are results
  private int complete;
  private byte[] report = new byte[0];
  private @Nullable FileTime reportOf; // null before it was asked for

  WatchedStudy(Path root) {
    this.folder = new StudyFolder(root);
    this.tasks = new StudyTasksNow(folder);
  }

  @Override
  public void look() {
    List<Notice> notices = new ArrayList<>();
    String fault = "";
    try {
      if (!Files.isDirectory(folder.root())) {
        throw new IOException(folder.root() + " is not there");
      }
      running = tasks.running();
      finished = tasks.finished();
      readResults();
      for (StudyTasksNow.Failed failed : tasks.failed()) {
        notices.add(
            new Notice(
                failed.missing() ? Tone.WARNING : Tone.BAD,
                "%s: %s.".formatted(failed.label(), failed.missing() ? "missing" : "failed"),
                Printable.sentence(failed.reason())));
      }
    } catch (IOException e) {
      fault = Disk.reason(e);
    } catch (UncheckedIOException e) { // of a folder that is being listed
      fault = Printable.reason(e);
    }
    training().forEach(task -> run(task.key(), task.label()).look());
    followed();
    board.show(page(notices, fault));
  }

  /** Those of finished stages are looked at while somebody may have their page open. */
  private void followed() {
    for (Map.Entry<String, RunWatch> each : List.copyOf(runs.entrySet())) {
      if (training().stream().noneMatch(task -> task.key().equals(each.getKey()))) {
        if (each.getValue().snapshot().phase() != RunSnapshot.Phase.FINISHED) {
          each.getValue().look();
        }
      }
    }
    List<String> oldest = List.copyOf(runs.keySet());
    for (int i = 0; i < oldest.size() - MOST_FOLLOWED - training().size(); i++) {
      String key = oldest.get(i);
      if (training().stream().noneMatch(task -> task.key().equals(key))) {
        runs.remove(key);
      }
    }
  }

  private List<StudyTasksNow.Running> training() {
    return running.stream().filter(StudyTasksNow.Running::training).toList();
  }

  private RunWatch run(String key, String label) {
    return runs.computeIfAbsent(
        key,
        each ->
            new RunWatch(
                new StudyStage(folder, key),
                label,
                List.of(new LivePage.Link("The study", "../../"))));
  }

  private void readResults() throws IOException {
    if (Files.exists(folder.results())) {
      FileTime changed = Files.getLastModifiedTime(folder.results());
      if (!changed.equals(resultsSeen)) {
        complete = JsonText.read(folder.results()).path("cells").size();
        resultsSeen = changed;
      }
    }
  }

  private LivePage page(List<Notice> notices, String fault) {
    List<StudyTasksNow.Running> training = training();
    List<Notice> all = new ArrayList<>(notices);
    for (StudyTasksNow.Running task : training) {
      for (Alert alert : run(task.key(), task.label()).alerts()) {
        Notice notice = RunPage.notice(alert);
        all.add(
            new Notice(
                notice.tone(),
                "%s: %s".formatted(Printable.value(task.label()), notice.title()),
                notice.text()));
      }
    }
    List<Section> sections = new ArrayList<>();
    sections.add(new Section("now", "At work", List.of(table())));
    List<Figure> figures = figures(training);
    if (!figures.isEmpty()) {
      sections.add(new Section("curves", "Curves", List.of(new Section.Figures(figures))));
    }
    Path name = folder.root().getFileName();
    return new LivePage(
        new Report("Study " + name, "Stages, scores and analyses that are worked on.", sections),
        status(fault),
        all,
        links());
  }

  private Status status(String fault) {
    List<Fact> facts = new ArrayList<>();
    int cells = 0;
    try {
      cells = tasks.cells();
    } catch (IOException | UncheckedIOException e) {
      // the fault says so
    }
    facts.add(new Fact("cells complete", "%s of %s".formatted(complete, cells)));
    facts.add(new Fact("stages trained", Units.count(finished.size())));
    facts.add(new Fact("at work", Units.count(running.size())));
    double done = cells == 0 ? Double.NaN : (double) complete / cells;
    if (!fault.isEmpty()) {
      return new Status(
          "folder not readable",
          Tone.BAD,
          Printable.sentence(fault) + "; the page goes on when it is back.",
          done,
          facts);
    }
    if (!running.isEmpty()) {
      return new Status("running", Tone.GOOD, "", done, facts);
    }
    boolean finishedAll = cells > 0 && complete == cells;
    return finishedAll
        ? new Status("finished", Tone.GOOD, "All cells are complete.", done, facts)
        : new Status(
            "not at work",
            Tone.WARNING,
            "No process works on it; dmt study goes on where it was.",
            done,
            facts);
  }

  private Section.Block table() {
    if (running.isEmpty()) {
      return new Section.Paragraph("Nothing is worked on.");
    }
    List<List<String>> rows = new ArrayList<>();
    for (StudyTasksNow.Running task : running) {
      Optional<MetricLine> last = Optional.empty();
      String left = "-";
      int alerts = 0;
      if (task.training()) {
        RunWatch run = run(task.key(), task.label());
        last = run.metrics().last();
        left = RunPage.time(run.metrics().secondsLeft());
        alerts = run.alerts().size();
      }
      rows.add(
          List.of(
              Printable.value(task.label()),
              Printable.value(task.where()),
              last.map(line -> "%s of %s".formatted(line.step(), line.totalSteps())).orElse("-"),
              last.map(line -> Alerts.text(line.loss())).orElse("-"),
              left,
              Integer.toString(alerts)));
    }
    return new Section.TableBlock(
        "Each task and the process that works on it",
        new Table(List.of("task", "where", "step", "loss", "time left", "alerts"), rows));
  }

  /**
   * In places that stay when one stage is followed by another, so that the page is not loaded anew.
   */
  private List<Figure> figures(List<StudyTasksNow.Running> training) {
    List<Figure> figures = new ArrayList<>();
    for (StudyTasksNow.Running task : training) {
      RunMetrics metrics = run(task.key(), task.label()).metrics();
      if (!metrics.loss().isEmpty()) {
        String id = "run-" + (figures.size() + 1);
        figures.add(new RunFigures(metrics).loss(id, Printable.value(task.label())));
      }
    }
    slots = Math.max(slots, figures.size());
    for (Figure kept : board.figures()) { // a place that is empty keeps what it had
      if (figures.size() < slots && kept.id().equals("run-" + (figures.size() + 1))) {
        figures.add(kept);
      }
    }
    return figures;
  }

  private List<LivePage.Link> links() {
    List<LivePage.Link> links = new ArrayList<>();
    if (resultsSeen != null) {
      links.add(new LivePage.Link("Report so far", REPORT.substring(1)));
    }
    for (StudyTasksNow.Running task : training()) {
      links.add(new LivePage.Link("Now: " + Printable.value(task.label()), link(task.key())));
    }
    finished.forEach((key, label) -> links.add(new LivePage.Link(label, link(key))));
    return links;
  }

  private static String link(String key) {
    return RUNS.substring(1) + key + "/";
  }

  @Override
  public Optional<PageServer.Resource> at(String path) throws IOException {
    if (path.equals(REPORT)) {
      return Optional.of(new PageServer.Content("text/html; charset=utf-8", report()));
    }
    if (!path.startsWith(RUNS)) {
      return WatchedRun.at(path, "/", board);
    }
    // A key that is known, and no other text, becomes the name of a folder.
    String key = path.substring(RUNS.length()).replaceFirst("/.*$", "");
    String label = finished.get(key);
    for (StudyTasksNow.Running task : training()) {
      label = task.key().equals(key) ? task.label() : label;
    }
    if (label == null && !runs.containsKey(key)) {
      return Optional.empty();
    }
    boolean fresh = !runs.containsKey(key);
    RunWatch run = run(key, label == null ? key : label);
    if (fresh) {
      run.look();
    }
    return WatchedRun.at(path, RUNS + key + "/", run.board());
  }

  private byte[] report() throws IOException {
    FileTime changed = Files.getLastModifiedTime(folder.results());
    if (!changed.equals(reportOf)) {
      report = PageServer.Content.page(StudyReport.of(folder).standalone()).bytes();
      reportOf = changed;
    }
    return report;
  }

  @Override
  public void leave() {
    board.leave();
    runs.values().forEach(run -> run.board().leave());
  }
}
