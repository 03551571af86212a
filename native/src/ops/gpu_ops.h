// The operations of a GPU: products and attention by libtorch (cuBLAS, cuDNN, flash attention), the rest by
// libdmt_cuda.
//
// [Note: one stream] Everything that an engine computes is on one stream of its own, so that neither buffers
// nor weights need events between uses. Collectives run on the streams of their process group, which waits
// for ours at their start, and ours for them where a Transfer is awaited: that is the overlap that
// [Note: prefetch] speaks of. Sums of what other ranks sent are made on a second stream, beside(), so that
// they take memory's time and not the products'. Host and device meet where a number comes back.
//
// [Note: graphs and memory] A captured graph goes on using the workspaces that libtorch had while it was
// captured, which lie in what libtorch keeps of memory that nobody holds. So while there is a graph nothing
// of that is given back on purpose; where libtorch had to, since a device had nothing left, the graph is
// captured anew (memory_given_back()).
#pragma once

#include <functional>
#include <memory>

#include "cuda/kernels.h"
#include "ops/gpu_attention.h"
#include "ops/ops.h"

namespace dmt {

class GpuOps : public Ops {
 public:
  /// @param device where tensors are and attention is computed; with the kernels of a host it is the CPU
  /// @param name of the GPU
  GpuOps(const AttentionDevice& device, const cuda::Kernels& kernels, std::string name);

  ~GpuOps() override;
  GpuOps(const GpuOps&) = delete;
  GpuOps& operator=(const GpuOps&) = delete;

  at::Device device() const override { return device_.device; }
  std::optional<c10::Stream> stream() const override;
  std::string describe() const override;
  FreeMemory free_memory() const override;
  void release_unused() const override;
  std::unique_ptr<WorkClock> make_clock() const override;
  void synchronize() const override;

  BatchIndices upload(const HostIndices& host) override;

  void linear(at::Tensor out, const at::Tensor& x, const at::Tensor& weight) override;
  void linear_add(at::Tensor out, const at::Tensor& residual, const at::Tensor& x,
                  const at::Tensor& weight) override;
  void linear_backward_input(at::Tensor dx, const at::Tensor& dout, const at::Tensor& weight) override;
  void linear_backward_input_add(at::Tensor dx, const at::Tensor& dout, const at::Tensor& weight) override;
  void linear_backward_weight(const WeightGradient& gradient, const at::Tensor& dout, const at::Tensor& x,
                              Arena& arena) override;
  void rms_norm_forward(at::Tensor out, at::Tensor rstd, const at::Tensor& x, const at::Tensor& weight,
                        double eps) override;
  void linear_add_norm(const LinearAddNorm& op, Arena& arena) override;
  void rms_norm_backward(at::Tensor dx, at::Tensor dweight, const at::Tensor& dout, const at::Tensor& x,
                         const at::Tensor& rstd, const at::Tensor& weight, Arena& arena) override;
  void rotary(at::Tensor qkv, const BatchIndices& batch, const kernels::RotaryTable& table,
              kernels::RotaryDirection direction) override;
  void attention_forward(at::Tensor out, at::Tensor log_sum_exp, const at::Tensor& qkv,
                         const BatchIndices& batch) override;
  void attention_backward(at::Tensor dqkv, const at::Tensor& dout, const at::Tensor& out,
                          const at::Tensor& log_sum_exp, const at::Tensor& qkv,
                          const BatchIndices& batch) override;
  void dequantize(at::Tensor out, const QuantizedMatrix& matrix) override;
  void dropout(at::Tensor out, const at::Tensor& x, const at::Tensor& keys_T, uint64_t key,
               double share) override;

