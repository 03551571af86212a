/// For engine tests: a run of several ranks, which are threads of this process.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dist/local_ranks.h"
#include "test_model.h"

namespace dmt {

/// How a run is laid out.
struct WorldLayout {
  int ranks = 1;
  Sharding sharding = Sharding::kFull;
  int node_size = 1;  // hybrid
  GradientReduction gradient_reduction = GradientReduction::kEachMicroBatch;
  DType reduce_dtype = DType::kFloat32;
  ReduceCollective reduce_collective = ReduceCollective::kAllToAll;
  Milliseconds delay{0};
  bool reduce_group = true;  // gradients travel through a group of their own

  int shards() const {
    if (sharding == Sharding::kNone) return 1;
    return sharding == Sharding::kHybrid ? node_size : ranks;
  }
  ParallelConfig config(int rank) const {
    ParallelConfig parallel;
    parallel.rank = rank;
    parallel.world_size = ranks;
    parallel.sharding = sharding;
    parallel.node_size = node_size;
    parallel.gradient_reduction = gradient_reduction;
    parallel.reduce_dtype = reduce_dtype;
    parallel.reduce_collective = reduce_collective;
    return parallel;
  }
};

/// The networks of a world, and what its ranks tell engines about them.
class World {
 public:
  explicit World(const WorldLayout& layout) : layout_(layout) {
    const int shards = layout.shards();
    for (int i = 0; i < layout.ranks / shards; ++i) {
      rows_.push_back(std::make_unique<LocalNetwork>(shards, layout.delay));
      reduce_rows_.push_back(std::make_unique<LocalNetwork>(shards, layout.delay));
    }
    for (int i = 0; i < shards; ++i)
      columns_.push_back(std::make_unique<LocalNetwork>(layout.ranks / shards, layout.delay));
    for (int rank = 0; rank < layout.ranks; ++rank) {
      row_ends_.push_back(
          c10::make_intrusive<LocalBackend>(*rows_[static_cast<size_t>(rank / shards)], rank % shards));
      reduce_ends_.push_back(c10::make_intrusive<LocalBackend>(
          *reduce_rows_[static_cast<size_t>(rank / shards)], rank % shards));
      column_ends_.push_back(
          c10::make_intrusive<LocalBackend>(*columns_[static_cast<size_t>(rank % shards)], rank / shards));
    }
  }

  EngineConfig config(int rank, EngineConfig config) const {
    config.threads = 1;
    if (has_gpu()) config.device = Device::kCpu;  // a LocalNetwork copies memory of the host
    config.parallel = layout_.config(rank);
    config.parallel.shard_group = reinterpret_cast<int64_t>(row_ends_[static_cast<size_t>(rank)].get());
    if (layout_.reduce_group)
      config.parallel.reduce_group = reinterpret_cast<int64_t>(reduce_ends_[static_cast<size_t>(rank)].get());
    config.parallel.replica_group = reinterpret_cast<int64_t>(column_ends_[static_cast<size_t>(rank)].get());
    return config;
  }
  /// Collectives that a rank has begun along the shard axis.
  int64_t calls(int rank) const {
    const auto i = static_cast<size_t>(rank);
    return row_ends_[i]->calls() + reduce_ends_[i]->calls();
  }
  /// Bytes that came to a rank along the shard axis.
  int64_t bytes(int rank) const {
    const auto i = static_cast<size_t>(rank);
    return row_ends_[i]->bytes() + reduce_ends_[i]->bytes();
  }

 private:
  WorldLayout layout_;
  std::vector<std::unique_ptr<LocalNetwork>> rows_, reduce_rows_, columns_;
  std::vector<c10::intrusive_ptr<LocalBackend>> row_ends_, reduce_ends_, column_ends_;
};

/// A rank's micro-batches of a step: document d goes to rank d modulo ranks. All ranks have as many
/// micro-batches, of which some may be empty.
/// @param together all documents of a rank in one micro-batch, else one document in each
inline std::vector<Documents> rank_batches(const Documents& step, int rank, int ranks, bool together) {
  const int documents = static_cast<int>(step.sources.size());
  std::vector<Documents> batches(together ? 1 : static_cast<size_t>((documents + ranks - 1) / ranks));
  for (int d = rank; d < documents; d += ranks) {
    const Documents one = step.document(static_cast<size_t>(d));
    Documents& batch = batches[together ? 0 : static_cast<size_t>(d / ranks)];
    const auto before = static_cast<int32_t>(batch.ids.size());
    batch.ids.insert(batch.ids.end(), one.ids.begin(), one.ids.end());
    batch.labels.insert(batch.labels.end(), one.labels.begin(), one.labels.end());
    batch.offsets.push_back(before + one.offsets.back());
    batch.sources.push_back(one.sources.front());
  }
  return batches;
}

}  // namespace dmt
