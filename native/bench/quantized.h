// What a frozen weight in int8 or NF4 costs on the CPU, against the same in float32 and bfloat16.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

namespace dmt::bench {

/// Times of one matrix [rows, columns]: quantising and dequantising it, products of 256 and 2048 tokens with
/// it, and products of decoding. Medians in milliseconds of `repeats` rounds, in which all take their turn.
nlohmann::ordered_json quantized_times(int64_t rows, int64_t columns, int32_t repeats);

}  // namespace dmt::bench
