#include "dist/gradient_buffers.h"

#include "base/check.h"

namespace dmt {

GradientBuffers::GradientBuffers(Sizes sizes, DTypes dtypes, at::Device device, Ops& ops)
    : ops_(ops), wire_dtype_(dtypes.sum == at::kFloat ? dtypes.wire : dtypes.sum) {
  const bool rounds = wire_dtype_ != dtypes.sum;
  const auto make = [&](int64_t elements, at::ScalarType dtype) {
    return at::empty({elements}, at::TensorOptions(dtype).device(device));
  };
  whole_[0] = make(sizes.whole, dtypes.sum);
  whole_[1] = make(rounds ? 0 : sizes.whole, dtypes.sum);
  wire_ = make(rounds ? sizes.wire : 0, wire_dtype_);
  scratch_ = make(sizes.arrives, wire_dtype_);
}

at::Tensor GradientBuffers::open(int64_t elements) {
  DMT_CHECK(!open_.defined(), "the gradients of one unit are added up at a time");
  open_ = whole_[turn_].narrow(0, 0, elements);
  return open_;
}

void GradientBuffers::reduce(Collectives& axis, at::Tensor shard, const std::string& what) {
  DMT_CHECK(open_.defined(), "no gradients of ", what, " have been added up");
  under_way_.wait();  // it reads the wire's buffer and writes to the scratch
  const at::Tensor wire = on_wire(open_);
  under_way_ = axis.reduce_scatter(std::move(shard), wire, scratch_, SumInto::kAdd, what);
  open_ = at::Tensor();
  if (whole_[1].numel() > 0) turn_ = 1 - turn_;
}

void GradientBuffers::reduce_now(Collectives& axis, at::Tensor sum, at::Tensor whole,
                                 const std::string& what) {
  under_way_.wait();
  const at::Tensor wire = on_wire(whole);
  axis.reduce_scatter(std::move(sum), wire, scratch_, SumInto::kReplace, what).wait();
}

void GradientBuffers::all_reduce(Collectives& axis, at::Tensor values, const std::string& what) {
  if (axis.world_size() == 1) return;
  const int64_t n = values.numel() / axis.world_size();
  const at::Tensor own = values.narrow(0, axis.rank() * n, n);
  reduce_now(axis, own, values, what);
  axis.all_gather(values, own, what).wait();
}

at::Tensor GradientBuffers::on_wire(const at::Tensor& whole) {
  if (whole.scalar_type() == wire_dtype_) return whole;
  at::Tensor wire = wire_.narrow(0, 0, whole.numel());
  ops_.cast(wire, whole);
  return wire;
}

int64_t GradientBuffers::bytes() const {
  int64_t bytes = 0;
  for (const at::Tensor& buffer : {whole_[0], whole_[1], wire_, scratch_})
    bytes += buffer.numel() * static_cast<int64_t>(buffer.element_size());
  return bytes;
}

}  // namespace dmt
