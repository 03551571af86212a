// What the facade's Engine holds; shared by the files that implement it.
#pragma once

#include <c10/core/StreamGuard.h>

#include <functional>
#include <memory>
#include <optional>

#include "base/check.h"
#include "dist/rank_grid.h"
#include "dmt/engine.h"
#include "engine_memory.h"
#include "model/llama.h"
#include "model/weights.h"
#include "ops/work_clock.h"

namespace dmt {

/// What accumulate() adds up until apply().
struct StepTotals {
  StepTotals(int32_t source_count, at::Device device) : losses(source_count, device) {}
  void clear();

  LossAccumulator losses;
  int64_t tokens = 0;
  double weight = 0.0;  ///< of the label tokens together; over all ranks 1 when the step is complete
};

/// The same of all ranks together.
struct StepSums {
  StepSums(const StepTotals& totals, RankGrid& grid);

  SourceLosses losses;
  int64_t tokens;
  double weight;
};

struct Engine::Impl {
  Impl(const ModelConfig& model, const EngineConfig& engine_config, std::shared_ptr<Ops> device_ops);
  /// Engine::apply() behind its checks.
  StepMetrics apply(double learning_rate);
  /// The sums of a step that is complete. Throws if tokens are missing. @param what is asked for
  StepSums complete_step(const char* what);
  /// Saves what is trained. @param write is called on rank 0, and gathers all of it; the others send it
  /// theirs
  void save(const std::function<void()>& write);
  /// Throws if what is saved and read by name is quantised.
  void require_whole_weights(const char* what) const;
  /// Runs f; what libtorch throws becomes a sentence for the user.
  template <typename F>
  auto guard(const F& f) const {
    try {
      return f();
    } catch (const c10::Error& error) {
      if (is_out_of_memory(error)) fail_out_of_memory(error);
      fail(error.what_without_backtrace());
    }
  }
  /// Throws unless there is memory for a pass over so many tokens. Costs nothing for no more tokens than
  /// before.
  void require_memory_for(int64_t tokens, bool backward);
  [[noreturn]] void fail_out_of_memory(const c10::Error& error) const;
  /// Adds a batch's losses, as Engine::evaluate() does. @param without a head whose output counts as 0
  void evaluate(const MicroBatch& batch, AttentionHead without, double* loss_sums, int64_t* label_tokens);
  /// Copies of every block's query and key rows, after the rotary embedding:
  /// [layers] of [tokens, (heads + kv_heads) * head_dim].
  std::vector<at::Tensor> queries_and_keys(const MicroBatch& batch);

  EngineConfig config;
  std::shared_ptr<Ops> ops;  // before all that has tensors
  RankGrid grid;
  LlamaModel llama;
  OriginalConfigs originals;
  int64_t step = 0;                  // optimizer steps done
  StepTotals totals;                 // of the step that is being accumulated, on this rank
  SourceLosses last_losses;          // of the last step done
  std::unique_ptr<WorkClock> clock;  // while it runs
  bool has_gradient_set = false;
  int64_t kept_gradient_bytes = 0;   // of the gradient set
  int64_t largest_pass[2] = {0, 0};  // tokens that there was memory for: forward only, and backward, too
};

/// The operations of the device that a config names; the CPU's are shared by all engines.
std::shared_ptr<Ops> open_device(const EngineConfig& config);

/// What must hold on the calling thread while ATen works for us: the engine's number of threads, no autograd,
/// the device's stream.
class ComputeScope {
 public:
  ComputeScope(const Ops& ops, int32_t threads);

 private:
  at::AutoDispatchBelowADInplaceOrView no_autograd_;
  std::optional<c10::StreamGuard> stream_;
};

}  // namespace dmt
