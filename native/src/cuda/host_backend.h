/// For tests: the C interface on the host. Every call runs the shared functions of the kernels for one thread
/// after the other, in blocks of the same size and with sums in the same order as on a GPU, so that indices,
/// tails and arithmetic are those of the kernels.
#pragma once

#include <cstdlib>
#include <vector>

#include "cuda/cross_entropy.h"
#include "cuda/dmt_cuda.h"
#include "cuda/embedding.h"
#include "cuda/flat.h"
#include "cuda/rms_norm.h"
#include "cuda/rotary.h"
#include "cuda/swiglu.h"

namespace dmt::cuda::host {

/// As block_reduce() in block.cuh. @param values of all threads, whole warps
template <typename T, typename F>
T block_reduce(std::vector<T> values, const F& combine) {
  for (size_t offset = 16; offset > 0; offset /= 2) {
    const std::vector<T> before = values;
    for (size_t i = 0; i < values.size(); ++i) values[i] = combine(before[i], before[i ^ offset]);
  }
  T all = values[0];
  for (size_t warp = 32; warp < values.size(); warp += 32) all = combine(all, values[warp]);
  return all;
}

/// f(place) for every thread of a block; their results.
template <typename F>
auto each_thread(int threads, const F& f) {
  std::vector<decltype(f(ThreadPlace{}))> results;
  for (int thread = 0; thread < threads; ++thread) results.push_back(f(ThreadPlace{thread, threads}));
  return results;
}

/// Calls f with a value of the element type, and with the lanes of a pack as a constant.
template <typename F>
void with_type(int32_t dtype, const F& f) {
  if (dtype == DMT_FLOAT32)
    f(float{});
  else
    f(Bf16{});
}
template <int kLanes, typename F>
void with_lanes(bool packs, const F& f) {
  if (packs)
    f(std::integral_constant<int, kLanes>{});
  else
    f(std::integral_constant<int, 1>{});
}

inline void rms_norm_forward(const DmtRmsNormForward& op) {
  with_type(op.dtype, [&](auto element) {
    using T = decltype(element);
    with_lanes<kFullPack<T>>(
        packable<T>(op.columns, {op.out, op.sum, op.x, op.delta, op.weight}), [&](auto lanes) {
          constexpr int kLanes = decltype(lanes)::value;
          for (int64_t r = 0; r < op.rows; ++r) {
            const int64_t at = r * op.columns;
            const bool adds = op.delta != nullptr;
            const NormRow<T> row = {
                static_cast<T*>(op.out) + at,     adds ? static_cast<T*>(op.sum) + at : nullptr,
                static_cast<const T*>(op.x) + at, adds ? static_cast<const T*>(op.delta) + at : nullptr,
                static_cast<const T*>(op.weight), op.columns};
            const int threads = norm_threads(op.columns, kLanes);
            auto block = each_thread(
                threads, [](ThreadPlace place) { return RmsNormForwardThread<T, kLanes>(place); });
            std::vector<float> squares;
            for (auto& thread : block) squares.push_back(thread.read(row));
            op.rstd[r] =
                1.0f / std::sqrt(block_reduce(squares, Add{}) / static_cast<float>(op.columns) + op.eps);
            for (auto& thread : block) thread.write(row, op.rstd[r]);
          }
        });
  });
}

inline void rms_norm_backward(const DmtRmsNormBackward& op) {
  with_type(op.dtype, [&](auto element) {
    using T = decltype(element);
    with_lanes<kFullPack<T>>(packable<T>(op.columns, {op.dx, op.dout, op.x, op.weight}), [&](auto lanes) {
      constexpr int kLanes = decltype(lanes)::value;
      for (int64_t strip = 0; strip < norm_strips(op.rows); ++strip) {
        const int64_t begin = strip * norm_strip_rows(op.rows);
        const int64_t end = std::min(begin + norm_strip_rows(op.rows), op.rows);
        float* dweight = op.workspace + strip * op.columns;
        const int threads = norm_threads(op.columns, kLanes);
        auto block =
            each_thread(threads, [](ThreadPlace place) { return RmsNormBackwardThread<T, kLanes>(place); });
        for (int64_t r = begin; r < end; ++r) {
          const int64_t at = r * op.columns;
          const NormGradientRow<T> row = {static_cast<T*>(op.dx) + at,
                                          static_cast<const T*>(op.dout) + at,
                                          static_cast<const T*>(op.x) + at,
                                          static_cast<const T*>(op.weight),
                                          dweight,
                                          op.columns};
          std::vector<float> dots;
          for (auto& thread : block) dots.push_back(thread.read(row));
          const float dot = block_reduce(dots, Add{});
          for (auto& thread : block) thread.write(row, dot, op.rstd[r], r == begin);
        }
        for (auto& thread : block) thread.end_strip(dweight, op.columns);
      }
    });
  });
  with_type(op.dweight_dtype, [&](auto element) {
    using TGradient = decltype(element);
    auto* dweight = static_cast<TGradient*>(op.dweight);
    for (int64_t c = 0; op.rows > 0 && c < op.columns; ++c) {
      float sum = 0.0f;
      for (int group = 0; group < kStripGroups; ++group)
        sum += strip_share(op.workspace, norm_strips(op.rows), op.columns, c, group, kStripGroups);
      store(dweight[c], to_float(dweight[c]) + sum);
    }
  });
}

inline void rotary(const DmtRotary& op) {
  with_type(op.dtype, [&](auto element) {
    using T = decltype(element);
    const bool packs = op.head_dim / 2 % kFullPack<T> == 0 && packable<T>(op.row_stride, {op.qkv});
    with_lanes<kFullPack<T>>(packs, [&](auto lanes) {
      for (int64_t t = 0; t < op.tokens; ++t) {
        const int64_t angles = op.positions[t] * int64_t{op.head_dim / 2};
        for (int thread = 0; thread < kRotaryThreads; ++thread) {
          rotary_thread<decltype(lanes)::value>(static_cast<T*>(op.qkv) + t * op.row_stride, op.cos + angles,
                                                op.sin + angles, op.sign, {op.turned_heads, op.head_dim},
                                                {thread, kRotaryThreads});
        }
      }
    });
  });
}

enum class SwigluPass { kForward, kBackward };

template <SwigluPass kPass>
void run_swiglu(const DmtSwiglu& op) {
  with_type(op.dtype, [&](auto element) {
    using T = decltype(element);
    with_lanes<kFullPack<T>>(packable<T>(op.columns, {op.out, op.gate_up}), [&](auto lanes) {
      constexpr int kLanes = decltype(lanes)::value;
      for (int64_t r = 0; r < op.rows; ++r) {
        for (int64_t c = 0; c < op.columns; c += kLanes) {
          T* gate = static_cast<T*>(op.gate_up) + r * 2 * op.columns + c;
          T* out = static_cast<T*>(op.out) + r * op.columns + c;
          if (kPass == SwigluPass::kForward)
            swiglu_forward_pack<kLanes>(out, gate, gate + op.columns);
          else
            swiglu_backward_pack<kLanes>(gate, gate + op.columns, out);
        }
      }
    });
  });
}

inline void swiglu_forward(const DmtSwiglu& op) {
  run_swiglu<SwigluPass::kForward>(op);
}
inline void swiglu_backward(const DmtSwiglu& op) {
  run_swiglu<SwigluPass::kBackward>(op);
}

inline void cross_entropy(const DmtCrossEntropy& op) {
  with_type(op.dtype, [&](auto element) {
    using T = decltype(element);
    with_lanes<kFullPack<T>>(packable<T>(op.vocabulary, {op.logits}), [&](auto lanes) {
      constexpr int kLanes = decltype(lanes)::value;
      for (int64_t r = 0; r < op.rows; ++r) {
        T* logits = static_cast<T*>(op.logits) + r * op.vocabulary;
        const float label_logit = to_float(logits[op.labels[r]]);
        const LogSumExp all = block_reduce(
            each_thread(
                kCrossEntropyThreads,
                [&](ThreadPlace place) { return log_sum_exp_thread<kLanes>(logits, op.vocabulary, place); }),
            Combine{});
        op.losses[r] = cross_entropy_loss(all, label_logit);
        for (int thread = 0; op.forward_only == 0 && thread < kCrossEntropyThreads; ++thread) {
          cross_entropy_gradient_thread<kLanes>(logits, all, op.labels[r], op.scale, op.vocabulary,
                                                {thread, kCrossEntropyThreads});
        }
      }
    });
  });
}

inline void source_sums(const DmtSourceSums& op) {
  for (int32_t source = 0; op.rows > 0 && source < op.source_count; ++source) {
    const auto shares = each_thread(kSourceThreads, [&](ThreadPlace place) {
      return source_share(op.losses, op.sources, op.rows, source, place);
    });
    std::vector<double> losses;
    for (const SourceShare& share : shares) {
      losses.push_back(share.loss);
      op.label_tokens[source] += share.tokens;
    }
    op.loss_sums[source] += block_reduce(losses, Add{});
  }
}

constexpr int64_t kFlatTestThreads = 96;  // fewer than elements, so that every thread strides

template <typename TPass>
void run_flat(const TPass& pass, int64_t count, bool packs) {
  with_lanes<kFlatLanes>(packs, [&](auto lanes) {
    for (int64_t thread = 0; thread < kFlatTestThreads; ++thread)
      flat_thread<decltype(lanes)::value>(pass, count, thread, kFlatTestThreads);
  });
}

template <MasterKind kMaster>
void run_adamw(const DmtAdamW& op) {
  with_type(op.moment_dtype, [&](auto moment) {
    with_type(op.gradient_dtype, [&](auto gradient) {
      auto pass = adamw_pass<kMaster, decltype(moment), decltype(gradient)>(op);
      if (op.device_gradient_scale != nullptr) pass.step.gradient_scale = *op.device_gradient_scale;
      if (!std::isfinite(pass.step.gradient_scale)) return;
      run_flat(
          pass, op.count,
          aligned({op.master, op.weights, op.remainder, op.first_moment, op.second_moment, op.gradient}));
    });
  });
}

inline void adamw(const DmtAdamW& op) {
  if (op.master_kind == DMT_MASTER_FLOAT32) run_adamw<MasterKind::kFloat32>(op);
  if (op.master_kind == DMT_MASTER_SPLIT) run_adamw<MasterKind::kSplit>(op);
  if (op.master_kind == DMT_MASTER_STOCHASTIC) run_adamw<MasterKind::kStochastic>(op);
}

inline void sum_of_squares(const DmtSumOfSquares& op) {
  with_type(op.dtype, [&](auto element) {
    using T = decltype(element);
    const auto* x = static_cast<const T*>(op.x);
    with_lanes<kFlatLanes>(aligned({x}), [&](auto lanes) {
      const int64_t threads = int64_t{kSumBlocks} * kSumThreads;
      for (int64_t block = 0; block < kSumBlocks; ++block) {
        op.workspace[block] =
            block_reduce(each_thread(kSumThreads,
                                     [&](ThreadPlace place) {
                                       return square_share<decltype(lanes)::value>(
                                           x, op.count, block * kSumThreads + place.thread, threads);
                                     }),
                         Add{});
      }
    });
  });
  *op.sum = block_reduce(each_thread(kSumThreads,
                                     [&](ThreadPlace place) {
                                       double sum = 0.0;
                                       for (int i = place.thread; i < kSumBlocks; i += place.threads)
                                         sum += op.workspace[i];
                                       return sum;
                                     }),
                         Add{});
}

inline void clip_scale(const DmtClipScale& op) {
  const Clipping clip = clipping(op.sums, op.sum_count, op.max_norm);
  *op.norm = clip.norm;
  *op.scale = clip.scale;
}

template <typename F>
void with_types(int32_t out, int32_t in, const F& f) {
  with_type(out, [&](auto to) { with_type(in, [&](auto from) { f(to, from); }); });
}

inline void cast(const DmtCast& op) {
  with_types(op.out_dtype, op.x_dtype, [&](auto to, auto from) {
    using TOut = decltype(to);
    using TIn = decltype(from);
    run_flat(CastPass<TOut, TIn>{static_cast<TOut*>(op.out), static_cast<const TIn*>(op.x)}, op.count,
             aligned({op.out, op.x}));
  });
}

inline void copy_segments(const DmtCopySegments& op) {
  with_types(op.out_dtype, op.x_dtype, [&](auto to, auto from) {
    using TOut = decltype(to);
    using TIn = decltype(from);
    for (int64_t s = 0; s < op.segment_count; ++s) {
      const DmtSegment& segment = op.segments[s];
      run_flat(CastPass<TOut, TIn>{static_cast<TOut*>(op.out) + segment.to,
                                   static_cast<const TIn*>(op.x) + segment.from},
               segment.count, false);
    }
  });
}

inline void add_parts(const DmtAddParts& op) {
  with_types(op.sum_dtype, op.x_dtype, [&](auto to, auto from) {
    using TSum = decltype(to);
    using TIn = decltype(from);
    run_flat(AddPartsPass<TSum, TIn>{static_cast<TSum*>(op.sum), static_cast<const TIn*>(op.x), op.parts,
                                     op.count},
             op.count, packable<TIn>(op.count, {op.sum, op.x}));
  });
}

inline void gather_rows(const DmtGatherRows& op) {
  with_type(op.dtype, [&](auto element) {
    using T = decltype(element);
    with_lanes<kFullPack<T>>(packable<T>(op.columns, {op.out, op.table}), [&](auto lanes) {
      constexpr int kLanes = decltype(lanes)::value;
      for (int64_t i = 0; i < op.count; ++i) {
        for (int64_t c = 0; c < op.columns; c += kLanes) {
          store_pack<kLanes>(
              static_cast<T*>(op.out) + i * op.columns + c,
              load_pack<kLanes>(static_cast<const T*>(op.table) + op.rows[i] * op.columns + c));
        }
      }
    });
  });
}

inline void embedding_backward(const DmtEmbeddingBackward& op) {
  with_types(op.dtable_dtype, op.dtype, [&](auto to, auto from) {
    using TTable = decltype(to);
    using T = decltype(from);
    with_lanes<kFullPack<T>>(packable<T>(op.columns, {op.dtable, op.dout}), [&](auto lanes) {
      constexpr int kLanes = decltype(lanes)::value;
      for (int64_t run = 0; run < op.runs; ++run) {
        for (int64_t c = 0; c < op.columns; c += kLanes) {
          embedding_run_pack<kLanes>(static_cast<TTable*>(op.dtable) + op.tokens[run] * op.columns,
                                     static_cast<const T*>(op.dout), op.order, op.begins[run],
                                     op.begins[run + 1], op.columns, c);
        }
      }
    });
  });
}

}  // namespace dmt::cuda::host
