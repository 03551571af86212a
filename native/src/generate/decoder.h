#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "model/llama.h"

namespace dmt {

/// A token that a request is fed.
struct SlotToken {
  int32_t slot;
  int32_t token;
};

/// Runs prompts and single tokens of several requests through the model. A request has a slot; what a slot
/// holds depends on its request alone. See [Note: batch invariance].
class Decoder {
 public:
  virtual ~Decoder() = default;

  /// Reads a prompt into a slot, whatever was in it.
  virtual void prefill(int32_t slot, const int32_t* prompt, int32_t length) = 0;
  /// Feeds one token to each of some slots, no slot twice. @param tokens not empty
  virtual void decode(const std::vector<SlotToken>& tokens) = 0;
  /// Positions of a slot that are taken.
  virtual int64_t length(int32_t slot) const = 0;
  /// Chooses what follows in a slot: token number `index` of its request, see sample_token().
  virtual int32_t choose(int32_t slot, const SamplingConfig& sampling, int64_t index) = 0;
  /// A slot's request has ended.
  virtual void release(int32_t slot) = 0;
  /// Takes part in the gathers of another rank's decode() or prefill().
  void walk();

 protected:
  explicit Decoder(LlamaModel& model) : model_(model) {}

  LlamaModel& model_;
};

/// @param slots requests at the same time
/// @param capacity tokens of a request, the prompt's among them
/// @param whole_weights whether the model's weights are all here and stay where they are
std::unique_ptr<Decoder> make_decoder(LlamaModel& model, int32_t slots, int64_t capacity, bool whole_weights);

}  // namespace dmt
