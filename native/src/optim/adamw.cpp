#include "optim/adamw.h"

#include <algorithm>
#include <cmath>

#include "kernels/stochastic_rounding.h"

namespace dmt {
namespace {

/// Random bits are a function of unit, element and step: the same on every rank and after a resume.
constexpr uint64_t kRoundingSeed = 0;

}  // namespace

double gradient_norm(std::vector<ShardedUnit>& units, RankGrid& grid, Ops& ops) {
  std::vector<at::Tensor> gradients;
  for (ShardedUnit& unit : units) gradients.push_back(unit.optimizer_shard().gradient);
  double sum = ops.sum_of_squares(gradients);
  grid.shard_axis().all_reduce(&sum, 1, "the gradient norm");  // replicas hold the same gradients
  return std::sqrt(sum);
}

double clip_scale(double norm, double max_norm) {
  return max_norm > 0.0 ? std::min(1.0, max_norm / (norm + 1e-6)) : 1.0;
}

void adamw_step(std::vector<ShardedUnit>& units, const EngineConfig& config, double learning_rate,
                int64_t step, double gradient_scale, Ops& ops) {
  const auto exponent = static_cast<double>(step);
  const kernels::AdamWStep constants = {
      static_cast<float>(learning_rate),
      static_cast<float>(config.adam_beta1),
      static_cast<float>(config.adam_beta2),
      static_cast<float>(config.adam_epsilon),
      static_cast<float>(config.weight_decay),
      static_cast<float>(1.0 - config.adam_beta1),
      static_cast<float>(1.0 - config.adam_beta2),
      static_cast<float>(1.0 - std::pow(config.adam_beta1, exponent)),
      static_cast<float>(1.0 - std::pow(config.adam_beta2, exponent)),
      static_cast<float>(gradient_scale),
  };
  for (size_t u = 0; u < units.size(); ++u) {
    const uint64_t key = kernels::random_key(kRoundingSeed, u, static_cast<uint64_t>(step));
    ops.adamw(units[u].optimizer_shard(), constants, key);
    units[u].weights_changed();
  }
}

}  // namespace dmt
