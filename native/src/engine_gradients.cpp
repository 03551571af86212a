#include <algorithm>

#include "base/check.h"
#include "dmt/engine.h"
#include "engine_impl.h"

namespace dmt {
namespace {

/// Elements that are float64 at once.
constexpr int64_t kPart = 1 << 22;

/// In double, part by part in their order. Of any device and type.
double inner_product(const at::Tensor& one, const at::Tensor& other) {
  double sum = 0.0;
  for (int64_t first = 0; first < one.numel(); first += kPart) {
    const int64_t count = std::min(kPart, one.numel() - first);
    const auto part = [&](const at::Tensor& x) { return x.narrow(0, first, count).to(at::kDouble); };
    sum += part(one).mul_(part(other)).sum().item<double>();
  }
  return sum;
}

}  // namespace

struct GradientSet::Impl {
  explicit Impl(Engine::Impl& e) : engine(e) {}

  Engine::Impl& engine;
  std::vector<std::vector<at::Tensor>> kept;  // this rank's slices, by unit
};

GradientSet::GradientSet(Engine& engine) {
  Engine::Impl& e = *engine.impl_;
  DMT_CHECK(e.config.trainable, "this engine was opened for inference: it has no gradients to compare");
  DMT_CHECK(e.totals.tokens == 0, "gradients are compared within a step: ", e.totals.tokens,
            " tokens were accumulated; apply must come first");
  DMT_CHECK(!e.has_gradient_set, "gradients are being compared already");
  impl_ = std::make_unique<Impl>(e);
  e.has_gradient_set = true;
}

GradientSet::~GradientSet() {
  Engine::Impl& e = impl_->engine;
  const ComputeScope scope(*e.ops, e.config.threads);
  for (ShardedUnit& unit : e.llama.trained()) unit.drop_gradients();
  e.totals.clear();
  e.kept_gradient_bytes = 0;
  e.has_gradient_set = false;
}

int32_t GradientSet::keep() {
  Engine::Impl& e = impl_->engine;
  const ComputeScope scope(*e.ops, e.config.threads);
  e.guard([&] {
    e.complete_step("a gradient to compare");
    std::vector<at::Tensor> slices;
    for (ShardedUnit& unit : e.llama.trained()) {
      unit.finish_gradients();
      slices.push_back(unit.optimizer_shard().gradient.clone());
    }
    for (const at::Tensor& slice : slices)
      e.kept_gradient_bytes += slice.numel() * static_cast<int64_t>(slice.element_size());
    impl_->kept.push_back(std::move(slices));
    for (ShardedUnit& unit : e.llama.trained()) unit.zero_gradients();
    e.totals.clear();
  });
  return static_cast<int32_t>(impl_->kept.size()) - 1;
}

void GradientSet::products(int32_t one, int32_t other, double* products) const {
  const auto count = static_cast<int32_t>(impl_->kept.size());
  for (const int32_t number : {one, other})
    DMT_CHECK(number >= 0 && number < count, "gradient ", number, " does not exist, ", count, " were kept");
  Engine::Impl& e = impl_->engine;
  const ComputeScope scope(*e.ops, e.config.threads);
  e.guard([&] {
    std::vector<ShardedUnit>& units = e.llama.trained();
    const std::vector<TensorLocation> tensors = tensors_of(units);
    for (size_t t = 0; t < tensors.size(); ++t) {
      const auto [unit, parameter] = tensors[t];
      const at::Tensor& a = impl_->kept[static_cast<size_t>(one)][unit];
      const at::Tensor& b = impl_->kept[static_cast<size_t>(other)][unit];
      const int64_t begin = units[unit].optimizer_shard().begin;
      const int64_t first = std::clamp<int64_t>(parameter->offset - begin, 0, a.numel());
      const int64_t end =
          std::clamp<int64_t>(parameter->offset + parameter->elements() - begin, 0, a.numel());
      products[t] = inner_product(a.narrow(0, first, end - first), b.narrow(0, first, end - first));
    }
    // Replicas hold the same gradients.
    e.grid.shard_axis().all_reduce(products, static_cast<int64_t>(tensors.size()), "products of gradients");
  });
}

}  // namespace dmt
