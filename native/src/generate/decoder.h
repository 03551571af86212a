#pragma once

#include <cstdint>
#include <vector>

#include "generate/key_value_cache.h"
#include "model/llama.h"

namespace dmt {

/// Runs single tokens of several requests through the model. Activations are float32 with either dtype of
/// weights and cache. See [Note: batch invariance].
class Decoder {
 public:
  explicit Decoder(LlamaModel& model) : model_(model) {}

  /// Feeds tokens[i] to caches[i]. @param logits [caches.size(), vocab_size]
  void decode(const std::vector<int32_t>& tokens, const std::vector<KeyValueCache*>& caches, float* logits);
  /// Reads a prompt into an empty cache. @param logits [vocab_size] that follow its last token
  void prefill(const int32_t* prompt, int32_t length, KeyValueCache& cache, float* logits);
  /// Takes part in the gathers of another rank's decode() or prefill().
  void walk();

 private:
  template <typename TWeight>
  void decode_as(const std::vector<int32_t>& tokens, const std::vector<KeyValueCache*>& caches,
                 float* logits);
  template <typename TWeight>
  void decode_block(int32_t layer, const DecoderBlockParameters& w, const std::vector<int32_t>& positions,
                    const std::vector<KeyValueCache*>& caches);
  template <typename TWeight>
  void norm(const at::Tensor& weight_C);
  template <typename TWeight>
  void head(const std::vector<float>& hidden, int64_t rows, float* logits);
  void reserve(int64_t rows);

  LlamaModel& model_;
  int64_t rows_ = 0;
  std::vector<float> x_, norm_, rstd_, norm_weight_, qkv_, attention_, gate_up_, activation_;
  std::vector<std::vector<float>> scores_;  // of each request and head
};

}  // namespace dmt
