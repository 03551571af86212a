#pragma once

#include <cstdint>
#include <vector>

#include "dmt/engine.h"
#include "ops/ops.h"

namespace dmt {

/// Throws unless a token is one of the model's. @param position in what the message speaks of
void check_token(int32_t id, int64_t position, const ModelConfig& model);

/// A micro-batch after its checks, with what the passes derive from it.
struct Batch {
  /// Throws unless every id, label, offset and source is in range, naming the first that is not.
  Batch(const MicroBatch& micro_batch, const ModelConfig& model, const EngineConfig& config, Ops& ops,
        Pass pass = Pass::kForward);
  Batch(const Batch&) = delete;  // indices may point into host
  Batch& operator=(const Batch&) = delete;

  int64_t label_count() const { return static_cast<int64_t>(host.labels.size()); }

  int64_t tokens;
  HostIndices host;
  BatchIndices indices;
  std::vector<int64_t> source_label_tokens;  ///< [source_count]

 private:
  void read(const MicroBatch& micro_batch, const ModelConfig& model, const EngineConfig& config);
};

}  // namespace dmt
