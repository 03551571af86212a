#include "ops/plan_ops.h"

#include "cuda/rms_norm.h"
#include "ops/typed.h"

namespace dmt {

void PlanOps::linear_backward_weight(const WeightGradient& gradient, const at::Tensor&, const at::Tensor& x,
                                     Arena& arena) {
  if (is_gpu_ || gradient.sum.scalar_type() == x.scalar_type()) return;
  Arena::Scope scope(arena);
  arena.allocate(gradient.sum.sizes(), x.scalar_type());
}

void PlanOps::linear_add_norm(const LinearAddNorm& op, Arena& arena) {
  if (!is_gpu_) return;
  Arena::Scope scope(arena);
  arena.allocate(op.sum.sizes(), op.sum.scalar_type());
}

void PlanOps::rms_norm_backward(at::Tensor, at::Tensor dweight, const at::Tensor&, const at::Tensor& x,
                                const at::Tensor&, const at::Tensor&, Arena& arena) {
  Arena::Scope scope(arena);
  if (is_gpu_) {
    arena.allocate({cuda::norm_strips(x.size(0)) * x.size(1)}, at::kFloat);
  } else if (!is_float(dweight)) {
    arena.allocate(dweight.sizes(), at::kFloat);
  }
}

}  // namespace dmt
