// Decoder blocks whose matrices are quantised. Such a unit is bytes: each of its parameters in the order of
// decoder_block_layout(), norms in the compute dtype, matrices packed (kernels/quantized_format.h), each at a
// multiple of 16. Every rank packs whole matrices, since scales are of all of a matrix, and keeps its slice.
#pragma once

#include <cstdint>
#include <vector>

#include "dist/sharded_unit.h"
#include "model/decoder_block.h"

namespace dmt {

/// Whether the config keeps decoder blocks so.
bool is_packed(const EngineConfig& config);
/// What a unit of bytes holds. @param layout of the block with its weights as they are
UnitLayout packed_layout(const UnitLayout& layout, const EngineConfig& config);
/// @param fill gives the block's weights
std::vector<uint8_t> pack(const UnitLayout& layout, const EngineConfig& config,
                          const ShardedUnit::Fill& fill);
/// Views of a unit's bytes.
DecoderBlockWeights packed_weights(const at::Tensor& bytes, const UnitLayout& layout,
                                   const EngineConfig& config);

}  // namespace dmt
