#include "ops/work_clock.h"

#include <chrono>
#include <string>
#include <thread>

#include "base/expect_error.h"
#include "ops/event_clock.h"

namespace dmt {
namespace {

void work_for(std::chrono::milliseconds time) {
  std::this_thread::sleep_for(time);
}

constexpr std::chrono::milliseconds kSome(20);

TEST(WorkClock, AddsUpByKind) {
  const auto clock = make_host_clock();
  {
    const ClockScope scope(clock.get());
    for (const Work work : {Work::kAttention, Work::kLoss, Work::kAttention}) {
      const TimedWork timed(work);
      work_for(kSome);
    }
    work_for(kSome);
  }
  const WorkSeconds seconds = clock->read();
  EXPECT_GE(seconds.attention, 0.040);
  EXPECT_GE(seconds.loss, 0.020);
  EXPECT_EQ(seconds.products + seconds.element_wise + seconds.optimizer + seconds.communication, 0.0);
  EXPECT_GE(seconds.total, seconds.attention + seconds.loss + 0.020);
}

TEST(WorkClock, WorkInsideOtherWorkIsTheOuterOnes) {
  const auto clock = make_host_clock();
  const ClockScope scope(clock.get());
  {
    const TimedWork outer(Work::kOptimizer);
    const TimedWork inner(Work::kCommunication);
    work_for(kSome);
  }
  const TimedWork after(Work::kLoss);  // the clock is the thread's again
  const WorkSeconds seconds = clock->read();
  EXPECT_GE(seconds.optimizer, 0.020);
  EXPECT_EQ(seconds.communication, 0.0);
}

TEST(WorkClock, IsTheThreadsOwnAndOfItsScope) {
  const auto clock = make_host_clock();
  const auto work = [] {
    const TimedWork timed(Work::kLoss);
    work_for(std::chrono::milliseconds(2));
  };
  work();  // goes nowhere
  {
    const ClockScope scope(clock.get());
    std::thread(work).join();
    const ClockScope none(nullptr);
    work();
  }
  work();
  EXPECT_EQ(clock->read().loss, 0.0);
}

/// A GPU's runtime in which each event that is recorded happens one millisecond after the one before.
struct FakeRuntime {
  static inline int64_t now = 0, alive = 0;
  static inline int32_t outcome = DMT_CUDA_OK;

  static cuda::Kernels kernels() {
    now = alive = 0;
    outcome = DMT_CUDA_OK;
    cuda::Kernels kernels;
    kernels.event_create = [](DmtEvent* event) {
      *event = new int64_t(0);
      ++alive;
      return outcome;
    };
    kernels.event_destroy = [](DmtEvent event) -> int32_t {
      if (event != nullptr) --alive;
      delete static_cast<int64_t*>(event);
      return DMT_CUDA_OK;
    };
    kernels.event_record = [](DmtEvent event, DmtStream) {
      *static_cast<int64_t*>(event) = ++now;
      return outcome;
    };
    kernels.event_elapsed_ms = [](float* milliseconds, DmtEvent begin, DmtEvent end) {
      *milliseconds = static_cast<float>(*static_cast<int64_t*>(end) - *static_cast<int64_t*>(begin));
      return outcome;
    };
    kernels.last_error = [] { return "the GPU is lost"; };
    return kernels;
  }
};

void do_work(int pieces, Work work) {
  for (int i = 0; i < pieces; ++i) {
    const TimedWork timed(work);
    ++FakeRuntime::now;
  }
}

TEST(EventClock, AddsUpTheTimeBetweenEventsAlsoOfMany) {
  const cuda::Kernels kernels = FakeRuntime::kernels();
  {
    EventClock clock(kernels, nullptr);
    const ClockScope scope(&clock);
    do_work(10'000, Work::kProducts);  // more than it keeps events for
    do_work(10'000, Work::kAttention);
    do_work(3, Work::kLoss);
    const WorkSeconds seconds = clock.read();
    EXPECT_NEAR(seconds.products, 20.0, 1e-9) << "two milliseconds for each";
    EXPECT_NEAR(seconds.attention, 20.0, 1e-9);
    EXPECT_NEAR(seconds.loss, 0.006, 1e-9);
    EXPECT_NEAR(seconds.total, 0.001 * (3 * 20'003 + 1), 1e-5);
    EXPECT_LT(FakeRuntime::alive, 20'000);
  }
  EXPECT_EQ(FakeRuntime::alive, 0) << "all events are destroyed";
}

TEST(EventClock, AFailureIsToldWhereTheTimeIsRead) {
  const cuda::Kernels kernels = FakeRuntime::kernels();
  EventClock clock(kernels, nullptr);
  const ClockScope scope(&clock);
  do_work(1, Work::kProducts);
  FakeRuntime::outcome = 999;
  do_work(1, Work::kProducts);
  FakeRuntime::outcome = DMT_CUDA_OK;
  EXPECT_ERROR(clock.read(), "the GPU is lost");
}

}  // namespace
}  // namespace dmt
