// What the facade's Engine holds; shared by engine.cpp and generation.cpp.
#pragma once

#include "dist/rank_grid.h"
#include "dmt/engine.h"
#include "model/llama.h"
#include "model/weights.h"

namespace dmt {

/// What accumulate() adds up until apply().
struct StepTotals {
  explicit StepTotals(int32_t source_count) : losses(source_count) {}
  /// The same of all ranks together.
  StepTotals over_ranks(RankGrid& grid) const;

  SourceLosses losses;
  int64_t tokens = 0;
  double weight = 0.0;  ///< of the label tokens together; over all ranks 1 when the step is complete
};

struct Engine::Impl {
  Impl(const ModelConfig& model, const EngineConfig& engine_config);
  void save_from_rank_zero(const std::string& directory, DType dtype);

  EngineConfig config;
  RankGrid grid;
  LlamaModel llama;
  OriginalConfigs originals;
  int64_t step = 0;          // optimizer steps done
  StepTotals totals;         // of the step that is being accumulated, on this rank
  SourceLosses last_losses;  // of the last step done
};

/// What must hold on the calling thread while ATen works for us: our thread pool, no autograd.
class ComputeScope {
 public:
  ComputeScope();

 private:
  at::AutoDispatchBelowADInplaceOrView no_autograd_;
};

}  // namespace dmt
