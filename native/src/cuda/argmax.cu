#include "cuda/argmax.h"
#include "cuda/block.cuh"
#include "cuda/launch.cuh"

namespace dmt::cuda {
namespace {

// One block per row.
template <typename T, int kLanes>
__global__ void __launch_bounds__(kArgmaxThreads) argmax_kernel(DmtArgmax op) {
  for (int64_t row = blockIdx.x; row < op.rows; row += gridDim.x) {
    const T* logits = static_cast<const T*>(op.logits) + row * op.vocabulary;
    const Largest largest =
        block_reduce(argmax_thread<kLanes>(logits, op.vocabulary, place_in_block()), Larger{});
    if (threadIdx.x == 0) op.tokens[row] = token_of(largest);
  }
}

template <typename T, int kLanes>
int32_t launch(const DmtArgmax& op, cudaStream_t stream) {
  DMT_LAUNCH(blocks_for(op.rows, 1), kArgmaxThreads, stream, argmax_kernel<T, kLanes>)(op);
  return launched("argmax");
}

}  // namespace
}  // namespace dmt::cuda

using namespace dmt::cuda;

int32_t dmt_cuda_argmax(const DmtArgmax* op, DmtStream stream) {
  Arguments arguments("argmax");
  arguments.pointer("op", op);
  if (!arguments.ok()) return arguments.status();
  arguments.count("rows", op->rows).count("vocabulary", op->vocabulary, 1).dtype("dtype", op->dtype);
  arguments.most("vocabulary", op->vocabulary, kNothingSeen);
  if (!arguments.ok() || op->rows == 0) return arguments.status();
  arguments.pointer("tokens", op->tokens).pointer("logits", op->logits);
  if (!arguments.ok()) return arguments.status();
  return with_type(op->dtype, [&](auto element) {
    using T = decltype(element);
    return packable<T>(op->vocabulary, {op->logits}) ? launch<T, kFullPack<T>>(*op, stream_of(stream))
                                                     : launch<T, 1>(*op, stream_of(stream));
  });
}
