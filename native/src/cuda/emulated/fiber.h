/// Stacks of their own for what a thread of the host runs in turn.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace dmt::emulated {

struct Fiber {
  void* stack_pointer = nullptr;  // while another runs
  char* stack = nullptr;          // its lowest address
  size_t size = 0;
};

class Fibers {
 public:
  /// @param entry what a fiber begins with; it never returns
  Fibers(size_t most, void (*entry)());
  ~Fibers();
  Fibers(const Fibers&) = delete;
  Fibers& operator=(const Fibers&) = delete;

  /// One that is idle; it goes on where it left off, or begins.
  Fiber& take();
  /// The one that is running is idle as soon as it has gone to another.
  void rest() { idle_.push_back(on_); }
  /// Stops the one that is running until somebody goes to it.
  void go_to(Fiber& to);
  /// To be called first on each fiber.
  void entered();
  /// All begin anew, wherever they were.
  void restart();

  Fiber& host() { return host_; }
  Fiber& running() { return *on_; }
  const char* begin() const { return stacks_; }
  const char* end() const { return stacks_ + bytes_; }

 private:
  void prepare(Fiber& fiber) const;

  size_t bytes_;
  char* stacks_;
  void (*entry_)();
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<Fiber*> idle_;
  Fiber host_;
  Fiber* on_ = &host_;
};

}  // namespace dmt::emulated
