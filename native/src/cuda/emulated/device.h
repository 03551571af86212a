/// Runs kernels on the host, see [Note: emulated device]. What a launch does wrong is an error of the launch,
/// as on a GPU: cudaGetLastError() returns it, with a message that names kernel, block, thread and address.
///
/// Always checked: the sizes of grids and blocks, 16-byte accesses, shared memory's size, barriers and
/// shuffles that not all threads reach. What the libraries with checks watch besides is in shadow.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace dmt::emulated {

struct Size3 {
  unsigned x = 1, y = 1, z = 1;
  Size3(unsigned a = 1, unsigned b = 1, unsigned c = 1) : x(a), y(b), z(c) {}
};
struct Index3 {
  unsigned x, y, z;
};

/// Of the thread that is running: one of all, see state.h.
struct Place {
  Index3 thread, block, block_size, grid_size;
};
extern Place place;

struct Stream;
struct Event;
struct Graph;

/// What every thread of a launch does, with the arguments of the launch.
struct Work {
  virtual ~Work() = default;
  virtual void thread() const = 0;
};

/// The whole grid, or, while the stream is captured, its place in the graph.
void run(const char* kernel, Size3 grid, Size3 block, Stream* stream, std::unique_ptr<Work> work);

/// __syncthreads(). The threads of a block must all be at the same one.
void barrier(const char* file, int line);
/// __shfl_xor_sync() of a value's bits.
uint64_t exchange(unsigned mask, uint64_t bits, int lanes);
/// Reports an address that is no multiple.
void report_unaligned(const void* address, size_t bytes, const char* access);
inline void expect_aligned(const void* address, size_t bytes, const char* access) {
  if (reinterpret_cast<uintptr_t>(address) % bytes != 0) [[unlikely]]
    report_unaligned(address, bytes, access);
}
/// Shared memory of the block: the same for all of its threads. @param site which variable it is
void* shared_variable(const void* site, size_t bytes, size_t alignment);

/// The variable of one place in the sources, which TPlace is unique for.
template <typename T, typename TPlace>
T& shared(TPlace) {
  static const char site = 0;
  return *static_cast<T*>(shared_variable(&site, sizeof(T), alignof(T)));
}

/// Which change of broken_kernels.cmake is made: the number of its name.
extern uint64_t chosen_change;
constexpr uint64_t change_number(const char* name) {
  uint64_t number = 1469598103934665603u;  // FNV-1a
  for (; *name != 0; ++name) number = (number ^ static_cast<unsigned char>(*name)) * 1099511628211u;
  return number;
}

template <typename TCall>
struct WorkOf : Work {
  explicit WorkOf(const TCall& made) : call(made) {}
  // Copying arguments is no access of the kernel's own, hence without checks.
  __attribute__((no_sanitize("thread"))) void thread() const override { call(); }
  TCall call;
};

/// What <<<>>> makes of a kernel: its arguments are copied at the launch, and once more for every thread.
template <typename TKernel>
auto launch(const char* name, Size3 grid, Size3 block, Stream* stream, TKernel kernel) {
  return [=](auto... arguments) {
    const auto call = [=]() __attribute__((no_sanitize("thread"))) {
      kernel(arguments...);
    };
    run(name, grid, block, stream, std::make_unique<WorkOf<decltype(call)>>(call));
  };
}

}  // namespace dmt::emulated
