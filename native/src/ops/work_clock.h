// Where a device's time goes, by kind of work.
#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include "dmt/engine.h"

namespace dmt {

enum class Work : size_t { kProducts, kAttention, kElementWise, kLoss, kOptimizer, kCommunication, kCount };

/// Adds up the time between begin() and end() by kind of work, from its making to read(). One thread uses it.
class WorkClock {
 public:
  virtual ~WorkClock() = default;
  virtual void begin() = 0;
  virtual void end(Work work) = 0;
  /// What has been done so far; waits for it.
  virtual WorkSeconds read() = 0;

 protected:
  using Sums = std::array<double, static_cast<size_t>(Work::kCount)>;  ///< in seconds
  static WorkSeconds seconds(const Sums& sums, double total);
};

/// For a device that has done its work when a call returns.
std::unique_ptr<WorkClock> make_host_clock();

/// While it lives, this thread's TimedWork goes to a clock; null for none.
class ClockScope {
 public:
  explicit ClockScope(WorkClock* clock);
  ~ClockScope();
  ClockScope(const ClockScope&) = delete;
  ClockScope& operator=(const ClockScope&) = delete;

 private:
  WorkClock* before_;
};

/// The work that the thread asks for while it lives is of one kind. Inside another one it changes nothing:
/// the time is the outer one's.
class [[nodiscard]] TimedWork {
 public:
  explicit TimedWork(Work work);
  ~TimedWork();
  TimedWork(const TimedWork&) = delete;
  TimedWork& operator=(const TimedWork&) = delete;

 private:
  WorkClock* clock_;  // taken from the thread until the end
  Work work_;
};

}  // namespace dmt
