package ai.dmt.run;

import ai.dmt.adapter.AdapterFolder;
import ai.dmt.adapter.AdapterTarget;
import ai.dmt.audit.AuditReport;
import ai.dmt.audit.SourceAudit;
import ai.dmt.config.ConfigException;
import ai.dmt.data.ChatTemplate;
import ai.dmt.data.EncodedSample;
import ai.dmt.data.TemplateFile;
import ai.dmt.data.TemplateNames;
import ai.dmt.internal.text.Units;
import ai.dmt.model.ModelInfo;
import ai.dmt.prepare.CacheUse;
import ai.dmt.recipe.AdapterRecipe;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeKeys;
import ai.dmt.recipe.RecipeReader;
import ai.dmt.recipe.SourceRecipe;
import ai.dmt.tokenizer.Tokenizer;
import ai.dmt.train.Corpus;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A commented recipe to begin with, for a model and data of one's own: the data is read and
 * counted, and what follows from it is written down. Needs no weights and no libtorch.
 */
public final class StarterRecipe {
  /** Steps that a short run should have at least, so that the learning rate has a course. */
  private static final long FEWEST_STEPS = 100;

  private static final int MOST_SAMPLES_OF_A_STEP = 128;
  private static final int EPOCHS = 3;

  /** What dmt's own studies take, of models of up to so many parameters. */
  private static final double SMALL_RATE = 1e-3;

  private static final double SMALL = 2e6;

  /** What the paper takes from so many parameters on. */
  private static final double LARGE_RATE = 2e-5;

  private static final double LARGE = 7e9;

  /** By how much the learning rate of adapters is higher, in the world's sweep and at 7 billion. */
  private static final double RATE_OF_ADAPTERS = 10;

  /** Fewer than this are too few to hold some out. */
  private static final long FEWEST_TO_SPLIT = 200;

  private final Path model;
  private final Map<String, List<Path>> data;
  private final Path output;
  private final @Nullable AdapterRecipe adapter; // null where all weights are trained
  private final StringBuilder text = new StringBuilder();

  private StarterRecipe(
      Path model, Map<String, List<Path>> data, Path output, @Nullable AdapterRecipe adapter) {
    this.model = model;
    this.data = data;
    this.output = output;
    this.adapter = adapter;
  }

  /**
   * Reads the data, and writes a recipe for it. Where the model is an adapter, it is trained on.
   *
   * @param model Hugging Face folder to start from, or PEFT's of an adapter
   * @param data files by name of the source
   * @param output folder that the run will write to
   * @param cache of tokenised samples
   * @return YAML that {@link RecipeReader} reads
   * @throws ConfigException if the model or a file is not there or at fault
   * @throws ai.dmt.data.DataException if the data is
   */
  public static String yaml(Path model, Map<String, List<Path>> data, Path output, CacheUse cache) {
    return yaml(model, data, output, Optional.empty(), cache);
  }

  /**
   * Writes the same for an adapter, which wants a higher learning rate.
   *
   * @param model Hugging Face folder to start from, or PEFT's of such an adapter
   * @param data files by name of the source
   * @param output folder that the run will write to
   * @param adapter to train in place of all weights; empty for those, or for the model's own
   * @param cache of tokenised samples
   * @return YAML that {@link RecipeReader} reads
   * @throws ConfigException if the model or a file is not there or at fault, or the adapter is not
   *     the model's
   * @throws ai.dmt.data.DataException if the data is
   */
  public static String yaml(
      Path model,
      Map<String, List<Path>> data,
      Path output,
      Optional<AdapterRecipe> adapter,
      CacheUse cache) {
    AdapterRecipe trained = adapter.orElse(null);
    ModelInfo.read(model); // a folder that is no model is a better message than its adapter
    if (trained == null && AdapterFolder.isAdapter(model)) {
      trained = AdapterRecipe.of(AdapterFolder.read(model).config());
    }
    return new StarterRecipe(model, data, output, trained).yaml(cache);
  }

