#include "kernels/attention.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/parallel.h"
#include "kernels/blas.h"
#include "kernels/simd_max.h"

// Tiles are float32 whatever TData is: libtorch's CPU attention in bf16 is twelve times slower than in fp32
// without MKL, and BLAS on fp32 tiles is not.
//
// Q: rows (queries) of a tile, N: keys that any of them sees.

namespace dmt::kernels {
namespace {

constexpr int64_t kTileRows = 64;

/// rows [begin, begin + count) of one head as float32, [count, D]
template <typename TData>
DMT_INLINE void load_rows(float* out_ND, const TData* x, int64_t stride, int64_t count, int64_t D) {
  for (int64_t n = 0; n < count; ++n) {
#pragma omp simd
    for (int64_t d = 0; d < D; ++d) out_ND[n * D + d] = to_float(x[n * stride + d]);
  }
}

template <typename TData>
DMT_INLINE void store_rows(TData* out, int64_t stride, const float* x_ND, int64_t count, int64_t D) {
  for (int64_t n = 0; n < count; ++n) {
#pragma omp simd
    for (int64_t d = 0; d < D; ++d) store(out[n * stride + d], x_ND[n * D + d]);
  }
}

DMT_MULTIVERSION void load(float* out, const float* x, int64_t stride, int64_t count, int64_t D) {
  load_rows(out, x, stride, count, D);
}
DMT_MULTIVERSION void load(float* out, const Bf16* x, int64_t stride, int64_t count, int64_t D) {
  load_rows(out, x, stride, count, D);
}
DMT_MULTIVERSION void save(float* out, int64_t stride, const float* x, int64_t count, int64_t D) {
  store_rows(out, stride, x, count, D);
}
DMT_MULTIVERSION void save(Bf16* out, int64_t stride, const float* x, int64_t count, int64_t D) {
  store_rows(out, stride, x, count, D);
}

/// Turns one row of scores into probabilities: entries [0, seen) by softmax, [seen, N) zero.
/// @return log-sum-exp of the scaled scores
DMT_MULTIVERSION float softmax_row(float* scores_N, int64_t seen, int64_t N, float scale) {
  float max = scores_N[0];
  DMT_SIMD_MAX(max)
  for (int64_t n = 0; n < seen; ++n) max = scores_N[n] > max ? scores_N[n] : max;
  float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
  for (int64_t n = 0; n < seen; ++n) {
    scores_N[n] = fast_exp((scores_N[n] - max) * scale);
    sum += scores_N[n];
  }
  const float inverse = 1.0f / sum;
#pragma omp simd
  for (int64_t n = 0; n < seen; ++n) scores_N[n] *= inverse;
  for (int64_t n = seen; n < N; ++n) scores_N[n] = 0.0f;
  return max * scale + std::log(sum);
}

/// Scores become probabilities p, dp becomes the scores' gradient p (dp - delta) scale.
DMT_MULTIVERSION void softmax_backward_row(float* scores_N, float* dp_N, int64_t seen, int64_t N, float scale,
                                           float log_sum_exp, float delta) {
#pragma omp simd
  for (int64_t n = 0; n < seen; ++n) {
    const float p = fast_exp(scores_N[n] * scale - log_sum_exp);
    scores_N[n] = p;
    dp_N[n] = p * (dp_N[n] - delta) * scale;
  }
  for (int64_t n = seen; n < N; ++n) {
    scores_N[n] = 0.0f;
    dp_N[n] = 0.0f;
  }
}

DMT_MULTIVERSION float dot(const float* a, const float* b, int64_t count) {
  float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < count; ++i) sum += a[i] * b[i];
  return sum;
}

struct ForwardTask {
  int64_t document;
  int64_t head;
  int64_t first_query;  // in the document
};

std::vector<ForwardTask> forward_tasks(const AttentionShape& shape) {
  std::vector<ForwardTask> tasks;
  for (int64_t document = 0; document < shape.documents; ++document) {
    const int64_t length = shape.document_offsets[document + 1] - shape.document_offsets[document];
    for (int64_t head = 0; head < shape.heads; ++head) {
      for (int64_t q = 0; q < length; q += kTileRows) tasks.push_back({document, head, q});
    }
  }
  return tasks;
}

/// Multiplications of a tile in a document of middling length: what a thread is woken for.
int64_t task_elements(const AttentionShape& shape) {
  if (shape.documents == 0) return 0;
  const int64_t length = shape.tokens / shape.documents + 1;
  return length * std::min(length, kTileRows) * shape.head_dim;
}

/// Buffers of one thread, kept from call to call.
struct Scratch {
  std::vector<float> q, k, v, out, scores, dout, dscores, dq, dk, dv;
  static float* sized(std::vector<float>& buffer, int64_t size) {
    if (static_cast<int64_t>(buffer.size()) < size) buffer.resize(static_cast<size_t>(size));
    return buffer.data();
  }
  static Scratch& of_this_thread() {
    static thread_local Scratch scratch;
    return scratch;
  }
};

}  // namespace

