// What the facade's Engine holds; shared by engine.cpp and generation.cpp.
#pragma once

#include <string>

#include "dist/collectives.h"
#include "dmt/engine.h"
#include "model/llama.h"

namespace dmt {

struct Engine::Impl {
  Impl(const ModelConfig& model, const EngineConfig& engine_config);

  EngineConfig config;
  SingleRank collectives;
  LlamaModel llama;
  std::string original_config;  // texts that the model came with, or ""
  std::string original_generation_config;
  int64_t step = 0;          // optimizer steps done
  int64_t step_tokens = 0;   // of the step that is being accumulated
  double step_weight = 0.0;  // of its label tokens together; 1 when the step is complete
  SourceLosses step_losses;  // the same
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
