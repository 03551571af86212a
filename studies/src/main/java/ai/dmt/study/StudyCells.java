package ai.dmt.study;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.NearestName;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeReader;
import ai.dmt.recipe.RecipeWriter;
import ai.dmt.recipe.StrategyRecipe;
import ai.dmt.report.Share;
import ai.dmt.train.Corpus;
import ai.dmt.train.SubsetRanking;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Makes the cells of a study: the definitions of arXiv 2310.05492, section 3, for any number of
 * specialized and general sources.
 */
public final class StudyCells {
  /** Groups of questions that a study may leave out. */
  private static final List<String> OPTIONAL =
      List.of("matched ", "equal amount ", "filtered ", "size ", "lora ", "mixture ");

  private final StudyDefinition study;
  private final Map<String, Integer> sizes;
  private final String yaml;
  private final List<StudyCell> cells = new ArrayList<>();

  private StudyCells(StudyDefinition study, Map<String, Integer> sizes) {
    this.study = study;
    this.sizes = sizes;
    this.yaml = RecipeWriter.yaml(study.recipe());
  }

  /**
   * {@return all cells, seed after seed within each question; ids differ}
   *
   * @param study whose shares, seeds and sources count
   * @param sizes samples by source, of sources whose data was read
   */
  public static List<StudyCell> of(StudyDefinition study, Map<String, Integer> sizes) {
    StudyCells all = new StudyCells(study, sizes);
    for (StudyQuestion question : StudyQuestion.values()) {
      for (int s = 0; s < study.seeds(); s++) {
        all.add(question, s);
      }
    }
    all.checkOnce();
    return List.copyOf(all.cells);
  }

  /**
   * {@return the cells that are asked for}
   *
   * @param cells all of a study
   * @param questions whose cells are wanted
   * @param only ids or names of folders; empty for all cells of the questions
   * @throws ConfigException if there is no such cell, or none of the questions
   */
  public static List<StudyCell> select(
      List<StudyCell> cells, Collection<StudyQuestion> questions, List<String> only) {
    if (only.isEmpty()) {
      List<StudyCell> asked =
          cells.stream().filter(cell -> questions.contains(cell.question())).toList();
      if (asked.isEmpty()) {
        throw new ConfigException(
            "this study has no cells of %s; it has those of %s (docs/study.md names the keys)"
                .formatted(
                    words(questions.stream()), words(cells.stream().map(StudyCell::question))));
      }
      return asked;
    }
    List<StudyCell> chosen = new ArrayList<>();
    for (String name : only) {
      chosen.add(
          cells.stream()
              .filter(cell -> cell.id().equals(name) || cell.slug().equals(name))
              .findFirst()
              .orElseThrow(() -> unknown(name, cells)));
    }
    return chosen;
  }

  private static String words(Stream<StudyQuestion> questions) {
    return questions.distinct().map(StudyQuestion::word).collect(Collectors.joining(", "));
  }

  private static ConfigException unknown(String name, List<StudyCell> cells) {
    return new ConfigException(
        "there is no cell \"%s\"; did you mean \"%s\"? --dry-run lists them"
            .formatted(
                name, NearestName.of(name, cells.stream().map(StudyCell::id).toList()).orElse("")));
  }

  /** A name is wrong if no share would make it that of a group; another grid may lack the share. */
  private void checkOnce() {
    List<String> groups = cells.stream().map(StudyCell::group).distinct().toList();
    List<String> kinds = groups.stream().map(StudyCells::kind).distinct().toList();
    for (String group : study.once()) {
      if (!kinds.contains(kind(group)) && OPTIONAL.stream().noneMatch(group::startsWith)) {
        throw new ConfigException(
            "once: there is no group \"%s\"; did you mean \"%s\"?"
                .formatted(group, NearestName.of(group, groups).orElse("")));
      }
    }
  }

  private static String kind(String group) {
    return group.replaceAll("k=[0-9./]+$", "");
  }

  private void add(StudyQuestion question, int seed) {
    switch (question) {
      case STRATEGIES -> strategies(seed);
      case AMOUNT -> amounts(seed);
      case MIXED ->
          study
              .amounts()
              .forEach(k -> add(question, "mixed k=" + Share.text(k), "", k, seed, k, k));
      case RATIO -> {
        if (study.hasBothRoles()) {
          ratios(seed);
        }
      }
      case DMT_K -> {
        if (study.hasBothRoles()) {
          study
              .dmtK()
              .forEach(k -> add(question, "k sweep k=" + Share.text(k), "", k, seed, dmt(k)));
        }
      }
      case EQUAL_AMOUNT -> study.equalAmounts().forEach(k -> equal(k, seed));
      case SIZE -> {
        if (study.sizes() != null) {
          study.sizes().arms(study).forEach(arm -> add(question, arm, seed));
        }
      }
      case LORA -> {
        if (study.lora() != null) {
          study.lora().arms(study).forEach(arm -> add(question, arm, seed));
        }
      }
      case FILTERED -> {
        if (study.filtered() != null) {
          filtered(study.filtered(), seed);
        }
      }
      case MATCHED -> {
        if (study.matched()) {
          long number = study.recipe().training().seed() + seed;
          new MatchedCells(study, sizes, cells).of(number).forEach(arm -> add(question, arm, seed));
        }
      }
      case MIXTURE ->
          study
              .mixtures()
              .forEach(
                  (name, strategy) ->
                      add(question, mixture(name), name, 1, seed, "strategy=" + words(strategy)));
      case GRID -> new GridCells(study).arms().forEach(arm -> add(question, arm, seed));
    }
  }

