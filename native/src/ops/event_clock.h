#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cuda/kernels.h"
#include "ops/work_clock.h"

namespace dmt {

/// The clock of a GPU's stream: events before and after each piece of work, whose times are asked for when
/// many are there. What the stream waits for between them is nobody's.
class EventClock final : public WorkClock {
 public:
  /// @param kernels,stream must outlive it
  EventClock(const cuda::Kernels& kernels, DmtStream stream);
  ~EventClock() override;
  EventClock(const EventClock&) = delete;
  EventClock& operator=(const EventClock&) = delete;

  void begin() override;
  void end(Work work) override;
  /// Throws EngineError if the device has failed since it was made.
  WorkSeconds read() override;

 private:
  struct Span {
    DmtEvent begin, end;
    Work work;
  };
  /// Also without an event, whose making failed.
  void record(DmtEvent& event);
  double seconds_between(DmtEvent begin, DmtEvent end);
  void settle();
  /// Remembers the first failure: a clock is no reason to end work that goes well.
  void note(int32_t result);

  const cuda::Kernels& kernels_;
  DmtStream stream_;
  DmtEvent made_ = nullptr;
  std::vector<Span> spans_;  // events are used again
  size_t open_ = 0;          // spans since the last settle(); the one that is open is behind them
  Sums sums_ = {};
  std::string fault_;
};

}  // namespace dmt
