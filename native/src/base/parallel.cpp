#include "base/parallel.h"

#include <omp.h>

#include <algorithm>

// Only OpenBLAS has it; with a stock PyTorch the BLAS inside libtorch_cpu already runs in our pool.
extern "C" void openblas_set_num_threads(int threads) __attribute__((weak));

namespace dmt {
namespace {
int g_threads = 0;

/// OpenMP's own default, asked for before the first omp_set_num_threads(), which would replace the answer.
int default_threads() {
  static const int threads = omp_get_max_threads();
  return threads;
}
}  // namespace

int thread_count() {
  if (g_threads == 0) set_thread_count(0);
  return g_threads;
}

void set_thread_count(int threads) {
  const int by_default = default_threads();
  g_threads = threads > 0 ? threads : by_default;
  use_threads();
  if (openblas_set_num_threads != nullptr) openblas_set_num_threads(1);
}

int max_thread_count() {
  return std::max(64, 4 * omp_get_num_procs());
}

void use_threads() {
  if (g_threads == 0) set_thread_count(0);
  if (omp_get_max_threads() != g_threads) omp_set_num_threads(g_threads);
}

}  // namespace dmt
