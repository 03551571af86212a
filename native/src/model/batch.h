#pragma once

#include <cstdint>
#include <vector>

#include "dmt/engine.h"
#include "kernels/attention.h"

namespace dmt {

/// A micro-batch after its checks, with what the passes derive from it.
struct Batch {
  /// Throws unless every id, label, offset and source is in range, naming the first that is not.
  Batch(const MicroBatch& micro_batch, const ModelConfig& model, const EngineConfig& config);

  int64_t tokens;
  const int32_t* token_ids;
  kernels::AttentionShape attention;
  int64_t longest_document = 0;
  std::vector<int32_t> positions;      ///< [tokens], from 0 in each document
  std::vector<int32_t> label_rows;     ///< positions in the batch that carry loss
  std::vector<int32_t> labels;         ///< their labels
  std::vector<int32_t> label_sources;  ///< their sources
};

}  // namespace dmt