  private String yaml(CacheUse cache) {
    ModelInfo info = ModelInfo.read(model);
    Map<String, SourceRecipe> sources = new LinkedHashMap<>();
    data.forEach((name, files) -> sources.put(name, SourceRecipe.of(Corpus.Role.GENERAL, files)));
    String template = template();
    Recipe draft =
        RecipeReader.parse("sources: {x: {role: general}}", "a new recipe", List.of())
            .withModel(model.toString())
            .withSources(sources)
            .withAdapter(adapter);
    AdapterCheck.checkModel(draft, info);
    draft =
        draft.withData(
            draft.data().withTemplate(template).withCutoffLen(info.maxPositionEmbeddings()));
    AuditReport audit =
        new PreparationRun(draft, cache, Map.of(), 0)
            .run(
                new PreparationRun.Listener() {
                  @Override
                  public void onSource(SourceAudit.Report report, boolean cached, Duration took) {
                    // All of it comes with the whole audit.
                  }

                  @Override
                  public void onExamples(
                      String source, List<EncodedSample> examples, Tokenizer tokenizer) {
                    // None were asked for.
                  }
                });
    write(audit, template, info);
    RecipeReader.parse(text.toString(), "the new recipe", List.of()); // or this is a fault of ours
    return text.toString();
  }

  /** What the model was trained with here, or brings along; else the default. */
  private String template() {
    Optional<ChatTemplate> saved = TemplateFile.saved(model);
    if (saved.isPresent() && TemplateNames.trainable().contains(saved.get().name())) {
      return saved.get().name();
    }
    return TemplateFile.own(model).isPresent() ? TemplateNames.CHAT_TEMPLATE : "vicuna_v1.1";
  }

  private void write(AuditReport audit, String template, ModelInfo info) {
    int positions = info.maxPositionEmbeddings();
    long samples = audit.sources().stream().mapToLong(SourceAudit.Report::samples).sum();
    int longest = audit.sources().stream().mapToInt(each -> each.tokens().max()).max().orElse(2);
    int cutoff = Math.max(2, Math.min(positions, (longest + 63) / 64 * 64));
    line("# For the model %s and %s samples of one's own.".formatted(model.getFileName(), samples));
    line("#   dmt plan FILE            stages and steps");
    line("#   dmt train FILE           trains, and saves to output_dir");
    line("#   dmt recipe explain KEY   what a key is; without KEY, all there are");
    line("name: " + quoted(data.size() == 1 ? data.keySet().iterator().next() : "own-data"));
    key("", "model", quoted(model.toString()), "");
    key("", "output_dir", quoted(output.toString()), "");
    line("");
    line("sources:");
    for (SourceAudit.Report source : audit.sources()) {
      line("  %s:".formatted(quoted(source.name())));
      line(
          "    # %s samples; tokens: median %s, 99 %% %s, longest %s%s"
              .formatted(
                  source.samples(),
                  source.tokens().p50(),
                  source.tokens().p99(),
                  source.tokens().max(),
                  source.truncated().samples() == 0
                      ? ""
                      : "; %s are cut there, where the model ends"
                          .formatted(source.truncated().samples())));
      line(
          "    # general, or specialized for an ability of its own: strategies dmt and sequential"
              + " go by it");
      line("    role: general");
      List<Path> files = data.getOrDefault(source.name(), List.of());
      line(
          "    files: [%s]"
              .formatted(
                  String.join(
                      ", ",
                      files.stream().map(Path::toString).map(StarterRecipe::quoted).toList())));
      key("    ", "samples", Long.toString(source.samples()), "sources.NAME.");
    }
    line("");
    line("strategy:");
    key("  ", "name", "multi-task", "strategy.");
    line("");
    line("data:");
    key("  ", "template", template, "data.");
    key("  ", "cutoff_len", Integer.toString(cutoff), "data.");
    key("  ", "eval_fraction", samples >= FEWEST_TO_SPLIT ? "0.02" : "0", "data.");
    line("");
    if (adapter != null) {
      writeAdapter(adapter);
      line("");
    }
    line("training:");
    key("  ", "num_train_epochs", Integer.toString(EPOCHS), "training.");
    key("  ", "global_train_batch_size", Integer.toString(batch(samples)), "training.");
    line(
        "  # The paper takes 2e-5 from 7 billion parameters on, dmt's studies 1e-3 up to 2 million;"
            + " the model has "
            + millions(info.parameters()));
    if (adapter != null) {
      line("  # An adapter takes ten times as much.");
    }
    key("  ", "learning_rate", learningRate(info.parameters(), adapter != null), "training.");
    key("  ", "lr_scheduler_type", "cosine", "training.");
    key("  ", "warmup_ratio", "0.03", "training.");
    key("  ", "max_tokens_per_micro_batch", Integer.toString(Math.max(2048, cutoff)), "training.");
    key("  ", "save_steps", "500", "training.");
    line("");
    line("engine:");
    key("  ", "dtype", "float32", "engine.");
    key("  ", "device", "cpu", "engine.");
  }

