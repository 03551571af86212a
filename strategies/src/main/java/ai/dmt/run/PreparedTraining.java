package ai.dmt.run;

import ai.dmt.config.ConfigException;
import ai.dmt.data.ChatTemplate;
import ai.dmt.data.DataException;
import ai.dmt.data.TemplateNames;
import ai.dmt.engine.EngineConfig;
import ai.dmt.internal.text.Faults;
import ai.dmt.model.ModelInfo;
import ai.dmt.tokenizer.Tokenizer;
import ai.dmt.tokenizer.TokenizerException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * A run whose files and settings have been checked and whose samples are tokens. Nothing of it
 * needs libtorch or the weights.
 *
 * @param job as it was asked for
 * @param model to start from
 * @param settings in full
 * @param template that samples are rendered with
 * @param tokenizer of the model; closed with this object
 * @param sources in the order of the job
 */
public record PreparedTraining(
    TrainJob job,
    ModelInfo model,
    TrainSettings settings,
    ChatTemplate template,
    Tokenizer tokenizer,
    List<SourceData> sources)
    implements AutoCloseable {

  /**
   * Checks what is cheap to check, all faults together, then reads the data.
   *
   * @param job what the user asks for
   * @param beforeData called between the two, with the engine's configuration
   * @return the run, ready to train; the caller closes it
   * @throws ConfigException if settings, model folder, files or output are at fault
   * @throws DataException if the data is
   */
  public static PreparedTraining of(TrainJob job, Consumer<EngineConfig> beforeData) {
    AtomicReference<ModelInfo> model = new AtomicReference<>();
    AtomicReference<TrainSettings> settings = new AtomicReference<>();
    List<String> faults = new ArrayList<>();
    check(faults, () -> model.set(ModelInfo.read(job.model())));
    int positions = model.get() == null ? Integer.MAX_VALUE : model.get().maxPositionEmbeddings();
    check(faults, () -> settings.set(TrainSettings.read(job.settings(), positions)));
    AtomicReference<ChatTemplate> template = new AtomicReference<>();
    if (settings.get() != null) {
      check(faults, () -> template.set(TemplateNames.find(settings.get().template(), job.model())));
    }
    check(faults, () -> checkNames(job.sourceNames()));
    job.sources().forEach(source -> check(faults, () -> SourceData.checkFiles(source)));
    long bytes =
        model.get() == null || settings.get() == null ? 0 : bytes(model.get(), settings.get());
    check(faults, () -> OutputFolder.checkForRun(job.output(), job.start(), bytes));
    if (!faults.isEmpty()) {
      throw ConfigException.ofLines(faults);
    }
    beforeData.accept(settings.get().engine());
    return read(job, model.get(), settings.get(), template.get());
  }

  /** {@return the number of samples to train on, of all sources together} */
  public long trainSamples() {
    return sources.stream().mapToLong(source -> source.train().samples().size()).sum();
  }

  /** Of the weights as they will be saved. */
  long modelBytes() {
    return bytes(model, settings);
  }

  @Override
  public void close() {
    tokenizer.close();
  }

  private static PreparedTraining read(
      TrainJob job, ModelInfo model, TrainSettings settings, ChatTemplate template) {
    Tokenizer tokenizer = Tokenizer.load(job.model());
    try {
      List<SourceData> sources =
          job.sources().stream()
              .map(source -> SourceData.read(source, settings, template, tokenizer, model))
              .toList();
      return new PreparedTraining(job, model, settings, template, tokenizer, sources);
    } catch (RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  private static void checkNames(List<String> names) {
    new Faults("data")
        .require(!names.isEmpty(), "name at least one source as NAME=FILE")
        .require(new HashSet<>(names).size() == names.size(), "names must differ, got " + names)
        .throwIfAny();
  }

  private static long bytes(ModelInfo model, TrainSettings settings) {
    int width = settings.saveDType() == ai.dmt.engine.DType.FLOAT32 ? 4 : 2;
    return model.parameters() * width;
  }

  private static void check(List<String> faults, Runnable check) {
    try {
      check.run();
    } catch (ConfigException | DataException | TokenizerException e) {
      faults.add(e.getMessage());
    }
  }
}
