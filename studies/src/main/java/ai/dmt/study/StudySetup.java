package ai.dmt.study;

import ai.dmt.config.ConfigException;
import ai.dmt.recipe.RecipeReader;
import ai.dmt.recipe.RecipeWriter;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A study as its folder remembers it: settings in full, and what its files hold.
 *
 * @param study with absolute folders and a fixed number of threads
 * @param hashes of model, data and problems
 * @param earlierSeeds numbers of seeds that the study had when its results were seen, before more
 *     were asked for
 */
public record StudySetup(StudyDefinition study, StudyHashes hashes, List<Integer> earlierSeeds) {
  /**
   * Copies the list.
   *
   * @param study with absolute folders and a fixed number of threads
   * @param hashes of model, data and problems
   * @param earlierSeeds numbers of seeds that the study had when its results were seen
   */
  public StudySetup {
    earlierSeeds = List.copyOf(earlierSeeds);
  }

  /** Where files are, and what only predicts times: they do not change results. */
  private static final String PLACES =
      "earlier_seeds.*|study\\.(seeds|description|data_dir|tokens_per_sample.*|tokens_per_second|cost.*|apart"
          + "|sizes\\.models\\..*"
          + "|mixtures.*" // any may come and go: what was trained is known by what it was made of
          + "|recipe\\.(model|data\\.template|output_dir|description|sources\\.[^.]+\\.(files|held_out).*)"
          + "|benchmarks\\.[^.]+\\.(problems|options\\."
          + BenchmarkRecipe.PLACES
          + "))";

  /** {@return what is used where a file says nothing} */
  public static Map<String, Object> defaults() {
    return Map.of("earlierSeeds", List.of());
  }

  /**
   * A study as it will run in a folder: as it was begun there, where it was. Where the recipe
   * leaves the threads open, they are fixed at the first start, since they change the last bits of
   * sums. Writes nothing.
   *
   * @param folder of the study; need not be there
   * @param asked the study as the user asks for it
   * @param jobs processes that share the cores
   * @return the study as it will run, with digests of its files
   * @throws ConfigException if the folder holds another study, naming each setting that differs
   * @throws IOException if a file cannot be read
   */
  public static StudySetup of(StudyFolder folder, StudyDefinition asked, int jobs)
      throws IOException {
    StudySetup there = Files.exists(folder.study()) ? read(folder) : null;
    int threads =
        there != null
            ? there.study().recipe().engine().threads()
            : Math.max(1, Runtime.getRuntime().availableProcessors() / Math.max(1, jobs));
    StudyDefinition study = withThreads(asked, threads);
    StudySetup setup = new StudySetup(study, StudyHashes.of(study), List.of());
    if (there == null) {
      return setup;
    }
    demandEqual(folder, there, setup);
    return setup.withMoreThan(there, Files.exists(folder.results()));
  }

  /** Seeds are only ever added: a study that has more than are asked for keeps them. */
  private StudySetup withMoreThan(StudySetup there, boolean seen) {
    int had = there.study().seeds();
    List<Integer> earlier = new ArrayList<>(there.earlierSeeds());
    if (study.seeds() > had && seen) {
      earlier.add(had);
    }
    return new StudySetup(study.withSeeds(Math.max(had, study.seeds())), hashes, earlier);
  }

  /**
   * Writes this into its folder.
   *
   * @throws ConfigException if another process has just begun another study there
   */
  void remember(StudyFolder folder) throws IOException {
    TaskLock lock = TaskLock.acquire(folder.lock("study"));
    try {
      if (Files.exists(folder.study())) {
        StudySetup there = read(folder);
        demandEqual(folder, there, this);
        if (there.study().seeds() > study.seeds()) {
          return; // another process has just asked for more
        }
      }
      StudyFolder.replace(folder.study(), RecipeWriter.yaml(this));
    } finally {
      lock.close();
    }
  }

  /**
   * {@return what a folder remembers}
   *
   * @param folder of a study that was begun
   * @throws IOException if it cannot be read
   */
  public static StudySetup read(StudyFolder folder) throws IOException {
    return RecipeReader.parse(
        StudySetup.class, Files.readString(folder.study()), folder.study().toString(), List.of());
  }

  private static StudyDefinition withThreads(StudyDefinition study, int threads) {
    return study.recipe().engine().threads() > 0
        ? study
        : study.with(
            RecipeReader.parse(
                RecipeWriter.yaml(study.recipe()),
                "study " + study.name(),
                List.of("engine.threads=" + threads)),
            study.benchmarks());
  }

  private static void demandEqual(StudyFolder folder, StudySetup there, StudySetup asked) {
    Map<String, String> old = flat(there);
    Map<String, String> fresh = flat(asked);
    Map<String, String> keys = new TreeMap<>(old);
    keys.putAll(fresh);
    List<String> differences = new ArrayList<>();
    for (String key : keys.keySet()) {
      String before = old.getOrDefault(key, "nothing");
      String now = fresh.getOrDefault(key, "nothing");
      if (!before.equals(now)) {
        differences.add("  %s: %s there, %s asked for".formatted(key, before, now));
      }
    }
    if (!differences.isEmpty()) {
      throw new ConfigException(
          "%s holds another study; name another folder with --output, or start it as it was:%n%s"
              .formatted(folder.root(), String.join("\n", differences)));
    }
  }

  private static Map<String, String> flat(StudySetup setup) {
    Map<String, String> values = new TreeMap<>();
    flatten("", RecipeWriter.json(setup), values);
    values.keySet().removeIf(key -> key.matches(PLACES));
    return values;
  }

  private static void flatten(String path, JsonNode node, Map<String, String> values) {
    if (node.isObject()) {
      node.properties()
          .forEach(
              field ->
                  flatten(
                      path.isEmpty() ? field.getKey() : path + "." + field.getKey(),
                      field.getValue(),
                      values));
    } else {
      values.put(path, node.asText().isEmpty() ? node.toString() : node.asText());
    }
  }
}
