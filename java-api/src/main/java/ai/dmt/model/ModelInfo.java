package ai.dmt.model;

import ai.dmt.adapter.AdapterFolder;
import ai.dmt.checkpoint.ModelFolder;
import ai.dmt.config.ConfigException;
import ai.dmt.engine.AdapterShapes;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.RopeConfig;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.text.Printable;
import ai.dmt.tensors.SafetensorsFile;
import ai.dmt.tensors.TensorEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * What a model folder says of itself, read without the engine and without weights, so that most
 * faults are found at once. The engine checks the rest. An adapter's folder stands for its base
 * with the adapter.
 *
 * @param folder with config.json and weights, or of an adapter
 * @param vocabSize rows of the embedding
 * @param maxPositionEmbeddings longest sequence in tokens
 * @param parameters elements of all tensors in the model's files, without an adapter's
 */
public record ModelInfo(Path folder, int vocabSize, int maxPositionEmbeddings, long parameters) {
  private static final String ARCHITECTURE = "LlamaForCausalLM";

  /** As the first conversions of LLaMA-1 spell it. */
  private static final String OLD_SPELLING = "LLaMAForCausalLM";

  // Defaults of transformers' LlamaConfig, which leaves out what has its default value.
  private static final int VOCAB_SIZE = 32000;
  private static final int MAX_POSITION_EMBEDDINGS = 2048;
  private static final int SHOWN_FAULTS = 2;
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  /**
   * Reads config.json and the headers of the weight files.
   *
   * @param folder of the model
   * @return what they say
   * @throws ConfigException if the folder or config.json is not there, or of another architecture
   * @throws ai.dmt.data.DataException if a weight file is missing or truncated
   */
  public static ModelInfo read(Path folder) {
    TokenLimits limits = limits(folder);
    if (AdapterFolder.isAdapter(folder)) {
      return read(AdapterFolder.read(folder));
    }
    return of(limits, folder);
  }

  /**
   * Reads the same of an adapter whose base may be another folder than its settings name.
   *
   * @param adapter the adapter's folder and its base
   * @return what the base says; the folder is the adapter's
   * @throws ConfigException if the adapter is none of such a model, or the base is at fault
   * @throws ai.dmt.data.DataException if a weight file is missing or truncated
   */
  public static ModelInfo read(AdapterFolder adapter) {
    demandRegularFiles(adapter.folder());
    TokenLimits limits = limits(adapter.base());
    checkAdapter(adapter);
    return of(
        new TokenLimits(adapter.folder(), limits.vocabSize(), limits.maxPositionEmbeddings()),
        adapter.base());
  }

  private static ModelInfo of(TokenLimits limits, Path weights) {
    return new ModelInfo(
        limits.folder(),
        limits.vocabSize(),
        limits.maxPositionEmbeddings(),
        weightFiles(weights).stream()
            .map(SafetensorsFile::open)
            .flatMap(file -> file.tensors().values().stream())
            .mapToLong(TensorEntry::elements)
            .sum());
  }

  /**
   * Reads an adapter that is to stand beside a base, whatever base its settings name.
   *
   * @param folder of the adapter
   * @param base folder of a model
   * @return what its settings say
   * @throws ConfigException if there is no adapter in the folder, or none of such a model
   */
  static AdapterFolder adapter(Path folder, Path base) {
    if (!Files.isDirectory(folder)) {
      throw new ConfigException(
          "there is no adapter's folder %s; expected %s and %s in it"
              .formatted(folder, AdapterFolder.CONFIG, AdapterFolder.WEIGHTS));
    }
    if (!AdapterFolder.isAdapter(folder)) {
      throw new ConfigException(
          "%s is no adapter: expected %s and no config.json in it"
              .formatted(folder, AdapterFolder.CONFIG));
    }
    AdapterFolder adapter = AdapterFolder.read(folder, base);
    checkAdapter(adapter);
    adapter.check();
    return adapter;
  }

