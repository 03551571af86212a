#include "ops/work_clock.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace dmt::work_clock_test {
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

}  // namespace
}  // namespace dmt::work_clock_test
