#pragma once

#include <ATen/ATen.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace dmt {

/// Index arrays that travel to the device as one.
class IndexUpload {
 public:
  void add(at::Tensor& place, const int32_t* values, int64_t count) {
    parts_.push_back({&place, static_cast<int64_t>(all_.size()), count});
    all_.insert(all_.end(), values, values + count);
  }
  void add(at::Tensor& place, const std::vector<int32_t>& values) {
    add(place, values.data(), static_cast<int64_t>(values.size()));
  }
  void send(at::Device device) {
    const auto count = static_cast<int64_t>(all_.size());
    at::Tensor host = at::empty({count}, at::TensorOptions(at::kInt).pinned_memory(device.is_cuda()));
    std::copy(all_.begin(), all_.end(), host.mutable_data_ptr<int32_t>());
    // From pinned memory the copy does not stop the host; the allocator keeps the memory until it is done.
    const at::Tensor sent = host.to(device, /*non_blocking=*/true);
    for (const Part& part : parts_) *part.place = sent.narrow(0, part.first, part.count);
  }

 private:
  struct Part {
    at::Tensor* place;
    int64_t first, count;
  };
  std::vector<int32_t> all_;
  std::vector<Part> parts_;
};

}  // namespace dmt
