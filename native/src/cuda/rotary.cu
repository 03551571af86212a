#include "cuda/block.cuh"
#include "cuda/launch.cuh"
#include "cuda/rotary.h"

namespace dmt::cuda {
namespace {

// One block per token: its heads share one row of cosines and sines.
template <typename T, int kLanes>
__global__ void __launch_bounds__(kRotaryThreads) rotary_kernel(DmtRotary op) {
  const int64_t half = op.head_dim / 2;
  for (int64_t t = blockIdx.x; t < op.tokens; t += gridDim.x) {
    const int64_t angles = op.positions[t] * half;
    rotary_thread<kLanes>(static_cast<T*>(op.qkv) + t * op.row_stride, op.cos + angles, op.sin + angles,
                          op.sign, {op.turned_heads, op.head_dim}, place_in_block());
  }
}

template <typename T, int kLanes>
int32_t launch(const DmtRotary& op, cudaStream_t stream) {
  DMT_LAUNCH(blocks_for(op.tokens, 1), kRotaryThreads, stream, rotary_kernel<T, kLanes>)(op);
  return launched("rotary");
}

}  // namespace
}  // namespace dmt::cuda

using namespace dmt::cuda;

int32_t dmt_cuda_rotary(const DmtRotary* op, DmtStream stream) {
  Arguments arguments("rotary");
  arguments.pointer("op", op);
  if (!arguments.ok()) return arguments.status();
  arguments.count("tokens", op->tokens).count("turned_heads", op->turned_heads);
  arguments.count("head_dim", op->head_dim, 2).dtype("dtype", op->dtype);
  if (!arguments.ok()) return arguments.status();
  if (op->head_dim % 2 != 0) return bad_argument("rotary: head_dim=%d must be even", op->head_dim);
  arguments.count("row_stride", op->row_stride, int64_t{op->turned_heads} * op->head_dim);
  if (op->sign != 1.0f && op->sign != -1.0f)
    return bad_argument("rotary: sign=%g must be 1 or -1", static_cast<double>(op->sign));
  if (!arguments.ok() || op->tokens == 0 || op->turned_heads == 0) return arguments.status();
  arguments.pointer("qkv", op->qkv).pointer("positions", op->positions);
  arguments.pointer("cos", op->cos).pointer("sin", op->sin);
  if (!arguments.ok()) return arguments.status();
  return with_type(op->dtype, [&](auto element) {
    using T = decltype(element);
    const bool halves = op->head_dim / 2 % kFullPack<T> == 0;
    return halves && packable<T>(op->row_stride, {op->qkv}) ? launch<T, kFullPack<T>>(*op, stream_of(stream))
                                                            : launch<T, 1>(*op, stream_of(stream));
  });
}
