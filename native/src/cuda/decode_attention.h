// What the threads of a block do for the attention of one token over a part of its cached positions, and how
// the parts are put together; host and device.
//
// [Note: decoding in parts] A slot's positions are cut into parts of kDecodePart, wherever its length ends.
// One block takes a part of one slot and key head and serves all query heads that share it, kDecodeHeads or
// fewer at a time, so that keys and values come from memory once. It leaves the largest score, the sum of
// weights and the weighted sum of values of each query head; these are combined in the order of the parts. So
// a slot's sums depend on nothing outside of it.
#pragma once

#include <cmath>

#include "cuda/pack.h"

namespace dmt::cuda {

constexpr int kDecodePart = 128;  // positions
constexpr int kDecodeThreads = 128;
constexpr int kDecodeLanes = 8;      // elements of a row that a thread reads at once, for either type
constexpr int kDecodeBatch = 4;      // positions whose reads are under way at once in a thread
constexpr int kDecodeHeads = 8;      // query heads that a block computes side by side, at most
constexpr int kDecodeHeadDim = 256;  // largest that is supported
constexpr int kCombineThreads = 256;

DMT_INLINE int64_t decode_parts(int64_t positions) {
  return (positions + kDecodePart - 1) / kDecodePart;
}

struct LargerScore {
  DMT_INLINE float operator()(float a, float b) const { return a > b ? a : b; }
};

/// Query heads, and positions, that a block works on; all rows lie head_dim apart.
template <typename T>
struct DecodePart {
  const T* query_HD;
  const T* keys_PD;
  const T* values_PD;
  int heads, positions, head_dim;
  float scale;
};

/// What the threads of a block share.
template <int kHeads>
struct DecodeShared {
  alignas(16) float query[kHeads][kDecodeHeadDim];
  float weights[kHeads][kDecodePart];  // scores at first
  // 4 more than threads: 32 neighbours in a row of values lie in 32 banks.
  float sums[kDecodeLanes][kDecodeThreads + 4];
};

/// Where a thread is in the block's grid of rows: a power of two of threads reads one position's row.
struct DecodePlace {
  DMT_INLINE DecodePlace(int head_dim, ThreadPlace place) {
    width = 1;
    while (width * kDecodeLanes < head_dim) width *= 2;
    rows = place.threads / width;
    row = place.thread / width;
    column = place.thread % width * kDecodeLanes;
  }
  int width;   // threads of a row
  int rows;    // positions that the block reads at once
  int row;     // of the thread
  int column;  // first element of the thread; at head_dim and above there is none
};

/// Packs of kDecodeBatch positions: first + row, then `rows` further each; zeros where there is none.
template <typename T>
DMT_INLINE void load_batch(Pack<T, kDecodeLanes> (&batch)[kDecodeBatch], const T* from_PD,
                           const DecodePart<T>& part, int first, const DecodePlace& at) {
  DMT_UNROLL
  for (int b = 0; b < kDecodeBatch; ++b) {
    const int position = first + b * at.rows + at.row;
    batch[b] = {};
    if (at.column < part.head_dim && position < part.positions)
      batch[b] = load_pack<kDecodeLanes>(from_PD + position * part.head_dim + at.column);
  }
}

template <int kHeads, typename T>
DMT_INLINE void decode_query_thread(DecodeShared<kHeads>& shared, const DecodePart<T>& part,
                                    ThreadPlace place) {
  for (int i = place.thread; i < part.heads * part.head_dim; i += place.threads)
    shared.query[i / part.head_dim][i % part.head_dim] = to_float(part.query_HD[i]) * part.scale;
}

/// A thread's share of the scores of a batch of positions; the row's threads have the rest.
template <int kHeads, typename T>
DMT_INLINE void score_shares(float (&shares)[kDecodeBatch][kHeads], const DecodeShared<kHeads>& shared,
                             const DecodePart<T>& part, int first, const DecodePlace& at) {
  Pack<T, kDecodeLanes> keys[kDecodeBatch];
  load_batch(keys, part.keys_PD, part, first, at);
  DMT_UNROLL
  for (int h = 0; h < kHeads; ++h) {
    Pack<float, kDecodeLanes> query = {};
    if (h < part.heads && at.column < part.head_dim)
      query = load_pack<kDecodeLanes>(&shared.query[h][at.column]);
    DMT_UNROLL
    for (int b = 0; b < kDecodeBatch; ++b) {
      float sum = 0.0f;
      DMT_UNROLL
      for (int i = 0; i < kDecodeLanes; ++i) sum += query.lane[i] * to_float(keys[b].lane[i]);
      shares[b][h] = sum;
    }
  }
}

/// Called with the whole scores; the first thread of a row keeps them.
template <int kHeads, typename T>
DMT_INLINE void store_scores(DecodeShared<kHeads>& shared, const float (&scores)[kDecodeBatch][kHeads],
                             const DecodePart<T>& part, int first, const DecodePlace& at) {
  if (at.column != 0) return;
  DMT_UNROLL
  for (int b = 0; b < kDecodeBatch; ++b) {
    const int position = first + b * at.rows + at.row;
    DMT_UNROLL
    for (int h = 0; h < kHeads; ++h) {
      if (h < part.heads && position < part.positions) shared.weights[h][position] = scores[b][h];
    }
  }
}

/// The largest of a lane's scores.
DMT_INLINE float largest_score(const float* scores_P, int positions, ThreadPlace lane) {
  float largest = -INFINITY;
  for (int p = lane.thread; p < positions; p += lane.threads) largest = LargerScore{}(scores_P[p], largest);
  return largest;
}

/// A lane's scores become weights. @return their sum
DMT_INLINE float weigh(float* scores_P, int positions, float largest, ThreadPlace lane) {
  float sum = 0.0f;
  for (int p = lane.thread; p < positions; p += lane.threads) {
    scores_P[p] = exp_of(scores_P[p] - largest);
    sum += scores_P[p];
  }
  return sum;
}

/// A thread's columns of the weighted sums of values, over the positions of its row of threads.
template <int kHeads, typename T>
DMT_INLINE void value_sums(Pack<float, kDecodeLanes> (&sums)[kHeads], const DecodeShared<kHeads>& shared,
                           const DecodePart<T>& part, const DecodePlace& at) {
  DMT_UNROLL
  for (int h = 0; h < kHeads; ++h) sums[h] = {};
  for (int first = 0; first < part.positions; first += kDecodeBatch * at.rows) {
    Pack<T, kDecodeLanes> values[kDecodeBatch];
    load_batch(values, part.values_PD, part, first, at);
    DMT_UNROLL
    for (int b = 0; b < kDecodeBatch; ++b) {
      const int position = first + b * at.rows + at.row;
      DMT_UNROLL
      for (int h = 0; h < kHeads; ++h) {
        if (h >= part.heads || position >= part.positions) continue;
        const float weight = shared.weights[h][position];
        DMT_UNROLL
        for (int i = 0; i < kDecodeLanes; ++i) sums[h].lane[i] += weight * to_float(values[b].lane[i]);
      }
    }
  }
}

/// Leaves a thread's sums for the others.
template <int kHeads>
DMT_INLINE void store_sums(DecodeShared<kHeads>& shared, const Pack<float, kDecodeLanes>& sums, int thread) {
  DMT_UNROLL
  for (int i = 0; i < kDecodeLanes; ++i) shared.sums[i][thread] = sums.lane[i];
}

/// Element d of the sums that the rows of threads have left.
template <int kHeads>
DMT_INLINE float row_sum(const DecodeShared<kHeads>& shared, int d, const DecodePlace& at) {
  float sum = 0.0f;
  for (int row = 0; row < at.rows; ++row)
    sum += shared.sums[d % kDecodeLanes][row * at.width + d / kDecodeLanes];
  return sum;
}

/// Where the parts of one slot and query head are in the workspace.
struct DecodeParts {
  float* sums_PD;  // weighted sums of values
  float* largest_P;
  float* weight_P;  // sums of weights, each a multiple of exp(largest)
};

template <typename TOp>
DMT_INLINE DecodeParts decode_parts_of(const TOp& op, int64_t slot, int32_t head) {
  const int64_t parts = decode_parts(op.longest);
  float* at = op.workspace + (slot * op.heads + head) * parts * (op.head_dim + 2);
  return {at, at + parts * op.head_dim, at + parts * (op.head_dim + 1)};
}

/// Element d of the attention of all parts.
DMT_INLINE float combined_parts(const DecodeParts& parts, int64_t count, int head_dim, int d) {
  float largest = -INFINITY;
  for (int64_t p = 0; p < count; ++p) largest = LargerScore{}(parts.largest_P[p], largest);
  float weight = 0.0f, sum = 0.0f;
  for (int64_t p = 0; p < count; ++p) {
    const float factor = exp_of(parts.largest_P[p] - largest);
    weight += factor * parts.weight_P[p];
    sum += factor * parts.sums_PD[p * head_dim + d];
  }
  return sum / weight;
}

/// A thread's elements of the attention of one slot and query head.
template <typename T>
DMT_INLINE void combine_thread(T* out_D, const DecodeParts& parts, int64_t length, int64_t longest,
                               int head_dim, ThreadPlace place) {
  for (int d = place.thread; d < head_dim; d += place.threads) {
    float out = 0.0f;
    if (length > longest) out = NAN;
    if (length > 0 && length <= longest) out = combined_parts(parts, decode_parts(length), head_dim, d);
    store(out_D[d], out);
  }
}

/// The part of a block, for query heads from first_head on; positions 0 where the block has nothing to do.
template <typename T, typename TOp>
DMT_INLINE DecodePart<T> decode_part(const TOp& op, int64_t slot, int32_t kv_head, int64_t part,
                                     int32_t first_head, int most_heads) {
  const int64_t length = op.lengths[slot], first = part * kDecodePart;
  const int64_t positions = length > op.longest || length <= first ? 0 : length - first;
  const int32_t group = op.heads / op.kv_heads;
  const int32_t heads = group - first_head;
  const int64_t at = ((slot * op.kv_heads + kv_head) * op.capacity + first) * op.head_dim;
  return {static_cast<const T*>(op.qkv) + slot * op.row_stride +
              (int64_t{kv_head} * group + first_head) * op.head_dim,
          static_cast<const T*>(op.keys) + at,
          static_cast<const T*>(op.values) + at,
          heads < most_heads ? heads : most_heads,
          static_cast<int>(positions < kDecodePart ? positions : kDecodePart),
          op.head_dim,
          op.scale};
}

}  // namespace dmt::cuda
