#include "kernels/quantized.h"

#include <cmath>
#include <cstring>
#include <vector>

#include "base/parallel.h"
#include "kernels/decode.h"

namespace dmt::kernels {
namespace {

constexpr std::array<float, 256> kDynamicValues = dynamic_values();
constexpr uint8_t kNf4Zero = 7;

constexpr int64_t kGrain = 1 << 14;  // elements that are worth a thread
constexpr int64_t kBlockGrain = kGrain / kNf4Block;

template <typename T>
T* part(uint8_t* packed, int64_t begin) {
  return reinterpret_cast<T*>(packed + begin);
}
template <typename T>
const T* part(const uint8_t* packed, int64_t begin) {
  return reinterpret_cast<const T*>(packed + begin);
}

// ---- Quantising -------------------------------------------------------------------------------------------

DMT_INLINE float largest_magnitude(const float* x, int64_t count) {
  float largest = 0.0f;
#pragma omp simd reduction(max : largest)
  for (int64_t i = 0; i < count; ++i) largest = std::fabs(x[i]) > largest ? std::fabs(x[i]) : largest;
  return largest;
}

/// A NaN, which is what 0 times the inverse of absmax 0 is, has code 0.
DMT_INLINE uint8_t nf4_code(float x) {
  int code = 0;
  for (const float last : kNf4LastOf) code += x > last ? 1 : 0;
  return static_cast<uint8_t>(code);
}

DMT_INLINE float nf4_block_codes(uint8_t* codes, const float* weights) {
  const float absmax = largest_magnitude(weights, kNf4Block);
  const float inverse = 1.0f / absmax;
#pragma omp simd
  for (int64_t i = 0; i < kNf4Block; ++i) codes[i] = nf4_code(weights[i] * inverse);
  return absmax;
}

/// Whole blocks.
DMT_MULTIVERSION void nf4_quantize_blocks(uint8_t* packed_codes, float* absmax, const float* weights,
                                          int64_t blocks) {
  for (int64_t b = 0; b < blocks; ++b) {
    uint8_t codes[kNf4Block];
    absmax[b] = nf4_block_codes(codes, weights + b * kNf4Block);
    uint8_t* packed = packed_codes + b * (kNf4Block / 2);
    for (int64_t i = 0; i < kNf4Block / 2; ++i)
      packed[i] = static_cast<uint8_t>(codes[2 * i] << 4 | codes[2 * i + 1]);
  }
}

/// A block of fewer elements. The half byte behind an odd number of them is that of a weight of 0.
void nf4_quantize_rest(uint8_t* packed_codes, float* absmax, const float* weights, int64_t count) {
  float block[kNf4Block] = {};
  std::memcpy(block, weights, static_cast<size_t>(count) * sizeof(float));
  uint8_t packed[kNf4Block / 2];
  nf4_quantize_blocks(packed, absmax, block, 1);
  if (count % 2 != 0) packed[count / 2] = static_cast<uint8_t>((packed[count / 2] & 0xF0) | kNf4Zero);
  std::memcpy(packed_codes, packed, static_cast<size_t>(parts_of(count, 2)));
}

uint8_t nearest_dynamic(float x) {
  x = std::clamp(x, -1.0f, 1.0f);
  const auto right = std::lower_bound(kDynamicValues.begin(), kDynamicValues.end(), x);
  const auto code = right - kDynamicValues.begin();
  if (code == 0) return 0;
  return static_cast<uint8_t>(std::fabs(*right - x) < std::fabs(x - right[-1]) ? code : code - 1);
}

/// Up to 256 scales. @param scales without their mean
float quantize_scales(uint8_t* codes, const float* scales, int64_t count) {
  const float absmax = largest_magnitude(scales, count);
  const float inverse = 1.0f / absmax;
  for (int64_t i = 0; i < count; ++i) codes[i] = absmax == 0.0f ? 0 : nearest_dynamic(scales[i] * inverse);
  return absmax;
}

void nf4_quantize(uint8_t* packed, const PackedLayout& layout, const float* weights, int64_t count) {
  std::vector<float> absmax(static_cast<size_t>(layout.blocks));
  parallel_for(layout.blocks, kBlockGrain, [&](int64_t begin, int64_t end) {
    const int64_t whole = std::min(end, count / kNf4Block);
    nf4_quantize_blocks(packed + begin * (kNf4Block / 2), absmax.data() + begin, weights + begin * kNf4Block,
                        whole - begin);
    if (whole < end) {
      nf4_quantize_rest(packed + whole * (kNf4Block / 2), absmax.data() + whole, weights + whole * kNf4Block,
                        count - whole * kNf4Block);
    }
  });
  double sum = 0.0;
  for (const float value : absmax) sum += static_cast<double>(value);
  const auto offset = static_cast<float>(sum / static_cast<double>(layout.blocks));
  for (float& value : absmax) value -= offset;
  *part<float>(packed, layout.offset) = offset;
  for (int64_t b = 0; b < layout.absmaxes; ++b) {
    const int64_t first = b * kScaleBlock;
    part<float>(packed, layout.absmax)[b] =
        quantize_scales(packed + layout.block_codes + first, absmax.data() + first,
                        std::min(kScaleBlock, layout.blocks - first));
  }
}

/// Where absmax is so small that its inverse is infinite, the largest code.
DMT_MULTIVERSION void int8_quantize_row(int8_t* codes, float* absmax, const float* weights, int64_t count) {
  *absmax = largest_magnitude(weights, count);
  const float scale = 127.0f / *absmax;
#pragma omp simd
  for (int64_t i = 0; i < count; ++i) {
    float x = std::rint(weights[i] * scale);
    x = x > 127.0f ? 127.0f : x;
    x = x < -127.0f ? -127.0f : x;
    x = x == x ? x : 0.0f;  // 0 times infinity
    codes[i] = static_cast<int8_t>(static_cast<int32_t>(x));
  }
}

// ---- Dequantising -----------------------------------------------------------------------------------------

// Lanes are taken side by side, 16 with AVX-512, twice 8 with AVX2.
typedef float Lanes16 __attribute__((vector_size(64)));
typedef uint32_t Words16 __attribute__((vector_size(64)));
typedef uint16_t Halves16 __attribute__((vector_size(32)));
typedef float Lanes8 __attribute__((vector_size(32)));
typedef uint32_t Words8 __attribute__((vector_size(32)));
typedef uint16_t Halves8 __attribute__((vector_size(16)));

/// table[i] for every i of `indices`, of which the last bits count.
template <typename TLanes, typename TWords>
DMT_INLINE void look_up(TLanes& out, const TLanes& table, const TWords& indices) {
#if defined(__clang__)
  constexpr size_t kCount = sizeof(TLanes) / sizeof(table[0]);
  for (size_t i = 0; i < kCount; ++i) out[i] = table[indices[i] % kCount];
#else
  out = __builtin_shuffle(table, indices);
#endif
}

/// Four bytes of codes, which are 8 elements. The first of a byte is in its upper half.
DMT_INLINE uint32_t load_codes(const uint8_t* packed) {
  uint32_t codes;
  std::memcpy(&codes, packed, sizeof(codes));
  return codes;
}
#define DMT_NF4_SHIFTS 4, 0, 12, 8, 20, 16, 28, 24

/// A block's 16 weights, by code: the bits that the product of each element would have.
struct Table16 {
  static constexpr int64_t kElements = 16;
  Lanes16 weights;

