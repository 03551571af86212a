package ai.dmt.engine;

import ai.dmt.adapter.AdapterConfig;
import ai.dmt.adapter.AdapterTarget;
import ai.dmt.bindings.DmtEngine;
import org.bytedeco.javacpp.IntPointer;

/** Configurations and micro-batches as native structs. To be called inside {@link NativeCall}. */
final class NativeConfigs {
  private NativeConfigs() {}

  static ai.dmt.bindings.EngineConfig of(EngineConfig config) {
    return new ai.dmt.bindings.EngineConfig()
        .device(
            switch (config.device().device()) {
              case CPU -> DmtEngine.Device.kCpu;
              case CUDA -> DmtEngine.Device.kCuda;
            })
        .device_index(config.device().at(config.ranks().localRank()).index())
        .gradient_dtype(of(config.gradientDType()))
        .compute_dtype(of(config.computeDType()))
        .recompute(
            switch (config.recompute()) {
              case NONE -> DmtEngine.Recompute.kNone;
              case CHEAP -> DmtEngine.Recompute.kCheap;
              case ATTENTION -> DmtEngine.Recompute.kAttention;
              case FULL -> DmtEngine.Recompute.kFull;
            })
        .trainable(config.trainable())
        .adam_beta1(config.adamW().beta1())
        .adam_beta2(config.adamW().beta2())
        .adam_epsilon(config.adamW().epsilon())
        .optimizer_states(of(config.adamW().states()))
        .weight_decay(config.adamW().weightDecay())
        .max_gradient_norm(config.maxGradientNorm())
        .source_count(config.sources().size())
        .loss_chunk_tokens(config.lossChunkTokens())
        .threads(config.threads())
        .adapter(
            config.adapter().map(NativeConfigs::of).orElseGet(ai.dmt.bindings.AdapterConfig::new))
        .base_weights(
            switch (config.baseWeights()) {
              case COMPUTE -> DmtEngine.BaseWeights.kComputeDtype;
              case INT8 -> DmtEngine.BaseWeights.kInt8;
              case NF4 -> DmtEngine.BaseWeights.kNf4;
            })
        .parallel(parallel(config));
  }

  static ai.dmt.bindings.AdapterConfig of(AdapterConfig adapter) {
    var config =
        new ai.dmt.bindings.AdapterConfig()
            .rank_stabilized(adapter.rankStabilized())
            .dropout(adapter.dropout())
            .seed(adapter.seed());
    adapter
        .sizes()
        .forEach(
            (target, size) -> {
              config.ranks(of(target).value, size.rank());
              config.alphas(of(target).value, size.alpha());
            });
    return config;
  }

  static DmtEngine.AdapterTarget of(AdapterTarget target) {
    return switch (target) {
      case Q_PROJ -> DmtEngine.AdapterTarget.kQuery;
      case K_PROJ -> DmtEngine.AdapterTarget.kKey;
      case V_PROJ -> DmtEngine.AdapterTarget.kValue;
      case O_PROJ -> DmtEngine.AdapterTarget.kOutput;
      case GATE_PROJ -> DmtEngine.AdapterTarget.kGate;
      case UP_PROJ -> DmtEngine.AdapterTarget.kUp;
      case DOWN_PROJ -> DmtEngine.AdapterTarget.kDown;
      case EMBED_TOKENS -> DmtEngine.AdapterTarget.kEmbedding;
      case LM_HEAD -> DmtEngine.AdapterTarget.kHead;
    };
  }

  private static ai.dmt.bindings.ParallelConfig parallel(EngineConfig config) {
    RankGroups ranks = config.ranks();
    ShardingConfig sharding = config.sharding();
    return new ai.dmt.bindings.ParallelConfig()
        .rank(ranks.rank())
        .world_size(ranks.worldSize())
        .sharding(
            switch (sharding.mode()) {
              case FULL -> DmtEngine.Sharding.kFull;
              case GRAD_OP -> DmtEngine.Sharding.kGradOp;
              case HYBRID -> DmtEngine.Sharding.kHybrid;
              case NONE -> DmtEngine.Sharding.kNone;
            })
        .node_size(ranks.nodeSize())
        .reduce_dtype(of(sharding.reduceDType()))
        .gradient_reduction(
            switch (sharding.gradientReduction()) {
              case MICRO_BATCH -> DmtEngine.GradientReduction.kEachMicroBatch;
              case STEP -> DmtEngine.GradientReduction.kEachStep;
            })
        .reduce_collective(
            switch (sharding.reduceCollective()) {
              case ALL_TO_ALL -> DmtEngine.ReduceCollective.kAllToAll;
              case REDUCE_SCATTER -> DmtEngine.ReduceCollective.kReduceScatter;
            })
        .group_kind(
            switch (ranks.kind()) {
              case PROCESSES -> DmtEngine.GroupKind.kProcesses;
              case SIMULATED -> DmtEngine.GroupKind.kSimulated;
            })
        .shard_group(ranks.shardGroup())
        .replica_group(ranks.replicaGroup())
        .reduce_group(ranks.reduceGroup());
  }

