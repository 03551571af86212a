#include <algorithm>

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
  const ParallelConfig& parallel = config.parallel;
  const bool full = parallel.sharding == Sharding::kFull;
  DMT_CHECK(full || parallel.sharding == Sharding::kGradOp,
            "a step is predicted for sharding full (0) and grad_op (1), got ",
            static_cast<int32_t>(parallel.sharding));
  DMT_CHECK(micro_batches >= 1, "micro_batches must be at least 1, got ", micro_batches);
  DMT_CHECK(interconnect.all_gather > 0 && interconnect.reduce_scatter > 0 && interconnect.slow_down >= 0 &&
                interconnect.slow_down < 1,
            "an interconnect has bandwidths above 0 and a slow_down in [0, 1), got ", interconnect.all_gather,
            ", ", interconnect.reduce_scatter, " and ", interconnect.slow_down);
  ParallelConfig simulated = parallel;
  simulated.group_kind = GroupKind::kSimulated;
  const RankGrid grid(simulated);
  const double travels = (grid.shards() - 1.0) / grid.shards();
  const DType wire = config.gradient_dtype == DType::kFloat32 ? parallel.reduce_dtype : config.gradient_dtype;
  const auto gather_seconds = [&](double elements) {
    return elements * bytes_of(config.compute_dtype) * travels / interconnect.all_gather;
  };
  const auto reduce_seconds = [&](double elements) {
    return elements * bytes_of(wire) * travels / interconnect.reduce_scatter;
  };
  double elements = 0.0;
  const std::vector<UnitLayout> layouts = unit_layouts(model);
  for (const UnitLayout& layout : layouts)
    elements += static_cast<double>(ShardSpec(layout.elements, grid).padded);
  const auto embedding = static_cast<double>(ShardSpec(layouts.front().elements, grid).padded);

  // Forward and backward gather each unit, or the update does it once; see docs/distributed.md.
  const double gathers = full ? 2.0 * micro_batches : 1.0;
  const double reductions =
      parallel.gradient_reduction == GradientReduction::kEachMicroBatch ? micro_batches : 1.0;
  const double ends = gather_seconds(embedding) + reduce_seconds(embedding);

  StepPrediction prediction;
  prediction.communication = gathers * gather_seconds(elements) + reductions * reduce_seconds(elements);
  prediction.computation = step.total - step.communication;
  const double hidden = std::max(0.0, prediction.communication - ends);
  const double products_share =
      prediction.computation > 0 ? std::min(1.0, step.products / prediction.computation) : 0.0;
  // While a collective runs, each second of computing does 1 - lost of its work.
  const double lost = products_share * interconnect.slow_down;
  prediction.slow_down = std::min(hidden * lost, prediction.computation * lost / (1.0 - lost));
  const double busy = prediction.computation + prediction.slow_down;
  prediction.exposed = ends + std::max(0.0, hidden - busy);
  prediction.seconds = busy + prediction.exposed;
  return prediction;
}

}  // namespace dmt