  /**
   * Demands that an adapter's tensors are those of its settings beside its base's matrices.
   *
   * @throws ConfigException with every fault, if there is one
   */
  private static void checkAdapter(AdapterFolder adapter) {
    if (!Files.exists(adapter.weights())) {
      throw new ConfigException(
          "%s has no %s; weights come only as safetensors"
              .formatted(adapter.folder(), AdapterFolder.WEIGHTS));
    }
    ModelConfig model = shape(adapter.base());
    List<String> faults = new ArrayList<>(AdapterShapes.faults(model, adapter.config()));
    Map<String, TensorEntry> found = SafetensorsFile.open(adapter.weights()).tensors();
    Map<String, List<Long>> expected = AdapterShapes.tensors(model, adapter.config());
    expected.forEach(
        (name, shape) -> {
          TensorEntry entry = found.get(name);
          if (entry == null) {
            faults.add("tensor \"%s\" is missing".formatted(name));
          } else if (!entry.shape().equals(shape)) {
            faults.add(
                "tensor \"%s\" has the shape %s, beside the base in %s it is %s"
                    .formatted(name, entry.shape(), adapter.base(), shape));
          }
        });
    found.keySet().stream()
        .filter(name -> !expected.containsKey(name) && !AdapterShapes.isOfBase(name))
        .forEach(name -> faults.add("tensor \"%s\" is none of the adapter's".formatted(name)));
    int more = faults.size() - SHOWN_FAULTS;
    if (more > 1) { // a wrong base has the same ones in every layer
      faults.subList(SHOWN_FAULTS, faults.size()).clear();
      faults.add("and %s more".formatted(more));
    }
    if (!faults.isEmpty()) {
      throw new ConfigException(adapter.weights().toString(), faults);
    }
  }

  /**
   * {@return as much of a model's shape as plans are made from; config.json alone is read, and of
   * positions only the base of their frequencies}
   *
   * @param folder of the model
   * @throws ConfigException if the folder or config.json is not there, or at fault
   */
  public static ModelConfig shape(Path folder) {
    TokenLimits limits = limits(folder);
    ConfigJson config = ConfigJson.read(AdapterFolder.modelOf(folder).resolve("config.json"));
    int hidden = config.size("hidden_size", 4096);
    int heads = config.size("num_attention_heads", 32);
    return new ModelConfig(
        limits.vocabSize(),
        hidden,
        config.size("intermediate_size", 11008),
        config.size("num_hidden_layers", 32),
        heads,
        config.size("num_key_value_heads", heads),
        config.size("head_dim", Math.max(1, hidden / heads)),
        limits.maxPositionEmbeddings(),
        config.node().path("rms_norm_eps").asDouble(1e-6),
        config.node().path("initializer_range").asDouble(0.02),
        config.node().path("tie_word_embeddings").asBoolean(false),
        RopeConfig.of(config.node().path("rope_theta").asDouble(10000)));
  }

  /** Reads config.json alone. */
  static TokenLimits limits(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new ConfigException(
          "there is no model folder %s; expected config.json, safetensors and a tokenizer in it"
              .formatted(folder));
    }
    demandRegularFiles(folder);
    if (AdapterFolder.isAdapter(folder)) {
      TokenLimits ofBase = limits(AdapterFolder.read(folder).base());
      return new TokenLimits(folder, ofBase.vocabSize(), ofBase.maxPositionEmbeddings());
    }
    Path file = folder.resolve("config.json");
    ConfigJson config = ConfigJson.read(file);
    String found =
        config
            .node()
            .path("architectures")
            .path(0)
            .asText(config.node().path("model_type").asText());
    if (!List.of(ARCHITECTURE, OLD_SPELLING, "llama").contains(found)) {
      throw new ConfigException(
          "%s: architecture is \"%s\", expected %s"
              .formatted(file, Printable.value(found), ARCHITECTURE));
    }
    return new TokenLimits(
        folder,
        config.size("vocab_size", VOCAB_SIZE),
        config.size("max_position_embeddings", MAX_POSITION_EMBEDDINGS));
  }

  private static void demandRegularFiles(Path folder) {
    try {
      ModelFolder.demandRegularFiles(folder);
    } catch (IOException e) {
      throw new ConfigException("%s: %s".formatted(folder, Disk.reason(e)), e);
    }
  }

  /** {@return what the model can take in} */
  public TokenLimits limits() {
    return new TokenLimits(folder, vocabSize, maxPositionEmbeddings);
  }

  /** The files with a model's weights. */
  static List<Path> weightFiles(Path folder) {
    if (Files.exists(folder.resolve(SINGLE))) {
      return List.of(folder.resolve(SINGLE));
    }
    Path index = folder.resolve(INDEX);
    if (!Files.exists(index)) {
      throw new ConfigException(
          "%s has neither %s nor %s; weights come only as safetensors"
              .formatted(folder, SINGLE, INDEX));
    }
    TreeSet<String> names = new TreeSet<>();
    ConfigJson.read(index).node().path("weight_map").forEach(name -> names.add(name.asText()));
    return names.stream().map(folder::resolve).toList();
  }
}
