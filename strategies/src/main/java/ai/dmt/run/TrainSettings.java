package ai.dmt.run;

import ai.dmt.config.ConfigException;
import ai.dmt.data.SampleLimits;
import ai.dmt.data.VicunaTemplate;
import ai.dmt.engine.AdamWConfig;
import ai.dmt.engine.DType;
import ai.dmt.engine.Device;
import ai.dmt.engine.DeviceConfig;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.GradientReduction;
import ai.dmt.engine.Recompute;
import ai.dmt.engine.Sharding;
import ai.dmt.engine.ShardingConfig;
import ai.dmt.train.BatchConfig;
import ai.dmt.train.LearningRateConfig;
import ai.dmt.train.TrainConfig;
import ai.dmt.train.checkpoint.CheckpointConfig;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Settings of a run, read from names as Hugging Face's Trainer has them where the meaning is equal.
 *
 * @param train length, batches and learning rate
 * @param engine how the engine computes; its sources are put in by the run
 * @param limits which samples are trained on
 * @param template name of the chat template, or its file
 * @param evalFraction share of each source that is held out, in [0, 1)
 * @param maxSamples most conversations of each source; 0 for all
 * @param loggingSteps a progress line after each so many steps
 * @param checkpoints when they are written
 * @param saveDType type of the weights in the output
 * @param resolved all settings by name, defaults included
 */
