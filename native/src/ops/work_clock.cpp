#include "ops/work_clock.h"

#include <chrono>
#include <utility>

namespace dmt {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

class HostClock final : public WorkClock {
 public:
  void begin() override { begin_ = Clock::now(); }
  void end(Work work) override { sums_[static_cast<size_t>(work)] += seconds_since(begin_); }
  WorkSeconds read() override { return seconds(sums_, seconds_since(made_)); }

 private:
  Clock::time_point made_ = Clock::now(), begin_;
  Sums sums_ = {};
};

thread_local WorkClock* thread_clock = nullptr;

}  // namespace

WorkSeconds WorkClock::seconds(const Sums& sums, double total) {
  const auto sum = [&](Work work) { return sums[static_cast<size_t>(work)]; };
  WorkSeconds seconds;
  seconds.products = sum(Work::kProducts);
  seconds.attention = sum(Work::kAttention);
  seconds.element_wise = sum(Work::kElementWise);
  seconds.loss = sum(Work::kLoss);
  seconds.optimizer = sum(Work::kOptimizer);
  seconds.communication = sum(Work::kCommunication);
  seconds.total = total;
  return seconds;
}

std::unique_ptr<WorkClock> make_host_clock() {
  return std::make_unique<HostClock>();
}

ClockScope::ClockScope(WorkClock* clock) : before_(std::exchange(thread_clock, clock)) {}
ClockScope::~ClockScope() {
  thread_clock = before_;
}

TimedWork::TimedWork(Work work) : clock_(std::exchange(thread_clock, nullptr)), work_(work) {
  if (clock_ != nullptr) clock_->begin();
}
TimedWork::~TimedWork() {
  if (clock_ == nullptr) return;
  clock_->end(work_);
  thread_clock = clock_;
}

}  // namespace dmt
