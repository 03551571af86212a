#pragma once

#include <cstdint>
#include <vector>

#include "generate/decoder.h"
#include "generate/key_value_cache.h"

namespace dmt {

/// On the CPU, token by token with kernels/decode.h. Activations are float32 with either dtype of weights and
/// cache.
class CpuDecoder final : public Decoder {
 public:
  CpuDecoder(LlamaModel& model, int32_t slots, int64_t capacity);

  void prefill(const std::vector<Prompt>& prompts) override;
  void step(const std::vector<SlotToken>& fed, const std::vector<Choice>& choices, int32_t* tokens) override;
  int64_t length(int32_t slot) const override;
  void release(int32_t) override {}  // the cache is kept for the next request

 private:
  /// Made for a slot's first request and kept for the next.
  struct Slot {
    std::unique_ptr<KeyValueCache> cache;
    std::vector<float> logits;  // [vocab_size] for the next token
    int32_t adapter = -1;       // of its request
  };
  Slot& slot(int32_t index) { return slots_[static_cast<size_t>(index)]; }

  /// Reads one prompt: on a CPU, several at once would take as long.
  void prefill(const Prompt& prompt);
  /// @param tokens not empty
  void decode(const std::vector<SlotToken>& tokens);
  template <typename TWeight>
  void decode_as(const std::vector<SlotToken>& tokens, const std::vector<KeyValueCache*>& caches,
                 float* logits);
  template <typename TWeight>
  void decode_block(int32_t layer, const DecoderBlockWeights& w, const std::vector<int32_t>& positions,
                    const std::vector<KeyValueCache*>& caches);
  template <typename TWeight>
  void norm(const at::Tensor& weight_C);
  template <typename TWeight>
  void head(const std::vector<float>& hidden, int64_t rows, float* logits);
  /// out[rows, N] = x[rows, K] * weight^T + residual, which may be null or out
  template <typename TWeight>
  void products(float* out, const float* x, const WeightMatrix& weight, const float* residual, int64_t N,
                int64_t K);
  /// Adds what a row's adapter adds to the products of a group. @param x_K the row's input
  template <typename TWeight>
  void add_low_rank(float* out_N, const float* x_K, const LowRankGroup& group);
  /// The same for an embedding.
  template <typename TWeight>
  void add_embedding(float* x_C, int32_t token, int32_t adapter);
  /// Those of the rows for a block, by adapter; empty where no row has one.
  std::map<int32_t, BlockAdapter> block_adapters(int32_t layer);
  void reserve(int64_t rows);

  int64_t capacity_;
  std::vector<Slot> slots_;
  int64_t rows_ = 0;
  std::vector<int32_t> adapters_;  // of each row, -1: none
  std::vector<float> x_, norm_, rstd_, norm_weight_, qkv_, attention_, gate_up_, activation_, ranks_, part_;
  std::vector<std::vector<float>> scores_;  // of each request and head
};

}  // namespace dmt
