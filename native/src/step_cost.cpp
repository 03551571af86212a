#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include "base/check.h"
#include "dist/rank_grid.h"
#include "dist/shard_spec.h"
#include "dmt/engine.h"
#include "model/adapter.h"
#include "model/decoder_block.h"
#include "model/llama_config.h"
#include "model/model_units.h"
#include "model/packed_block.h"

namespace dmt {
namespace {

double bytes_per_value(DType dtype) {
  return dtype == DType::kFloat32 ? 4.0 : 2.0;
}

/// Bytes that reach a rank in a step, in one direction.
struct Collective {
  double bytes = 0.0;
  double never_hidden = 0.0;  ///< of bytes; where there is nothing to compute beside
};

/// What LlamaModel's passes gather and reduce.
class Traffic {
 public:
  Traffic(const ModelConfig& model, const EngineConfig& config)
      : parallel_(simulated(config.parallel)),
        ties_(model.tie_word_embeddings),
        frozen_(has_adapter(config.adapter)) {
    const RankGrid grid(parallel_);
    const double travels = (grid.shards() - 1.0) / grid.shards();
    const DType wire =
        config.gradient_dtype == DType::kFloat32 ? parallel_.reduce_dtype : config.gradient_dtype;
    const double weight = travels * bytes_per_value(config.compute_dtype),
                 gradient = travels * bytes_per_value(wire);
    const auto padded = [&](const UnitLayout& layout) {
      return static_cast<double>(ShardSpec(layout.elements, grid, layout.tail).padded);
    };
    const std::vector<UnitLayout> layouts = unit_layouts(model, vocabulary_rows(model, config.device));
    for (size_t i = 0; i < layouts.size(); ++i) {
      const bool packed = is_packed(config) && i > 0 && i + 1 < layouts.size();
      weights_.push_back(packed ? travels * padded(packed_layout(layouts[i], config))
                                : weight * padded(layouts[i]));
    }
    for (const UnitLayout& layout : frozen_ ? adapter_layouts(model, config.adapter) : layouts) {
      updated_.push_back(weight * padded(layout));
      gradients_.push_back(gradient * padded(layout));
    }
    const bool embeds = config.adapter.ranks[static_cast<size_t>(AdapterTarget::kEmbedding)] > 0;
    ends_ = std::min<size_t>(frozen_ && !embeds ? 1 : 2, gradients_.size());
  }

  /// Forward and backward gather each unit, but what one pass ends with the next one begins with: the head
  /// and the last block; in later micro-batches the first block, and in all of them if it is frozen. The
  /// embedding is needed once or, tied, twice. What is updated and stays is gathered once, after the update.
  Collective gathers(int32_t micro_batches) const {
    const Collective updates = {sum(updated_, updated_.size()), sum(updated_, ends_)};
    if (parallel_.sharding == Sharding::kGradOp) return updates;
    const double all = sum(weights_, weights_.size()), first_block = weights_[1];
    const double once = (ties_ ? 0.0 : weights_.front()) + weights_.back() + weights_[weights_.size() - 2];
    const double bytes =
        micro_batches * (2.0 * all - once) - (frozen_ ? micro_batches : micro_batches - 1.0) * first_block;
    if (!frozen_) return {bytes, sum(weights_, 2)};
    return {bytes + updates.bytes, weights_.front() + updates.never_hidden};
  }

  /// After the backward pass of each unit (of a tied embedding after both of its uses), or of the step.
  Collective reductions(int32_t micro_batches) const {
    const double all = sum(gradients_, gradients_.size());
    if (parallel_.gradient_reduction == GradientReduction::kEachStep) return {all, all};
    return {micro_batches * (all + (ties_ && !frozen_ ? gradients_.front() : 0.0)), sum(gradients_, ends_)};
  }

 private:
  static ParallelConfig simulated(ParallelConfig parallel) {
    parallel.group_kind = GroupKind::kSimulated;
    return parallel;
  }
  static double sum(const std::vector<double>& bytes, size_t count) {
    return std::accumulate(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count), 0.0);
  }

  ParallelConfig parallel_;
  bool ties_, frozen_;
  // Bytes that travel for each unit: of the model's weights, and of what is trained, which is the model or an
  // adapter.
  std::vector<double> weights_, updated_, gradients_;
  size_t ends_ = 0;  // of what is trained: so many units does a step begin and end with
};

}  // namespace

double training_flops_per_token(const ModelConfig& model, int64_t length) {
  validate(model, "model config");
  double weights = static_cast<double>(model.vocab_size) * model.hidden_size;
  for (int32_t layer = 0; layer < model.layers; ++layer)
    weights += static_cast<double>(decoder_block_layout(model, layer).elements);
  const double attention =
      static_cast<double>(model.layers) * model.heads * model.head_dim * static_cast<double>(length);
  return 6.0 * (weights + attention);
}

StepPrediction predict_step(const ModelConfig& model, const EngineConfig& config, const WorkSeconds& step,
                            int32_t micro_batches, const Interconnect& interconnect) {
  validate(model, "model config");
  const Sharding sharding = config.parallel.sharding;
  DMT_CHECK(sharding == Sharding::kFull || sharding == Sharding::kGradOp,
            "a step is predicted for sharding full (0) and grad_op (1), got ",
            static_cast<int32_t>(sharding));
  DMT_CHECK(micro_batches >= 1, "micro_batches must be at least 1, got ", micro_batches);
  DMT_CHECK(interconnect.all_gather > 0 && interconnect.reduce_scatter > 0 &&
                interconnect.product_speed_lost >= 0 && interconnect.product_speed_lost < 1,
            "an interconnect has bandwidths above 0 and a product_speed_lost in [0, 1), got ",
            interconnect.all_gather, ", ", interconnect.reduce_scatter, " and ",
            interconnect.product_speed_lost);
  const Traffic traffic(model, config);
  const Collective gathers = traffic.gathers(micro_batches), reductions = traffic.reductions(micro_batches);
  const auto seconds = [&](double gathered, double reduced) {
    return gathered / interconnect.all_gather + reduced / interconnect.reduce_scatter;
  };

  StepPrediction prediction;
  prediction.communication = seconds(gathers.bytes, reductions.bytes);
  prediction.computation = step.total - step.communication;
  const double never_hidden = seconds(gathers.never_hidden, reductions.never_hidden);
  const double to_hide = prediction.communication - never_hidden;
  const double passes = std::max(0.0, prediction.computation - step.optimizer);
  // While a collective runs beside them, the passes take so many times as long.
  const double products_share = passes > 0 ? std::min(1.0, step.products / passes) : 0.0;
  const double stretch =
      1.0 + products_share * interconnect.product_speed_lost / (1.0 - interconnect.product_speed_lost);
  prediction.slow_down = std::min(to_hide * (1.0 - 1.0 / stretch), passes * (stretch - 1.0));
  prediction.exposed = never_hidden + std::max(0.0, to_hide - passes - prediction.slow_down);
  prediction.seconds = prediction.computation + prediction.slow_down + prediction.exposed;
  return prediction;
}

}  // namespace dmt
