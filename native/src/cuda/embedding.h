// The embedding's rows, and the order in which their gradients are added; host and device.
#pragma once

#include <algorithm>
#include <numeric>
#include <vector>

#include "cuda/pack.h"

namespace dmt::cuda {

/// The positions of each token next to each other, made on the host, where the tokens are.
struct EmbeddingRuns {
  EmbeddingRuns(const int32_t* tokens_T, int64_t count) : order(static_cast<size_t>(count)) {
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](int32_t a, int32_t b) { return tokens_T[a] < tokens_T[b]; });
    for (size_t i = 0; i < order.size(); ++i) {
      const int32_t token = tokens_T[order[i]];
      if (!tokens.empty() && tokens.back() == token) continue;
      tokens.push_back(token);
      begins.push_back(static_cast<int32_t>(i));
    }
    begins.push_back(static_cast<int32_t>(count));
  }

  std::vector<int32_t> order;   // positions, rising within a token
  std::vector<int32_t> begins;  // where each token's positions begin in order, and the end
  std::vector<int32_t> tokens;  // of each run
};

/// Adds dout's rows order[begin..end) to table_C, for one pack of columns.
template <int kLanes, typename TTable, typename T>
DMT_INLINE void embedding_run_pack(TTable* table_C, const T* dout_TC, const int32_t* order_T, int32_t begin,
                                   int32_t end, int64_t columns, int64_t c) {
  float sum[kLanes] = {};
  for (int32_t j = begin; j < end; ++j) {
    const Pack<T, kLanes> row = load_pack<kLanes>(dout_TC + order_T[j] * columns + c);
    for (int i = 0; i < kLanes; ++i) sum[i] += to_float(row.lane[i]);
  }
  Pack<TTable, kLanes> table = load_pack<kLanes>(table_C + c);
  for (int i = 0; i < kLanes; ++i) store(table.lane[i], to_float(table.lane[i]) + sum[i]);
  store_pack<kLanes>(table_C + c, table);
}

}  // namespace dmt::cuda
