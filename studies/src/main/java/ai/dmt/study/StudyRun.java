package ai.dmt.study;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.Printable;
import ai.dmt.internal.text.Units;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeReader;
import ai.dmt.recipe.RecipeWriter;
import ai.dmt.run.PreparedSources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Runs a study, or goes on with it: writes each cell's recipe, works off the tasks in this process
 * or in several, and keeps the results up to date.
 */
public final class StudyRun implements AutoCloseable {
  private static final long FLOAT_BYTES = 4;

  /** Completions, samples as tokens, the report: what a study of the bundled world has of them. */
  private static final long BESIDE_BYTES = 32L << 20;

  private final StudySetup setup;
  private final StudyFolder folder;
  private final PreparedSources sources;
  private final SizeModels models;
  private final NodeSources nodeSources;
  private final StudyGraph graph;
  private final List<StudyCell> cells;
  private final StudyTasks sizes;
  private final List<StudyTask> tasks;
  private final StudyResults results;
  private final StudyLog log;
  private volatile boolean stopping;

  /**
   * Reads the data and makes the graph.
   *
   * @param setup the study and digests of its files
   * @param folder that the study writes to
   * @param questions whose cells are run
   * @param only ids of cells; empty for all of the questions
   * @param evaluation scores models
   * @param version of dmt, for the results
   * @param log takes a line about each task
   * @throws ConfigException if model, data or cells are at fault
   */
  public StudyRun(
      StudySetup setup,
      StudyFolder folder,
      List<StudyQuestion> questions,
      List<String> only,
      CellEvaluation evaluation,
      String version,
      StudyLog log) {
    this(setup, folder, all -> StudyCells.select(all, questions, only), evaluation, version, log);
  }

  private StudyRun(
      StudySetup setup,
      StudyFolder folder,
      UnaryOperator<List<StudyCell>> chosen,
      CellEvaluation evaluation,
      String version,
      StudyLog log) {
    this.setup = setup;
    this.folder = folder;
    this.log = log;
    this.sources = PreparedSources.of(setup.study().recipe(), folder.prepared());
    try {
      this.models = SizeModels.of(setup.study(), sources.model());
      this.graph =
          new StudyGraph(setup.study(), setup.hashes().contexts(setup.study()), sources.sizes());
      this.cells = chosen.apply(graph.cells());
      this.nodeSources = NodeSources.of(setup.study(), graph, cells, sources, folder.prepared());
      this.sizes =
          new StudyTasks(setup, folder, graph, nodeSources, models, evaluation, () -> stopping);
      this.tasks = sizes.of(cells);
      this.results = new StudyResults(setup, folder, graph, version, models);
    } catch (RuntimeException e) {
      sources.close();
      throw e;
    }
  }

  /**
   * The cells that were asked for in a folder, by whoever did.
   *
   * @param folder of a study that was begun
   * @param evaluation scores models
   * @param version of dmt, for the results
   * @param log takes a line about each task
   * @return the run; closing it is the caller's
   * @throws ConfigException if model or data are at fault, or nothing was begun there
   * @throws IOException if the folder cannot be read
   */
  public static StudyRun asked(
      StudyFolder folder, CellEvaluation evaluation, String version, StudyLog log)
      throws IOException {
    if (!Files.exists(folder.study())) {
      throw new ConfigException("%s holds no study: it has no study.yaml".formatted(folder.root()));
    }
    return new StudyRun(
        StudySetup.read(folder),
        folder,
        all -> all.stream().filter(cell -> Files.exists(folder.cellRecipe(cell))).toList(),
        evaluation,
        version,
        log);
  }

  /** {@return the plan of the cells that are run} */
  public StudyPlan plan() {
    return new StudyPlan(setup.study(), graph, cells, nodeSources::tables, models::cost);
  }

  /**
   * Works off everything in this process.
   *
   * @return how many cells were run, which of them have no results, and which scores are missing
   * @throws IOException if the folder cannot be written
   * @throws InterruptedException if the thread is interrupted; another run goes on from there
   */
  public Outcome run() throws IOException, InterruptedException {
    begin();
    worker(() -> results.writeUnlessBusy()).run();
    return end();
  }

  /**
   * Works off everything in processes.
   *
   * @param workers starts them
   * @param jobs how many
   * @return how many cells were run, which of them have no results, and which scores are missing
   * @throws IOException if the folder cannot be written or a process cannot be started
   * @throws InterruptedException if the thread is interrupted; the processes are ended
   */
  public Outcome run(WorkerProcesses workers, int jobs) throws IOException, InterruptedException {
    begin();
    workers.run(jobs, () -> results.writeUnlessBusy());
    return end();
  }

  /**
   * Works beside others, for a process that {@link WorkerProcesses} started.
   *
   * @throws IOException if the folder cannot be written
   * @throws InterruptedException if the thread is interrupted; another run goes on from there
   */
  public void work() throws IOException, InterruptedException {
    worker(() -> {}).run();
  }

