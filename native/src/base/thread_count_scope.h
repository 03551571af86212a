/// For tests: another number of threads until the end of a scope.
#pragma once

#include "base/parallel.h"

namespace dmt {

class ThreadCountScope {
 public:
  explicit ThreadCountScope(int threads) : before_(current_threads()) { set_thread_count(threads); }
  ~ThreadCountScope() { set_thread_count(before_); }
  ThreadCountScope(const ThreadCountScope&) = delete;
  ThreadCountScope& operator=(const ThreadCountScope&) = delete;

 private:
  int before_;
};

}  // namespace dmt