  private void writeAdapter(AdapterRecipe trained) {
    String targets =
        String.join(", ", trained.targets().stream().map(AdapterTarget::text).toList());
    String ranks =
        String.join(
            ", ",
            trained.ranks().entrySet().stream()
                .map(each -> "%s: %s".formatted(each.getKey(), each.getValue()))
                .toList());
    line("adapter:");
    key("  ", "rank", Integer.toString(trained.rank()), "adapter.");
    if (trained.alpha() != null) {
      key("  ", "alpha", trained.alpha().toString(), "adapter.");
    }
    key("  ", "dropout", Double.toString(trained.dropout()), "adapter.");
    key("  ", "targets", "[%s]".formatted(targets), "adapter.");
    if (!ranks.isEmpty()) {
      key("  ", "ranks", "{%s}".formatted(ranks), "adapter.");
    }
    if (trained.rankStabilized()) {
      key("  ", "rank_stabilized", "true", "adapter.");
    }
    key("  ", "base_weights", trained.baseWeights().text(), "adapter.");
  }

  /** Between the two known sizes a power of the size, as one digit. */
  static String learningRate(long parameters, boolean adapter) {
    double share = Math.log(parameters / SMALL) / Math.log(LARGE / SMALL);
    double within = Math.min(1, Math.max(0, share));
    double rate = SMALL_RATE * Math.pow(LARGE_RATE / SMALL_RATE, within);
    rate *= adapter ? RATE_OF_ADAPTERS : 1;
    return Units.format("%.0e", rate).replace("e-0", "e-");
  }

  private static String millions(long parameters) {
    double millions = parameters / 1e6;
    return Units.format(millions < 10 ? "%.1f million" : "%,.0f million", millions);
  }

  /** A power of two with which the epochs have enough steps. */
  private static int batch(long samples) {
    long most = Math.max(1, samples * EPOCHS / FEWEST_STEPS);
    return (int) Math.min(MOST_SAMPLES_OF_A_STEP, Long.highestOneBit(most));
  }

  /** A key under what it is, in the words of the schema. */
  private void key(String indent, String name, String value, String section) {
    var info = RecipeKeys.find(section + name).get(0);
    boolean words = info.type().startsWith("one of ") && !info.description().contains(", ");
    String type = words ? ": " + info.type() : "";
    line("%s# %s%s".formatted(indent, info.description(), type));
    line("%s%s: %s".formatted(indent, name, value));
  }

  private void line(String line) {
    text.append(line).append('\n');
  }

  /** A text as YAML reads it whatever it holds; plain where that is safe. */
  private static String quoted(String value) {
    return value.matches("[A-Za-z_./][A-Za-z0-9_./-]*")
            && !value.matches("(?i)true|false|yes|no|on|off|null|y|n")
        ? value
        : new TextNode(value).toString();
  }
}