  static DmtEngine.DType of(DType type) {
    return switch (type) {
      case FLOAT32 -> DmtEngine.DType.kFloat32;
      case BFLOAT16 -> DmtEngine.DType.kBFloat16;
    };
  }

  static DmtEngine.Pooling of(Pooling pooling) {
    return switch (pooling) {
      case MEAN -> DmtEngine.Pooling.kMean;
      case LAST -> DmtEngine.Pooling.kLast;
    };
  }

  static ai.dmt.bindings.ModelConfig of(ModelConfig model) {
    RopeConfig rope = model.rope();
    return new ai.dmt.bindings.ModelConfig()
        .vocab_size(model.vocabSize())
        .hidden_size(model.hiddenSize())
        .intermediate_size(model.intermediateSize())
        .layers(model.layers())
        .heads(model.heads())
        .kv_heads(model.kvHeads())
        .head_dim(model.headDim())
        .max_position_embeddings(model.maxPositionEmbeddings())
        .rms_norm_eps(model.rmsNormEps())
        .initializer_range(model.initializerRange())
        .tie_word_embeddings(model.tieWordEmbeddings())
        .rope_theta(rope.theta())
        .rope_scaling(
            switch (rope.scaling()) {
              case NONE -> DmtEngine.RopeScaling.kNone;
              case LINEAR -> DmtEngine.RopeScaling.kLinear;
              case LLAMA3 -> DmtEngine.RopeScaling.kLlama3;
            })
        .rope_factor(rope.factor())
        .rope_low_freq_factor(rope.lowFreqFactor())
        .rope_high_freq_factor(rope.highFreqFactor())
        .rope_original_max_position_embeddings(rope.originalMaxPositionEmbeddings());
  }

  static ModelConfig of(ai.dmt.bindings.ModelConfig model) {
    RopeConfig.Scaling scaling =
        switch (model.rope_scaling().intern()) {
          case kNone -> RopeConfig.Scaling.NONE;
          case kLinear -> RopeConfig.Scaling.LINEAR;
          case kLlama3 -> RopeConfig.Scaling.LLAMA3;
        };
    return new ModelConfig(
        model.vocab_size(),
        model.hidden_size(),
        model.intermediate_size(),
        model.layers(),
        model.heads(),
        model.kv_heads(),
        model.head_dim(),
        model.max_position_embeddings(),
        model.rms_norm_eps(),
        model.initializer_range(),
        model.tie_word_embeddings(),
        new RopeConfig(
            model.rope_theta(),
            scaling,
            model.rope_factor(),
            model.rope_low_freq_factor(),
            model.rope_high_freq_factor(),
            model.rope_original_max_position_embeddings()));
  }

  /** Copies each array once, out of the reach of the garbage collector. */
  static ai.dmt.bindings.MicroBatch of(MicroBatch batch) {
    return new ai.dmt.bindings.MicroBatch()
        .token_count(batch.tokens())
        .document_count(batch.documents())
        .token_ids(new IntPointer(batch.tokenIds()))
        .labels(new IntPointer(batch.labels()))
        .document_offsets(new IntPointer(batch.documentOffsets()))
        .document_sources(new IntPointer(batch.documentSources()));
  }

  static ai.dmt.bindings.SamplingConfig of(SamplingConfig sampling) {
    return new ai.dmt.bindings.SamplingConfig()
        .temperature(sampling.temperature())
        .top_p(sampling.topP())
        .seed(sampling.seed());
  }

  static ai.dmt.bindings.WorkSeconds of(WorkSeconds seconds) {
    return new ai.dmt.bindings.WorkSeconds()
        .products(seconds.products())
        .attention(seconds.attention())
        .element_wise(seconds.elementWise())
        .loss(seconds.loss())
        .optimizer(seconds.optimizer())
        .communication(seconds.communication())
        .total(seconds.total());
  }

  static WorkSeconds of(ai.dmt.bindings.WorkSeconds seconds) {
    return new WorkSeconds(
        seconds.products(),
        seconds.attention(),
        seconds.element_wise(),
        seconds.loss(),
        seconds.optimizer(),
        seconds.communication(),
        seconds.total());
  }

  static DmtEngine.StateMemory of(StateMemory memory) {
    return switch (memory) {
      case COPIED -> DmtEngine.StateMemory.kCopied;
      case SHARED -> DmtEngine.StateMemory.kShared;
    };
  }
}
