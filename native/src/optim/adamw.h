#pragma once

#include <cstdint>
#include <vector>

#include "dist/sharded_unit.h"
#include "dmt/engine.h"

namespace dmt {

/// 2-norm of all gradients over all ranks. Call after finish_gradients().
double gradient_norm(std::vector<ShardedUnit>& units, RankGrid& grid, Ops& ops);

/// What gradients are multiplied with so that their norm does not pass max_norm (0: no limit), as
/// torch.nn.utils.clip_grad_norm_ computes it.
double clip_scale(double norm, double max_norm);

/// One AdamW update of every unit's shard. @param step 1 for the first
void adamw_step(std::vector<ShardedUnit>& units, const EngineConfig& config, double learning_rate,
                int64_t step, double gradient_scale, Ops& ops);

}  // namespace dmt
