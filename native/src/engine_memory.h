// What an engine says when memory does not suffice.
#pragma once

#include <string>

#include "dmt/engine.h"

namespace c10 {
class Error;
}

namespace dmt {

/// Whether libtorch says that a device has no memory left.
bool is_out_of_memory(const c10::Error& error);

/// "weights 12.6 GiB, gradients 25.1 GiB, ...", what is 0 left out.
std::string memory_text(const MemoryAccount& account);

/// Why an engine cannot be made where `free_bytes` are left, with settings that would fit; empty if it can.
/// Activations are not counted: they depend on the micro-batches.
std::string memory_fault(const ModelConfig& model, const EngineConfig& config, int64_t free_bytes);

/// What would take less than this config, for a pass that ran out of memory.
std::string memory_advice(const ModelConfig& model, const EngineConfig& config);

}  // namespace dmt
