#include "cuda/launch.cuh"
#include "kernels/dropout.h"

namespace dmt::cuda {
namespace {

constexpr int kThreads = block_threads(256);
constexpr unsigned kMostRowBlocks = 65535;  // the grid's limit in y

// x: elements of a row, y: rows.
template <typename T>
__global__ void __launch_bounds__(kThreads) dropout_kernel(DmtDropout op) {
  const int64_t c = blockIdx.x * int64_t{kThreads} + threadIdx.x;
  if (c >= op.columns) return;
  for (int64_t row = blockIdx.y; row < op.rows; row += gridDim.y) {
    const uint64_t key = kernels::dropout_key(op.key, op.token_keys[row]);
    const int64_t i = row * op.columns + c;
    const float x = to_float(static_cast<const T*>(op.x)[i]);
    store(static_cast<T*>(op.out)[i], kernels::dropped_out(x, key, c, op.threshold, op.scale));
  }
}

}  // namespace
}  // namespace dmt::cuda

int32_t dmt_cuda_dropout(const DmtDropout* op, DmtStream stream) {
  using namespace dmt::cuda;
  Arguments arguments("dropout");
  arguments.pointer("op", op);
  if (!arguments.ok()) return arguments.status();
  arguments.count("rows", op->rows).count("columns", op->columns).dtype("dtype", op->dtype);
  if (!arguments.ok() || op->rows == 0 || op->columns == 0) return arguments.status();
  arguments.pointer("out", op->out).pointer("x", op->x).pointer("token_keys", op->token_keys);
  if (!arguments.ok()) return arguments.status();
  return with_type(op->dtype, [&](auto element) {
    using T = decltype(element);
    const dim3 grid(static_cast<unsigned>((op->columns + kThreads - 1) / kThreads),
                    static_cast<unsigned>(std::min<int64_t>(op->rows, kMostRowBlocks)));
    DMT_LAUNCH(grid, kThreads, stream_of(stream), dropout_kernel<T>)(*op);
    return launched("dropout");
  });
}
