package ai.dmt.study;

import ai.dmt.internal.text.BuildVersion;
import ai.dmt.report.Fonts;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A study in a folder: what {@code dmt study} does in one process, for programs.
 *
 * <pre>{@code
 * Study study = Study.open(StudyPresets.read("tiny", List.of("seeds=1")), Path.of("my-study"));
 * study.run();
 * for (CellResult cell : study.results()) {
 *   System.out.println(cell.id() + " " + cell.scores());
 * }
 * }</pre>
 *
 * <p>Immutable. A study that was begun in the folder goes on; several processes may work on one.
 */
public final class Study {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final StudyDefinition definition;
  private final StudyFolder folder;
  private final List<StudyQuestion> questions;
  private final List<String> cells;
  private final StudyLog log;
  private final Function<String, @Nullable String> environment;

  private Study(
      StudyDefinition definition,
      StudyFolder folder,
      List<StudyQuestion> questions,
      List<String> cells,
      StudyLog log,
      Function<String, @Nullable String> environment) {
    this.definition = definition;
    this.folder = folder;
    this.questions = List.copyOf(questions);
    this.cells = List.copyOf(cells);
    this.log = log;
    this.environment = environment;
  }

  /**
   * Names a study and its folder. Nothing is written yet.
   *
   * @param definition such as one of {@link StudyPresets}
   * @param folder for models, results and report
   * @return the study, for all of its questions
   */
  public static Study open(StudyDefinition definition, Path folder) {
    List<StudyQuestion> all = definition.asked("all");
    return new Study(
        definition, StudyFolder.ofOutput(folder), all, List.of(), line -> {}, name -> null);
  }

  /**
   * {@return the same study for some of its questions}
   *
   * @param some at least one
   */
  public Study withQuestions(List<StudyQuestion> some) {
    return new Study(definition, folder, some, cells, log, environment);
  }

  /**
   * {@return the same study for some of its cells}
   *
   * @param ids as {@link CellResult#id} has them; empty for all
   */
  public Study withCells(List<String> ids) {
    return new Study(definition, folder, questions, ids, log, environment);
  }

  /**
   * {@return the same study with a log}
   *
   * @param lines takes a line about each task, on the thread that works on it
   */
  public Study withLog(StudyLog lines) {
    return new Study(definition, folder, questions, cells, lines, environment);
  }

  /**
   * {@return the same study with what its options take from the environment, such as the key of a
   * judge; without it nothing is there}
   *
   * @param values value of a variable, such as {@code System::getenv}; null if there is none
   */
  public Study withEnvironment(Function<String, @Nullable String> values) {
    return new Study(definition, folder, questions, cells, log, values);
  }

  /**
   * Trains and scores what is missing, in this thread, then writes results and report.
   *
   * @return how many cells there are, which failed, and which scores cannot be had here
   * @throws ai.dmt.config.ConfigException if model, data or cells are at fault, the folder holds
   *     another study, or the machine has no fonts for the report
   * @throws IOException if the folder cannot be written
   * @throws InterruptedException if this thread is interrupted; what was done stays
   */
  public StudyRun.Outcome run() throws IOException, InterruptedException {
    Fonts.require();
    StudySetup setup = StudySetup.of(folder, StudyWorld.place(definition, folder), 1);
    String version = "dmt " + BuildVersion.current().version();
    try (StudyRun run =
        new StudyRun(
            setup,
            folder,
            questions,
            cells,
            new BenchmarkEvaluation(setup.study(), folder, environment),
            version,
            log)) {
      StudyRun.Outcome outcome = run.run();
      StudyReport.write(folder);
      return outcome;
    }
  }

  /**
   * Reads what the base model does.
   *
   * @return held-out loss of each source, in nats per label token; empty before the first run
   * @throws IOException if results.json cannot be read
   */
  public Map<String, Double> base() throws IOException {
    Map<String, Double> losses = new LinkedHashMap<>();
    if (Files.exists(folder.results())) {
      JSON.readTree(folder.results().toFile())
          .path("base")
          .path("held_out")
          .properties()
          .forEach(source -> losses.put(source.getKey(), source.getValue().doubleValue()));
    }
    return losses;
  }

  /**
   * Reads the cells that are complete.
   *
   * @return results in the study's order; empty before the first run
   * @throws IOException if results.json cannot be read
   */
  public List<CellResult> results() throws IOException {
    if (!Files.exists(folder.results())) {
      return List.of();
    }
    List<CellResult> results = new ArrayList<>();
    for (JsonNode cell : JSON.readTree(folder.results().toFile()).path("cells")) {
      results.add(CellResult.of(cell));
    }
    return List.copyOf(results);
  }
}
