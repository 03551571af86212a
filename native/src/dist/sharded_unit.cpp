#include "dist/sharded_unit.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "kernels/flat.h"
#include "ops/typed.h"

namespace dmt {
namespace {

int64_t held_bytes(const at::Tensor& tensor) {
  return tensor.defined() ? tensor.numel() * static_cast<int64_t>(tensor.element_size()) : 0;
}

/// Float32 values on the CPU as bfloat16 and what that lacks.
std::pair<at::Tensor, at::Tensor> split(const at::Tensor& values) {
  at::Tensor high = at::empty(values.sizes(), at::kBFloat16), low = at::empty(values.sizes(), at::kShort);
  kernels::split(out<kernels::Bf16>(high), out<uint16_t>(low), in<float>(values), values.numel());
  return {high, low};
}

}  // namespace

at::Tensor join(const at::Tensor& weights, const at::Tensor& remainder) {
  at::Tensor joined = at::empty(weights.sizes(), at::kFloat);
  kernels::join(out<float>(joined), in<kernels::Bf16>(weights), in<uint16_t>(remainder), weights.numel());
  return joined;
}

ShardedUnit::ShardedUnit(int index, UnitLayout layout, const UnitOptions& options, RankGrid& grid,
                         UnitBuffers& buffers)
    : index_(index),
      layout_(std::move(layout)),
      options_(options),
      spec_(layout_.elements, grid, layout_.tail),
      grid_(grid),
      buffers_(buffers),
      state_(is_whole() ? UnitState::kUnsharded : UnitState::kSharded) {
  // A slice that is the whole needs no other place.
  if (is_whole()) options_.weights = WeightPlacement::kStaying;
  if (is_whole()) options_.gradients = GradientPlacement::kStaying;
  if (options_.weights == WeightPlacement::kStaying) {
    whole_ = at::empty({spec_.padded}, at::TensorOptions(options_.compute_dtype).device(options_.device));
    weights_ = slice_of(whole_);
  } else {
    weights_ = at::empty({spec_.slice}, at::TensorOptions(options_.compute_dtype).device(options_.device));
  }
  if (!options_.trainable) return;
  if (options_.compute_dtype != at::kFloat && options_.state_dtype == at::kFloat)
    remainder_ = zeros(spec_.slice, at::kShort);
  if (options_.gradients == GradientPlacement::kStaying) {
    whole_gradients_ =
        at::empty({spec_.padded}, at::TensorOptions(options_.gradient_dtype).device(options_.device));
    unwritten_ = true;
    gradients_ = slice_of(whole_gradients_);
  } else {
    gradients_ = zeros(spec_.slice, options_.gradient_dtype);
  }
  first_moment_ = zeros(spec_.slice, options_.state_dtype);
  second_moment_ = zeros(spec_.slice, options_.state_dtype);
}

at::Tensor ShardedUnit::zeros(int64_t elements, at::ScalarType dtype) const {
  return at::zeros({elements}, at::TensorOptions(dtype).device(options_.device));
}

at::Tensor ShardedUnit::slice_of(const at::Tensor& whole) const {
  return whole.narrow(0, grid_.shard_axis().rank() * spec_.slice, spec_.slice);
}

void ShardedUnit::prefetch() {
  if (state_ != UnitState::kSharded) return;
  bool current = false;
  if (options_.weights == WeightPlacement::kRotating) {
    const GatherBuffers::Lease lease = buffers_.weights.take(index_, spec_.padded, options_.compute_dtype);
    whole_ = lease.whole;
    current = lease.current;
  }
  if (current) {
    state_ = UnitState::kUnsharded;
    return;
  }
  gather_ = grid_.shard_axis().all_gather(whole_, weights_, layout_.name);
  state_ = UnitState::kGathering;
}

const at::Tensor& ShardedUnit::unshard() {
  prefetch();
  gather_.wait();
  state_ = UnitState::kUnsharded;
  return whole_;
}

void ShardedUnit::reshard() {
  if (options_.weights == WeightPlacement::kStaying) return;
  DMT_CHECK(state_ == UnitState::kUnsharded, layout_.name, " is freed, but was not gathered");
  buffers_.weights.give_back(index_);
  whole_ = at::Tensor();
  state_ = UnitState::kSharded;
}

void ShardedUnit::weights_changed() {
  gather_.wait();
  if (is_whole()) return;
  if (options_.weights == WeightPlacement::kRotating) {
    if (state_ != UnitState::kSharded) buffers_.weights.give_back(index_);
    buffers_.weights.forget(index_);
    whole_ = at::Tensor();
  }
  state_ = UnitState::kSharded;
  if (options_.weights == WeightPlacement::kStaying) prefetch();
}

at::Tensor& ShardedUnit::open_gradients() {
  if (!whole_gradients_.defined()) {
    whole_gradients_ = buffers_.gradients.open(spec_.padded);
    unwritten_ = true;
  }
  return whole_gradients_;
}

void ShardedUnit::zero_if_unwritten() {
  if (!std::exchange(unwritten_, false)) return;
  const TimedWork timed(Work::kElementWise);
  whole_gradients_.zero_();
}

at::Tensor ShardedUnit::gradients() {
  open_gradients();
  zero_if_unwritten();
  return whole_gradients_;
}

WeightGradient ShardedUnit::gradients_to_write() {
  open_gradients();
  if (!std::exchange(unwritten_, false)) return {whole_gradients_, SumInto::kAdd};
  const TimedWork timed(Work::kElementWise);
  for (const ParameterSpec& parameter : layout_.parameters) {
    if (parameter.shape.size() == 1)
      whole_gradients_.narrow(0, parameter.offset, parameter.elements()).zero_();
  }
  if (spec_.padded > spec_.elements)
    whole_gradients_.narrow(0, spec_.elements, spec_.padded - spec_.elements).zero_();
  return {whole_gradients_, SumInto::kReplace};
}

void ShardedUnit::reduce_gradients() {
  if (options_.gradients == GradientPlacement::kStaying) return;
  gradients();  // a rank without tokens has added nothing, and takes part all the same
  whole_gradients_ = at::Tensor();
  buffers_.gradients.reduce(grid_.reduce_axis(), gradients_, layout_.name);
}

void ShardedUnit::finish_gradients() {
  buffers_.gradients.wait();
  if (options_.gradients == GradientPlacement::kStaying) {
    zero_if_unwritten();
    if (!is_whole())
      buffers_.gradients.reduce_now(grid_.reduce_axis(), gradients_, whole_gradients_, layout_.name);
  }
  buffers_.gradients.all_reduce(grid_.replica_axis(), gradients_, layout_.name);
}

void ShardedUnit::zero_gradients() {
  if (options_.gradients == GradientPlacement::kStaying) {
    unwritten_ = true;
  } else {
    gradients_.zero_();
  }
}

void ShardedUnit::drop_gradients() {
  buffers_.gradients.wait();
  zero_gradients();
}

void ShardedUnit::zero_moments() {
  first_moment_.zero_();
  second_moment_.zero_();
}

OptimizerShard ShardedUnit::optimizer_shard() {
  const auto own = [&](const at::Tensor& slice) {
    return slice.defined() ? slice.narrow(0, 0, spec_.owned) : slice;
  };
  return {own(weights_),      own(remainder_),     own(gradients_),
          own(first_moment_), own(second_moment_), spec_.begin};
}

StateShard ShardedUnit::state_shard() {
  // Replicas own the same slice: each saves a part of it.
  const int64_t replicas = grid_.replicas();
  const int64_t replica = grid_.replica_axis().rank();
  const int64_t first = spec_.owned * replica / replicas;
  const int64_t count = spec_.owned * (replica + 1) / replicas - first;
  const auto part = [&](const at::Tensor& slice) {
    return slice.defined() ? slice.narrow(0, first, count) : slice;
  };
  return {spec_.begin + first, part(weights_), part(remainder_), part(first_moment_), part(second_moment_)};
}

void ShardedUnit::for_each_part(const Fill& fill, const std::function<void(int64_t, at::Tensor)>& f) const {
  constexpr int64_t kPart = 1 << 22;
  const at::Tensor values = at::empty({std::min(kPart, spec_.owned)}, at::kFloat);
  for (int64_t first = 0; first < spec_.owned; first += kPart) {
    const int64_t count = std::min(kPart, spec_.owned - first);
    fill(spec_.begin + first, count, values.mutable_data_ptr<float>());
    f(first, values.narrow(0, 0, count));
  }
}

void ShardedUnit::fill_slice(const at::Tensor& slice, const Fill& fill) const {
  if (is_float(slice) && slice.is_cpu()) {
    fill(spec_.begin, spec_.owned, slice.mutable_data_ptr<float>());
    return;
  }
  for_each_part(fill, [&](int64_t first, const at::Tensor& values) {
    slice.narrow(0, first, values.numel()).copy_(values);
  });
}

void ShardedUnit::initialise(const Fill& fill) {
  weights_.narrow(0, spec_.owned, spec_.slice - spec_.owned).zero_();
  if (remainder_.defined()) {
    for_each_part(fill, [&](int64_t first, const at::Tensor& values) {
      const auto [high, low] = split(values);
      weights_.narrow(0, first, values.numel()).copy_(high);
      remainder_.narrow(0, first, values.numel()).copy_(low);
    });
  } else {
    fill_slice(weights_, fill);
  }
  weights_changed();
}

void ShardedUnit::initialise_bytes(const std::vector<uint8_t>& whole) {
  DMT_CHECK(static_cast<int64_t>(whole.size()) == spec_.elements, layout_.name, " has ", spec_.elements,
            " bytes, ", whole.size(), " were given");
  at::Tensor owned = at::empty({0}, at::kByte);
  if (spec_.owned > 0)  // read only
    owned = at::from_blob(const_cast<uint8_t*>(whole.data()) + spec_.begin, {spec_.owned}, at::kByte);
  weights_.narrow(0, 0, spec_.owned).copy_(owned);
  weights_.narrow(0, spec_.owned, spec_.slice - spec_.owned).zero_();
  weights_changed();
}

void ShardedUnit::initialise_moments(const Fill& fill_first, const Fill& fill_second) {
  fill_slice(first_moment_, fill_first);
  fill_slice(second_moment_, fill_second);
}

at::Tensor ShardedUnit::gather_float32() const {
  const at::Tensor weights = gather_whole(weights_);
  if (!remainder_.defined()) return weights.to(at::kFloat);
  return join(weights, gather_whole(remainder_));
}

at::Tensor ShardedUnit::gather_whole(const at::Tensor& slice) const {
  if (is_whole()) return slice.cpu();
  const at::Tensor whole = zeros(spec_.padded, slice.scalar_type());
  grid_.shard_axis().all_gather(whole, slice, layout_.name).wait();
  return whole.cpu();
}

at::Tensor ShardedUnit::gather_gradients() {
  buffers_.gradients.wait();
  if (options_.gradients == GradientPlacement::kStaying) zero_if_unwritten();
  at::Tensor slice = gradients_;
  if (options_.gradients == GradientPlacement::kStaying && !is_whole()) {
    slice = zeros(spec_.slice, options_.gradient_dtype);
    buffers_.gradients.reduce_now(grid_.reduce_axis(), slice, whole_gradients_, layout_.name);
  } else if (grid_.replicas() > 1) {
    slice = gradients_.clone();
  }
  buffers_.gradients.all_reduce(grid_.replica_axis(), slice, layout_.name);
  return gather_whole(slice).to(at::kFloat);
}

int64_t ShardedUnit::weight_bytes() const {
  return held_bytes(options_.weights == WeightPlacement::kStaying ? whole_ : weights_);
}
int64_t ShardedUnit::master_bytes() const {
  return held_bytes(remainder_);
}
int64_t ShardedUnit::gradient_bytes() const {
  return held_bytes(options_.gradients == GradientPlacement::kStaying ? whole_gradients_ : gradients_);
}
int64_t ShardedUnit::optimizer_bytes() const {
  return held_bytes(first_moment_) + held_bytes(second_moment_);
}

}  // namespace dmt
