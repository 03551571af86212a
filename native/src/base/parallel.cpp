#include "base/parallel.h"

#include <algorithm>

// OpenMP's runtime, whichever libtorch brings, called by hand: GCC's own entry is in LLVM's and Intel's
// runtime, too, while what clang makes of `#pragma omp parallel` is not in GCC's. So every compiler works
// with every runtime, and none needs headers or a library of OpenMP of its own.
extern "C" {
void GOMP_parallel(void (*body)(void*), void* data, unsigned threads, unsigned flags);
int omp_get_max_threads();
int omp_get_num_procs();
int omp_get_num_threads();
int omp_get_thread_num();
void omp_set_num_threads(int threads);
}

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

struct Region {
  void (*body)(const void* data, int t, int n);
  const void* data;
};

/// An exception must not get into the runtime, which would leave its pool half way.
void enter(void* region) noexcept {
  const auto& [body, data] = *static_cast<const Region*>(region);
  body(data, omp_get_thread_num(), omp_get_num_threads());
}
}  // namespace

void on_threads(int threads, void (*body)(const void* data, int t, int n), const void* data) {
  Region region{body, data};
  GOMP_parallel(enter, &region, static_cast<unsigned>(threads), 0);
}

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
