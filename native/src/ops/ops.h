// What a model is computed with, at the level of tensors. Matrices are row-major; shape suffixes as in
// decoder_block.h.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/machine_memory.h"
#include "dmt/engine.h"
#include "kernels/adamw_element.h"
#include "kernels/attention.h"
#include "kernels/quantized_format.h"
#include "kernels/rotary.h"
#include "ops/work_clock.h"

namespace dmt {

at::ScalarType scalar_type(DType dtype);

/// What becomes of the values that a sum is written to.
enum class SumInto { kReplace, kAdd };

/// A matrix of weights that are quantised, in the packed form of kernels/quantized.h.
struct QuantizedMatrix {
  BaseWeights format;
  at::Tensor packed;  ///< uint8
  int64_t rows, columns;
};
/// What the kernels call a format that is not kComputeDtype.
kernels::QuantizedFormat format_of(BaseWeights weights);

/// Where a product that is a gradient of weights goes.
struct WeightGradient {
  at::Tensor sum;  ///< [N, K]
  SumInto into;
};

/// What a batch goes through a model for.
enum class Pass { kForward, kTraining };

/// Indices of a micro-batch on the host; they stay where they are.
struct HostIndices {
  Pass pass = Pass::kForward;
  kernels::AttentionShape attention;
  int64_t longest_document = 0;
  const int32_t* token_ids = nullptr;       ///< [tokens]
  std::vector<int32_t> positions;           ///< [tokens], from 0 in each document
  std::vector<int32_t> label_rows;          ///< positions in the batch that carry loss
  std::vector<int32_t> labels;              ///< their labels
  std::vector<int32_t> label_sources;       ///< their sources
  std::vector<int32_t> dropout_keys;        ///< [tokens], or empty where nothing is dropped
  std::vector<int32_t> label_dropout_keys;  ///< those of label_rows
};

/// The same where the ops read them; all int32.
struct BatchIndices {
  kernels::AttentionShape attention;  ///< its offsets are the host's
  int64_t longest_document = 0;
  bool repeats = false;  ///< see AttentionShapes; of a GPU
  at::Tensor token_ids_T, positions_T, document_offsets;
  at::Tensor label_rows_L, labels_L, label_sources_L;
  at::Tensor dropout_keys_T, label_dropout_keys_L;  ///< empty where nothing is dropped
  /// Positions sorted by their token, see cuda/embedding.h; undefined where an op needs no such order.
  at::Tensor run_order_T, run_begins, run_tokens;
};

/// What the optimizer sees of a unit: this rank's slice without padding. All [count].
struct OptimizerShard {
  at::Tensor weights;    ///< in the compute dtype
  at::Tensor remainder;  ///< int16: what bfloat16 weights lack of float32; undefined where they lack nothing
  at::Tensor gradient;
  at::Tensor first_moment;  ///< float32 or bfloat16; without a remainder bfloat16 weights are rounded
                            ///< stochastically
  at::Tensor second_moment;
  int64_t begin;  ///< first element in the unit
};

/// The operations of one device. Temporaries come from the arena that is given. On a GPU calls return before
/// their work is done; what comes back as a number has been waited for.
class Ops {
 public:
  virtual ~Ops() = default;
  /// Where tensors must be.
  virtual at::Device device() const = 0;
  /// What libtorch must work on while this device computes, if it is not what it always works on. The calling
  /// thread's kernels are for this device from then on.
  virtual std::optional<c10::Stream> stream() const { return std::nullopt; }
  /// One line for a person.
  virtual std::string describe() const = 0;
  /// Of the device.
  virtual FreeMemory free_memory() const { return {}; }
  /// Gives the device back what libtorch keeps of memory that nobody holds.
  virtual void release_unused() const {}

  /// Starts a clock for what the ops mark as TimedWork.
  virtual std::unique_ptr<WorkClock> make_clock() const { return make_host_clock(); }

  /// Calls of attention so far, forward and backward, by what computed them; of a GPU.
  virtual AttentionCalls attention_calls() const { return {}; }

  /// Has `work` done beside what is asked for later, where a device can: it waits for collectives, and works
  /// on what nobody else touches until the function that comes back has been called, once. Where the device
  /// cannot, that function does it.
  virtual std::function<void()> beside(std::function<void()> work) { return work; }

  /// Returns once all that was asked for is done.
  virtual void synchronize() const {}

  virtual BatchIndices upload(const HostIndices& indices) = 0;

  // Operands of products may be columns of wider matrices.

