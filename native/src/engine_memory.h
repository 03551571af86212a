// What an engine says when memory does not suffice.
#pragma once

#include <string>

#include "base/machine_memory.h"
#include "dmt/engine.h"

namespace c10 {
class Error;
}

namespace dmt {

/// Whether libtorch says that a device has no memory left.
bool is_out_of_memory(const c10::Error& error);

/// "weights 12.6 GiB, gradients 25.1 GiB, ...", what is 0 left out.
std::string memory_text(const MemoryAccount& account);

/// Why an engine cannot be made where so much is left, with settings that would fit; empty if it can. Nothing
/// is refused where that is not known. Activations are not counted: they depend on the micro-batches.
std::string memory_fault(const ModelConfig& model, const EngineConfig& config, const FreeMemory& free);

/// What a pass takes for activations, and what the engine holds for them already.
struct PassMemory {
  int64_t tokens;
  int64_t peak;
  int64_t held;
};

/// Why an engine cannot take what a pass needs; empty if it can. @param config trainable, if the pass goes
/// backward, too
std::string pass_fault(const ModelConfig& model, const EngineConfig& config, const PassMemory& pass,
                       const FreeMemory& free);

/// Why key-value caches for so many requests of so many tokens do not fit; empty if they do.
std::string cache_fault(const ModelConfig& model, DType dtype, int64_t slots, int64_t max_tokens,
                        const FreeMemory& free);

/// Why queries and keys of so many tokens cannot be kept; empty if they can.
std::string rows_fault(int64_t tokens, int64_t bytes, const FreeMemory& free);

/// Why a training state of so many bytes cannot be copied; empty if it can.
std::string copy_fault(int64_t bytes, const FreeMemory& free);

/// What would take less than this config, for a pass that ran out of memory.
std::string memory_advice(const ModelConfig& model, const EngineConfig& config);

}  // namespace dmt
