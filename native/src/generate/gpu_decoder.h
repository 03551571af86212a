#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <thread>
#include <vector>

#include "generate/decoder.h"
#include "ops/gpu_ops.h"

namespace dmt {

/// On a GPU. Every pass computes all slots, those without a token in vain: products of one shape give a row
/// the same bits whatever the other rows hold (see [Note: batch invariance]), and a pass whose shapes and
/// addresses stay the same is captured in a graph once and repeated by one call. What changes from step to
/// step goes to the device in one copy, and the chosen tokens come back in one.
///
/// Prompts are read several at a time, in passes of one shape for the same reason: up to kPromptRows tokens,
/// with padding behind the prompts. A pass of so many takes as long as one of a few: it reads all weights. A
/// longer prompt has a pass of its own. Prompts of different adapters are read by different passes; a pass
/// that decodes computes all slots with each adapter, times 0 where a slot has another.
class GpuDecoder final : public Decoder {
 public:
  static constexpr int64_t kPromptRows = 256;

  GpuDecoder(LlamaModel& model, GpuOps& ops, int32_t slots, int64_t capacity, bool whole_weights);
  ~GpuDecoder() override;
  GpuDecoder(const GpuDecoder&) = delete;
  GpuDecoder& operator=(const GpuDecoder&) = delete;

  void prefill(const std::vector<Prompt>& prompts) override;
  void step(const std::vector<SlotToken>& fed, const std::vector<Choice>& choices, int32_t* tokens) override;
  int64_t length(int32_t slot) const override { return lengths_[static_cast<size_t>(slot)]; }
  void release(int32_t slot) override { lengths_[static_cast<size_t>(slot)] = 0; }
  int64_t tokens_of_prefill(int64_t prompt_tokens) const override {
    return std::max(prompt_tokens, kPromptRows);
  }

 private:
  /// Keys and values of a layer, [slots, kv_heads, capacity, head_dim] each.
  struct LayerCache {
    at::Tensor keys, values;
  };
  /// What a step needs of each slot, on the host and on the device, in one piece of memory.
  struct StepState {
    at::Tensor bytes;    ///< all of it
    at::Tensor choices;  ///< DmtChoice of each slot, as bytes
    at::Tensor ids_S, positions_S;
    at::Tensor lengths_S;  ///< with the token that is fed; 0: nothing to do
  };
  at::Tensor make(at::IntArrayRef sizes, at::ScalarType dtype) const;
  StepState make_state(at::TensorOptions options) const;
  /// @param prompts with at most kPromptRows tokens together, or a single one
  void prefill_together(const std::vector<const Prompt*>& prompts);
  void fill_caches(int32_t layer, const at::Tensor& qkv_TE, const std::vector<const Prompt*>& prompts);
  void upload(const std::vector<SlotToken>& fed, const std::vector<Choice>& choices);
  void run_pass();
  /// From the state to logits_SV and tokens_S.
  void pass();
  /// Adds what the slots' adapters add to products. @param group_of an adapter, by its number
  void add_low_rank(at::Tensor out_SN, const at::Tensor& x_SK,
                    const std::function<LowRankGroup(int32_t adapter)>& group_of);
  using AddLowRank =
      std::function<void(const at::Tensor& out, const at::Tensor& x, LowRankGroup BlockAdapter::*group)>;
  /// Output of the attention, added to the residual, and its norm.
  void add_attention(const DecoderBlockWeights& w, const AddLowRank& low_rank);
  void decode_block(int32_t layer, const DecoderBlockWeights& w);
  /// Logits of rows of all slots; the weights of the head must be here.
  void head(at::Tensor logits_SV, const at::Tensor& hidden_SC);
  void sample();

  GpuOps& ops_;
  int64_t slots_, capacity_;
  bool whole_weights_;
  std::vector<int32_t> lengths_;  // of each slot
  std::vector<LayerCache> cache_;
  Arena arena_;
  Arena::Scope scratch_;  // never ends, so that the arena's addresses stay
  LowRankProducts low_rank_;
  std::vector<at::Tensor> slots_of_;  // [slots, 1] by adapter: 1 where a slot has it, else 0
  BatchIndices indices_;              // one token per slot
  StepState host_, device_;
  at::Tensor x_SC_, residual_SC_, norm_SC_, rstd_S_, qkv_SE_, attention_SA_, gate_up_SG_, activation_SF_;
  at::Tensor logits_SV_, workspace_, sample_workspace_, tokens_S_, host_tokens_S_;
  at::Tensor prompt_hidden_SC_, prompt_logits_SV_;  // of what prefill() has read last in each slot
  std::vector<int32_t> fresh_;  // slots that have a prompt's logits, which no step has seen
  std::thread::id warm_;        // has done a pass: libraries have what they allocate once per thread
  DmtGraph graph_ = nullptr;
  int64_t given_back_ = 0;  // when the graph was captured
};

}  // namespace dmt
