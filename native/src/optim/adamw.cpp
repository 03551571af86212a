#include "optim/adamw.h"

#include <algorithm>
#include <cmath>

#include "kernels/adamw_bf16.h"
#include "kernels/flat.h"

namespace dmt {
namespace {

/// Random bits are a function of unit, element and step: the same on every rank and after a resume.
constexpr uint64_t kRoundingSeed = 0;

}  // namespace

double gradient_norm(std::vector<ShardedUnit>& units, RankGrid& grid) {
  double sum = 0.0;
  for (ShardedUnit& unit : units) {
    const OptimizerShard shard = unit.optimizer_shard();
    sum += kernels::sum_of_squares(shard.gradient, shard.count);
  }
  grid.shard_axis().all_reduce(&sum, 1, "the gradient norm");  // replicas hold the same gradients
  return std::sqrt(sum);
}

double clip_scale(double norm, double max_norm) {
  return max_norm > 0.0 ? std::min(1.0, max_norm / (norm + 1e-6)) : 1.0;
}

void adamw_step(std::vector<ShardedUnit>& units, const EngineConfig& config, double learning_rate,
                int64_t step, double gradient_scale) {
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
    const OptimizerShard shard = units[u].optimizer_shard();
    auto* weights_bf16 = static_cast<kernels::Bf16*>(shard.weights_bf16);
    if (shard.moment_dtype == at::kFloat) {
      kernels::adamw(shard.master, weights_bf16, static_cast<float*>(shard.first_moment),
                     static_cast<float*>(shard.second_moment), shard.gradient, shard.count, constants);
    } else {
      const kernels::Bf16States states = {weights_bf16, nullptr,
                                          static_cast<kernels::Bf16*>(shard.first_moment),
                                          static_cast<kernels::Bf16*>(shard.second_moment)};
      const uint64_t key = kernels::random_key(kRoundingSeed, u, static_cast<uint64_t>(step));
      kernels::adamw(states, shard.gradient, shard.count, constants, key, shard.begin);
    }
    units[u].weights_changed();
  }
}

}  // namespace dmt
