package ai.dmt.study;

import ai.dmt.config.ConfigException;
import ai.dmt.conflict.ConflictReport;
import ai.dmt.conflict.DataOverlap;
import ai.dmt.conflict.FactorModel;
import ai.dmt.conflict.GradientConflict;
import ai.dmt.conflict.Interfering;
import ai.dmt.conflict.SourceSets;
import ai.dmt.data.Source;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.NativeEngine;
import ai.dmt.recipe.Recipe;
import ai.dmt.report.Report;
import ai.dmt.report.Section;
import ai.dmt.run.PreparedSources;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * Conflicts of a study's sources at the models of its stages, first seed, and, where it asked the
 * grid, which factors tell where data interfere.
 */
public final class StudyConflict {
  /** Tokens of the n-grams that overlaps are counted in. */
  public static final List<Integer> N_GRAMS = List.of(1, 4);

  private static final String BASE = "base model";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String name;
  private final ResultView view;
  private final Registration registration;
  private final Map<String, GradientConflict> models = new LinkedHashMap<>(); // by what they are
  private final List<DataOverlap> overlaps = new ArrayList<>();

  private StudyConflict(String name, ResultView view, Registration registration) {
    this.name = name;
    this.view = view;
    this.registration = registration;
  }

  /**
   * Computes gradients at the base model, after each stage of the strategies, and at the models of
   * the grid that were trained on one kind of data alone.
   *
   * @param root folder of a study with results
   * @param sets of each source
   * @param size most samples of a set; held-out ones where there are any
   * @param seed of the draw
   * @param log of each model that is done
   * @return what there is to say
   * @throws IOException if the folder cannot be read
   * @throws ConfigException if there are no results or too few samples
   */
  public static StudyConflict of(Path root, int sets, int size, long seed, Consumer<String> log)
      throws IOException {
    StudyFolder folder = new StudyFolder(root);
    if (!Files.exists(folder.results())) {
      throw new ConfigException(
          "%s holds no results.json; dmt study writes one".formatted(folder.root()));
    }
    JsonNode results = JSON.readTree(Files.readString(folder.results()));
    StudyConflict conflict =
        new StudyConflict(
            results.path("study").asText(),
            new ResultView(results, new StudyItems(folder)),
            Registration.of(folder));
    Recipe recipe = StudySetup.read(folder).study().recipe();
    try (PreparedSources sources = PreparedSources.of(recipe, folder.prepared())) {
      boolean held = sources.heldOut().size() == sources.train().size();
      List<Source> samples = held ? sources.heldOut() : sources.train();
      SourceSets drawn = SourceSets.draw(samples, sets, size, seed);
      N_GRAMS.forEach(n -> conflict.overlaps.addAll(DataOverlap.of(drawn, n)));
      EngineConfig config = recipe.engineConfig();
      for (Map.Entry<String, Path> model :
          conflict.folders(folder, sources.model().folder()).entrySet()) {
        try (NativeEngine engine = NativeEngine.open(model.getValue(), config)) {
          conflict.models.put(
              model.getKey(), GradientConflict.of(engine, drawn, maxTokens(recipe)));
        }
        log.accept(model.getKey());
      }
    }
    return conflict;
  }

  private static int maxTokens(Recipe recipe) {
    return recipe
        .training()
        .scheduleTraining(recipe.data().cutoffLen())
        .batch()
        .maxTokensPerMicroBatch();
  }

  /** Models by what they are; one that cells share comes once. */
  private Map<String, Path> folders(StudyFolder folder, Path base) {
    Map<String, Path> folders = new LinkedHashMap<>();
    folders.put(BASE, base);
    List<String> groups = new ArrayList<>();
    view.gridSpecialized().forEach(share -> groups.add(GridCells.group(share, 0)));
    view.gridGeneral().forEach(share -> groups.add(GridCells.group(0, share)));
    groups.addAll(view.groups(StudyQuestion.STRATEGIES));
    for (String group : groups) {
      view.cells(group).stream()
          .limit(1)
          .forEach(
              cell -> {
                int count = cell.path("stages").size();
                for (JsonNode stage : cell.path("stages")) {
                  Path model = folder.model(stage.path("node").asText());
                  String what =
                      GroupNames.readable(group)
                          + (count == 1 ? "" : ", after " + stage.path("name").asText());
                  if (Files.isDirectory(model) && !folders.containsValue(model)) {
                    folders.put(what, model);
                  }
                }
              });
    }
    return folders;
  }

