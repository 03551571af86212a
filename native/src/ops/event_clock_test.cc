#include "ops/event_clock.h"

#include "base/expect_error.h"

namespace dmt::event_clock_test {
namespace {

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
}  // namespace dmt::event_clock_test