  DMT_INLINE void look_up_codes(Lanes16& out, const uint8_t* packed) const {
    constexpr Words16 kShifts = {DMT_NF4_SHIFTS, DMT_NF4_SHIFTS};
    constexpr Words16 kFirstHalf = {~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u};
    const Words16 codes = ((load_codes(packed) + Words16{}) & kFirstHalf) |
                          ((load_codes(packed + 4) + Words16{}) & ~kFirstHalf);
    look_up(out, weights, codes >> kShifts);
  }
  DMT_INLINE void write(float* out, const uint8_t* packed) const {
    Lanes16 found;
    look_up_codes(found, packed);
    std::memcpy(out, &found, sizeof(found));
  }
  DMT_INLINE void write(Bf16* out, const uint8_t* packed) const {
    Lanes16 found;
    look_up_codes(found, packed);
    Words16 bits;
    std::memcpy(&bits, &found, sizeof(bits));
    const Halves16 halves = __builtin_convertvector(bits >> 16, Halves16);
    std::memcpy(static_cast<void*>(out), &halves, sizeof(halves));
  }
};

struct Table8 {
  static constexpr int64_t kElements = 8;
  Lanes8 lower, upper;

  DMT_INLINE void look_up_codes(Lanes8& out, const uint8_t* packed) const {
    constexpr Words8 kShifts = {DMT_NF4_SHIFTS};
    const Words8 codes = (load_codes(packed) + Words8{}) >> kShifts;
    Lanes8 of_lower, of_upper;
    look_up(of_lower, lower, codes);
    look_up(of_upper, upper, codes);
    out = (codes & 8) != 0 ? of_upper : of_lower;
  }
  DMT_INLINE void write(float* out, const uint8_t* packed) const {
    Lanes8 found;
    look_up_codes(found, packed);
    std::memcpy(out, &found, sizeof(found));
  }
  DMT_INLINE void write(Bf16* out, const uint8_t* packed) const {
    Lanes8 found;
    look_up_codes(found, packed);
    Words8 bits;
    std::memcpy(&bits, &found, sizeof(bits));
    const Halves8 halves = __builtin_convertvector(bits >> 16, Halves8);
    std::memcpy(static_cast<void*>(out), &halves, sizeof(halves));
  }
};

DMT_INLINE void fill_weights(float* weights, const float* values, float scale, const float*) {
#pragma omp simd
  for (size_t c = 0; c < 16; ++c) weights[c] = values[c] * scale;
}
DMT_INLINE void fill_weights(float* weights, const float* values, float scale, const Bf16*) {
#pragma omp simd
  for (size_t c = 0; c < 16; ++c) {
    Bf16 weight;
    store(weight, values[c] * scale);
    weights[c] = to_float(weight);
  }
}

template <typename TTable, typename T>
DMT_INLINE void nf4_blocks_body(T* out, const uint8_t* packed, const float* scales, int64_t blocks,
                                const float* values) {
  for (int64_t b = 0; b < blocks; ++b) {
    float weights[16];
    fill_weights(weights, values, scales[b], out);
    TTable table;
    static_assert(sizeof(table) == sizeof(weights));
    std::memcpy(&table, weights, sizeof(table));
    for (int64_t i = b * kNf4Block; i < (b + 1) * kNf4Block; i += TTable::kElements)
      table.write(out + i, packed + i / 2);
  }
}

bool has_wide_registers() {
  static const bool wide = __builtin_cpu_supports("avx512f");
  return wide;
}

template <typename T>
DMT_INLINE void nf4_blocks_of(T* out, const uint8_t* packed, const float* scales, int64_t blocks,
                              const float* values) {
  if (has_wide_registers()) {
    nf4_blocks_body<Table16>(out, packed, scales, blocks, values);
  } else {
    nf4_blocks_body<Table8>(out, packed, scales, blocks, values);
  }
}
/// Whole blocks. @param values kNf4Values, which as constants would be multiplied one by one
DMT_MULTIVERSION void nf4_blocks(float* out, const uint8_t* packed, const float* scales, int64_t blocks,
                                 const float* values) {
  nf4_blocks_of(out, packed, scales, blocks, values);
}
DMT_MULTIVERSION void nf4_blocks(Bf16* out, const uint8_t* packed, const float* scales, int64_t blocks,
                                 const float* values) {
  nf4_blocks_of(out, packed, scales, blocks, values);
}

template <typename T>
DMT_INLINE void int8_row_body(T* out, const int8_t* codes, float absmax, int64_t count) {
#pragma omp simd
  for (int64_t i = 0; i < count; ++i) store(out[i], int8_weight(codes[i], absmax));
}
DMT_MULTIVERSION void int8_row(float* out, const int8_t* codes, float absmax, int64_t count) {
  int8_row_body(out, codes, absmax, count);
}
DMT_MULTIVERSION void int8_row(Bf16* out, const int8_t* codes, float absmax, int64_t count) {
  int8_row_body(out, codes, absmax, count);
}

/// Elements of a packed matrix, from any one to any other.
class Reader {
 public:
  explicit Reader(const QuantizedMatrix& matrix)
      : matrix_(matrix), layout_(packed_layout(matrix.format, matrix.N, matrix.K)) {}

