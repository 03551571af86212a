#include "cuda/block.cuh"
#include "cuda/cross_entropy.h"
#include "cuda/launch.cuh"

namespace dmt::cuda {
namespace {

// One block per row. The second pass finds the row in the L2 cache.
template <typename T, int kLanes>
__global__ void __launch_bounds__(kCrossEntropyThreads) cross_entropy_kernel(DmtCrossEntropy op) {
  for (int64_t row = blockIdx.x; row < op.rows; row += gridDim.x) {
    T* logits = static_cast<T*>(op.logits) + row * op.vocabulary;
    const int32_t label = op.labels[row];
    const float label_logit = to_float(logits[label]);
    const LogSumExp all =
        block_reduce(log_sum_exp_thread<kLanes>(logits, op.vocabulary, place_in_block()), Combine{});
    if (threadIdx.x == 0) op.losses[row] = cross_entropy_loss(all, label_logit);
    // Every thread has read the label's logit: block_reduce is a barrier, and the block has several warps.
    if (op.forward_only == 0) {
      cross_entropy_gradient_thread<kLanes>(logits, all, label, op.scale, op.vocabulary, place_in_block());
    }
  }
}

// One block per source.
__global__ void __launch_bounds__(kSourceThreads) source_sums_kernel(DmtSourceSums op) {
  const auto source = static_cast<int32_t>(blockIdx.x);
  const SourceShare share = source_share(op.losses, op.sources, op.rows, source, place_in_block());
  const double loss = block_reduce(share.loss, Add{});
  const long long tokens = block_reduce(static_cast<long long>(share.tokens), Add{});
  if (threadIdx.x != 0) return;
  op.loss_sums[source] += loss;
  op.label_tokens[source] += tokens;
}

template <typename T, int kLanes>
int32_t launch(const DmtCrossEntropy& op, cudaStream_t stream) {
  DMT_LAUNCH(blocks_for(op.rows, 1), kCrossEntropyThreads, stream, cross_entropy_kernel<T, kLanes>)(op);
  return launched("cross_entropy");
}

}  // namespace
}  // namespace dmt::cuda

using namespace dmt::cuda;

int32_t dmt_cuda_cross_entropy(const DmtCrossEntropy* op, DmtStream stream) {
  Arguments arguments("cross_entropy");
  arguments.pointer("op", op);
  if (!arguments.ok()) return arguments.status();
  arguments.count("rows", op->rows).count("vocabulary", op->vocabulary, 1).dtype("dtype", op->dtype);
  if (!arguments.ok() || op->rows == 0) return arguments.status();
  arguments.pointer("losses", op->losses).pointer("logits", op->logits).pointer("labels", op->labels);
  if (!arguments.ok()) return arguments.status();
  return with_type(op->dtype, [&](auto element) {
    using T = decltype(element);
    return packable<T>(op->vocabulary, {op->logits}) ? launch<T, kFullPack<T>>(*op, stream_of(stream))
                                                     : launch<T, 1>(*op, stream_of(stream));
  });
}

int32_t dmt_cuda_source_sums(const DmtSourceSums* op, DmtStream stream) {
  Arguments arguments("source_sums");
  arguments.pointer("op", op);
  if (!arguments.ok()) return arguments.status();
  arguments.count("rows", op->rows).count("source_count", op->source_count, 1);
  if (!arguments.ok() || op->rows == 0) return arguments.status();
  arguments.pointer("loss_sums", op->loss_sums).pointer("label_tokens", op->label_tokens);
  arguments.pointer("losses", op->losses).pointer("sources", op->sources);
  if (!arguments.ok()) return arguments.status();
  DMT_LAUNCH(static_cast<unsigned>(op->source_count), kSourceThreads, stream_of(stream), source_sums_kernel)
  (*op);
  return launched("source_sums");
}
