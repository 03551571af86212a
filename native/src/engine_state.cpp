#include <cstdio>

#include "base/check.h"
#include "dmt/engine.h"
#include "engine_impl.h"
#include "model/training_state.h"

namespace dmt {

struct TrainingState::Impl {
  Impl(Engine::Impl& engine, StateMemory memory)
      : file(file_name(engine.grid)),
        part(engine.llama.trained(),
             {engine.step, engine.llama.config(), engine.originals, engine.config.adapter},
             engine.grid.rank(), engine.grid.world_size(), memory) {}

  static std::string file_name(const RankGrid& grid) {
    char name[64];
    std::snprintf(name, sizeof(name), "rank-%05d-of-%05d.safetensors", grid.rank(), grid.world_size());
    return name;
  }

  std::string file;
  TrainingStatePart part;
};

TrainingState::TrainingState(const Engine& engine, StateMemory memory) {
  Engine::Impl& e = *engine.impl_;
  DMT_CHECK(e.config.trainable, "this engine was opened for inference: it has no training state");
  DMT_CHECK(e.totals.tokens == 0, "a training state within a step: ", e.totals.tokens,
            " tokens were accumulated; apply must come first");
  const ComputeScope scope(*e.ops, e.config.threads);
  if (memory == StateMemory::kCopied) {
    const int64_t bytes = Impl(e, StateMemory::kShared).part.bytes();
    const std::string fault = copy_fault(bytes, machine_memory());
    DMT_CHECK(fault.empty(), fault);
  }
  e.ops->synchronize();  // another thread may read the state
  impl_ = std::make_unique<Impl>(e, memory);
}

TrainingState::~TrainingState() = default;

int64_t TrainingState::bytes() const {
  return impl_->part.bytes();
}

std::string TrainingState::write(const std::string& directory) const {
  impl_->part.write(std::filesystem::path(directory) / impl_->file);
  return impl_->file;
}

void export_model(const std::string& state_directory, const std::string& directory, DType dtype) {
  export_state(state_directory, directory, dtype);
}

}  // namespace dmt
