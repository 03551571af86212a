#pragma once

#include <atomic>
#include <cstdint>

namespace dmt {

/// Threads that parallel loops of the calling thread use. One pool serves our loops, ATen and oneDNN; BLAS is
/// always called from inside it with one thread of its own. [Note: one thread pool] A second pool that
/// spins while it waits costs more than half of the speed on few cores. OpenMP keeps a pool and its size per
/// calling thread, so engines that are called by different threads have different ones.
int current_threads();
/// Sets the pool's size for the calling thread (0: the OpenMP default) and takes BLAS's own threads away.
/// Every entry point does it before it computes: the thread may have called an engine of another number
/// before, and the number decides about the bits of sums.
void set_thread_count(int threads);
/// OpenMP's own default: one per core, or OMP_NUM_THREADS.
int default_threads();
/// Most threads that can be asked for: some for each core, and never fewer than a test machine's few dozen.
/// Ten times as many do not fail, they stand still.
int max_thread_count();

/// Grain of a loop over rows of this many elements: waking a thread costs as much as some thousand elements.
inline int64_t rows_per_thread(int64_t row_elements) {
  constexpr int64_t kElements = 1 << 14;
  return row_elements < kElements ? kElements / (row_elements > 0 ? row_elements : 1) : 1;
}

/// Calls body(data, t, n) on n threads of the pool at once, t from 0 to n - 1, and returns when all are done;
/// n is `threads`, or fewer where the pool has no more. body must not throw.
void on_threads(int threads, void (*body)(const void* data, int t, int n), const void* data);

/// Calls f(begin, end) for consecutive ranges that cover [0, count), on at most current_threads() threads,
/// each range with at least `grain` elements where there are enough. f must not throw.
template <typename F>
void parallel_for(int64_t count, int64_t grain, const F& f) {
  if (count <= 0) return;
  const int64_t wanted = (count + grain - 1) / grain;
  const int threads = static_cast<int>(wanted < current_threads() ? wanted : current_threads());
  if (threads <= 1) {
    f(int64_t{0}, count);
    return;
  }
  struct Loop {
    int64_t count;
    int ranges;
    const F& f;
  };
  const Loop loop{count, threads, f};
  const auto body = [](const void* data, int t, int n) {
    const auto& [all, ranges, call] = *static_cast<const Loop*>(data);
    for (int r = t; r < ranges; r += n) call(all * r / ranges, all * (r + 1) / ranges);
  };
  on_threads(threads, body, &loop);
}

/// Calls f(task) for every task in [0, count), handing tasks out one by one: for tasks of unequal size that
/// write to different places. f must not throw.
/// @param task_elements elements that a task touches, about
template <typename F>
void parallel_tasks(int64_t count, int64_t task_elements, const F& f) {
  const int64_t per_thread = rows_per_thread(task_elements);
  const int64_t wanted = (count + per_thread - 1) / per_thread;
  const int threads = static_cast<int>(wanted < current_threads() ? wanted : current_threads());
  if (threads <= 1) {
    for (int64_t task = 0; task < count; ++task) f(task);
    return;
  }
  struct Loop {
    int64_t count;
    const F& f;
    mutable std::atomic<int64_t> next;
  };
  const Loop loop{count, f, 0};
  const auto body = [](const void* data, int, int) {
    const Loop& tasks = *static_cast<const Loop*>(data);
    // What the tasks have written is seen by all when the threads have ended, not by this counter.
    for (int64_t task; (task = tasks.next.fetch_add(1, std::memory_order_relaxed)) < tasks.count;)
      tasks.f(task);
  };
  on_threads(threads, body, &loop);
}

}  // namespace dmt
