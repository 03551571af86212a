#include "dist/sharded_unit.h"

#include "base/check.h"
#include "kernels/flat.h"

namespace dmt {
namespace {

int64_t bytes_of(const at::Tensor& tensor) {
  return tensor.defined() ? tensor.numel() * static_cast<int64_t>(tensor.element_size()) : 0;
}

}  // namespace

int64_t ParameterSpec::elements() const {
  int64_t count = 1;
  for (const int64_t size : shape) count *= size;
  return count;
}

void UnitLayout::add(std::string name, std::vector<int64_t> shape) {
  parameters.push_back({std::move(name), std::move(shape), elements});
  elements += parameters.back().elements();
}

ShardedUnit::ShardedUnit(UnitLayout layout, at::ScalarType compute_dtype, bool trainable,
                         Collectives& collectives)
    : layout_(std::move(layout)), collectives_(collectives) {
  // The sharding issue brings slices; until then a larger world must not train unsharded in silence.
  DMT_CHECK(collectives.world_size() == 1, "world size is ", collectives.world_size(),
            ", this engine computes on one rank only");
  const int64_t world = collectives.world_size();
  padded_ = (layout_.elements + world - 1) / world * world;
  const int64_t slice = padded_ / world;
  weights_ = at::empty({slice}, compute_dtype);
  if (!trainable) return;
  if (compute_dtype != at::kFloat) master_ = at::empty({slice}, at::kFloat);
  gradients_ = at::zeros({padded_}, at::kFloat);
  first_moment_ = at::zeros({slice}, at::kFloat);
  second_moment_ = at::zeros({slice}, at::kFloat);
}

const at::Tensor& ShardedUnit::unshard() {
  return weights_;
}

void ShardedUnit::reshard() {}

void ShardedUnit::reduce_scatter_gradients() {
  collectives_.reduce_scatter(gradients_, gradients_);
}

void ShardedUnit::zero_gradients() {
  gradients_.zero_();
}

void ShardedUnit::zero_moments() {
  first_moment_.zero_();
  second_moment_.zero_();
}

OptimizerShard ShardedUnit::optimizer_shard() {
  const bool rounded = master_.defined();
  return {(rounded ? master_ : weights_).data_ptr<float>(),
          rounded ? weights_.mutable_data_ptr() : nullptr,
          gradients_.data_ptr<float>(),
          first_moment_.data_ptr<float>(),
          second_moment_.data_ptr<float>(),
          layout_.elements};
}

void ShardedUnit::initialise(const std::function<void(int64_t, int64_t, float*)>& fill) {
  if (weights_.scalar_type() == at::kFloat) {
    fill(0, layout_.elements, weights_.data_ptr<float>());
    return;
  }
  if (master_.defined()) {
    fill(0, layout_.elements, master_.data_ptr<float>());
    round_weights();
    return;
  }
  // Without a master copy the float32 values exist in parts only.
  constexpr int64_t kPart = 1 << 22;
  std::vector<float> part(static_cast<size_t>(std::min(kPart, layout_.elements)));
  auto* out = static_cast<kernels::Bf16*>(weights_.mutable_data_ptr());
  for (int64_t first = 0; first < layout_.elements; first += kPart) {
    const int64_t count = std::min(kPart, layout_.elements - first);
    fill(first, count, part.data());
    kernels::cast(out + first, part.data(), count);
  }
}

void ShardedUnit::round_weights() {
  kernels::cast(static_cast<kernels::Bf16*>(weights_.mutable_data_ptr()), master_.data_ptr<float>(),
                layout_.elements);
}

void ShardedUnit::read_weights(int64_t first, int64_t count, float* out) const {
  const at::Tensor& source = master_.defined() ? master_ : weights_;
  if (source.scalar_type() == at::kFloat) {
    std::copy_n(source.const_data_ptr<float>() + first, count, out);
  } else {
    kernels::cast(out, static_cast<const kernels::Bf16*>(source.const_data_ptr()) + first, count);
  }
}

int64_t ShardedUnit::weight_bytes() const {
  return bytes_of(weights_);
}
int64_t ShardedUnit::master_bytes() const {
  return bytes_of(master_);
}
int64_t ShardedUnit::gradient_bytes() const {
  return bytes_of(gradients_);
}
int64_t ShardedUnit::optimizer_bytes() const {
  return bytes_of(first_moment_) + bytes_of(second_moment_);
}

}  // namespace dmt
