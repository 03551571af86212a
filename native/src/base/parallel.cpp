#include "base/parallel.h"

#include <omp.h>

#include <algorithm>

// Only OpenBLAS has it; with a stock PyTorch the BLAS inside libtorch_cpu already runs in our pool.
extern "C" void openblas_set_num_threads(int threads) __attribute__((weak));

namespace dmt {
namespace {
thread_local int t_threads = 0;

/// For the process, and before BLAS is called.
void take_blas_threads_away() {
  static const bool done = [] {
    if (openblas_set_num_threads != nullptr) openblas_set_num_threads(1);
    return true;
  }();
  static_cast<void>(done);
}
}  // namespace

int default_threads() {
  // Asked for before the first omp_set_num_threads(), which would replace the answer.
  static const int threads = omp_get_max_threads();
  return threads;
}

int current_threads() {
  if (t_threads == 0) set_thread_count(0);
  return t_threads;
}

void set_thread_count(int threads) {
  const int by_default = default_threads();
  t_threads = threads > 0 ? threads : by_default;
  take_blas_threads_away();
  if (omp_get_max_threads() != t_threads) omp_set_num_threads(t_threads);
}

int max_thread_count() {
  return std::max(64, 4 * omp_get_num_procs());
}

}  // namespace dmt