  /** {@return the cosines at each model, by what it is} */
  public Map<String, GradientConflict> models() {
    return Map.copyOf(models);
  }

  /** {@return what the study is called, with the size of its model where that is known} */
  private String title() {
    return name + " " + view.json().path("parameters").asText();
  }

  /**
   * {@return the places of the grid with their effects and factors; none where the study did not
   * ask it}
   */
  public List<Interfering> places() {
    List<Interfering> places = new ArrayList<>();
    for (String source : view.sources()) {
      view.metrics(source).stream()
          .filter(Metric::isLoss)
          .findFirst()
          .ifPresent(loss -> addPlaces(places, new GridSurface(view, loss, registration)));
    }
    return places;
  }

  private void addPlaces(List<Interfering> places, GridSurface surface) {
    OptionalDouble rows = surface.rowsOfOtherPerOwn();
    for (double own : surface.own()) {
      GradientConflict alone = models.get(GroupNames.readable(surface.group(own, 0)));
      for (double other : surface.other()) {
        Optional<Claim.Tested> effect = surface.effect(own, other);
        if (effect.isPresent() && rows.isPresent() && alone != null) {
          places.add(place(surface, own, other, effect.get(), alone, rows.getAsDouble()));
        }
      }
    }
  }

  private Interfering place(
      GridSurface surface,
      double own,
      double other,
      Claim.Tested effect,
      GradientConflict alone,
      double rowsOfOtherPerOwn) {
    String source = surface.metric().source();
    Map<String, Double> factors = new LinkedHashMap<>();
    factors.put("amount of own data (log)", Math.log(own));
    factors.put("rows of others per own row (log)", Math.log(rowsOfOtherPerOwn * other / own));
    factors.put("gradient cosine, trained on own data", mean(alone, source));
    factors.put("gradient cosine, base model", mean(base(), source));
    factors.put("4-grams shared, of the ceiling", meanOverlap(source));
    factors.put(
        "parameters of the model (log)",
        Math.log(Math.max(1, view.json().path("parameters").asDouble())));
    return new Interfering(
        title() + ", " + source, Double.toString(own), effect.effect().estimate(), factors);
  }

  private GradientConflict base() {
    return Objects.requireNonNull(models.get(BASE));
  }

  /** Of an ability's source with those of the other kind. */
  private double mean(GradientConflict conflict, String source) {
    return others(source).stream()
        .mapToDouble(other -> conflict.of(source, other).cosine())
        .average()
        .orElse(Double.NaN);
  }

  private double meanOverlap(String source) {
    List<String> others = others(source);
    return overlaps.stream()
        .filter(each -> each.n() == N_GRAMS.get(N_GRAMS.size() - 1))
        .filter(
            each ->
                each.one().equals(source) && others.contains(each.other())
                    || each.other().equals(source) && others.contains(each.one()))
        .mapToDouble(DataOverlap::relative)
        .average()
        .orElse(Double.NaN);
  }

  private List<String> others(String source) {
    return view.sources().stream()
        .filter(other -> view.isGeneral(other) != view.isGeneral(source))
        .toList();
  }

  /**
   * {@return the report of one or more studies; the factors are those of all their grids together}
   *
   * @param studies at least one, of different models where there are several
   * @param seed of the permutations
   */
  public static Report report(List<StudyConflict> studies, long seed) {
    List<Section> sections = new ArrayList<>();
    List<Interfering> places = studies.stream().flatMap(each -> each.places().stream()).toList();
    if (!places.isEmpty()) {
      sections.add(ConflictReport.factorSection(new FactorModel(places, seed)));
    }
    Map<String, GradientConflict> models = new LinkedHashMap<>();
    List<DataOverlap> overlaps = new ArrayList<>();
    for (StudyConflict study : studies) {
      String before = studies.size() == 1 ? "" : study.title() + ": ";
      study.models.forEach((what, conflict) -> models.put(before + what, conflict));
      overlaps.addAll(study.overlaps);
    }
    sections.add(ConflictReport.gradients(models));
    sections.add(ConflictReport.overlap(overlaps));
    String of = String.join(", ", studies.stream().map(StudyConflict::title).toList());
    return new Report("Conflicts of data", "Studies: " + of, sections);
  }
}