  /**
   * Does one task, for a job of a scheduler.
   *
   * @param key of the task
   * @return whether it is done; else it has failed, and the folder says why
   * @throws ConfigException if the cells have no such task
   * @throws IOException if the folder cannot be written, or what the task needs is not there
   * @throws InterruptedException if the thread is interrupted, or {@link #stop} was called
   */
  public boolean work(String key) throws IOException, InterruptedException {
    StudyTask task =
        tasks.stream()
            .filter(each -> each.key().equals(key))
            .findFirst()
            .orElseThrow(
                () -> new ConfigException("%s has no task %s".formatted(folder.root(), key)));
    try {
      return worker(() -> results.writeUnlessBusy()).runOne(task)
          || TaskFailure.read(folder.failure(key)).map(TaskFailure::missing).orElse(false);
    } catch (StoppedException e) {
      log.onTask(Printable.reason(e));
      throw new InterruptedException(e.getMessage());
    }
  }

  /** Ends a stage after the step that is being made, with a checkpoint. For any thread. */
  public void stop() {
    stopping = true;
  }

  /**
   * Writes the definition and the recipe of each cell, and forgets failures, so that jobs can work
   * in the folder.
   *
   * @throws ConfigException if the disk has no room, or another study was begun there
   * @throws IOException if the folder cannot be written
   */
  public void begin() throws IOException {
    Files.createDirectories(folder.root());
    checkDisk();
    Registration.keep(folder);
    setup.remember(folder);
    StudyRecord.write(setup, folder);
    clearFailures();
    for (StudyCell cell : cells) {
      writeRecipe(cell); // which says that somebody asked for it
    }
  }

  /**
   * Writes the results of all that is done, and no report.
   *
   * @return how many cells there are, which of them have no results, and which scores are missing
   * @throws IOException if the folder cannot be written
   */
  public Outcome end() throws IOException {
    results.write();
    return results.outcome(cells, tasks);
  }

  /** All tasks of the cells. */
  List<StudyTask> tasks() {
    return tasks;
  }

  /** Those that can still be done in a folder, this run's or another, the heaviest first. */
  List<StudyTask> open(StudyFolder place) {
    List<StudyTask> there =
        tasks.stream()
            .map(task -> task.in(place.root().resolve(folder.root().relativize(task.folder()))))
            .toList();
    return new StudyWorker(place, there, log, () -> {}).open();
  }

  /** What jobs of the study take. */
  TaskResources resources() {
    return new TaskResources(
        setup.study(), folder, graph, graph.nodesOf(cells), nodeSources, models, sizes::size);
  }

  /**
   * How a study ended.
   *
   * @param cells that were run
   * @param failed a line for each cell that has no results
   * @param missing scores that cannot be had on this machine, a line for each reason
   * @param failedAnalyses a line for each analysis over several models that has no results
   */
  public record Outcome(
      int cells, List<String> failed, List<String> missing, List<String> failedAnalyses) {}

  private StudyWorker worker(Runnable afterTask) {
    return new StudyWorker(folder, tasks, log, afterTask);
  }

  /** A study that is started again tries again. */
  private void clearFailures() throws IOException {
    Path failures = folder.failures();
    if (Files.exists(failures)) {
      try (Stream<Path> files = Files.list(failures)) {
        for (Path file : files.toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private void checkDisk() throws IOException {
    List<StageNode> left =
        graph.nodesOf(cells).stream()
            .filter(node -> !Files.exists(folder.node(node.key())))
            .toList();
    long weights =
        FLOAT_BYTES * left.stream().mapToLong(node -> models.saved(setup.study(), node)).sum();
    long needed = left.isEmpty() ? 0 : weights + BESIDE_BYTES;
    long free = folder.root().toFile().getUsableSpace();
    if (free < needed) {
      throw new ConfigException(
          "%s: the disk has %s free; the models of %s stages need up to %s, all else some %s"
              .formatted(
                  folder.root(),
                  Units.bytes(free),
                  left.size(),
                  Units.bytes(weights),
                  Units.bytes(BESIDE_BYTES)));
    }
  }

  /** The cell as a recipe of its own, with which a stranger gets the same numbers. */
  private void writeRecipe(StudyCell cell) throws IOException {
    Recipe recipe =
        RecipeReader.parse(
            RecipeWriter.yaml(cell.recipe()),
            cell.id(),
            List.of("output_dir=\"%s\"".formatted(folder.cell(cell).resolve("model"))));
    Path file = folder.cellRecipe(cell);
    String text = RecipeWriter.yaml(recipe);
    if (!Files.exists(file) || !Files.readString(file).equals(text)) {
      StudyFolder.replace(file, text);
    }
  }

  @Override
  public void close() {
    sources.close();
  }
}