  private void strategies(int seed) {
    for (String source : study.recipe().sources().keySet()) {
      String name = source + " only";
      add(StudyQuestion.STRATEGIES, name, name, 1, seed, individual(source));
    }
    for (String name : List.of("multi-task", "sequential")) {
      add(StudyQuestion.STRATEGIES, name, name, 1, seed, strategy(name));
    }
    if (!study.hasBothRoles()) {
      return;
    }
    String mixed = "mixed-sequential";
    add(StudyQuestion.STRATEGIES, mixed, mixed, 1, seed, strategy(mixed));
    double k = study.headlineK();
    add(StudyQuestion.STRATEGIES, "dmt k=" + Share.text(k), "dmt", k, seed, dmt(k));
  }

  private void amounts(int seed) {
    for (String source : study.recipe().sources().keySet()) {
      for (double k : study.amounts()) {
        add(
            StudyQuestion.AMOUNT,
            "amount %s k=%s".formatted(source, Share.text(k)),
            source,
            k,
            seed,
            individual(source),
            "sources.%s.fraction=%s".formatted(source, k));
      }
    }
  }

  private void ratios(int seed) {
    double low = study.ratioGeneral();
    for (double k : study.ratios()) {
      add(StudyQuestion.RATIO, "ratio a k=" + Share.text(k), "a", k, seed, k, 1);
    }
    for (double k : study.ratios()) {
      add(StudyQuestion.RATIO, "ratio b k=" + Share.text(k), "b", k, seed, 1, k);
    }
    for (double k : study.ratios()) {
      add(StudyQuestion.RATIO, "ratio c k=" + Share.text(k), "c", k, seed, k, low);
    }
  }

  /** All sources at once, of each kind a share. */
  private void add(
      StudyQuestion question,
      String group,
      String setup,
      double share,
      int seed,
      double specialized,
      double general) {
    List<String> changes = new ArrayList<>(List.of("strategy={name: multi-task}"));
    study
        .recipe()
        .sources()
        .forEach(
            (name, source) ->
                changes.add(
                    "sources.%s.fraction=%s"
                        .formatted(
                            name, source.role() == Corpus.Role.GENERAL ? general : specialized)));
    add(question, group, setup, share, seed, changes.toArray(String[]::new));
  }

  private void add(
      StudyQuestion question,
      String group,
      String setup,
      double share,
      int number,
      String... changes) {
    add(question, CellArm.of(group, setup, share, changes), number);
  }

  private void add(StudyQuestion question, CellArm arm, int number) {
    if (number > 0 && study.once().contains(arm.group())) {
      return;
    }
    long seed = study.recipe().training().seed() + number;
    String id = arm.group() + " seed " + seed;
    List<String> all = new ArrayList<>(arm.changes());
    all.add("name=\"%s\"".formatted(id));
    all.add("description=\"%s: %s\"".formatted(study.name(), id));
    all.add("training.seed=" + seed);
    all.add("training.data_seed=" + (study.recipe().training().dataSeed() + number));
    Recipe recipe = RecipeReader.parse(yaml, "study " + study.name(), all);
    cells.add(
        new StudyCell(
            id,
            question,
            arm.group(),
            arm.setup(),
            arm.share(),
            seed,
            arm.size(),
            arm.loraRank(),
            recipe));
  }

  private void filtered(FilteredRecipe recipe, int seed) {
    for (double k : recipe.amounts()) {
      List<String> changes = new ArrayList<>(List.of("strategy={name: multi-task}"));
      study
          .recipe()
          .sources()
          .keySet()
          .forEach(name -> changes.add("sources.%s.fraction=%s".formatted(name, k)));
      changes.addAll(recipe.changes(study.recipe()));
      String group = "filtered k=" + Share.text(k);
      add(StudyQuestion.FILTERED, group, "", k, seed, changes.toArray(String[]::new));
    }
  }

  /** As many rows as the mixture of a share, the same number of each source. */
  private void equal(double share, int seed) {
    List<Corpus.Entry> sources = study.recipe().corpus(sizes).sources();
    long rows =
        sources.stream().mapToLong(each -> SubsetRanking.sizeOf(share, each.samples())).sum();
    long each = Math.max(1, rows / sources.size()); // a small world has less than a row of a share
    String stage =
        sources.stream()
            .map(source -> "%s: {count: %s}".formatted(source.name(), each))
            .collect(Collectors.joining(", ", "{name: all, sources: {", "}}"));
    String group = "equal amount k=" + Share.text(share);
    String strategy = "strategy={name: custom, stages: [%s]}".formatted(stage);
    add(StudyQuestion.EQUAL_AMOUNT, group, "", share, seed, strategy);
  }

  /** The group of a mixture of the user's own. */
  static String mixture(String name) {
    return "mixture " + name;
  }

  private static String words(StrategyRecipe strategy) {
    return RecipeWriter.json(strategy).toString(); // JSON is YAML in one line
  }

  static String individual(String source) {
    return "strategy={name: individual, source: %s}".formatted(source);
  }

  static String strategy(String name) {
    return "strategy={name: %s}".formatted(name);
  }

  static String dmt(double k) {
    return "strategy={name: dmt, k: %s}".formatted(k);
  }
}