template <typename TData>
void attention_forward(TData* out_TA, float* log_sum_exp_HT, const TData* qkv_TE,
                       const AttentionShape& shape) {
  const int64_t D = shape.head_dim, E = shape.row(), A = shape.heads * D;
  const int64_t group = shape.heads / shape.kv_heads;
  const float scale = 1.0f / std::sqrt(static_cast<float>(D));
  const std::vector<ForwardTask> tasks = forward_tasks(shape);
  parallel_tasks(static_cast<int64_t>(tasks.size()), task_elements(shape), [&](int64_t i) {
    const ForwardTask& task = tasks[static_cast<size_t>(i)];
    const int64_t begin = shape.document_offsets[task.document];
    const int64_t length = shape.document_offsets[task.document + 1] - begin;
    const int64_t Q = std::min(kTileRows, length - task.first_query);
    const int64_t N = task.first_query + Q;
    const TData* document_E = qkv_TE + begin * E;
    Scratch& s = Scratch::of_this_thread();
    float* q_QD = Scratch::sized(s.q, Q * D);
    float* k_ND = Scratch::sized(s.k, N * D);
    float* v_ND = Scratch::sized(s.v, N * D);
    float* out_QD = Scratch::sized(s.out, Q * D);
    float* scores_QN = Scratch::sized(s.scores, Q * N);
    const int64_t kv_head = task.head / group;
    load(q_QD, document_E + task.first_query * E + task.head * D, E, Q, D);
    load(k_ND, document_E + (shape.heads + kv_head) * D, E, N, D);
    load(v_ND, document_E + (shape.heads + shape.kv_heads + kv_head) * D, E, N, D);
    gemm_on_this_thread(scores_QN, N, {q_QD, D}, {k_ND, D, Transpose::kYes}, Q, N, D, 0.0f);
    for (int64_t q = 0; q < Q; ++q) {
      log_sum_exp_HT[task.head * shape.tokens + begin + task.first_query + q] =
          softmax_row(scores_QN + q * N, task.first_query + q + 1, N, scale);
    }
    gemm_on_this_thread(out_QD, D, {scores_QN, N}, {v_ND, D}, Q, D, N, 0.0f);
    save(out_TA + (begin + task.first_query) * A + task.head * D, A, out_QD, Q, D);
  });
}

