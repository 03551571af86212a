#pragma once

#include <functional>
#include <utility>

namespace dmt {

/// A collective under way. Before wait() returns, its output must not be read and its inputs must not be
/// written.
class Transfer {
 public:
  /// Nothing is under way.
  Transfer() = default;
  /// @param finish waits for the data and completes the output; called once
  explicit Transfer(std::function<void()> finish) : finish_(std::move(finish)) {}

  bool under_way() const { return static_cast<bool>(finish_); }
  /// Returns at once if nothing is under way. Throws EngineError if a rank is gone or late.
  void wait() {
    if (const std::function<void()> finish = std::exchange(finish_, nullptr)) finish();
  }

 private:
  std::function<void()> finish_;
};

}  // namespace dmt
