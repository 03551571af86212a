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
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

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
    List<String> faults = new ArrayList<>();
    ModelInfo model = checked(faults, () -> ModelInfo.read(job.model()));
    int positions = model == null ? Integer.MAX_VALUE : model.maxPositionEmbeddings();
    TrainSettings settings = checked(faults, () -> TrainSettings.read(job.settings(), positions));
    ChatTemplate template =
        settings == null
            ? null
            : checked(faults, () -> TemplateNames.find(settings.template(), job.model()));
    check(faults, () -> checkNames(job.sourceNames()));
    job.sources().forEach(source -> check(faults, () -> SourceData.checkFiles(source)));
    long bytes = model == null || settings == null ? 0 : bytes(model, settings);
    check(faults, () -> OutputFolder.checkForRun(job.output(), job.start(), bytes));
    if (!faults.isEmpty() || model == null || settings == null || template == null) {
      throw ConfigException.ofLines(faults);
    }
    beforeData.accept(settings.engine());
    return read(job, model, settings, template);
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
    checked(
        faults,
        () -> {
          check.run();
          return true;
        });
  }

  /** What a check gives; null where it adds a fault. */
  private static <T> @Nullable T checked(List<String> faults, Supplier<T> check) {
    try {
      return check.get();
    } catch (ConfigException | DataException | TokenizerException e) {
      faults.add(e.getMessage());
      return null;
    }
  }
}
