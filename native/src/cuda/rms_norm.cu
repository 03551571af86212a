#include "cuda/block.cuh"
#include "cuda/launch.cuh"
#include "cuda/rms_norm.h"

namespace dmt::cuda {
namespace {

// One block per row.
template <typename T, int kLanes>
__global__ void __launch_bounds__(kNormThreads) rms_norm_forward_kernel(DmtRmsNormForward op) {
  for (int64_t row = blockIdx.x; row < op.rows; row += gridDim.x) {
    const int64_t at = row * op.columns;
    const NormRow<T> data = {static_cast<T*>(op.out) + at,
                             op.delta == nullptr ? nullptr : static_cast<T*>(op.sum) + at,
                             static_cast<const T*>(op.x) + at,
                             op.delta == nullptr ? nullptr : static_cast<const T*>(op.delta) + at,
                             static_cast<const T*>(op.weight),
                             op.columns};
    RmsNormForwardThread<T, kLanes> thread(place_in_block());
    const float squares = block_reduce(thread.read(data), Add{});
    const float rstd = 1.0f / sqrtf(squares / static_cast<float>(op.columns) + op.eps);
    thread.write(data, rstd);
    if (threadIdx.x == 0) op.rstd[row] = rstd;
  }
}

// One block per strip of rows.
template <typename T, int kLanes>
__global__ void __launch_bounds__(kNormThreads)
    rms_norm_backward_kernel(DmtRmsNormBackward op, int64_t strip_rows) {
  const int64_t begin = blockIdx.x * strip_rows;
  const int64_t end = std::min(begin + strip_rows, op.rows);
  float* dweight = op.workspace + blockIdx.x * op.columns;
  RmsNormBackwardThread<T, kLanes> thread(place_in_block());
  for (int64_t row = begin; row < end; ++row) {
    const int64_t at = row * op.columns;
    const NormGradientRow<T> data = {static_cast<T*>(op.dx) + at,
                                     static_cast<const T*>(op.dout) + at,
                                     static_cast<const T*>(op.x) + at,
                                     static_cast<const T*>(op.weight),
                                     dweight,
                                     op.columns};
    const float dot = block_reduce(thread.read(data), Add{});
    thread.write(data, dot, op.rstd[row], row == begin);
  }
  thread.end_strip(dweight, op.columns);
}

// Adds the strips' sums to the weight gradient: 32 columns a block, each by 32 threads whose shares are then
// added in their order.
template <typename TGradient>
__global__ void __launch_bounds__(kColumnsPerBlock* kStripGroups)
    rms_norm_backward_strips_kernel(TGradient* dweight, const float* strips_SC, int64_t strips,
                                    int64_t columns) {
  DMT_SHARED(shares, float[kStripGroups][kColumnsPerBlock]);
  const int64_t c = blockIdx.x * int64_t{kColumnsPerBlock} + threadIdx.x;
  if (c < columns) {
    shares[threadIdx.y][threadIdx.x] = strip_share(strips_SC, strips, columns, c, threadIdx.y, kStripGroups);
  }
  __syncthreads();
  if (threadIdx.y != 0 || c >= columns) return;
  float sum = 0.0f;
  for (int group = 0; group < kStripGroups; ++group) sum += shares[group][threadIdx.x];
  store(dweight[c], to_float(dweight[c]) + sum);
}

template <typename T, int kLanes>
int32_t launch_forward(const DmtRmsNormForward& op, cudaStream_t stream) {
  DMT_LAUNCH(blocks_for(op.rows, 1), norm_threads(op.columns, kLanes), stream,
             rms_norm_forward_kernel<T, kLanes>)
  (op);
  return launched("rms_norm_forward");
}

template <typename T, int kLanes>
int32_t launch_backward(const DmtRmsNormBackward& op, cudaStream_t stream) {
  DMT_LAUNCH(static_cast<unsigned>(norm_strips(op.rows)), norm_threads(op.columns, kLanes), stream,
             rms_norm_backward_kernel<T, kLanes>)
  (op, norm_strip_rows(op.rows));
  return launched("rms_norm_backward");
}

}  // namespace
}  // namespace dmt::cuda

using namespace dmt::cuda;

int32_t dmt_cuda_rms_norm_forward(const DmtRmsNormForward* op, DmtStream stream) {
  Arguments arguments("rms_norm_forward");
  arguments.pointer("op", op);
  if (!arguments.ok()) return arguments.status();
  arguments.count("rows", op->rows).count("columns", op->columns, 1).dtype("dtype", op->dtype);
  if (!arguments.ok() || op->rows == 0) return arguments.status();
  arguments.pointer("out", op->out)
      .pointer("rstd", op->rstd)
      .pointer("x", op->x)
      .pointer("weight", op->weight);
  if (op->delta != nullptr) arguments.pointer("sum", op->sum);
  if (!arguments.ok()) return arguments.status();
  return with_type(op->dtype, [&](auto element) {
    using T = decltype(element);
    return packable<T>(op->columns, {op->out, op->sum, op->x, op->delta, op->weight})
               ? launch_forward<T, kFullPack<T>>(*op, stream_of(stream))
               : launch_forward<T, 1>(*op, stream_of(stream));
  });
}

int64_t dmt_cuda_rms_norm_workspace(int64_t rows, int64_t columns) {
  return rows < 0 || columns < 0 ? 0 : norm_strips(rows) * columns;
}

int32_t dmt_cuda_rms_norm_backward(const DmtRmsNormBackward* op, DmtStream stream) {
  Arguments arguments("rms_norm_backward");
  arguments.pointer("op", op);
  if (!arguments.ok()) return arguments.status();
  arguments.count("rows", op->rows).count("columns", op->columns, 1);
  arguments.dtype("dtype", op->dtype).dtype("dweight_dtype", op->dweight_dtype);
  if (!arguments.ok() || op->rows == 0) return arguments.status();
  arguments.pointer("dx", op->dx).pointer("dweight", op->dweight).pointer("dout", op->dout);
  arguments.pointer("x", op->x).pointer("rstd", op->rstd).pointer("weight", op->weight);
  arguments.pointer("workspace", op->workspace);
  if (!arguments.ok()) return arguments.status();
  const int32_t status = with_type(op->dtype, [&](auto element) {
    using T = decltype(element);
    return packable<T>(op->columns, {op->dx, op->dout, op->x, op->weight})
               ? launch_backward<T, kFullPack<T>>(*op, stream_of(stream))
               : launch_backward<T, 1>(*op, stream_of(stream));
  });
  if (status != DMT_CUDA_OK) return status;
  return with_type(op->dweight_dtype, [&](auto element) {
    using TGradient = decltype(element);
    const auto blocks = static_cast<unsigned>((op->columns + kColumnsPerBlock - 1) / kColumnsPerBlock);
    DMT_LAUNCH(blocks, dim3(kColumnsPerBlock, kStripGroups), stream_of(stream),
               rms_norm_backward_strips_kernel)
    (static_cast<TGradient*>(op->dweight), op->workspace, norm_strips(op->rows), op->columns);
    return launched("rms_norm_backward: weight gradient");
  });
}
