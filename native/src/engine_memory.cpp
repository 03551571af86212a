#include "engine_memory.h"

#include <c10/util/Exception.h>

#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"

namespace dmt {
namespace {

bool fits(int64_t bytes, const FreeMemory& free) {
  return free.bytes < 0 || bytes <= free.bytes;
}

std::string has_free(const FreeMemory& free) {
  return concat(free.owner, " has ", gib(free.bytes), " free");
}

/// A config that takes less, and how a user asks for it.
struct Smaller {
  EngineConfig config;
  std::string settings;
};

/// From what costs nothing in numbers to what costs most.
std::vector<Smaller> smaller_configs(const EngineConfig& config) {
  std::vector<Smaller> smaller;
  Smaller now{config, ""};
  const auto add = [&](const std::string& setting) {
    now.settings += (now.settings.empty() ? "" : " ") + setting;
    smaller.push_back(now);
  };
  if (config.compute_dtype == DType::kFloat32) {
    now.config.compute_dtype = DType::kBFloat16;
    add("dtype=bfloat16");
  }
  if (config.trainable && config.gradient_dtype == DType::kFloat32) {
    now.config.gradient_dtype = DType::kBFloat16;
    add("gradient_dtype=bfloat16");
  }
  if (config.trainable && config.optimizer_states == DType::kFloat32) {
    now.config.optimizer_states = DType::kBFloat16;
    add("optimizer_states=bfloat16");
  }
  const std::string before = now.settings;
  for (int32_t ranks = 2; ranks <= 64; ranks *= 2) {
    if (ranks <= config.parallel.world_size) continue;
    now.config.parallel.world_size = ranks;
    now.config.parallel.sharding = Sharding::kFull;
    now.settings = before;
    add(concat("sharding=full on ", ranks, " GPUs"));
  }
  return smaller;
}

}  // namespace

bool is_out_of_memory(const c10::Error& error) {
  // The CPU's allocator has no type of its own for it.
  const std::string_view message = error.what_without_backtrace();
  return dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr ||
         message.find("can't allocate memory") != message.npos;
}

std::string memory_text(const MemoryAccount& account) {
  const std::pair<const char*, int64_t> parts[] = {
      {"weights", account.weights},
      {"master weights", account.master_weights},
      {"gradients", account.gradients},
      {"optimizer states", account.optimizer_states},
      {"buffers of sharding", account.buffers},
      {"activations at their peak", account.activations_peak},
  };
  std::string text;
  for (const auto& [name, bytes] : parts) {
    if (bytes > 0) text += concat(text.empty() ? "" : ", ", name, " ", gib(bytes));
  }
  return text;
}

std::string memory_fault(const ModelConfig& model, const EngineConfig& config, const FreeMemory& free) {
  const MemoryAccount account = planned_memory(model, config);
  if (fits(account.total(), free)) return "";
  std::string fault = concat("the engine needs ", gib(account.total()), " before any activations (",
                             memory_text(account), "), ", has_free(free));
  for (const Smaller& smaller : smaller_configs(config)) {
    const int64_t needed = planned_memory(model, smaller.config).total();
    if (fits(needed, free)) return concat(fault, "; ", smaller.settings, " would need ", gib(needed));
  }
  return fault + "; no setting makes it fit on 64 such devices";
}

std::string pass_fault(const ModelConfig& model, const EngineConfig& config, const PassMemory& pass,
                       const FreeMemory& free) {
  if (fits(pass.peak - pass.held, free)) return "";
  return concat("a micro-batch of ", pass.tokens, " tokens needs ", gib(pass.peak),
                " of activations, of which the engine has ", gib(pass.held), ", ", has_free(free), "; ",
                memory_advice(model, config));
}

std::string cache_fault(const ModelConfig& model, DType dtype, int64_t slots, int64_t max_tokens,
                        const FreeMemory& free) {
  const int64_t element = dtype == DType::kFloat32 ? 4 : 2;
  const int64_t of_request = 2 * element * model.layers * model.kv_heads * model.head_dim * max_tokens;
  const int64_t most = free.bytes < 0 ? slots : free.bytes / of_request;
  if (slots <= most) return "";
  return concat("the key-value caches of ", slots, " requests of ", max_tokens, " tokens need ",
                gib(of_request), " each, ", has_free(free), "; ", most, " such requests at once would fit");
}

std::string rows_fault(int64_t tokens, int64_t bytes, const FreeMemory& free) {
  if (fits(bytes, free)) return "";
  return concat("the queries and keys of ", tokens, " tokens need ", gib(bytes), ", ", has_free(free),
                "; micro-batches of fewer tokens need less");
}

std::string copy_fault(int64_t bytes, const FreeMemory& free) {
  if (fits(bytes, free)) return "";
  return concat("a copy of the training state needs ", gib(bytes), ", ", has_free(free),
                "; written without a copy (save_async=false), it needs none");
}

std::string memory_advice(const ModelConfig& model, const EngineConfig& config) {
  std::string advice = "fewer max_tokens_per_micro_batch take less";
  if (config.trainable && config.recompute != Recompute::kFull)
    advice += ", recompute=full keeps nothing of a block but its input";
  const int64_t now = planned_memory(model, config).total();
  for (const Smaller& smaller : smaller_configs(config)) {
    const int64_t saved = now - planned_memory(model, smaller.config).total();
    if (saved > 0) advice += concat(", ", smaller.settings, " saves ", gib(saved));
    if (smaller.config.parallel.world_size > config.parallel.world_size) break;  // one such line is enough
  }
  return advice;
}

}  // namespace dmt
