#include "cuda/emulated/device.h"

#include <cuda_runtime_api.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <vector>

#include "cuda/emulated/fiber.h"
#include "cuda/emulated/interface.h"
#include "cuda/emulated/state.h"
#include "cuda/emulated/streams.h"

namespace dmt::emulated {

Place place = {};
Running running = {};
uint64_t chosen_change = 0;

namespace {

constexpr unsigned kMostThreads = 1024, kWarp = 32;
constexpr size_t kMostShared = 48 * 1024;  // of a block, without asking for more

std::atomic<int64_t> launches = 0, blocks = 0, threads = 0;
std::mutex device_mutex;  // of a launch

enum class Wait { kNothing, kBarrier, kShuffle, kEnded };

struct Lane {
  Fiber* fiber;
  Wait wait;
};

/// What the threads of a warp exchange. Two places in turn: who writes the next but one value has seen all
/// threads read the last.
struct Warp {
  uint64_t values[2][kWarp];
  int turn, arrived;
};

struct SharedVariable {
  const void* site;
  size_t at;
};

/// Runs blocks on one thread of the host.
class Machine {
 public:
  Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  /// Makes this the one whose threads run.
  void begin();
  /// @return whether all threads came to their end
  bool run_block(const Work& work);
  void barrier(const char* file, int line);
  uint64_t exchange(uint64_t bits, int lanes);
  void* shared_variable(const void* site, size_t bytes, size_t alignment);

 private:
  static void fiber_entry();
  [[noreturn]] void run_threads();
  void end_thread();
  void wait(Wait what);
  void leave();
  void open_barrier();
  void release(Wait what, unsigned begin, unsigned end);
  void enter(int32_t lane);
  void report_stuck();

  // Threads run on fibers, one after the other on the same one as long as none of them has to wait.
  Fibers fibers_;
  const Work* work_ = nullptr;
  unsigned count_ = 0, started_ = 0, alive_ = 0, at_barrier_ = 0;
  const char* barrier_file_ = "";
  int barrier_line_ = 0;
  Lane lanes_[kMostThreads];
  Warp warps_[kMostThreads / kWarp];
  // Threads that can go on, in a ring.
  int32_t ready_[kMostThreads];
  unsigned ready_begin_ = 0, ready_count_ = 0;

