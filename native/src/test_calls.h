/// For tests of the GPU path: how often the host calls the device, counted at the table of kernels and at
/// libtorch's dispatcher.
#pragma once

#include <ATen/record_function.h>

#include <map>
#include <memory>
#include <string>

#include "base/check.h"
#include "test_device.h"

namespace dmt {

/// Calls on this thread while it lives, by name; what is called inside a call is not counted.
class CallCount {
 public:
  CallCount() {
    calls().clear();
    depth() = 0;
    handle_ = at::addThreadLocalCallback(
        at::RecordFunctionCallback(
            [](const at::RecordFunction& call) -> std::unique_ptr<at::ObserverContext> {
              enter(call.name());
              return nullptr;
            },
            [](const at::RecordFunction&, at::ObserverContext*) { --depth(); })
            .scopes({at::RecordScope::FUNCTION}));
  }
  ~CallCount() { at::removeCallback(handle_); }
  CallCount(const CallCount&) = delete;
  CallCount& operator=(const CallCount&) = delete;

  static void enter(const std::string& name) {
    if (depth()++ == 0) ++calls()[name];
  }
  static void leave() { --depth(); }
  static int64_t of(const std::string& name) { return calls()[name]; }
  static int64_t all() {
    int64_t sum = 0;
    for (const auto& [name, count] : calls()) sum += count;
    return sum;
  }
  static std::string text() {
    std::string text;
    for (const auto& [name, count] : calls()) text += concat(text.empty() ? "" : ", ", name, " ", count);
    return text;
  }

 private:
  static std::map<std::string, int64_t>& calls() {
    thread_local std::map<std::string, int64_t> calls;
    return calls;
  }
  static int& depth() {
    thread_local int depth = 0;
    return depth;
  }
  at::CallbackHandle handle_;
};

/// Counts as one call, with all that it calls.
struct CountedCall {
  explicit CountedCall(const std::string& name) { CallCount::enter(name); }
  ~CountedCall() { CallCount::leave(); }
};

inline cuda::Kernels counted_kernels() {
  static const cuda::Kernels uncounted = host_kernels();
  cuda::Kernels kernels = uncounted;
#define DMT_CUDA_OP(name, Op)                                    \
  kernels.name = [](const Op* op, DmtStream stream) -> int32_t { \
    const CountedCall call(#name);                               \
    return uncounted.name(op, stream);                           \
  };
  DMT_CUDA_OPS(DMT_CUDA_OP)
#undef DMT_CUDA_OP
  return kernels;
}

}  // namespace dmt
