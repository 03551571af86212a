#include "cuda/block.cuh"
#include "cuda/decode_attention.h"
#include "cuda/launch.cuh"

namespace dmt::cuda {
namespace {

constexpr int64_t kMostGridRows = 65535;  // the grid's limit in y and z

/// The scores of all positions: a row's threads add their shares in a butterfly.
template <int kHeads, typename T>
__device__ void scores_of_part(DecodeShared<kHeads>& shared, const DecodePart<T>& part,
                               const DecodePlace& at) {
  for (int first = 0; first < part.positions; first += kDecodeBatch * at.rows) {
    float scores[kDecodeBatch][kHeads];
    score_shares(scores, shared, part, first, at);
    for (int offset = at.width / 2; offset > 0; offset /= 2) {
      DMT_UNROLL
      for (int b = 0; b < kDecodeBatch; ++b) {
        DMT_UNROLL
        for (int h = 0; h < kHeads; ++h) scores[b][h] += shuffled(scores[b][h], offset);
      }
    }
    store_scores(shared, scores, part, first, at);
  }
}

// x: parts, y: key heads, z: slots.
template <typename T, int kHeads>
__global__ void __launch_bounds__(kDecodeThreads) decode_attention_kernel(DmtDecodeAttention op) {
  __shared__ DecodeShared<kHeads> shared;
  const int64_t slot = blockIdx.z, part_index = blockIdx.x;
  const auto kv_head = static_cast<int32_t>(blockIdx.y);
  const int32_t group = op.heads / op.kv_heads;
  const DecodePlace at(op.head_dim, place_in_block());
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const ThreadPlace lane = {static_cast<int>(threadIdx.x) % 32, 32};
  for (int32_t first_head = 0; first_head < group; first_head += kHeads) {
    const DecodePart<T> part = decode_part<T>(op, slot, kv_head, part_index, first_head, kHeads);
    if (part.positions == 0) return;  // the whole block
    decode_query_thread(shared, part, place_in_block());
    __syncthreads();  // the scores need the whole query
    scores_of_part(shared, part, at);
    __syncthreads();  // a head's scores are of all warps
    for (int h = warp; h < part.heads; h += kDecodeThreads / 32) {
      float* scores = shared.weights[h];
      const float largest = warp_reduce(largest_score(scores, part.positions, lane), LargerScore{});
      const float weight = warp_reduce(weigh(scores, part.positions, largest, lane), Add{});
      const DecodeParts out = decode_parts_of(op, slot, kv_head * group + first_head + h);
      if (lane.thread != 0) continue;
      out.largest_P[part_index] = largest;
      out.weight_P[part_index] = weight;
    }
    __syncthreads();  // a thread needs the weights of all positions of its row
    Pack<float, kDecodeLanes> sums[kHeads];
    value_sums(sums, shared, part, at);
    DMT_UNROLL
    for (int h = 0; h < kHeads; ++h) {
      if (h >= part.heads) continue;
      store_sums(shared, sums[h], static_cast<int>(threadIdx.x));
      __syncthreads();
      const DecodeParts out = decode_parts_of(op, slot, kv_head * group + first_head + h);
      for (int d = static_cast<int>(threadIdx.x); d < op.head_dim; d += kDecodeThreads)
        out.sums_PD[part_index * op.head_dim + d] = row_sum(shared, d, at);
      __syncthreads();  // the next head's sums, or the next heads' query, take their place
    }
  }
}

// x: query heads, y: slots.
template <typename T>
__global__ void __launch_bounds__(kCombineThreads) decode_combine_kernel(DmtDecodeAttention op) {
  const int64_t slot = blockIdx.y;
  const auto head = static_cast<int32_t>(blockIdx.x);
  combine_thread(static_cast<T*>(op.out) + (slot * op.heads + head) * op.head_dim,
                 decode_parts_of(op, slot, head), op.lengths[slot], op.longest, op.head_dim,
                 place_in_block());
}

template <typename T, int kHeads>
void launch_parts(const DmtDecodeAttention& op, cudaStream_t stream) {
  const dim3 grid(static_cast<unsigned>(decode_parts(op.longest)), static_cast<unsigned>(op.kv_heads),
                  static_cast<unsigned>(op.slots));
  decode_attention_kernel<T, kHeads><<<grid, kDecodeThreads, 0, stream>>>(op);
}

template <typename T>
int32_t launch(const DmtDecodeAttention& op, cudaStream_t stream) {
  const int32_t group = op.heads / op.kv_heads;
  if (group == 1) launch_parts<T, 1>(op, stream);
  if (group == 2) launch_parts<T, 2>(op, stream);
  if (group == 3 || group == 4) launch_parts<T, 4>(op, stream);
  if (group > 4) launch_parts<T, kDecodeHeads>(op, stream);
  const int32_t status = launched("decode_attention");
  if (status != DMT_CUDA_OK) return status;
  const dim3 grid(static_cast<unsigned>(op.heads), static_cast<unsigned>(op.slots));
  const unsigned threads = static_cast<unsigned>(std::min((op.head_dim + 31) / 32 * 32, kCombineThreads));
  decode_combine_kernel<T><<<grid, threads, 0, stream>>>(op);
  return launched("decode_attention, parts combined");
}

}  // namespace
}  // namespace dmt::cuda

using namespace dmt::cuda;

int32_t dmt_cuda_decode_attention(const DmtDecodeAttention* op, DmtStream stream) {
  Arguments arguments("decode_attention");
  arguments.pointer("op", op);
  if (!arguments.ok()) return arguments.status();
  arguments.count("slots", op->slots).most("slots", op->slots, kMostGridRows).dtype("dtype", op->dtype);
  if (!arguments.ok() || op->slots == 0) return arguments.status();
  arguments.count("kv_heads", op->kv_heads, 1).most("kv_heads", op->kv_heads, kMostGridRows);
  arguments.count("heads", op->heads, 1).count("capacity", op->capacity, 1);
  arguments.count("longest", op->longest, 1).most("longest", op->longest, op->capacity);
  arguments.count("head_dim", op->head_dim, kDecodeLanes).most("head_dim", op->head_dim, kDecodeHeadDim);
  arguments.count("row_stride", op->row_stride, int64_t{op->heads} * op->head_dim);
  if (!arguments.ok()) return arguments.status();
  if (op->head_dim % kDecodeLanes != 0)
    return bad_argument("decode_attention: head_dim=%d must be a multiple of %d", op->head_dim, kDecodeLanes);
  if (op->heads % op->kv_heads != 0)
    return bad_argument("decode_attention: heads=%d must be a multiple of kv_heads=%d", op->heads,
                        op->kv_heads);
  arguments.pointer("out", op->out).pointer("qkv", op->qkv).pointer("keys", op->keys);
  arguments.pointer("values", op->values).pointer("lengths", op->lengths);
  arguments.pointer("workspace", op->workspace);
  if (!arguments.ok()) return arguments.status();
  if (!aligned({op->keys, op->values}))
    return bad_argument("decode_attention: keys=%p and values=%p must lie at multiples of 16 bytes", op->keys,
                        op->values);
  return op->dtype == DMT_FLOAT32 ? launch<float>(*op, stream_of(stream))
                                  : launch<Bf16>(*op, stream_of(stream));
}

int64_t dmt_cuda_decode_workspace(int64_t slots, int32_t heads, int32_t head_dim, int64_t capacity) {
  return slots * heads * decode_parts(capacity) * (head_dim + 2);
}
