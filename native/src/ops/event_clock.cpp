#include "ops/event_clock.h"

#include "base/check.h"

namespace dmt {
namespace {

constexpr size_t kMostSpans = 8192;  // some steps of a large model

}  // namespace

EventClock::EventClock(const cuda::Kernels& kernels, DmtStream stream) : kernels_(kernels), stream_(stream) {
  record(made_);
}

EventClock::~EventClock() {
  kernels_.event_destroy(made_);
  for (const Span& span : spans_) {
    kernels_.event_destroy(span.begin);
    kernels_.event_destroy(span.end);
  }
}

void EventClock::begin() {
  if (open_ == kMostSpans) settle();
  if (open_ == spans_.size()) spans_.push_back({});
  record(spans_[open_].begin);
}

void EventClock::end(Work work) {
  spans_[open_].work = work;
  record(spans_[open_].end);
  ++open_;
}

WorkSeconds EventClock::read() {
  DmtEvent now = nullptr;
  record(now);
  settle();
  const double total = seconds_between(made_, now);
  kernels_.event_destroy(now);
  DMT_CHECK(fault_.empty(), "the time of the GPU's work cannot be read: ", fault_);
  return seconds(sums_, total);
}

void EventClock::record(DmtEvent& event) {
  if (event == nullptr) note(kernels_.event_create(&event));
  note(kernels_.event_record(event, stream_));
}

double EventClock::seconds_between(DmtEvent begin, DmtEvent end) {
  float milliseconds = 0.0f;
  note(kernels_.event_elapsed_ms(&milliseconds, begin, end));
  return static_cast<double>(milliseconds) / 1e3;
}

void EventClock::settle() {
  for (size_t i = 0; i < open_; ++i)
    sums_[static_cast<size_t>(spans_[i].work)] += seconds_between(spans_[i].begin, spans_[i].end);
  open_ = 0;
}

void EventClock::note(int32_t result) {
  if (result != DMT_CUDA_OK && fault_.empty()) fault_ = kernels_.last_error();
}

}  // namespace dmt