  std::unique_ptr<char, decltype(&std::free)> shared_;
  std::vector<SharedVariable> variables_;
  size_t shared_used_ = 0;
};

Machine* machine = nullptr;

Machine::Machine()
    : fibers_(kMostThreads, &Machine::fiber_entry),
      shared_(static_cast<char*>(std::aligned_alloc(4096, kMostShared)), &std::free) {
  if (shared_ == nullptr) std::abort();
}

void Machine::begin() {
  machine = this;
  running.stacks = fibers_.begin();
  running.stacks_end = fibers_.end();
  running.shared = shared_.get();
}

void Machine::fiber_entry() {
  machine->fibers_.entered();
  machine->run_threads();
}

inline void Machine::enter(int32_t lane) {
  running.thread = lane;
  const auto thread = static_cast<unsigned>(lane);
  const Index3& size = place.block_size;
  if (thread < size.x) {
    place.thread = {thread, 0, 0};
    return;
  }
  place.thread = {thread % size.x, thread / size.x % size.y, thread / size.x / size.y};
}

void Machine::run_threads() {
  for (;;) {
    while (started_ < count_ && ready_count_ == 0) {
      const auto lane = static_cast<int32_t>(started_++);
      lanes_[lane] = {&fibers_.running(), Wait::kNothing};
      enter(lane);
      work_->thread();
      end_thread();
    }
    fibers_.rest();
    leave();
  }
}

void Machine::end_thread() {
  lanes_[running.thread].wait = Wait::kEnded;
  --alive_;
  if (at_barrier_ > 0 && at_barrier_ == alive_) open_barrier();
}

/// Goes on with a thread that can, or with the next that was not begun; with the host where there is none.
inline void Machine::leave() {
  if (ready_count_ > 0) {
    const int32_t lane = ready_[ready_begin_];
    ready_begin_ = (ready_begin_ + 1) % kMostThreads;
    --ready_count_;
    fibers_.go_to(*lanes_[lane].fiber);
  } else if (started_ < count_) {
    fibers_.go_to(fibers_.take());
  } else {
    fibers_.go_to(fibers_.host());
  }
}

inline void Machine::wait(Wait what) {
  const int32_t lane = running.thread;
  lanes_[lane].wait = what;
  leave();
  enter(lane);
}

void Machine::release(Wait what, unsigned begin, unsigned end) {
  for (unsigned lane = begin; lane < end; ++lane) {
    if (lanes_[lane].wait != what) continue;
    lanes_[lane].wait = Wait::kNothing;
    ready_[(ready_begin_ + ready_count_++) % kMostThreads] = static_cast<int32_t>(lane);
  }
}

void Machine::open_barrier() {
  at_barrier_ = 0;
  ++running.epoch;
  release(Wait::kBarrier, 0, started_);
}

void Machine::barrier(const char* file, int line) {
  if (at_barrier_ == 0) {
    barrier_file_ = file;
    barrier_line_ = line;
  } else if (line != barrier_line_ || (file != barrier_file_ && std::strcmp(file, barrier_file_) != 0)) {
    report("waits at the barrier of line " + std::to_string(line) + ", others at that of line " +
           std::to_string(barrier_line_));
  }
  if (++at_barrier_ == alive_) {
    open_barrier();
  } else {
    wait(Wait::kBarrier);
  }
}

uint64_t Machine::exchange(uint64_t bits, int lanes) {
  const auto lane = static_cast<unsigned>(running.thread);
  const unsigned first = lane / kWarp * kWarp, own = lane % kWarp, other = own ^ static_cast<unsigned>(lanes);
  if (first + kWarp > count_ || other >= kWarp) {
    report("shuffles with a thread that its warp does not have");
    return bits;
  }
  Warp& warp = warps_[lane / kWarp];
  const int turn = warp.turn;
  warp.values[turn][own] = bits;
  if (++warp.arrived == static_cast<int>(kWarp)) {
    warp.arrived = 0;
    warp.turn ^= 1;
    release(Wait::kShuffle, first, first + kWarp);
  } else {
    wait(Wait::kShuffle);
  }
  return warp.values[turn][other];
}

void* Machine::shared_variable(const void* site, size_t bytes, size_t alignment) {
  for (const SharedVariable& variable : variables_) {
    if (variable.site == site) return shared_.get() + variable.at;
  }
  const size_t at = (shared_used_ + alignment - 1) / alignment * alignment;
  if (at + bytes > kMostShared) {
    report("needs " + std::to_string(at + bytes) + " bytes of shared memory, a block has " +
           std::to_string(kMostShared));
    std::fprintf(stderr, "emulated device: %s\n", cudaGetErrorString(cudaErrorLaunchFailure));
    std::abort();  // there is nothing to go on with
  }
  variables_.push_back({site, at});
  shared_used_ = at + bytes;
  running.shared_bytes = shared_used_;
  std::memset(shared_.get() + at, 0xFF, bytes);  // NaN
  return shared_.get() + at;
}

void Machine::report_stuck() {
  int32_t stuck = -1, other = -1;
  for (unsigned lane = 0; lane < count_; ++lane) {
    if (lanes_[lane].wait == Wait::kShuffle && stuck < 0) stuck = static_cast<int32_t>(lane);
  }
  for (unsigned lane = 0; lane < count_; ++lane) {
    if (lanes_[lane].wait != Wait::kShuffle &&
        (stuck < 0 || lane / kWarp == static_cast<unsigned>(stuck) / kWarp)) {
      other = static_cast<int32_t>(lane);
    }
  }
  enter(stuck < 0 ? 0 : stuck);
  const bool ended = other >= 0 && lanes_[other].wait == Wait::kEnded;
  report("waits at a shuffle for " + thread_name(other) +
         (ended ? ", which has come to its end" : ", which waits at a barrier"));
}

bool Machine::run_block(const Work& work) {
  const Index3& size = place.block_size;
  work_ = &work;
  count_ = alive_ = size.x * size.y * size.z;
  started_ = at_barrier_ = 0;
  ready_begin_ = ready_count_ = 0;
  for (unsigned warp = 0; warp * kWarp < count_; ++warp) warps_[warp].arrived = warps_[warp].turn = 0;
  variables_.clear();
  shared_used_ = running.shared_bytes = 0;
  running.epoch = 0;
  running.in_kernel = true;
  fibers_.go_to(fibers_.take());
  running.in_kernel = false;
  if (alive_ == 0) return true;
  report_stuck();
  fibers_.restart();  // threads that wait for ever are forgotten
  return false;
}

/// Null if the device can take it.
const char* wrong_size(const Size3& grid, const Size3& block) {
  constexpr unsigned kMostX = 0x7FFFFFFF, kMostYZ = 65535;
  if (grid.x == 0 || grid.y == 0 || grid.z == 0) return "an empty grid";
  if (block.x == 0 || block.y == 0 || block.z == 0) return "an empty block";
  if (grid.x > kMostX || grid.y > kMostYZ || grid.z > kMostYZ) return "a grid above the device's limits";
  if (block.z > 64 || uint64_t{block.x} * block.y * block.z > kMostThreads)
    return "a block above 1024 threads";
  return nullptr;
}

Index3 index_of(const Size3& size) {
  return {size.x, size.y, size.z};
}

}  // namespace

void run_now(const Launch& launch) {
  // Fibers stay with the thread of the host that they began on; only it knows their stacks.
  static thread_local Machine here;
  const std::lock_guard lock(device_mutex);
  here.begin();
  const auto& [kernel, grid, block, work] = launch;
  running.kernel = kernel;
  if (const char* wrong = wrong_size(grid, block)) {
    fail(cudaErrorInvalidConfiguration, std::string(kernel) + ": " + wrong);
    return;
  }
  running.launch = static_cast<uint32_t>(++launches);
  running.block = 0;
  place.grid_size = index_of(grid);
  place.block_size = index_of(block);
  for (unsigned z = 0; z < grid.z; ++z) {
    for (unsigned y = 0; y < grid.y; ++y) {
      for (unsigned x = 0; x < grid.x; ++x) {
        place.block = {x, y, z};
        running.block_serial = static_cast<uint32_t>(++blocks);
        if (!here.run_block(*work)) return;
        ++running.block;
      }
    }
  }
  threads += int64_t{grid.x} * grid.y * grid.z * block.x * block.y * block.z;
}

void barrier(const char* file, int line) {
  machine->barrier(file, line);
}

uint64_t exchange(unsigned mask, uint64_t bits, int lanes) {
  if (mask != 0xFFFFFFFFu) report("shuffles with a mask that is not the whole warp");
  return machine->exchange(bits, lanes);
}

void* shared_variable(const void* site, size_t bytes, size_t alignment) {
  return machine->shared_variable(site, bytes, alignment);
}

void report_unaligned(const void* address, size_t bytes, const char* access) {
  char text[128];
  std::snprintf(text, sizeof(text), "%s %zu bytes at %p, which is no multiple of %zu", access, bytes, address,
                bytes);
  report(text);
}

std::string thread_name(int32_t thread) {
  const auto index = static_cast<unsigned>(thread);
  const Index3& size = place.block_size;
  return "thread (" + std::to_string(index % size.x) + ", " + std::to_string(index / size.x % size.y) + ", " +
         std::to_string(index / size.x / size.y) + ")";
}

void report(const std::string& what) {
  const Index3& block = place.block;
  fail(cudaErrorLaunchFailure, std::string(running.kernel) + ": block (" + std::to_string(block.x) + ", " +
                                   std::to_string(block.y) + ", " + std::to_string(block.z) + "), " +
                                   thread_name(running.thread) + " " + what);
}

}  // namespace dmt::emulated

void dmt_emulated_counts(int64_t* launch_count, int64_t* block_count, int64_t* thread_count) {
  *launch_count = dmt::emulated::launches;
  *block_count = dmt::emulated::blocks;
  *thread_count = dmt::emulated::threads;
}

void dmt_emulated_break(const char* change) {
  dmt::emulated::chosen_change = change == nullptr ? 0 : dmt::emulated::change_number(change);
}
