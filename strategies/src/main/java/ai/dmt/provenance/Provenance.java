package ai.dmt.provenance;

import ai.dmt.adapter.AdapterFolder;
import ai.dmt.config.ConfigException;
import ai.dmt.data.TemplateNames;
import ai.dmt.engine.CpuModel;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.NativeRuntime;
import ai.dmt.internal.files.ModelFiles;
import ai.dmt.internal.files.WholeFile;
import ai.dmt.internal.text.BuildVersion;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.SourceRecipe;
import ai.dmt.train.Ledger;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The record of what a run, a model or a study was made of: {@code provenance.json} in its folder.
 *
 * @param made what computed it, by name: dmt, dmt_sources, java, libtorch, system, processor, gpu,
 *     ranks; one entry for each kind of machine that the run went through
 * @param recipe complete with defaults; of a study its definition
 * @param models what the models held that it began with; a run has one, "base"
 * @param files what data and other files held, by what they are: "source math", "template"
 * @param stage that the model beside this record has been through, "2 of 2, general"; empty for
 *     none
 * @param shares what each source gave to each stage so far, or is planned to give
 * @param scores of the model beside this record, in the order in which they were found
 */
public record Provenance(
    List<Map<String, String>> made,
    JsonNode recipe,
    Map<String, ModelSums> models,
    Map<String, List<FileSum>> files,
    String stage,
    List<SourceShare> shares,
    List<CardScore> scores) {
  /** Its name. */
  public static final String NAME = ModelFiles.PROVENANCE;

  /** Name of the file with a sum of each record of a run's data. */
  public static final String ROWS = RowSums.NAME;

  /** Name of the model that a run starts from. */
  static final String BASE = "base";

  /** Name of the model that the adapter stands beside that a run starts from. */
  private static final String BASE_OF_ADAPTER = "base of the adapter";

  /** What a source's files are called in {@link #files}. */
  static final String SOURCE = "source ";

  private static final String HELD_OUT = "held out of ";

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  /**
   * Demands all parts, of which a damaged file may lack some.
   *
   * @param made what computed it, by name
   * @param recipe complete with defaults; of a study its definition
   * @param models what the models held that it began with
   * @param files what data and other files held, by what they are
   * @param stage that the model beside this record has been through; empty for none
   * @param shares what each source gave to each stage so far, or is planned to give
   * @param scores of the model beside this record
   */
  public Provenance {
    made = List.copyOf(Objects.requireNonNull(made, "\"made\" is missing"));
    Objects.requireNonNull(recipe, "\"recipe\" is missing");
    Objects.requireNonNull(models, "\"models\" is missing");
    Objects.requireNonNull(files, "\"files\" is missing");
    Objects.requireNonNull(stage, "\"stage\" is missing");
    shares = List.copyOf(Objects.requireNonNull(shares, "\"shares\" is missing"));
    scores = List.copyOf(Objects.requireNonNull(scores, "\"scores\" is missing"));
    if (made.isEmpty()) {
      throw new IllegalArgumentException("\"made\" is empty");
    }
  }

  /** {@return this program on this machine} @param more such as libtorch and gpu */
  static Map<String, String> maker(Map<String, String> more) {
    Map<String, String> made = new LinkedHashMap<>();
    BuildVersion build = BuildVersion.current();
    made.put("dmt", build.version());
    made.put("dmt_sources", build.sources());
    made.put("java", System.getProperty("java.runtime.version"));
    made.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    made.put("processor", CpuModel.name());
    made.putAll(more);
    return made;
  }

  /**
   * {@return libtorch, GPU and ranks of a process whose engine is open}
   *
   * @param config of the engine
   */
  public static Map<String, String> machine(EngineConfig config) {
    Map<String, String> machine = new LinkedHashMap<>();
    machine.put("libtorch", NativeRuntime.torchVersion());
    if (config.device().isCuda()) {
      machine.put("gpu", NativeRuntime.gpuReport().strip().replaceAll("\\s+", " "));
    }
    machine.put("ranks", Integer.toString(config.ranks().worldSize()));
    return machine;
  }

  /**
   * {@return the same, with more of what computed it}
   *
   * @param more by name, such as libtorch
   */
  public Provenance madeWith(Map<String, String> more) {
    List<Map<String, String>> makers = new ArrayList<>(made);
    Map<String, String> last = new LinkedHashMap<>(makers.remove(makers.size() - 1));
    last.putAll(more);
    makers.add(last);
    return new Provenance(makers, recipe, models, files, stage, shares, scores);
  }

  /**
   * Reads all files of a recipe, and hashes them.
   *
   * @param recipe whose model and files are there
   * @param settings the recipe, or what it is a part of, as JSON
   * @param more of what computes it, beside program, system and processor: libtorch, gpu
   * @return the record of something that begins
   * @throws UncheckedIOException if a file cannot be read
   */
  public static Provenance of(Recipe recipe, JsonNode settings, Map<String, String> more) {
    Map<String, List<FileSum>> files = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, SourceRecipe> source : recipe.sources().entrySet()) {
        files.put(SOURCE + source.getKey(), sums(source.getValue().files()));
        if (!source.getValue().heldOut().isEmpty()) {
          files.put(HELD_OUT + source.getKey(), sums(source.getValue().heldOut()));
        }
      }
      if (TemplateNames.isFile(recipe.data().template())) {
        files.put("template", sums(List.of(recipe.data().template())));
      }
      Map<String, ModelSums> models = new LinkedHashMap<>();
      Path model = Path.of(recipe.model());
      models.put(BASE, ModelSums.of(model));
      if (AdapterFolder.isAdapter(model)) {
        models.put(BASE_OF_ADAPTER, ModelSums.of(AdapterFolder.read(model).base()));
      }
      return new Provenance(
          List.of(maker(more)), settings, models, files, "", List.of(), List.of());
    } catch (IOException e) {
      throw new UncheckedIOException("the record of files cannot be made: " + e.getMessage(), e);
    }
  }

  private static List<FileSum> sums(List<String> paths) throws IOException {
    List<FileSum> sums = new ArrayList<>();
    for (String path : paths) {
      sums.add(FileSum.of(Path.of(path)));
    }
    return List.copyOf(sums);
  }

  /**
   * {@return the same with another model's or benchmark's files}
   *
   * @param name of the model
   * @param folder that is read
   * @throws IOException if a file cannot be read
   */
  public Provenance withModel(String name, Path folder) throws IOException {
    Map<String, ModelSums> more = new LinkedHashMap<>(models);
    more.put(name, ModelSums.of(folder));
    return new Provenance(made, recipe, more, files, stage, shares, scores);
  }

  /**
   * {@return the same with another file}
   *
   * @param name what it is, such as "benchmark gsm8k"
   * @param file that is read
   * @throws IOException if it cannot be read
   */
  public Provenance withFile(String name, Path file) throws IOException {
    Map<String, List<FileSum>> more = new LinkedHashMap<>(files);
    more.put(name, List.of(FileSum.of(file)));
    return new Provenance(made, recipe, models, more, stage, shares, scores);
  }

  /**
   * {@return the record of the same run, which goes on: its files are those that it began with}
   *
   * @param next of the program that goes on
   */
  public Provenance continuedBy(Provenance next) {
    List<Map<String, String>> makers = new ArrayList<>(made);
    if (!made.get(made.size() - 1).equals(next.made.get(0))) {
      makers.addAll(next.made);
    }
    return new Provenance(makers, next.recipe, models, files, "", next.shares, List.of());
  }

  /**
   * {@return the same with what each source will give}
   *
   * @param ledger of the whole schedule
   */
  public Provenance planning(Ledger ledger) {
    return new Provenance(made, recipe, models, files, "", SourceShare.of(ledger), List.of());
  }

  /**
   * {@return the same with other settings}
   *
   * @param settings of a model whose recipe is a part of a study
   */
  public Provenance withRecipe(JsonNode settings) {
    return new Provenance(made, settings, models, files, stage, shares, scores);
  }

  /**
   * {@return the record of a model that the run has made}
   *
   * @param name of the stage that it has been through
   * @param ledger of what it was trained on so far
   */
  public Provenance ofStage(String name, Ledger ledger) {
    return new Provenance(made, recipe, models, files, name, SourceShare.of(ledger), List.of());
  }

  /**
   * {@return the same with scores, which replace those of the same benchmarks}
   *
   * @param found of the model
   */
  public Provenance withScores(List<CardScore> found) {
    List<String> again = found.stream().map(CardScore::benchmark).toList();
    List<CardScore> all =
        new ArrayList<>(scores.stream().filter(old -> !again.contains(old.benchmark())).toList());
    all.addAll(found);
    return new Provenance(made, recipe, models, files, stage, shares, all);
  }

  /**
   * Writes the record.
   *
   * @param folder that is there
   * @throws IOException if it cannot be written; an older record is then as it was
   */
  public void write(Path folder) throws IOException {
    WholeFile.replace(folder.resolve(NAME), JSON.writeValueAsString(this) + "\n");
  }

  /**
   * Writes the record of a run or a study that begins, with a sum of each record of its data.
   *
   * @param folder that is there
   * @throws IOException if a file cannot be read or written
   */
  public void writeWithRows(Path folder) throws IOException {
    List<FileSum> data = new ArrayList<>();
    files.forEach(
        (name, sums) -> {
          if (name.startsWith(SOURCE) || name.startsWith(HELD_OUT)) {
            data.addAll(sums);
          }
        });
    RowSums.of(data).write(folder);
    write(folder);
  }

  /**
   * {@return the record of a folder; null if it has none}
   *
   * @param folder of a run, a model or a study
   * @throws ConfigException if it is damaged
   */
  public static @Nullable Provenance find(Path folder) {
    Path file = folder.resolve(NAME);
    if (!Files.exists(file)) {
      return null;
    }
    try {
      return JSON.readValue(file.toFile(), Provenance.class);
    } catch (JsonProcessingException e) {
      throw new ConfigException(file + " is damaged: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * {@return the record of a folder}
   *
   * @param folder of a run, a model or a study
   * @throws ConfigException if there is none, or it is damaged
   */
  public static Provenance read(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new ConfigException(folder + ": no such folder");
    }
    Provenance record = find(folder);
    if (record == null) {
      throw new ConfigException(
          ("%s has no %s: it is no run, model or study of dmt, or was made before dmt recorded what"
                  + " they are made of; dmt checkpoint verify compares models and checkpoints with"
                  + " their checksums")
              .formatted(folder, NAME));
    }
    return record;
  }
}
