#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "dmt/engine.h"
#include "model/llama.h"

namespace dmt {

/// A token that a request is fed.
struct SlotToken {
  int32_t slot;
  int32_t token;
};

/// What a request begins with.
struct Prompt {
  int32_t slot;
  std::vector<int32_t> tokens;
  int32_t adapter = -1;  // of the model, -1: none
};

/// A token that is to be chosen: number `index` of the slot's request, see sample_token().
struct Choice {
  int32_t slot;
  SamplingConfig sampling;
  int64_t index;
};

/// Runs prompts and single tokens of several requests through the model. A request has a slot; what a slot
/// holds depends on its request alone. See [Note: batch invariance].
class Decoder {
 public:
  virtual ~Decoder() = default;

  /// Reads prompts into their slots, whatever was in them.
  virtual void prefill(const std::vector<Prompt>& prompts) = 0;
  /// Feeds one token to each of some slots, no slot twice, and then chooses what follows in some.
  /// @param tokens [slots], of which those of the choices are written
  virtual void step(const std::vector<SlotToken>& fed, const std::vector<Choice>& choices,
                    int32_t* tokens) = 0;
  /// Positions of a slot that are taken.
  virtual int64_t length(int32_t slot) const = 0;
  /// A slot's request has ended.
  virtual void release(int32_t slot) = 0;
  /// Tokens that go through the model together when prompts with so many are read.
  virtual int64_t tokens_of_prefill(int64_t prompt_tokens) const { return prompt_tokens; }
  /// Takes part in the gathers of another rank's step() or prefill().
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
