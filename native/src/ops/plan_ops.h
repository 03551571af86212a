#pragma once

#include "ops/ops.h"

namespace dmt {

/// Operations that compute nothing, on tensors without memory: they take from the arena what a device's take,
/// so that a pass through a model says what it would need.
class PlanOps final : public Ops {
 public:
  /// @param device whose operations are meant
  explicit PlanOps(Device device) : is_gpu_(device == Device::kCuda) {}

  at::Device device() const override { return at::kMeta; }
  std::string describe() const override { return "plan"; }
  BatchIndices upload(const HostIndices& indices) override { return cpu_ops().upload(indices); }

  void linear(at::Tensor, const at::Tensor&, const at::Tensor&) override {}
  void linear_add(at::Tensor, const at::Tensor&, const at::Tensor&, const at::Tensor&) override {}
  void linear_backward_input(at::Tensor, const at::Tensor&, const at::Tensor&) override {}
  void linear_backward_input_add(at::Tensor, const at::Tensor&, const at::Tensor&) override {}
  void linear_backward_weight(const WeightGradient& gradient, const at::Tensor& dout, const at::Tensor& x,
                              Arena& arena) override;
  void dequantize(at::Tensor, const QuantizedMatrix&) override {}
  void dropout(at::Tensor, const at::Tensor&, const at::Tensor&, uint64_t, double) override {}
  void rms_norm_forward(at::Tensor, at::Tensor, const at::Tensor&, const at::Tensor&, double) override {}
  void linear_add_norm(const LinearAddNorm& op, Arena& arena) override;
  void rms_norm_backward(at::Tensor dx, at::Tensor dweight, const at::Tensor& dout, const at::Tensor& x,
                         const at::Tensor& rstd, const at::Tensor& weight, Arena& arena) override;
  void rotary(at::Tensor, const BatchIndices&, const kernels::RotaryTable&,
              kernels::RotaryDirection) override {}
  void attention_forward(at::Tensor, at::Tensor, const at::Tensor&, const BatchIndices&) override {}
  void attention_backward(at::Tensor, const at::Tensor&, const at::Tensor&, const at::Tensor&,
                          const at::Tensor&, const BatchIndices&) override {}
  void swiglu_forward(at::Tensor, const at::Tensor&) override {}
  void swiglu_backward(at::Tensor, const at::Tensor&) override {}
  void gather_rows(at::Tensor, const at::Tensor&, const at::Tensor&) override {}
  void gather_columns(at::Tensor, const at::Tensor&, const at::Tensor&) override {}
  void add_to_rows(at::Tensor, const at::Tensor&, const at::Tensor&) override {}
  void embedding_backward(at::Tensor, const at::Tensor&, const BatchIndices&) override {}
  void cross_entropy_forward(at::Tensor, const at::Tensor&, const at::Tensor&) override {}
  void cross_entropy_forward_backward(at::Tensor, at::Tensor, const at::Tensor&, float) override {}
  void add_losses(at::Tensor, const at::Tensor&, const at::Tensor&) override {}
  void cast(at::Tensor, const at::Tensor&) override {}
  void add_parts(at::Tensor, const at::Tensor&) override {}
  double sum_of_squares(const std::vector<at::Tensor>&) override { return 0.0; }
  void adamw(const OptimizerShard&, const kernels::AdamWStep&, uint64_t) override {}

 private:
  bool is_gpu_;
};

}  // namespace dmt
