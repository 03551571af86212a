#include <algorithm>
#include <numeric>
#include <vector>

#include "base/check.h"
#include "dist/rank_grid.h"
#include "dist/shard_spec.h"
#include "dmt/engine.h"
#include "model/decoder_block.h"
#include "model/llama_config.h"
#include "model/model_units.h"

namespace dmt {
namespace {

double bytes_of(DType dtype) {
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
      : parallel_(simulated(config.parallel)), ties_(model.tie_word_embeddings) {
    const RankGrid grid(parallel_);
    const double travels = (grid.shards() - 1.0) / grid.shards();
    const DType wire =
        config.gradient_dtype == DType::kFloat32 ? parallel_.reduce_dtype : config.gradient_dtype;
    weight_ = bytes_of(config.compute_dtype) * travels;
    gradient_ = bytes_of(wire) * travels;
    for (const UnitLayout& layout : unit_layouts(model, vocabulary_rows(model, config.device)))
      elements_.push_back(static_cast<double>(ShardSpec(layout.elements, grid, layout.tail).padded));
  }

  /// Forward and backward gather each unit, but what one pass ends with the next one begins with: the head
  /// and the last block; in later micro-batches the first block. The embedding is needed once or, tied,
  /// twice. Weights that stay are gathered once, after the update.
  Collective gathers(int32_t micro_batches) const {
    if (parallel_.sharding == Sharding::kGradOp) return {weight_ * all(), weight_ * ends()};
    const double once = (ties_ ? 0.0 : embedding()) + elements_.back() + last_block();
    const double bytes = micro_batches * (2.0 * all() - once) - (micro_batches - 1.0) * first_block();
    return {weight_ * bytes, weight_ * ends()};
  }

  /// After the backward pass of each unit (of a tied embedding after both of its uses), or of the step.
  Collective reductions(int32_t micro_batches) const {
    if (parallel_.gradient_reduction == GradientReduction::kEachStep)
      return {gradient_ * all(), gradient_ * all()};
    const double bytes = gradient_ * (all() + (ties_ ? embedding() : 0.0));
    return {micro_batches * bytes, gradient_ * ends()};
  }

 private:
  static ParallelConfig simulated(ParallelConfig parallel) {
    parallel.group_kind = GroupKind::kSimulated;
    return parallel;
  }
  double all() const { return std::accumulate(elements_.begin(), elements_.end(), 0.0); }
  double embedding() const { return elements_.front(); }
  double first_block() const { return elements_[1]; }
  double last_block() const { return elements_[elements_.size() - 2]; }
  /// A step begins and ends with the embedding, which is looked up, and the first block.
  double ends() const { return embedding() + first_block(); }

  ParallelConfig parallel_;
  bool ties_;
  double weight_ = 0.0, gradient_ = 0.0;  // bytes that travel for an element
  std::vector<double> elements_;          // of the units
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