  /// out[0] is element `begin`.
  template <typename T>
  void read(T* out, int64_t begin, int64_t end) const {
    if (matrix_.format == QuantizedFormat::kInt8) {
      read_int8(out, begin, end);
    } else {
      read_nf4(out, begin, end);
    }
  }

 private:
  template <typename T>
  void read_int8(T* out, int64_t begin, int64_t end) const {
    const auto* codes = part<int8_t>(matrix_.packed, 0);
    const auto* absmax = part<float>(matrix_.packed, layout_.absmax);
    for (int64_t i = begin; i < end;) {
      const int64_t row = i / matrix_.K, stop = std::min(end, (row + 1) * matrix_.K);
      int8_row(out + (i - begin), codes + i, absmax[row], stop - i);
      i = stop;
    }
  }

  template <typename T>
  void read_nf4(T* out, int64_t begin, int64_t end) const {
    constexpr int64_t kMost = 64;  // blocks whose scales are read at once
    float scales[kMost];
    for (int64_t i = begin; i < end;) {
      const int64_t block = i / kNf4Block, within = i % kNf4Block;
      const int64_t whole = within == 0 ? std::min(kMost, (end - i) / kNf4Block) : 0;
      if (whole > 0) {
        for (int64_t b = 0; b < whole; ++b) scales[b] = scale(block + b);
        nf4_blocks(out + (i - begin), matrix_.packed + i / 2, scales, whole, kNf4Values.data());
        i += whole * kNf4Block;
      } else {
        const int64_t stop = std::min(end, (block + 1) * kNf4Block);
        for (const float block_scale = scale(block); i < stop; ++i) {
          const uint8_t byte = matrix_.packed[i / 2];
          const size_t code = i % 2 == 0 ? byte >> 4 : byte & 0x0F;
          store(out[i - begin], kNf4Values[code] * block_scale);
        }
      }
    }
  }

