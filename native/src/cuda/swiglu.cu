#include "cuda/launch.cuh"
#include "cuda/swiglu.h"

namespace dmt::cuda {
namespace {

constexpr int kThreads = block_threads(256);
constexpr unsigned kMostRowBlocks = 65535;  // the grid's limit in y

enum class Pass { kForward, kBackward };

// x: packs of a row, y: rows.
template <typename T, int kLanes, Pass kPass>
__global__ void __launch_bounds__(kThreads) swiglu_kernel(DmtSwiglu op) {
  const int64_t c = (blockIdx.x * int64_t{kThreads} + threadIdx.x) * kLanes;
  if (c >= op.columns) return;
  for (int64_t row = blockIdx.y; row < op.rows; row += gridDim.y) {
    T* gate = static_cast<T*>(op.gate_up) + row * 2 * op.columns + c;
    T* out = static_cast<T*>(op.out) + row * op.columns + c;
    if constexpr (kPass == Pass::kForward) swiglu_forward_pack<kLanes>(out, gate, gate + op.columns);
    if constexpr (kPass == Pass::kBackward) swiglu_backward_pack<kLanes>(gate, gate + op.columns, out);
  }
}

template <Pass kPass>
int32_t run(const char* name, const DmtSwiglu* op, DmtStream stream) {
  Arguments arguments(name);
  arguments.pointer("op", op);
  if (!arguments.ok()) return arguments.status();
  arguments.count("rows", op->rows).count("columns", op->columns).dtype("dtype", op->dtype);
  if (!arguments.ok() || op->rows == 0 || op->columns == 0) return arguments.status();
  arguments.pointer("out", op->out).pointer("gate_up", op->gate_up);
  if (!arguments.ok()) return arguments.status();
  return with_type(op->dtype, [&](auto element) {
    using T = decltype(element);
    const bool packs = packable<T>(op->columns, {op->out, op->gate_up});
    const int64_t per_block = int64_t{kThreads} * (packs ? kFullPack<T> : 1);
    const dim3 grid(static_cast<unsigned>((op->columns + per_block - 1) / per_block),
                    static_cast<unsigned>(std::min<int64_t>(op->rows, kMostRowBlocks)));
    if (packs) {
      DMT_LAUNCH(grid, kThreads, stream_of(stream), swiglu_kernel<T, kFullPack<T>, kPass>)(*op);
    } else {
      DMT_LAUNCH(grid, kThreads, stream_of(stream), swiglu_kernel<T, 1, kPass>)(*op);
    }
    return launched(name);
  });
}

}  // namespace
}  // namespace dmt::cuda

int32_t dmt_cuda_swiglu_forward(const DmtSwiglu* op, DmtStream stream) {
  return dmt::cuda::run<dmt::cuda::Pass::kForward>("swiglu_forward", op, stream);
}

int32_t dmt_cuda_swiglu_backward(const DmtSwiglu* op, DmtStream stream) {
  return dmt::cuda::run<dmt::cuda::Pass::kBackward>("swiglu_backward", op, stream);
}