template <typename TData>
void attention_backward(TData* dqkv_TE, const TData* dout_TA, const TData* out_TA,
                        const float* log_sum_exp_HT, const TData* qkv_TE, const AttentionShape& shape) {
  const int64_t D = shape.head_dim, E = shape.row(), A = shape.heads * D;
  const int64_t group = shape.heads / shape.kv_heads;
  const float scale = 1.0f / std::sqrt(static_cast<float>(D));
  // One task per document and key-value head: the only one that writes this head's dk and dv.
  parallel_tasks(shape.documents * shape.kv_heads, task_elements(shape) * group, [&](int64_t task) {
    const int64_t document = task / shape.kv_heads, kv_head = task % shape.kv_heads;
    const int64_t begin = shape.document_offsets[document];
    const int64_t length = shape.document_offsets[document + 1] - begin;
    const int64_t k_column = (shape.heads + kv_head) * D;
    const int64_t v_column = (shape.heads + shape.kv_heads + kv_head) * D;
    Scratch& s = Scratch::of_this_thread();
    float* k_ND = Scratch::sized(s.k, length * D);
    float* v_ND = Scratch::sized(s.v, length * D);
    float* dk_ND = Scratch::sized(s.dk, length * D);
    float* dv_ND = Scratch::sized(s.dv, length * D);
    load(k_ND, qkv_TE + begin * E + k_column, E, length, D);
    load(v_ND, qkv_TE + begin * E + v_column, E, length, D);
    std::fill_n(dk_ND, length * D, 0.0f);
    std::fill_n(dv_ND, length * D, 0.0f);
    for (int64_t head = kv_head * group; head < (kv_head + 1) * group; ++head) {
      for (int64_t first = 0; first < length; first += kTileRows) {
        const int64_t Q = std::min(kTileRows, length - first), N = first + Q;
        float* q_QD = Scratch::sized(s.q, Q * D);
        float* out_QD = Scratch::sized(s.out, Q * D);
        float* dout_QD = Scratch::sized(s.dout, Q * D);
        float* dq_QD = Scratch::sized(s.dq, Q * D);
        float* p_QN = Scratch::sized(s.scores, Q * N);
        float* ds_QN = Scratch::sized(s.dscores, Q * N);
        load(q_QD, qkv_TE + (begin + first) * E + head * D, E, Q, D);
        load(out_QD, out_TA + (begin + first) * A + head * D, A, Q, D);
        load(dout_QD, dout_TA + (begin + first) * A + head * D, A, Q, D);
        gemm_on_this_thread(p_QN, N, {q_QD, D}, {k_ND, D, Transpose::kYes}, Q, N, D, 0.0f);
        gemm_on_this_thread(ds_QN, N, {dout_QD, D}, {v_ND, D, Transpose::kYes}, Q, N, D, 0.0f);
        for (int64_t q = 0; q < Q; ++q) {
          softmax_backward_row(p_QN + q * N, ds_QN + q * N, first + q + 1, N, scale,
                               log_sum_exp_HT[head * shape.tokens + begin + first + q],
                               dot(dout_QD + q * D, out_QD + q * D, D));
        }
        gemm_on_this_thread(dv_ND, D, {p_QN, N, Transpose::kYes}, {dout_QD, D}, N, D, Q, 1.0f);
        gemm_on_this_thread(dk_ND, D, {ds_QN, N, Transpose::kYes}, {q_QD, D}, N, D, Q, 1.0f);
        gemm_on_this_thread(dq_QD, D, {ds_QN, N}, {k_ND, D}, Q, D, N, 0.0f);
        save(dqkv_TE + (begin + first) * E + head * D, E, dq_QD, Q, D);
      }
    }
    save(dqkv_TE + begin * E + k_column, E, dk_ND, length, D);
    save(dqkv_TE + begin * E + v_column, E, dv_ND, length, D);
  });
}

#define DMT_INSTANTIATE(TData)                                                                     \
  template void attention_forward(TData*, float*, const TData*, const AttentionShape&);            \
  template void attention_backward(TData*, const TData*, const TData*, const float*, const TData*, \
                                   const AttentionShape&);
DMT_INSTANTIATE(float)
DMT_INSTANTIATE(Bf16)
#undef DMT_INSTANTIATE

}  // namespace dmt::kernels
