#include "base/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "base/thread_count_scope.h"

namespace dmt::parallel_test {
namespace {

/// How often each index of [0, count) is handed out.
template <typename Loop>
std::vector<int> visits(int64_t count, const Loop& loop) {
  std::vector<std::atomic<int>> visits(static_cast<size_t>(count));
  loop([&](int64_t i) { ++visits[static_cast<size_t>(i)]; });
  return {visits.begin(), visits.end()};
}

TEST(ParallelFor, CoversEveryIndexOnce) {
  for (const int threads : {1, 2, 3, 7}) {
    const ThreadCountScope scope(threads);
    for (const int64_t count : {1, 2, 3, 6, 7, 8, 1003}) {
      for (const int64_t grain : {1, 2, 5, 2000}) {
        const auto loop = [&](const auto& visit) {
          parallel_for(count, grain, [&](int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i) visit(i);
          });
        };
        EXPECT_EQ(visits(count, loop), std::vector<int>(static_cast<size_t>(count), 1))
            << threads << " threads, count " << count << ", grain " << grain;
      }
    }
  }
}

TEST(ParallelFor, CallsNothingForAnEmptyRange) {
  parallel_for(0, 1, [](int64_t, int64_t) { ADD_FAILURE(); });
  parallel_tasks(0, 1 << 20, [](int64_t) { ADD_FAILURE(); });
}

TEST(ParallelTasks, RunEveryTaskOnce) {
  for (const int threads : {1, 2, 3, 7}) {
    const ThreadCountScope scope(threads);
    for (const int64_t count : {1, 2, 3, 50}) {
      const auto loop = [&](const auto& visit) { parallel_tasks(count, 1 << 20, visit); };
      EXPECT_EQ(visits(count, loop), std::vector<int>(static_cast<size_t>(count), 1)) << threads;
    }
  }
}

TEST(OnThreads, EachThreadHasANumberOfItsOwn) {
  for (const int threads : {1, 2, 7}) {
    const ThreadCountScope scope(threads);
    struct Seen {
      std::mutex mutex;
      std::map<int, std::thread::id> ids;
      int n = 0;
    } seen;
    const auto body = [](const void* data, int t, int n) {
      Seen& all = *static_cast<Seen*>(const_cast<void*>(data));
      const std::lock_guard lock(all.mutex);
      EXPECT_TRUE(all.ids.emplace(t, std::this_thread::get_id()).second) << t;
      all.n = n;
    };
    on_threads(threads, body, &seen);
    std::set<std::thread::id> different;
    for (const auto& [t, id] : seen.ids) different.insert(id);
    EXPECT_EQ(seen.n, threads);
    EXPECT_EQ(seen.ids.size(), static_cast<size_t>(threads));
    EXPECT_EQ(seen.ids.rbegin()->first, threads - 1);
    EXPECT_EQ(different.size(), static_cast<size_t>(threads));
  }
}

TEST(ThreadCount, ZeroIsTheDefaultWhateverWasSetBefore) {
  set_thread_count(0);
  const int by_default = current_threads();
  EXPECT_GE(by_default, 1);
  const ThreadCountScope scope(by_default + 2);
  EXPECT_EQ(current_threads(), by_default + 2);
  set_thread_count(0);
  EXPECT_EQ(current_threads(), by_default);
}

TEST(ThreadCount, IsTheCallingThreadsOwn) {
  const ThreadCountScope scope(3);
  int seen = 0;
  std::thread([&] {
    set_thread_count(2);
    seen = current_threads();
  }).join();
  EXPECT_EQ(seen, 2);
  EXPECT_EQ(current_threads(), 3);
}

}  // namespace
}  // namespace dmt::parallel_test
