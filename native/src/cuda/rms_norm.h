// What one thread of a block does for rows of RMSNorm. The kernels in rms_norm.cu put block sums between
// these steps; the host tests run the same steps for every thread in turn.
//
// [Note: kept packs] A thread keeps its first kKeptPacks packs of a row in registers between the steps, so
// that a row of up to threads * kKeptPacks packs is read from memory once. The rest of a longer row is read
// again.
#pragma once

#include <algorithm>

#include "cuda/pack.h"

namespace dmt::cuda {

constexpr int kKeptPacks = 4;
constexpr int kNormThreads = 256;  // at most
/// Strips of rows whose weight gradients are summed apart, before all strips are added in their order.
constexpr int64_t kNormStrips = 512;

/// A block that adds the strips up: so many columns, each by so many threads.
constexpr int kColumnsPerBlock = 32;
constexpr int kStripGroups = 32;

/// Rows of a strip: a function of the shape alone, and with it the order of additions.
inline int64_t norm_strip_rows(int64_t rows) {
  return (rows + kNormStrips - 1) / kNormStrips;
}
inline int64_t norm_strips(int64_t rows) {
  return rows == 0 ? 0 : (rows + norm_strip_rows(rows) - 1) / norm_strip_rows(rows);
}

/// Threads of a block: the fewest whole warps that keep a row, if so many are allowed.
inline int norm_threads(int64_t columns, int lanes) {
  const int64_t packs = (columns + lanes - 1) / lanes;
  const int64_t wanted = ((packs + kKeptPacks - 1) / kKeptPacks + 31) / 32 * 32;
  return static_cast<int>(std::min<int64_t>(wanted, kNormThreads));
}

template <typename T>
struct NormRow {
  T* out;
  T* sum;  // null without delta
  const T* x;
  const T* delta;  // may be null
  const T* weight;
  int64_t columns;
};

template <typename T, int kLanes>
class RmsNormForwardThread {
 public:
  DMT_INLINE explicit RmsNormForwardThread(ThreadPlace place) : place_(place) {}

  /// Adds delta to its packs; returns their sum of squares.
  DMT_INLINE float read(const NormRow<T>& row) {
    float squares = 0.0f;
    DMT_UNROLL
    for (int k = 0; k < kKeptPacks; ++k) {
      const int64_t c = column(k);
      if (c < row.columns) squares += read_pack(kept_[k], row, c);
    }
    for (int64_t c = column(kKeptPacks); c < row.columns; c += stride()) {
      Pack<T, kLanes> pack;
      squares += read_pack(pack, row, c);
    }
    return squares;
  }

  DMT_INLINE void write(const NormRow<T>& row, float rstd) const {
    DMT_UNROLL
    for (int k = 0; k < kKeptPacks; ++k) {
      const int64_t c = column(k);
      if (c < row.columns) write_pack(kept_[k], row, c, rstd);
    }
    const T* x = row.delta == nullptr ? row.x : row.sum;  // this thread wrote it itself
    for (int64_t c = column(kKeptPacks); c < row.columns; c += stride()) {
      write_pack(load_pack<kLanes>(x + c), row, c, rstd);
    }
  }

 private:
  DMT_INLINE int64_t stride() const { return int64_t{place_.threads} * kLanes; }
  DMT_INLINE int64_t column(int pack) const { return int64_t{place_.thread} * kLanes + pack * stride(); }

  DMT_INLINE static float read_pack(Pack<T, kLanes>& x, const NormRow<T>& row, int64_t c) {
    x = load_pack<kLanes>(row.x + c);
    if (row.delta != nullptr) {
      const Pack<T, kLanes> delta = load_pack<kLanes>(row.delta + c);
      for (int i = 0; i < kLanes; ++i) store(x.lane[i], to_float(x.lane[i]) + to_float(delta.lane[i]));
      store_pack<kLanes>(row.sum + c, x);
    }
    float squares = 0.0f;
    for (int i = 0; i < kLanes; ++i) squares += to_float(x.lane[i]) * to_float(x.lane[i]);
    return squares;
  }

  DMT_INLINE static void write_pack(const Pack<T, kLanes>& x, const NormRow<T>& row, int64_t c, float rstd) {
    const Pack<T, kLanes> weight = load_pack<kLanes>(row.weight + c);
    Pack<T, kLanes> out;
    for (int i = 0; i < kLanes; ++i)
      store(out.lane[i], to_float(x.lane[i]) * rstd * to_float(weight.lane[i]));
    store_pack<kLanes>(row.out + c, out);
  }

