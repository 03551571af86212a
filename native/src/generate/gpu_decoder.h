#pragma once

#include <cstdint>
#include <optional>
#include <thread>
#include <vector>

#include "generate/decoder.h"
#include "ops/gpu_ops.h"

namespace dmt {

/// On a GPU. Every pass computes all slots, those without a token in vain: products of one shape give a row
/// the same bits whatever the other rows hold (see [Note: batch invariance]), and a pass whose shapes and
/// addresses stay the same is captured in a graph once and repeated by one call.
class GpuDecoder final : public Decoder {
 public:
  GpuDecoder(LlamaModel& model, GpuOps& ops, int32_t slots, int64_t capacity, bool whole_weights);
  ~GpuDecoder() override;
  GpuDecoder(const GpuDecoder&) = delete;
  GpuDecoder& operator=(const GpuDecoder&) = delete;

  void prefill(int32_t slot, const int32_t* prompt, int32_t length) override;
  void decode(const std::vector<SlotToken>& tokens) override;
  int64_t length(int32_t slot) const override { return lengths_[static_cast<size_t>(slot)]; }
  int32_t choose(int32_t slot, const SamplingConfig& sampling, int64_t index) override;
  void release(int32_t slot) override { lengths_[static_cast<size_t>(slot)] = 0; }

 private:
  /// Keys and values of a layer, [slots, kv_heads, capacity, head_dim] each.
  struct LayerCache {
    at::Tensor keys, values;
  };
  at::Tensor make(at::IntArrayRef sizes, at::ScalarType dtype) const;
  void upload(const std::vector<SlotToken>& tokens);
  /// From ids_S and lengths_S to logits_SV.
  void pass();
  void decode_block(int32_t layer, const DecoderBlockParameters& w);
  /// Logits of the rows of hidden; the weights of the head must be here.
  void head(at::Tensor logits, const at::Tensor& hidden);
  const std::vector<int32_t>& largest();

  GpuOps& ops_;
  int64_t slots_, capacity_;
  bool whole_weights_;
  std::vector<int32_t> lengths_;  // of each slot
  std::vector<LayerCache> cache_;
  Arena arena_;
  Arena::Scope scratch_;  // never ends, so that the arena's addresses stay
  BatchIndices indices_;  // one token per slot
  at::Tensor state_3S_;   // token, position, length with that token (0: nothing to do), of each slot
  at::Tensor x_SC_, residual_SC_, norm_SC_, rstd_S_, qkv_SE_, attention_SA_, gate_up_SG_, activation_SF_;
  at::Tensor logits_SV_, workspace_, largest_S_;
  std::optional<std::vector<int32_t>> largest_;  // of logits_SV_, once asked for
  std::thread::id warm_;  // has done a pass: libraries have what they allocate once per thread
  DmtGraph graph_ = nullptr;
  int64_t given_back_ = 0;  // when the graph was captured
};

}  // namespace dmt
