#include "cuda/block.cuh"
#include "cuda/flat.cuh"

namespace dmt::cuda {
namespace {

template <int kPackLanes, typename TPass>
__global__ void __launch_bounds__(kFlatThreads) flat_kernel(TPass pass, int64_t count) {
  flat_thread<kPackLanes>(pass, count, grid_thread(), grid_threads());
}

template <typename TPass>
int32_t launch(const char* op, const TPass& pass, int64_t count, bool packs, cudaStream_t stream) {
  if (packs) {
    DMT_LAUNCH(flat_blocks(count, kFlatLanes), kFlatThreads, stream, flat_kernel<kFlatLanes>)(pass, count);
  } else {
    DMT_LAUNCH(flat_blocks(count, 1), kFlatThreads, stream, flat_kernel<1>)(pass, count);
  }
  return launched(op);
}

template <typename T, int kPackLanes>
__global__ void __launch_bounds__(kSumThreads)
    square_shares_kernel(double* shares, const T* x, int64_t count) {
  const double sum = block_reduce(square_share<kPackLanes>(x, count, grid_thread(), grid_threads()), Add{});
  if (threadIdx.x == 0) shares[blockIdx.x] = sum;
}

// One block.
__global__ void __launch_bounds__(kSumThreads) add_shares_kernel(double* sum, const double* shares) {
  double value = 0.0;
  for (int i = threadIdx.x; i < kSumBlocks; i += kSumThreads) value += shares[i];
  value = block_reduce(value, Add{});
  if (threadIdx.x == 0) *sum = value;
}

}  // namespace
}  // namespace dmt::cuda

using namespace dmt::cuda;

int32_t dmt_cuda_cast(const DmtCast* op, DmtStream stream) {
  Arguments arguments("cast");
  arguments.pointer("op", op);
  if (!arguments.ok()) return arguments.status();
  arguments.count("count", op->count).dtype("out_dtype", op->out_dtype).dtype("x_dtype", op->x_dtype);
  if (!arguments.ok() || op->count == 0) return arguments.status();
  arguments.pointer("out", op->out).pointer("x", op->x);
  if (!arguments.ok()) return arguments.status();
  return with_type(op->out_dtype, [&](auto out) {
    return with_type(op->x_dtype, [&](auto in) {
      using TOut = decltype(out);
      using TIn = decltype(in);
      const CastPass<TOut, TIn> pass = {static_cast<TOut*>(op->out), static_cast<const TIn*>(op->x)};
      return launch("cast", pass, op->count, aligned({op->out, op->x}), stream_of(stream));
    });
  });
}

int32_t dmt_cuda_add_parts(const DmtAddParts* op, DmtStream stream) {
  Arguments arguments("add_parts");
  arguments.pointer("op", op);
  if (!arguments.ok()) return arguments.status();
  arguments.count("parts", op->parts).count("count", op->count);
  arguments.dtype("sum_dtype", op->sum_dtype).dtype("x_dtype", op->x_dtype);
  if (!arguments.ok() || op->count == 0 || op->parts == 0) return arguments.status();
  arguments.pointer("sum", op->sum).pointer("x", op->x);
  if (!arguments.ok()) return arguments.status();
  return with_type(op->sum_dtype, [&](auto sum) {
    return with_type(op->x_dtype, [&](auto in) {
      using TSum = decltype(sum);
      using TIn = decltype(in);
      const AddPartsPass<TSum, TIn> pass = {static_cast<TSum*>(op->sum), static_cast<const TIn*>(op->x),
                                            op->parts, op->count};
      const bool packs = packable<TIn>(op->count, {op->sum, op->x});
      return launch("add_parts", pass, op->count, packs, stream_of(stream));
    });
  });
}

int32_t dmt_cuda_sum_of_squares(const DmtSumOfSquares* op, DmtStream stream) {
  static_assert(kSumBlocks <= DMT_SUM_WORKSPACE);
  Arguments arguments("sum_of_squares");
  arguments.pointer("op", op);
  if (!arguments.ok()) return arguments.status();
  arguments.count("count", op->count).dtype("dtype", op->dtype);
  arguments.pointer("sum", op->sum).pointer("workspace", op->workspace);
  if (arguments.ok() && op->count > 0) arguments.pointer("x", op->x);
  if (!arguments.ok()) return arguments.status();
  const int32_t status = with_type(op->dtype, [&](auto element) {
    using T = decltype(element);
    const auto* x = static_cast<const T*>(op->x);
    if (aligned({x})) {
      DMT_LAUNCH(kSumBlocks, kSumThreads, stream_of(stream), square_shares_kernel<T, kFlatLanes>)
      (op->workspace, x, op->count);
    } else {
      DMT_LAUNCH(kSumBlocks, kSumThreads, stream_of(stream), square_shares_kernel<T, 1>)
      (op->workspace, x, op->count);
    }
    return launched("sum_of_squares");
  });
  if (status != DMT_CUDA_OK) return status;
  DMT_LAUNCH(1, kSumThreads, stream_of(stream), add_shares_kernel)(op->sum, op->workspace);
  return launched("sum_of_squares: shares");
}
