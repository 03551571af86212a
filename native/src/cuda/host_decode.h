/// For tests: the C interface of the decoding kernels on the host, as in host_backend.h.
#pragma once

#include "cuda/argmax.h"
#include "cuda/decode_attention.h"
#include "cuda/decode_cache.h"
#include "cuda/host_backend.h"
#include "cuda/sample.h"

namespace dmt::cuda::host {

inline void argmax(const DmtArgmax& op) {
  with_type(op.dtype, [&](auto element) {
    using T = decltype(element);
    with_lanes<kFullPack<T>>(packable<T>(op.vocabulary, {op.logits}), [&](auto lanes) {
      for (int64_t r = 0; r < op.rows; ++r) {
        const T* logits = static_cast<const T*>(op.logits) + r * op.vocabulary;
        op.tokens[r] = token_of(block_reduce(each_thread(kArgmaxThreads,
                                                         [&](ThreadPlace place) {
                                                           return argmax_thread<decltype(lanes)::value>(
                                                               logits, op.vocabulary, place);
                                                         }),
                                             Larger{}));
      }
    });
  });
}

/// Row `row` of qkv goes to a position of a slot.
template <typename TOp>
void cache_row(const TOp& op, int64_t slot, int64_t row, int64_t position) {
  with_type(op.dtype, [&](auto element) {
    using T = decltype(element);
    with_lanes<kFullPack<T>>(cache_packs<T>(op), [&](auto lanes) {
      for (int thread = 0; thread < kCacheThreads; ++thread) {
        cache_row_thread<decltype(lanes)::value>(cache_slot<T>(op, slot),
                                                 static_cast<const T*>(op.qkv) + row * op.row_stride,
                                                 position, cache_shape(op), {thread, kCacheThreads});
      }
    });
  });
}

inline void cache_write(const DmtCacheWrite& op) {
  for (int64_t slot = 0; slot < op.slots; ++slot) {
    const int32_t length = op.lengths[slot];
    if (length >= 1 && length <= op.capacity) cache_row(op, slot, slot, length - 1);
  }
}

inline void cache_fill(const DmtCacheFill& op) {
  for (int64_t t = 0; t < op.tokens; ++t) cache_row(op, op.slot, t, op.first + t);
}

/// scores_of_part() of decode_attention.cu for the whole block.
template <int kHeads, typename T>
void scores_of_part(DecodeShared<kHeads>& shared, const DecodePart<T>& part,
                    const std::vector<DecodePlace>& block) {
  struct Scores {
    float values[kDecodeBatch][kHeads];
  };
  for (int first = 0; first < part.positions; first += kDecodeBatch * block[0].rows) {
    std::vector<Scores> scores(block.size());
    for (size_t i = 0; i < block.size(); ++i) score_shares(scores[i].values, shared, part, first, block[i]);
    for (auto offset = static_cast<size_t>(block[0].width) / 2; offset > 0; offset /= 2) {
      const std::vector<Scores> before = scores;
      for (size_t i = 0; i < block.size(); ++i) {
        for (int b = 0; b < kDecodeBatch; ++b) {
          for (int h = 0; h < kHeads; ++h) scores[i].values[b][h] += before[i ^ offset].values[b][h];
        }
      }
    }
    for (size_t i = 0; i < block.size(); ++i) store_scores(shared, scores[i].values, part, first, block[i]);
  }
}

/// The block of decode_attention_kernel.
template <typename T, int kHeads>
void decode_block(const DmtDecodeAttention& op, int64_t slot, int32_t kv_head, int64_t part_index) {
  const auto block =
      each_thread(kDecodeThreads, [&](ThreadPlace place) { return DecodePlace(op.head_dim, place); });
  const int32_t group = op.heads / op.kv_heads;
  for (int32_t first_head = 0; first_head < group; first_head += kHeads) {
    DecodeShared<kHeads> shared;
    std::memset(&shared, 0xFF, sizeof(shared));  // NaN: what is read before it is written is found
    const DecodePart<T> part = decode_part<T>(op, slot, kv_head, part_index, first_head, kHeads);
    if (part.positions == 0) return;
    for (int thread = 0; thread < kDecodeThreads; ++thread)
      decode_query_thread(shared, part, {thread, kDecodeThreads});
    scores_of_part(shared, part, block);
    for (int h = 0; h < part.heads; ++h) {
      float* scores = shared.weights[h];
      const float largest = block_reduce(
          each_thread(32, [&](ThreadPlace lane) { return largest_score(scores, part.positions, lane); }),
          LargerScore{});
      const DecodeParts out = decode_parts_of(op, slot, kv_head * group + first_head + h);
      out.largest_P[part_index] = largest;
      out.weight_P[part_index] = block_reduce(
          each_thread(32, [&](ThreadPlace lane) { return weigh(scores, part.positions, largest, lane); }),
          Add{});
    }
    for (int h = 0; h < part.heads; ++h) {
      for (int thread = 0; thread < kDecodeThreads; ++thread) {
        Pack<float, kDecodeLanes> sums[kHeads];
        value_sums(sums, shared, part, block[static_cast<size_t>(thread)]);
        store_sums(shared, sums[h], thread);
      }
      const DecodeParts out = decode_parts_of(op, slot, kv_head * group + first_head + h);
      for (int d = 0; d < op.head_dim; ++d)
        out.sums_PD[part_index * op.head_dim + d] = row_sum(shared, d, block[0]);
    }
  }
}

template <typename T>
void decode_block(const DmtDecodeAttention& op, int64_t slot, int32_t kv_head, int64_t part) {
  const int32_t group = op.heads / op.kv_heads;
  if (group == 1) decode_block<T, 1>(op, slot, kv_head, part);
  if (group == 2) decode_block<T, 2>(op, slot, kv_head, part);
  if (group == 3 || group == 4) decode_block<T, 4>(op, slot, kv_head, part);
  if (group > 4) decode_block<T, kDecodeHeads>(op, slot, kv_head, part);
}

inline void decode_attention(const DmtDecodeAttention& op) {
  with_type(op.dtype, [&](auto element) {
    using T = decltype(element);
    for (int64_t slot = 0; slot < op.slots; ++slot) {
      for (int32_t kv_head = 0; kv_head < op.kv_heads; ++kv_head) {
        for (int64_t part = 0; part < decode_parts(op.longest); ++part)
          decode_block<T>(op, slot, kv_head, part);
      }
      for (int32_t head = 0; head < op.heads; ++head) {
        for (int thread = 0; thread < kCombineThreads; ++thread) {
          combine_thread(static_cast<T*>(op.out) + (slot * op.heads + head) * op.head_dim,
                         decode_parts_of(op, slot, head), op.lengths[slot], op.longest, op.head_dim,
                         {thread, kCombineThreads});
        }
      }
    }
  });
}

/// On one thread, which the rule does not notice.
inline void sample(const DmtSample& op) {
  constexpr ThreadPlace kAlone = {0, 1};
  const int64_t V = op.vocabulary;
  with_type(op.dtype, [&](auto element) {
    using T = decltype(element);
    for (int64_t row = 0; row < op.rows; ++row) {
      const T* logits = static_cast<const T*>(op.logits) + row * op.row_stride;
      uint64_t* shares = op.workspace + row * V;
      const DmtChoice& choice = op.choices[row];
      const Largest largest = choice.open == 0 ? Largest{} : finite_largest_thread(logits, V, kAlone);
      op.tokens[row] = choice.open == 0 ? -1 : token_of(largest);
      if (op.tokens[row] < 0 || choice.temperature == 0.0) continue;
      const uint64_t all = shares_thread(shares, logits, V, largest.value, choice.temperature, kAlone);
      const uint64_t least = kernels::least_of_nucleus(choice.top_p, all);
      kernels::Nucleus nucleus = {0, 0, all};
      if (least < all) {
        uint64_t low = 1, high = kernels::kWholeShare + 1;
        while (high - low > 1) {
          const uint64_t middle = low + (high - low) / 2;
          (held_thread(shares, V, middle, kAlone) >= least ? low : high) = middle;
        }
        nucleus = kernels::nucleus_of(low, held_thread(shares, V, low + 1, kAlone), least);
      }
      op.tokens[row] = kernels::token_of(shares, 0, V, nucleus.threshold,
                                         {kernels::drawn(choice.random, nucleus), nucleus.ties});
    }
  });
}

}  // namespace dmt::cuda::host
