#include "cuda/block.cuh"
#include "cuda/launch.cuh"
#include "cuda/sample.h"

namespace dmt::cuda {
namespace {

using kernels::Draw;
using kernels::Nucleus;
using kernels::NucleusPart;

/// The largest share such that tokens with as much or more hold `least`: by halving what it lies in.
__device__ uint64_t threshold_of(const uint64_t* shares_V, int64_t vocabulary, uint64_t least) {
  uint64_t low = 1, high = kernels::kWholeShare + 1;
  while (high - low > 1) {
    const uint64_t middle = low + (high - low) / 2;
    const uint64_t held = block_reduce(held_thread(shares_V, vocabulary, middle, place_in_block()), Add{});
    if (held >= least) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

__device__ Nucleus nucleus_of_block(const uint64_t* shares_V, int64_t vocabulary, uint64_t all,
                                    double top_p) {
  const uint64_t least = kernels::least_of_nucleus(top_p, all);
  if (least == all) return {0, 0, all};
  const uint64_t threshold = threshold_of(shares_V, vocabulary, least);
  const uint64_t above =
      block_reduce(held_thread(shares_V, vocabulary, threshold + 1, place_in_block()), Add{});
  return kernels::nucleus_of(threshold, above, least);
}

/// All threads count their tokens; the first one finds whose token it is, and then the token.
__device__ void draw_token(int32_t* token, const uint64_t* shares_V, int64_t vocabulary,
                           const Nucleus& nucleus, uint64_t random) {
  DMT_SHARED(above, uint64_t[kSampleThreads]);
  DMT_SHARED(ties, uint64_t[kSampleThreads]);
  const TokenRange own = range_of(vocabulary, place_in_block());
  const NucleusPart part = kernels::part_of(shares_V, own.begin, own.end, nucleus);
  __syncthreads();  // the first thread may still read what the row before left
  above[threadIdx.x] = part.above;
  ties[threadIdx.x] = part.ties;
  __syncthreads();
  if (threadIdx.x != 0) return;
  Draw draw = {kernels::drawn(random, nucleus), nucleus.ties};
  int thread = 0;
  while (kernels::passes({above[thread], ties[thread]}, nucleus.threshold, draw)) ++thread;
  const TokenRange range = range_of(vocabulary, {thread, static_cast<int>(blockDim.x)});
  *token = kernels::token_of(shares_V, range.begin, range.end, nucleus.threshold, draw);
}

// One block per row.
template <typename T>
__global__ void __launch_bounds__(kSampleThreads) sample_kernel(DmtSample op) {
  for (int64_t row = blockIdx.x; row < op.rows; row += gridDim.x) {
    const T* logits = static_cast<const T*>(op.logits) + row * op.row_stride;
    uint64_t* shares = op.workspace + row * op.vocabulary;
    const DmtChoice choice = op.choices[row];
    Largest largest;
    if (choice.open != 0)
      largest = block_reduce(finite_largest_thread(logits, op.vocabulary, place_in_block()), Larger{});
    if (choice.open == 0 || std::isnan(largest.value) || choice.temperature == 0.0) {
      if (threadIdx.x == 0) op.tokens[row] = choice.open == 0 ? -1 : token_of(largest);
      continue;
    }
    const uint64_t all = block_reduce(
        shares_thread(shares, logits, op.vocabulary, largest.value, choice.temperature, place_in_block()),
        Add{});
    __syncthreads();  // threads read shares that others have written
    const Nucleus nucleus = nucleus_of_block(shares, op.vocabulary, all, choice.top_p);
    draw_token(op.tokens + row, shares, op.vocabulary, nucleus, choice.random);
  }
}

template <typename T>
int32_t launch(const DmtSample& op, cudaStream_t stream) {
  DMT_LAUNCH(blocks_for(op.rows, 1), kSampleThreads, stream, sample_kernel<T>)(op);
  return launched("sample");
}

}  // namespace
}  // namespace dmt::cuda

using namespace dmt::cuda;

int32_t dmt_cuda_sample(const DmtSample* op, DmtStream stream) {
  Arguments arguments("sample");
  arguments.pointer("op", op);
  if (!arguments.ok()) return arguments.status();
  arguments.count("rows", op->rows).count("vocabulary", op->vocabulary, 1).dtype("dtype", op->dtype);
  arguments.count("row_stride", op->row_stride, op->vocabulary);
  arguments.most("vocabulary", op->vocabulary, dmt::kernels::kMostSampledTokens);
  if (!arguments.ok() || op->rows == 0) return arguments.status();
  arguments.pointer("tokens", op->tokens).pointer("logits", op->logits);
  arguments.pointer("choices", op->choices).pointer("workspace", op->workspace);
  if (!arguments.ok()) return arguments.status();
  return with_type(op->dtype, [&](auto element) {
    using T = decltype(element);
    return launch<T>(*op, stream_of(stream));
  });
}