public record TrainSettings(
    TrainConfig train,
    EngineConfig engine,
    SampleLimits limits,
    String template,
    double evalFraction,
    long maxSamples,
    long loggingSteps,
    CheckpointConfig checkpoints,
    DType saveDType,
    Map<String, Object> resolved) {

  /** Tokens of a micro-batch unless a sample needs more. */
  private static final int MICRO_BATCH_TOKENS = 2048;

  /**
   * Reads settings.
   *
   * @param texts values by name
   * @param modelPositions longest sequence of the model in tokens
   * @return the settings, complete with defaults
   * @throws ConfigException with every fault
   */
  public static TrainSettings read(Map<String, String> texts, int modelPositions) {
    SettingReader reader = new SettingReader(texts);
    reader.alias("sequence_length", "cutoff_len");
    reader.flag("bf16", "dtype", DType.BFLOAT16.text());
    TrainConfig train = train(reader, modelPositions);
    EngineConfig engine = engine(reader);
    SampleLimits limits =
        new SampleLimits(
            train.batch().sequenceLength(),
            SampleLimits.Overlong.valueOf(word(reader, "overlong", SampleLimits.Overlong.TRUNCATE)),
            SampleLimits.AllMasked.valueOf(
                word(reader, "all_masked", SampleLimits.AllMasked.FAIL)));
    String template = reader.template(VicunaTemplate.NAME);
    double evalFraction = reader.share("eval_fraction", 0.02);
    long maxSamples = reader.notNegativeLong("max_samples", 0);
    long loggingSteps = reader.positiveLong("logging_steps", 1);
    CheckpointConfig checkpoints = checkpoints(reader);
    DType saveDType =
        DType.parse(reader.choice("save_dtype", engine.computeDType().text(), dtypes()));
    return new TrainSettings(
        train,
        engine,
        limits,
        template,
        evalFraction,
        maxSamples,
        loggingSteps,
        checkpoints,
        saveDType,
        reader.finish());
  }

  /** {@return names of all settings} */
  public static List<String> names() {
    return List.copyOf(read(Map.of(), MICRO_BATCH_TOKENS).resolved().keySet());
  }

  private static TrainConfig train(SettingReader reader, int modelPositions) {
    TrainConfig defaults = TrainConfig.defaults();
    int epochs = reader.positiveInt("num_train_epochs", defaults.epochs());
    long maxSteps = reader.notNegativeLong("max_steps", defaults.maxSteps());
    LearningRateConfig rate = learningRate(reader, defaults.learningRate());
    int globalBatch =
        reader.positiveInt("global_train_batch_size", defaults.batch().globalBatchSize());
    int length = reader.positiveInt("cutoff_len", modelPositions);
    reader.require(
        length >= 2 && length <= modelPositions,
        "cutoff_len=%s must be in [2, %s], the model's max_position_embeddings"
            .formatted(length, modelPositions));
    int microBatch =
        reader.positiveInt("max_tokens_per_micro_batch", Math.max(length, MICRO_BATCH_TOKENS));
    reader.require(
        microBatch >= length,
        "max_tokens_per_micro_batch=%s must be at least cutoff_len=%s: a sample is never split"
            .formatted(microBatch, length));
    long evalSteps = reader.notNegativeLong("eval_steps", defaults.evalSteps());
    Duration maxTime = reader.time("max_time");
    long seed = reader.anyLong("seed", defaults.seed());
    int usableLength = Math.max(2, length);
    BatchConfig batch =
        new BatchConfig(globalBatch, Math.max(microBatch, usableLength), usableLength);
    return new TrainConfig(epochs, maxSteps, batch, rate, evalSteps, maxTime, seed);
  }

  private static LearningRateConfig learningRate(
      SettingReader reader, LearningRateConfig defaults) {
    double peak = reader.positive("learning_rate", defaults.peak());
    String kind =
        reader.choice("lr_scheduler_type", defaults.kind().text(), LearningRateConfig.Kind.names());
    double floor = reader.notNegative("min_lr", defaults.floor());
    reader.require(
        floor <= peak, "min_lr=%s must be at most learning_rate=%s".formatted(floor, peak));
    long warmupSteps = reader.notNegativeLong("warmup_steps", 0);
    double warmupRatio = reader.share("warmup_ratio", warmupSteps > 0 ? 0 : defaults.warmupRatio());
    boolean oneWay = warmupSteps == 0 || warmupRatio == 0;
    reader.require(
        oneWay,
        "warmup_ratio=%s and warmup_steps=%s exclude each other; set one to 0"
            .formatted(warmupRatio, warmupSteps));
    return new LearningRateConfig(
        LearningRateConfig.Kind.parse(kind),
        peak,
        Math.min(floor, peak),
        oneWay ? warmupRatio : 0,
        warmupSteps);
  }

  private static CheckpointConfig checkpoints(SettingReader reader) {
    CheckpointConfig defaults = CheckpointConfig.defaults();
    return new CheckpointConfig(
        reader.notNegativeLong("save_steps", defaults.saveSteps()),
        reader.positiveInt("save_total_limit", defaults.saveTotalLimit()),
        reader
            .choice("async_save", Boolean.toString(defaults.async()), List.of("true", "false"))
            .equals("true"));
  }

  private static EngineConfig engine(SettingReader reader) {
    EngineConfig defaults = EngineConfig.defaults();
    AdamWConfig adamW = defaults.adamW();
    return new EngineConfig(
        device(reader, defaults.device()),
        DType.parse(reader.choice("dtype", defaults.computeDType().text(), dtypes())),
        DType.parse(reader.choice("gradient_dtype", defaults.gradientDType().text(), dtypes())),
        Recompute.parse(
            reader.choice(
                "recompute",
                defaults.recompute().text(),
                Arrays.stream(Recompute.values()).map(Recompute::text).toList())),
        true,
        new AdamWConfig(
            reader.share("adam_beta1", adamW.beta1()),
            reader.share("adam_beta2", adamW.beta2()),
            reader.positive("adam_epsilon", adamW.epsilon()),
            reader.notNegative("weight_decay", adamW.weightDecay()),
            DType.parse(reader.choice("optimizer_states", adamW.states().text(), dtypes()))),
        reader.notNegative("max_grad_norm", defaults.maxGradientNorm()),
        defaults.sources(),
        reader.positiveInt("loss_chunk_tokens", defaults.lossChunkTokens()),
        reader.notNegativeInt("threads", defaults.threads()),
        sharding(reader, defaults.sharding()),
        defaults.ranks());
  }

  private static DeviceConfig device(SettingReader reader, DeviceConfig defaults) {
    return new DeviceConfig(
        Device.parse(reader.choice("device", defaults.device().text(), Device.names())),
        reader.gpuIndex("device_index", defaults.index()));
  }

  private static ShardingConfig sharding(SettingReader reader, ShardingConfig defaults) {
    return new ShardingConfig(
        Sharding.parse(reader.choice("sharding", defaults.mode().text(), Sharding.names())),
        DType.parse(reader.choice("reduce_dtype", defaults.reduceDType().text(), dtypes())),
        GradientReduction.parse(
            reader.choice(
                "gradient_reduction",
                defaults.gradientReduction().text(),
                GradientReduction.names())));
  }

  private static List<String> dtypes() {
    return Arrays.stream(DType.values()).map(DType::text).toList();
  }

  /** An enum's constant, in small letters on the command line. */
  private static <E extends Enum<E>> String word(SettingReader reader, String name, E absent) {
    List<String> words =
        Arrays.stream(absent.getDeclaringClass().getEnumConstants())
            .map(constant -> constant.name().toLowerCase(Locale.ROOT))
            .toList();
    return reader
        .choice(name, absent.name().toLowerCase(Locale.ROOT), words)
        .toUpperCase(Locale.ROOT);
  }
}
