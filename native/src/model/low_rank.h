// Products with low-rank adapters, forward and backward. Shapes as in adapter.h; T tokens.
#pragma once

#include <ATen/ATen.h>

#include "base/arena.h"
#include "model/adapter.h"
#include "ops/ops.h"

namespace dmt {

/// Which inputs of a group's A count as 0, see AdapterConfig::dropout.
struct InputDropout {
  double share = 0.0;
  uint64_t key = 0;   ///< of this group in this step
  at::Tensor keys_T;  ///< int32, of the tokens; undefined where share is 0
};

/// [Note: scale] The factor alpha / rank goes with the narrow products: h = scale * x A^T and
/// dh = scale * dout B. Then out += h B^T, dB = dout^T h, dA = dh^T x and dx = dh A need none.
class LowRankProducts {
 public:
  LowRankProducts(Ops& ops, Arena& arena) : ops_(ops), arena_(arena) {}

  /// out += scale * dropout(x) A^T B^T for each matrix of the group. @param out_TN columns of all its
  /// matrices
  void forward(at::Tensor out_TN, const at::Tensor& x_TK, const LowRankGroup& weights,
               const InputDropout& dropout);
  /// The same for some rows, without dropout. @param rows_T1 1 for those, 0 for the others
  void forward_rows(at::Tensor out_TN, const at::Tensor& x_TK, const LowRankGroup& weights,
                    const at::Tensor& rows_T1);
  /// dx += ... @param gradients undefined where they are not wanted
  void backward(at::Tensor dx_TK, const LowRankGroup& gradients, SumInto into, const at::Tensor& dout_TN,
                const at::Tensor& x_TK, const LowRankGroup& weights, const InputDropout& dropout);

  /// x[t] += scale * B A[:, token t]
  void embed(at::Tensor x_TC, const EmbeddingAdapter& weights, const BatchIndices& batch);
  /// The same for some rows. @param rows_T1 1 for those, 0 for the others
  void embed_rows(at::Tensor x_TC, const EmbeddingAdapter& weights, const BatchIndices& batch,
                  const at::Tensor& rows_T1);
  /// Adds to gradients.
  void embed_backward(const EmbeddingAdapter& gradients, const at::Tensor& dx_TC,
                      const EmbeddingAdapter& weights, const BatchIndices& batch);

 private:
  at::Tensor dropped(const at::Tensor& x_TK, const InputDropout& dropout);
  void add_wide(at::Tensor out_TN, const at::Tensor& h_TR, const LowRankGroup& weights);
  at::Tensor narrow_forward(const at::Tensor& x_TK, const LowRankGroup& weights);
  at::Tensor narrow_embed(const EmbeddingAdapter& weights, const BatchIndices& batch, at::ScalarType dtype);

  Ops& ops_;
  Arena& arena_;
};

}  // namespace dmt
