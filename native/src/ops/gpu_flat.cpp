// What works on flat buffers of a GPU: conversion, sums over ranks, the gradient's norm, AdamW.
#include <numeric>

#include "ops/gpu_call.h"
#include "ops/gpu_ops.h"

namespace dmt {

at::Tensor GpuOps::empty(at::IntArrayRef sizes, at::ScalarType dtype) const {
  return at::empty(sizes, at::TensorOptions(dtype).device(device_.device));
}

void GpuOps::cast(at::Tensor out, const at::Tensor& x) {
  const TimedWork timed(Work::kElementWise);
  const DmtCast op = {.out = data(out),
                      .x = data(x),
                      .count = x.numel(),
                      .out_dtype = kernel_dtype(out),
                      .x_dtype = kernel_dtype(x)};
  DMT_CALL(cast, op);
}

void GpuOps::add_parts(at::Tensor sum, const at::Tensor& parts) {
  const TimedWork timed(Work::kElementWise);
  const int64_t n = sum.numel();
  if (n == 0) return;
  const DmtAddParts op = {.sum = data(sum),
                          .x = data(parts),
                          .parts = parts.numel() / n,
                          .count = n,
                          .sum_dtype = kernel_dtype(sum),
                          .x_dtype = kernel_dtype(parts)};
  DMT_CALL(add_parts, op);
}

double GpuOps::sum_of_squares(const std::vector<at::Tensor>& tensors) {
  const TimedWork timed(Work::kOptimizer);
  const auto count = static_cast<int64_t>(tensors.size());
  const at::Tensor sums = empty({count}, at::kDouble), workspace = empty({DMT_SUM_WORKSPACE}, at::kDouble);
  sums.zero_();
  for (int64_t i = 0; i < count; ++i) {
    const at::Tensor& tensor = tensors[static_cast<size_t>(i)];
    const DmtSumOfSquares op = {.sum = data_as<double>(sums) + i,
                                .workspace = data_as<double>(workspace),
                                .x = data(tensor),
                                .count = tensor.numel(),
                                .dtype = kernel_dtype(tensor)};
    DMT_CALL(sum_of_squares, op);
  }
  const at::Tensor host = sums.cpu();
  const auto* parts = host.const_data_ptr<double>();
  return std::accumulate(parts, parts + count, 0.0);
}

void GpuOps::adamw(const OptimizerShard& shard, const kernels::AdamWStep& step, uint64_t key) {
  const TimedWork timed(Work::kOptimizer);
  const bool exact = kernel_dtype(shard.weights) == DMT_FLOAT32;
  DmtAdamW op = {};
  op.master = exact ? data_as<float>(shard.weights) : nullptr;
  op.weights = exact ? nullptr : data(shard.weights);
  op.remainder = data_as<uint16_t>(shard.remainder);
  op.first_moment = data(shard.first_moment);
  op.second_moment = data(shard.second_moment);
  op.gradient = data(shard.gradient);
  op.count = shard.weights.numel();
  op.first_index = shard.begin;
  op.random_key = key;
  op.learning_rate = step.learning_rate;
  op.beta1 = step.beta1;
  op.beta2 = step.beta2;
  op.epsilon = step.epsilon;
  op.weight_decay = step.weight_decay;
  op.one_minus_beta1 = step.one_minus_beta1;
  op.one_minus_beta2 = step.one_minus_beta2;
  op.bias_correction1 = step.bias_correction1;
  op.bias_correction2 = step.bias_correction2;
  op.gradient_scale = step.gradient_scale;
  op.master_kind = exact                     ? DMT_MASTER_FLOAT32
                   : op.remainder != nullptr ? DMT_MASTER_SPLIT
                                             : DMT_MASTER_STOCHASTIC;
  op.moment_dtype = kernel_dtype(shard.first_moment);
  op.gradient_dtype = kernel_dtype(shard.gradient);
  DMT_CALL(adamw, op);
}

}  // namespace dmt