  float scale(int64_t block) const {
    return nf4_scale(kDynamicValues[matrix_.packed[layout_.block_codes + block]],
                     part<float>(matrix_.packed, layout_.absmax)[block / kScaleBlock],
                     *part<float>(matrix_.packed, layout_.offset));
  }

  QuantizedMatrix matrix_;
  PackedLayout layout_;
};

}  // namespace

void quantize(QuantizedFormat format, uint8_t* packed, const float* weights_NK, int64_t N, int64_t K) {
  const PackedLayout layout = packed_layout(format, N, K);
  const int64_t codes_bytes = format == QuantizedFormat::kInt8 ? N * K : parts_of(N * K, 2);
  std::memset(packed + codes_bytes, 0, static_cast<size_t>(layout.bytes - codes_bytes));
  if (N * K == 0) return;
  if (format == QuantizedFormat::kNf4) return nf4_quantize(packed, layout, weights_NK, N * K);
  parallel_for(N, rows_per_thread(K), [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n)
      int8_quantize_row(part<int8_t>(packed, n * K), part<float>(packed, layout.absmax) + n,
                        weights_NK + n * K, K);
  });
}

template <typename T>
void dequantize(T* out_NK, const QuantizedMatrix& matrix) {
  const Reader reader(matrix);
  // Parts are whole blocks, which rows are not.
  const int64_t count = matrix.N * matrix.K;
  parallel_for(parts_of(count, kNf4Block), kBlockGrain, [&](int64_t begin, int64_t end) {
    reader.read(out_NK + begin * kNf4Block, begin * kNf4Block, std::min(count, end * kNf4Block));
  });
}
template void dequantize(float*, const QuantizedMatrix&);
template void dequantize(Bf16*, const QuantizedMatrix&);

void row_products(float* out_MN, const float* x_MK, const QuantizedMatrix& matrix, const float* residual_MN,
                  int64_t M) {
  const int64_t N = matrix.N, K = matrix.K;
  if (M == 0 || N == 0) return;
  const Reader reader(matrix);
  constexpr int64_t kStrip = kProductColumns;  // rows of the matrix, which stay in the nearest caches
  constexpr int64_t kWorthAThread = 1 << 16;   // multiplications
  parallel_for(parts_of(N, kStrip), kWorthAThread / (kStrip * K * M + 1) + 1,
               [&](int64_t begin, int64_t end) {
                 thread_local std::vector<float> strip;
                 strip.resize(static_cast<size_t>(kStrip * K));
                 for (int64_t n = begin * kStrip; n < std::min(N, end * kStrip); n += kStrip) {
                   const int64_t columns = std::min(kStrip, N - n);
                   reader.read(strip.data(), n * K, (n + columns) * K);
                   column_products(out_MN + n, x_MK, strip.data(), residual_MN ? residual_MN + n : nullptr, M,
                                   N, K, columns);
                 }
               });
}

}  // namespace dmt::kernels
