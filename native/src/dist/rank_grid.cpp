#include "dist/rank_grid.h"

#include "base/check.h"
#include "dist/process_group.h"
#include "dist/simulated_group.h"

namespace dmt {
namespace {

void validate(const ParallelConfig& config) {
  DMT_CHECK(config.world_size >= 1, "world_size must be at least 1, got ", config.world_size);
  DMT_CHECK(config.rank >= 0 && config.rank < config.world_size, "rank must be in [0, world_size), got rank ",
            config.rank, " of ", config.world_size);
  DMT_CHECK(config.sharding >= Sharding::kFull && config.sharding <= Sharding::kNone,
            "sharding must be between 0 and 3, got ", static_cast<int32_t>(config.sharding));
  if (config.sharding != Sharding::kHybrid) return;
  DMT_CHECK(config.node_size >= 1 && config.world_size % config.node_size == 0,
            "hybrid sharding needs a node_size that divides the world size of ", config.world_size, ", got ",
            config.node_size);
}

/// Ranks along the shard axis.
int shards_of(const ParallelConfig& config) {
  switch (config.sharding) {
    case Sharding::kFull:
    case Sharding::kGradOp:
      return config.world_size;
    case Sharding::kHybrid:
      return config.node_size;
    case Sharding::kNone:
      break;
  }
  return 1;
}

std::unique_ptr<Collectives> make_axis(const char* name, int rank, int size, int64_t address,
                                       const ParallelConfig& config, Ops& ops) {
  const ReduceCollective reduce = config.reduce_collective;
  if (size == 1) return std::make_unique<SingleRank>();
  if (config.group_kind == GroupKind::kSimulated)
    return std::make_unique<SimulatedGroup>(rank, size, ops, reduce);
  DMT_CHECK(address != 0, "a world of several ranks needs a process group: ", name, "_group is null");
  auto group = std::make_unique<ProcessGroup>(ProcessGroup::at_address(address, ops, reduce));
  DMT_CHECK(group->rank() == rank && group->world_size() == size, name, "_group has rank ", group->rank(),
            " of ", group->world_size(), ", this sharding needs rank ", rank, " of ", size);
  return group;
}

const ParallelConfig& checked(const ParallelConfig& config) {
  validate(config);
  return config;
}

}  // namespace

RankGrid::RankGrid(const ParallelConfig& config, Ops& ops)
    : shard_axis_(make_axis("shard", checked(config).rank % shards_of(config), shards_of(config),
                            config.shard_group, config, ops)),
      reduce_axis_(config.reduce_group == 0
                       ? nullptr
                       : make_axis("reduce", shard_axis_->rank(), shard_axis_->world_size(),
                                   config.reduce_group, config, ops)),
      replica_axis_(make_axis("replica", config.rank / shards_of(config),
                              config.world_size / shards_of(config), config.replica_group, config, ops)) {}

RankGrid::RankGrid(std::unique_ptr<Collectives> shard_axis, std::unique_ptr<Collectives> replica_axis)
    : shard_axis_(std::move(shard_axis)), replica_axis_(std::move(replica_axis)) {}

void RankGrid::all_reduce(double* values, int64_t count, const std::string& what) {
  shard_axis_->all_reduce(values, count, what);
  replica_axis_->all_reduce(values, count, what);
}

}  // namespace dmt