  ThreadPlace place_;
  Pack<T, kLanes> kept_[kKeptPacks];
};

template <typename T>
struct NormGradientRow {
  T* dx;
  const T* dout;
  const T* x;
  const T* weight;
  float* dweight;  // of the strip
  int64_t columns;
};

/// A strip of rows, one after the other; at its end the strip's sums of weight gradients are written.
template <typename T, int kLanes>
class RmsNormBackwardThread {
 public:
  DMT_INLINE explicit RmsNormBackwardThread(ThreadPlace place) : place_(place) {
    DMT_UNROLL
    for (int k = 0; k < kKeptPacks; ++k) {
      for (int i = 0; i < kLanes; ++i) dweight_[k][i] = 0.0f;
    }
  }

  /// Its share of sum(dout * weight * x).
  DMT_INLINE float read(const NormGradientRow<T>& row) {
    float dot = 0.0f;
    DMT_UNROLL
    for (int k = 0; k < kKeptPacks; ++k) {
      const int64_t c = column(k);
      if (c >= row.columns) continue;
      x_[k] = load_pack<kLanes>(row.x + c);
      dout_[k] = load_pack<kLanes>(row.dout + c);
      dot += pack_dot(x_[k], dout_[k], row, c);
    }
    for (int64_t c = column(kKeptPacks); c < row.columns; c += stride()) {
      dot += pack_dot(load_pack<kLanes>(row.x + c), load_pack<kLanes>(row.dout + c), row, c);
    }
    return dot;
  }

  /// @param dot the whole row's @param is_first of the strip
  DMT_INLINE void write(const NormGradientRow<T>& row, float dot, float rstd, bool is_first) {
    const float mean = dot * rstd * rstd * rstd / static_cast<float>(row.columns);
    DMT_UNROLL
    for (int k = 0; k < kKeptPacks; ++k) {
      const int64_t c = column(k);
      if (c < row.columns) write_pack(dweight_[k], x_[k], dout_[k], row, c, rstd, mean);
    }
    // Sums of what is not kept grow in memory; this thread alone touches them.
    for (int64_t c = column(kKeptPacks); c < row.columns; c += stride()) {
      float sums[kLanes];
      for (int i = 0; i < kLanes; ++i) sums[i] = is_first ? 0.0f : row.dweight[c + i];
      write_pack(sums, load_pack<kLanes>(row.x + c), load_pack<kLanes>(row.dout + c), row, c, rstd, mean);
      for (int i = 0; i < kLanes; ++i) row.dweight[c + i] = sums[i];
    }
  }

  /// @param dweight_C the strip's
  DMT_INLINE void end_strip(float* dweight_C, int64_t columns) const {
    DMT_UNROLL
    for (int k = 0; k < kKeptPacks; ++k) {
      const int64_t c = column(k);
      if (c >= columns) continue;
      for (int i = 0; i < kLanes; ++i) dweight_C[c + i] = dweight_[k][i];
    }
  }

 private:
  DMT_INLINE int64_t stride() const { return int64_t{place_.threads} * kLanes; }
  DMT_INLINE int64_t column(int pack) const { return int64_t{place_.thread} * kLanes + pack * stride(); }

  DMT_INLINE static float pack_dot(const Pack<T, kLanes>& x, const Pack<T, kLanes>& dout,
                                   const NormGradientRow<T>& row, int64_t c) {
    const Pack<T, kLanes> weight = load_pack<kLanes>(row.weight + c);
    float dot = 0.0f;
    for (int i = 0; i < kLanes; ++i)
      dot += to_float(dout.lane[i]) * to_float(weight.lane[i]) * to_float(x.lane[i]);
    return dot;
  }

  DMT_INLINE static void write_pack(float* dweight, const Pack<T, kLanes>& x_pack,
                                    const Pack<T, kLanes>& dout_pack, const NormGradientRow<T>& row,
                                    int64_t c, float rstd, float mean) {
    const Pack<T, kLanes> weight = load_pack<kLanes>(row.weight + c);
    Pack<T, kLanes> dx = load_pack<kLanes>(row.dx + c);
    for (int i = 0; i < kLanes; ++i) {
      const float x = to_float(x_pack.lane[i]), dout = to_float(dout_pack.lane[i]);
      dweight[i] += dout * x * rstd;
      store(dx.lane[i], to_float(dx.lane[i]) + dout * to_float(weight.lane[i]) * rstd - x * mean);
    }
    store_pack<kLanes>(row.dx + c, dx);
  }

  ThreadPlace place_;
  Pack<T, kLanes> x_[kKeptPacks], dout_[kKeptPacks];
  float dweight_[kKeptPacks][kLanes];
};

/// One of `groups` interleaved shares of a column's sum over strips.
DMT_INLINE float strip_share(const float* dweight_SC, int64_t strips, int64_t columns, int64_t c, int group,
                             int groups) {
  float sum = 0.0f;
  for (int64_t s = group; s < strips; s += groups) sum += dweight_SC[s * columns + c];
  return sum;
}

}  // namespace dmt::cuda
