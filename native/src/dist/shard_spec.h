#pragma once

#include <algorithm>
#include <cstdint>

#include "dist/rank_grid.h"

namespace dmt {

/// How a flat buffer is cut along the shard axis. It is padded so that the slices are of one length, and a
/// slice can be cut again along the replica axis. Slices at the end may be padding in part or altogether.
///
///     elements = 10, 4 shards:   0 1 2 | 3 4 5 | 6 7 8 | 9 - -
///     elements =  2, 4 shards:   0 | 1 | - | -
struct ShardSpec {
  /// @param tail elements of padding that there must be
  ShardSpec(int64_t unit_elements, const RankGrid& grid, int64_t tail = 0)
      : elements(unit_elements),
        padded((unit_elements + tail + grid.world_size() - 1) / grid.world_size() * grid.world_size()),
        slice(padded / grid.shards()),
        begin(std::min(unit_elements, slice * (grid.rank() % grid.shards()))),
        owned(std::min(unit_elements - begin, slice)) {}

  int64_t elements;  ///< of the unit
  int64_t padded;    ///< the same with padding
  int64_t slice;     ///< of each rank, with padding
  int64_t begin;     ///< first element of this rank's slice
  int64_t owned;     ///< its elements without padding
};

}  // namespace dmt