  void swiglu_forward(at::Tensor out, const at::Tensor& gate_up) override;
  void swiglu_backward(at::Tensor gate_up, const at::Tensor& dout) override;
  void gather_columns(at::Tensor out, const at::Tensor& table, const at::Tensor& columns) override;
  void gather_rows(at::Tensor out, const at::Tensor& table, const at::Tensor& rows) override;
  void add_to_rows(at::Tensor table, const at::Tensor& x, const at::Tensor& rows) override;
  void embedding_backward(at::Tensor dtable, const at::Tensor& dout, const BatchIndices& batch) override;
  void cross_entropy_forward(at::Tensor losses, const at::Tensor& logits, const at::Tensor& labels) override;
  void cross_entropy_forward_backward(at::Tensor losses, at::Tensor logits, const at::Tensor& labels,
                                      float scale) override;
  void add_losses(at::Tensor sums, const at::Tensor& losses, const at::Tensor& sources) override;
  void cast(at::Tensor out, const at::Tensor& x) override;
  void add_parts(at::Tensor sum, const at::Tensor& parts) override;
  double sum_of_squares(const std::vector<at::Tensor>& tensors) override;
  void adamw(const OptimizerShard& shard, const kernels::AdamWStep& step, uint64_t key) override;

  std::function<void()> beside(std::function<void()> work) override;
  AttentionCalls attention_calls() const override { return attention_calls_; }

  // What decoding needs beyond that, see dmt_cuda.h; in gpu_decoding.cpp.
  void cache_write(const DmtCacheWrite& op);
  void cache_fill(const DmtCacheFill& op);
  void decode_attention(const DmtDecodeAttention& op);
  void sample(const DmtSample& op);
  int64_t decode_workspace(int64_t slots, int32_t heads, int32_t head_dim, int64_t capacity) const {
    return kernels_.decode_workspace(slots, heads, head_dim, capacity);
  }
  /// Brings the device what it lacks of the table, so that rotary() does not.
  void upload_rotary(const kernels::RotaryTable& table);

  /// Whether work can be captured in a graph: not on the host, nor where the environment says
  /// DMT_CUDA_GRAPHS=off.
  virtual bool has_graphs() const;
  /// The work that `launch` asks for, ready to be repeated. It must not allocate memory of the device.
  virtual DmtGraph capture(const std::function<void()>& launch);
  virtual void launch(DmtGraph graph);
  virtual void destroy(DmtGraph graph) noexcept;
  /// How often libtorch has given the device memory back: a graph from before must not be launched any more.
  virtual int64_t memory_given_back() const;

 private:
  /// Rows that are added to others: see cuda/embedding.h.
  struct Runs {
    const at::Tensor &order, &begins, &tokens;
  };
  /// Throws if the launch of an op failed.
  void check(int32_t result, const char* op) const;
  DmtStream take_stream() const;
  at::Tensor empty(at::IntArrayRef sizes, at::ScalarType dtype) const;
  /// The logits become gradients times scale, unless it goes forward only.
  void cross_entropy(const at::Tensor& losses, const at::Tensor& logits, const at::Tensor& labels,
                     float scale, bool forward_only);
  void add_runs(const at::Tensor& table, const at::Tensor& x, const Runs& runs);
  /// 0, 1, 2, ... [at least count + 1], int32
  const at::Tensor& ascending(int64_t count);
  void count_attention(AttentionKind kind);

  AttentionDevice device_;
  cuda::Kernels kernels_;
  std::string name_;
  DmtStream stream_ = nullptr;   // all null on the host
  DmtStream beside_ = nullptr;   // for work beside what the engine computes
  DmtStream current_ = nullptr;  // one of the two: where calls go
  DmtEvent asked_ = nullptr, besides_done_ = nullptr;
  AttentionShapes attention_shapes_;
  AttentionCalls attention_calls_;
  at::Tensor cos_PD_, sin_PD_;              // as many positions of the rotary table as were asked for so far
  std::vector<at::Tensor> earlier_tables_;  // graphs may read them
  at::Tensor ascending_;
};

/// The operations of GPU `index`. Throws EngineError that says what is missing and the remedy.
std::unique_ptr<Ops> open_gpu(int32_t index);

/// For tests: takes the place of what open_gpu() does.
using OpenGpu = std::function<std::unique_ptr<Ops>(int32_t index)>;
void replace_open_gpu(OpenGpu open);

}  // namespace dmt
