/// For engine tests: a small model, documents for it, and what an engine holds as plain arrays.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/expect_close.h"
#include "dmt/engine.h"
#include "test_device.h"

namespace dmt {

/// Two blocks with grouped queries; no size is a power of two where it need not be.
inline ModelConfig small_model() {
  ModelConfig model;
  model.vocab_size = 97;
  model.hidden_size = 36;
  model.intermediate_size = 44;
  model.layers = 2;
  model.heads = 6;
  model.kv_heads = 2;
  model.head_dim = test_device() == Device::kCpu ? 10 : 8;  // GPUs decode heads of 8 n elements
  model.max_position_embeddings = 256;
  model.rms_norm_eps = 1e-5;
  model.initializer_range = 0.2;  // large enough that losses and logits differ from token to token
  return model;
}

inline EngineConfig small_config(DType dtype = DType::kFloat32) {
  EngineConfig config;
  config.compute_dtype = dtype;
  config.device = test_device();
  return config;
}

/// Owns the arrays of a micro-batch.
struct Documents {
  std::vector<int32_t> ids, labels, offsets{0}, sources;

  /// Labels are the next tokens; those before `masked` and the last carry no loss.
  Documents& add(const std::vector<int32_t>& tokens, int32_t source = 0, size_t masked = 0) {
    for (size_t i = 0; i < tokens.size(); ++i) {
      ids.push_back(tokens[i]);
      labels.push_back(i >= masked && i + 1 < tokens.size() ? tokens[i + 1] : kIgnoreIndex);
    }
    offsets.push_back(static_cast<int32_t>(ids.size()));
    sources.push_back(source);
    return *this;
  }
  MicroBatch micro_batch() const {
    return {static_cast<int64_t>(ids.size()),
            static_cast<int32_t>(sources.size()),
            ids.data(),
            labels.data(),
            offsets.data(),
            sources.data()};
  }
  /// What each of its label tokens weighs where all of them weigh the same.
  double token_weight() const { return 1.0 / static_cast<double>(label_tokens()); }
  int64_t label_tokens() const {
    return std::count_if(labels.begin(), labels.end(), [](int32_t label) { return label != kIgnoreIndex; });
  }
  /// Document d on its own.
  Documents document(size_t d) const {
    Documents one;
    one.ids.assign(ids.begin() + offsets[d], ids.begin() + offsets[d + 1]);
    one.labels.assign(labels.begin() + offsets[d], labels.begin() + offsets[d + 1]);
    one.offsets.push_back(offsets[d + 1] - offsets[d]);
    one.sources.push_back(sources[d]);
    return one;
  }
};

inline std::vector<int32_t> random_tokens(int32_t length, uint64_t seed, int32_t vocab = 97) {
  std::mt19937_64 generator(seed);
  std::uniform_int_distribution<int32_t> token(0, vocab - 1);
  std::vector<int32_t> tokens(static_cast<size_t>(length));
  for (int32_t& t : tokens) t = token(generator);
  return tokens;
}

/// Document d has length lengths[d], source d modulo `source_count`, and its first third masked.
inline Documents random_documents(const std::vector<int32_t>& lengths, uint64_t seed,
                                  int32_t source_count = 1) {
  Documents documents;
  for (size_t d = 0; d < lengths.size(); ++d) {
    documents.add(random_tokens(lengths[d], seed + d), static_cast<int32_t>(d) % source_count,
                  static_cast<size_t>(lengths[d] / 3));
  }
  return documents;
}

/// A tensor by its Hugging Face name.
inline std::vector<float> weight(const Engine& engine, const std::string& name) {
  for (int32_t i = 0; i < engine.tensor_count(); ++i) {
    if (engine.tensor_name(i) != name) continue;
    std::vector<float> values(static_cast<size_t>(engine.tensor_size(i)));
    engine.read_weight(i, values.data());
    return values;
  }
  throw std::runtime_error("no weight " + name);
}

inline std::vector<float> weights_of(const Engine& engine) {
  std::vector<float> all;
  for (int32_t i = 0; i < engine.tensor_count(); ++i) {
    std::vector<float> tensor(static_cast<size_t>(engine.tensor_size(i)),
                              std::numeric_limits<float>::quiet_NaN());
    engine.read_weight(i, tensor.data());
    all.insert(all.end(), tensor.begin(), tensor.end());
  }
  return all;
}

inline std::vector<float> gradients_of(const Engine& engine) {
  std::vector<float> all;
  for (int32_t i = 0; i < engine.tensor_count(); ++i) {
    std::vector<float> tensor(static_cast<size_t>(engine.tensor_size(i)),
                              std::numeric_limits<float>::quiet_NaN());
    engine.read_gradient(i, tensor.data());
    all.insert(all.end(), tensor.begin(), tensor.end());
  }
  return all;
}

inline std::vector<float> logits_of(Engine& engine, const Documents& documents) {
  std::vector<float> logits(documents.ids.size() * static_cast<size_t>(engine.model_config().vocab_size),
                            std::numeric_limits<float>::quiet_NaN());
  engine.logits(documents.micro_batch(), logits.data());
  return logits;
}

/// One optimizer step over micro-batches.
inline StepMetrics train_step(Engine& engine, const std::vector<Documents>& micro_batches,
                              double learning_rate = 1e-2) {
  int64_t label_tokens = 0;
  for (const Documents& batch : micro_batches) label_tokens += batch.label_tokens();
  for (const Documents& batch : micro_batches)
    engine.accumulate(batch.micro_batch(), 1.0 / static_cast<double>(label_tokens));
  return engine.apply(learning_rate);
}

/// Sums of losses and label tokens, by source.
struct Losses {
  explicit Losses(int32_t sources)
      : sums(static_cast<size_t>(sources)), tokens(static_cast<size_t>(sources)) {}
  std::vector<double> sums;
  std::vector<int64_t> tokens;
};

inline Losses evaluate(Engine& engine, const Documents& documents, int32_t sources = 1) {
  Losses losses(sources);
  engine.evaluate(documents.micro_batch(), losses.sums.data(), losses.tokens.data());
  return losses;
}

}  // namespace dmt
