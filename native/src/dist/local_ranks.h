/// For tests: ranks as threads of this process, over a c10d::Backend that copies between them.
///
/// Gloo itself cannot be made here, since libtorch's headers come without those of Gloo; the Java tests make
/// it. This backend promises what c10d's promise: calls return at once, ranks meet in the order of calls, and
/// data is there after wait(). What it adds it adds as a ring does, rounding at every rank.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <vector>

namespace dmt {

using Milliseconds = std::chrono::duration<double, std::milli>;

/// One collective, until all ranks have called it; then its data is copied.
class Meeting {
 public:
  /// Copies from all ranks' inputs to all ranks' outputs.
  using Copy = std::function<void(std::vector<at::Tensor>& outputs, const std::vector<at::Tensor>& inputs)>;

  explicit Meeting(int ranks) : outputs_(static_cast<size_t>(ranks)), inputs_(static_cast<size_t>(ranks)) {}

  void arrive(int rank, const at::Tensor& output, const at::Tensor& input, const Copy& copy) {
    const std::lock_guard lock(mutex_);
    outputs_[static_cast<size_t>(rank)] = output;
    inputs_[static_cast<size_t>(rank)] = input;
    if (++arrived_ < outputs_.size()) return;
    copy(outputs_, inputs_);
    outputs_.clear();
    inputs_.clear();
    done_ = true;
    all_here_.notify_all();
  }
  /// False if some rank has not come in time.
  bool wait(Milliseconds timeout) {
    std::unique_lock lock(mutex_);
    return all_here_.wait_for(lock, timeout, [this] { return done_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable all_here_;
  std::vector<at::Tensor> outputs_, inputs_;
  size_t arrived_ = 0;
  bool done_ = false;
};

/// Where the ranks of a group meet.
class LocalNetwork {
 public:
  /// @param delay that each collective takes on the wire; the wire carries one at a time
  explicit LocalNetwork(int ranks, Milliseconds delay = Milliseconds(0),
                        Milliseconds timeout = std::chrono::seconds(60))
      : ranks(ranks), delay(delay), timeout(timeout) {}

  /// The meeting for the n-th collective of a group.
  std::shared_ptr<Meeting> meeting(int64_t n) {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<Meeting>& meeting = meetings_[n];
    if (meeting == nullptr) meeting = std::make_shared<Meeting>(ranks);
    return meeting;
  }

  const int ranks;
  const Milliseconds delay;
  const Milliseconds timeout;

 private:
  std::mutex mutex_;
  std::map<int64_t, std::shared_ptr<Meeting>> meetings_;
};

/// A rank's end of a LocalNetwork.
class LocalBackend final : public c10d::Backend {
 public:
  using Clock = std::chrono::steady_clock;

  LocalBackend(LocalNetwork& network, int rank) : Backend(rank, network.ranks), network_(network) {}

  const std::string getBackendName() const override { return "local"; }
  c10::intrusive_ptr<c10d::Work> _allgather_base(at::Tensor& output, at::Tensor& input,
                                                 const c10d::AllgatherOptions& = {}) override {
    return start(output, input, parts_of_others(output),
                 [](std::vector<at::Tensor>& outputs, const std::vector<at::Tensor>& inputs) {
                   for (at::Tensor& out : outputs) {
                     for (size_t r = 0; r < inputs.size(); ++r)
                       copy_part(out, r, inputs[r], 0, inputs[r].numel());
                   }
                 });
  }
  c10::intrusive_ptr<c10d::Work> alltoall_base(at::Tensor& output, at::Tensor& input, std::vector<int64_t>&,
                                               std::vector<int64_t>&,
                                               const c10d::AllToAllOptions& = {}) override {
    return start(output, input, parts_of_others(output),
                 [](std::vector<at::Tensor>& outputs, const std::vector<at::Tensor>& inputs) {
                   for (size_t to = 0; to < outputs.size(); ++to) {
                     const int64_t n = outputs[to].numel() / static_cast<int64_t>(inputs.size());
                     for (size_t from = 0; from < inputs.size(); ++from)
                       copy_part(outputs[to], from, inputs[from], to, n);
                   }
                 });
  }
  c10::intrusive_ptr<c10d::Work> _reduce_scatter_base(at::Tensor& output, at::Tensor& input,
                                                      const c10d::ReduceScatterOptions& = {}) override {
    return start(output, input, parts_of_others(input),
                 [](std::vector<at::Tensor>& outputs, const std::vector<at::Tensor>& inputs) {
                   const size_t ranks = inputs.size();
                   for (size_t to = 0; to < ranks; ++to) {
                     const int64_t n = outputs[to].numel(), begin = static_cast<int64_t>(to) * n;
                     at::Tensor sum = inputs[(to + 1) % ranks].narrow(0, begin, n);
                     for (size_t i = 2; i <= ranks; ++i)
                       sum = sum + inputs[(to + i) % ranks].narrow(0, begin, n);
                     outputs[to].copy_(sum);
                   }
                 });
  }

  int64_t calls() const { return calls_; }
  /// That reached this rank from others.
  int64_t bytes() const { return bytes_; }

 private:
  /// Waits for the meeting, and for the wire.
  class LocalWork final : public c10d::Work {
   public:
    LocalWork(std::shared_ptr<Meeting> meeting, Milliseconds timeout, Clock::time_point arrival)
        : meeting_(std::move(meeting)), timeout_(timeout), arrival_(arrival) {}
    bool wait(std::chrono::milliseconds) override {
      TORCH_CHECK(meeting_->wait(timeout_), "others did not come within the timeout of ", timeout_.count(),
                  " ms");
      std::this_thread::sleep_until(arrival_);
      return true;
    }

   private:
    std::shared_ptr<Meeting> meeting_;
    Milliseconds timeout_;
    Clock::time_point arrival_;
  };

  static void copy_part(at::Tensor& out, size_t out_part, const at::Tensor& in, size_t in_part, int64_t n) {
    auto* to = static_cast<char*>(out.mutable_data_ptr()) + static_cast<int64_t>(out_part) * n;
    const auto* from = static_cast<const char*>(in.const_data_ptr()) + static_cast<int64_t>(in_part) * n;
    std::memmove(to, from, static_cast<size_t>(n));
  }

  /// Bytes of all parts of a tensor but this rank's.
  int64_t parts_of_others(const at::Tensor& whole) const {
    return whole.numel() * static_cast<int64_t>(whole.element_size()) * (network_.ranks - 1) / network_.ranks;
  }

  c10::intrusive_ptr<c10d::Work> start(const at::Tensor& output, const at::Tensor& input, int64_t received,
                                       const Meeting::Copy& copy) {
    const std::shared_ptr<Meeting> meeting = network_.meeting(calls_++);
    bytes_ += received;
    wire_free_ =
        std::max(wire_free_, Clock::now()) + std::chrono::duration_cast<Clock::duration>(network_.delay);
    meeting->arrive(getRank(), output, input, copy);
    return c10::make_intrusive<LocalWork>(meeting, network_.timeout, wire_free_);
  }

  LocalNetwork& network_;
  int64_t calls_ = 0, bytes_ = 0;
  Clock::time_point wire_free_;
};

/// Runs f(rank) on a thread for each rank, and throws what the first of them threw.
inline void run_ranks(int ranks, const std::function<void(int rank)>& f) {
  std::vector<std::exception_ptr> failures(static_cast<size_t>(ranks));
  std::vector<std::thread> threads;
  for (int rank = 0; rank < ranks; ++rank) {
    threads.emplace_back([&, rank] {
      try {
        f(rank);
      } catch (...) {
        failures[static_cast<size_t>(rank)] = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& failure : failures) {
    if (failure != nullptr) std::rethrow_exception(failure);
  }
}

}  // namespace dmt