  /// out[M, N] = x[M, K] * weight[N, K]^T
  virtual void linear(at::Tensor out, const at::Tensor& x, const at::Tensor& weight) = 0;
  /// out[M, N] = residual[M, N] + x[M, K] * weight[N, K]^T; residual may be out
  virtual void linear_add(at::Tensor out, const at::Tensor& residual, const at::Tensor& x,
                          const at::Tensor& weight) = 0;
  /// dx[M, K] = dout[M, N] * weight[N, K]
  virtual void linear_backward_input(at::Tensor dx, const at::Tensor& dout, const at::Tensor& weight) = 0;
  /// dx[M, K] += dout[M, N] * weight[N, K]
  virtual void linear_backward_input_add(at::Tensor dx, const at::Tensor& dout, const at::Tensor& weight) = 0;
  /// gradient[N, K] = dout[M, N]^T * x[M, K], or += that
  virtual void linear_backward_weight(const WeightGradient& gradient, const at::Tensor& dout,
                                      const at::Tensor& x, Arena& arena) = 0;

  /// out[rows, columns] = the matrix in the type of out
  virtual void dequantize(at::Tensor out, const QuantizedMatrix& matrix) = 0;
  /// Of rows x[T, K], see kernels/dropout.h; out may be x
  virtual void dropout(at::Tensor out, const at::Tensor& x, const at::Tensor& keys_T, uint64_t key,
                       double share) = 0;

  virtual void rms_norm_forward(at::Tensor out, at::Tensor rstd, const at::Tensor& x,
                                const at::Tensor& weight, double eps) = 0;
  /// The residual's addition and the norm behind it: sum = residual + x * weight^T, out = norm(sum).
  struct LinearAddNorm {
    at::Tensor sum, out, rstd;
    const at::Tensor &residual, &x, &weight, &norm_weight;
    double eps;
  };
  virtual void linear_add_norm(const LinearAddNorm& op, Arena& arena) = 0;
  /// dx += ...; dweight += ...
  virtual void rms_norm_backward(at::Tensor dx, at::Tensor dweight, const at::Tensor& dout,
                                 const at::Tensor& x, const at::Tensor& rstd, const at::Tensor& weight,
                                 Arena& arena) = 0;

  virtual void rotary(at::Tensor qkv, const BatchIndices& batch, const kernels::RotaryTable& table,
                      kernels::RotaryDirection direction) = 0;
  virtual void attention_forward(at::Tensor out, at::Tensor log_sum_exp, const at::Tensor& qkv,
                                 const BatchIndices& batch) = 0;
  virtual void attention_backward(at::Tensor dqkv, const at::Tensor& dout, const at::Tensor& out,
                                  const at::Tensor& log_sum_exp, const at::Tensor& qkv,
                                  const BatchIndices& batch) = 0;

  virtual void swiglu_forward(at::Tensor out, const at::Tensor& gate_up) = 0;
  /// gate_up becomes its gradient.
  virtual void swiglu_backward(at::Tensor gate_up, const at::Tensor& dout) = 0;

  /// out[i] = table[rows[i]]
  virtual void gather_rows(at::Tensor out, const at::Tensor& table, const at::Tensor& rows) = 0;
  /// out[:, i] = table[:, columns[i]]
  virtual void gather_columns(at::Tensor out, const at::Tensor& table, const at::Tensor& columns) = 0;
  /// table[rows[i]] += x[i]; no row occurs twice
  virtual void add_to_rows(at::Tensor table, const at::Tensor& x, const at::Tensor& rows) = 0;
  /// dtable[token_ids[t]] += dout[t]
  virtual void embedding_backward(at::Tensor dtable, const at::Tensor& dout, const BatchIndices& batch) = 0;

  /// losses[L] of logits[L, V]
  virtual void cross_entropy_forward(at::Tensor losses, const at::Tensor& logits,
                                     const at::Tensor& labels) = 0;
  /// The same; logits become their gradient times scale.
  virtual void cross_entropy_forward_backward(at::Tensor losses, at::Tensor logits, const at::Tensor& labels,
                                              float scale) = 0;
  /// sums[sources[l]] += losses[l], in double
  virtual void add_losses(at::Tensor sums, const at::Tensor& losses, const at::Tensor& sources) = 0;

  /// out = x in out's type
  virtual void cast(at::Tensor out, const at::Tensor& x) = 0;
  /// sum[n] += parts[0, n) + parts[n, 2n) + ..., the parts first, in their order, in float32
  virtual void add_parts(at::Tensor sum, const at::Tensor& parts) = 0;
  /// Of all tensors together, in double, in a fixed order.
  virtual double sum_of_squares(const std::vector<at::Tensor>& tensors) = 0;
  /// One AdamW step of a shard. @param key of the random bits, see kernels::random_key()
  virtual void adamw(const OptimizerShard& shard, const kernels::AdamWStep& step, uint64_t key) = 0;
};

/// The CPU's.
Ops& cpu_ops();

}  // namespace dmt
