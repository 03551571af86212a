// Attention of one token per slot over the keys and values that its slot has in the cache.
//
// [Note: decoding in parts] A slot's positions are cut into parts of kPart, wherever its length ends. One
// block takes a part of one slot and key head, for all query heads that share it, kHeads or fewer at a time,
// so that keys and values come from memory once:
//
//   load_query        query_HD  of qkv, scaled                      to shared memory
//   score_positions   scores_HP = query_HD * keys_PD                to shared memory
//   weigh_positions   weights_HP = exp(scores_HP - largest_H)       in place; largest, sum to workspace
//   sum_values        sums_HD = weights_HP * values_PD              in registers, a share per thread
//   add_rows          sums_HD of all threads                        to workspace
//
// decode_combine_kernel puts the parts of each query head together, in their order. So a slot's sums depend
// on nothing outside of it.
//
// H: query heads that share a key head and are computed side by side, P: positions of a part, D: head size.
#include "cuda/block.cuh"
#include "cuda/launch.cuh"

namespace dmt::cuda {
namespace {

constexpr int kPart = 128;     // positions
constexpr int kThreads = 128;  // of a block
constexpr int kWarps = kThreads / 32;
constexpr int kLanes = 8;      // elements that a thread reads at once, for either type
constexpr int kBatch = 4;      // positions whose reads are under way at once in a thread
constexpr int kMostHeads = 8;  // that a block computes side by side
constexpr int kMostHeadDim = 256;
constexpr int kCombineThreads = 256;
constexpr int64_t kMostGridRows = 65535;  // the grid's limit in y and z

DMT_INLINE int64_t parts_of(int64_t positions) {
  return (positions + kPart - 1) / kPart;
}

struct LargerScore {
  DMT_INLINE float operator()(float a, float b) const { return a > b ? a : b; }
};

/// What a block reads. All rows lie head_dim apart.
template <typename T>
struct Part {
  const T* query_HD;
  const T* keys_PD;
  const T* values_PD;
  int heads, positions, head_dim;  // no positions: there is nothing to do
  float scale;
};

/// What it leaves in the workspace for each query head; here of all parts of one.
struct PartResults {
  float* sums_PD;    // weighted sums of values, by part
  float* largest_P;  // scores
  float* weight_P;   // sums of weights, each a multiple of exp(largest)
};

/// What its threads share.
template <int kHeads>
struct Shared {
  alignas(16) float query_HD[kHeads][kMostHeadDim];
  float weights_HP[kHeads][kPart];  // scores at first
  // A head's sums, by lane and thread. 4 more than threads: 32 neighbours in a row of values lie in 32 banks.
  float sums[kLanes][kThreads + 4];
};

/// Where a thread is: a power of two of threads reads the row of one position, the block several rows at
/// once.
struct Place {
  __device__ explicit Place(int head_dim) {
    width = 1;
    while (width * kLanes < head_dim) width *= 2;
    rows = kThreads / width;
    row = static_cast<int>(threadIdx.x) / width;
    column = static_cast<int>(threadIdx.x) % width * kLanes;
  }
  /// Position b of a batch that begins at `first`.
  __device__ int position(int first, int b) const { return first + b * rows + row; }

  int width;   // threads of a row
  int rows;    // positions that the block reads at once
  int row;     // of the thread
  int column;  // first element of the thread; at head_dim and above there is none
};

template <typename T>
__device__ Part<T> part_of(const DmtDecodeAttention& op, int64_t slot, int32_t kv_head, int64_t part,
                           int32_t first_head, int most_heads) {
  const int64_t length = op.lengths[slot], first = part * kPart;
  const int64_t positions = length > op.longest || length <= first ? 0 : length - first;
  const int32_t group = op.heads / op.kv_heads, heads = group - first_head;
  const int64_t query = slot * op.row_stride + (int64_t{kv_head} * group + first_head) * op.head_dim;
  const int64_t cached = ((slot * op.kv_heads + kv_head) * op.capacity + first) * op.head_dim;
  return {.query_HD = static_cast<const T*>(op.qkv) + query,
          .keys_PD = static_cast<const T*>(op.keys) + cached,
          .values_PD = static_cast<const T*>(op.values) + cached,
          .heads = heads < most_heads ? heads : most_heads,
          .positions = static_cast<int>(positions < kPart ? positions : kPart),
          .head_dim = op.head_dim,
          .scale = op.scale};
}

DMT_INLINE PartResults results_of(const DmtDecodeAttention& op, int64_t slot, int32_t head) {
  const int64_t parts = parts_of(op.longest);
  float* at = op.workspace + (slot * op.heads + head) * parts * (op.head_dim + 2);
  return {at, at + parts * op.head_dim, at + parts * (op.head_dim + 1)};
}

/// The thread's elements of kBatch positions; zeros where there is none.
template <typename T>
__device__ void load_batch(Pack<T, kLanes> (&batch)[kBatch], const T* from_PD, const Part<T>& part, int first,
                           const Place& at) {
  DMT_UNROLL
  for (int b = 0; b < kBatch; ++b) {
    const int position = at.position(first, b);
    batch[b] = {};
    if (at.column < part.head_dim && position < part.positions)
      batch[b] = load_pack<kLanes>(from_PD + position * part.head_dim + at.column);
  }
}

template <int kHeads, typename T>
__device__ void load_query(Shared<kHeads>& shared, const Part<T>& part) {
  for (int i = static_cast<int>(threadIdx.x); i < part.heads * part.head_dim;
       i += static_cast<int>(blockDim.x))
    shared.query_HD[i / part.head_dim][i % part.head_dim] = to_float(part.query_HD[i]) * part.scale;
}

/// scores = query * keys: a thread has a share of each position's sum, which the threads of its row add up in
/// a butterfly.
template <int kHeads, typename T>
__device__ void score_positions(Shared<kHeads>& shared, const Part<T>& part, const Place& at) {
  for (int first = 0; first < part.positions; first += kBatch * at.rows) {
    Pack<T, kLanes> keys[kBatch];
    load_batch(keys, part.keys_PD, part, first, at);
    float scores[kBatch][kHeads];
    DMT_UNROLL
    for (int h = 0; h < kHeads; ++h) {
      Pack<float, kLanes> query = {};
      if (h < part.heads && at.column < part.head_dim)
        query = load_pack<kLanes>(&shared.query_HD[h][at.column]);
      DMT_UNROLL
      for (int b = 0; b < kBatch; ++b) {
        scores[b][h] = 0.0f;
        DMT_UNROLL
        for (int i = 0; i < kLanes; ++i) scores[b][h] += query.lane[i] * to_float(keys[b].lane[i]);
      }
    }
    for (int offset = at.width / 2; offset > 0; offset /= 2) {
      DMT_UNROLL
      for (int b = 0; b < kBatch; ++b) {
        DMT_UNROLL
        for (int h = 0; h < kHeads; ++h) scores[b][h] += shuffled(scores[b][h], offset);
      }
    }
    if (at.column != 0) continue;
    DMT_UNROLL
    for (int b = 0; b < kBatch; ++b) {
      const int position = at.position(first, b);
      DMT_UNROLL
      for (int h = 0; h < kHeads; ++h) {
        if (h < part.heads && position < part.positions) shared.weights_HP[h][position] = scores[b][h];
      }
    }
  }
}

/// Scores become weights, exp(score - largest). One warp does one head.
__device__ void weigh_positions(float* scores_P, int positions, const PartResults& out, int64_t part_index) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  float largest = -INFINITY, weight = 0.0f;
  for (int p = lane; p < positions; p += 32) largest = LargerScore{}(scores_P[p], largest);
  largest = warp_reduce(largest, LargerScore{});
  for (int p = lane; p < positions; p += 32) {
    scores_P[p] = exp_of(scores_P[p] - largest);
    weight += scores_P[p];
  }
  weight = warp_reduce(weight, Add{});
  if (lane != 0) return;
  out.largest_P[part_index] = largest;
  out.weight_P[part_index] = weight;
}

/// The thread's columns of weights * values, over the positions of its row of threads.
template <int kHeads, typename T>
__device__ void sum_values(Pack<float, kLanes> (&sums)[kHeads], const Shared<kHeads>& shared,
                           const Part<T>& part, const Place& at) {
  DMT_UNROLL
  for (int h = 0; h < kHeads; ++h) sums[h] = {};
  for (int first = 0; first < part.positions; first += kBatch * at.rows) {
    Pack<T, kLanes> values[kBatch];
    load_batch(values, part.values_PD, part, first, at);
    DMT_UNROLL
    for (int b = 0; b < kBatch; ++b) {
      const int position = at.position(first, b);
      DMT_UNROLL
      for (int h = 0; h < kHeads; ++h) {
        if (h >= part.heads || position >= part.positions) continue;
        const float weight = shared.weights_HP[h][position];
        DMT_UNROLL
        for (int i = 0; i < kLanes; ++i) sums[h].lane[i] += weight * to_float(values[b].lane[i]);
      }
    }
  }
}

/// One head's sums of all rows of threads, added in their order.
template <int kHeads>
__device__ void add_rows(float* out_D, Shared<kHeads>& shared, const Pack<float, kLanes>& sums, int head_dim,
                         const Place& at) {
  DMT_UNROLL
  for (int i = 0; i < kLanes; ++i) shared.sums[i][threadIdx.x] = sums.lane[i];
  __syncthreads();  // a column's sums are of all rows
  for (int d = static_cast<int>(threadIdx.x); d < head_dim; d += kThreads) {
    float sum = 0.0f;
    for (int row = 0; row < at.rows; ++row) sum += shared.sums[d % kLanes][row * at.width + d / kLanes];
    out_D[d] = sum;
  }
}

// x: parts, y: key heads, z: slots.
template <typename T, int kHeads>
__global__ void __launch_bounds__(kThreads) decode_attention_kernel(DmtDecodeAttention op) {
  DMT_SHARED(shared, Shared<kHeads>);
  const int64_t slot = blockIdx.z, part_index = blockIdx.x;
  const auto kv_head = static_cast<int32_t>(blockIdx.y);
  const int32_t group = op.heads / op.kv_heads;
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const Place at(op.head_dim);
  for (int32_t first_head = 0; first_head < group; first_head += kHeads) {
    const Part<T> part = part_of<T>(op, slot, kv_head, part_index, first_head, kHeads);
    if (part.positions == 0) return;  // the whole block
    load_query(shared, part);
    __syncthreads();  // a score needs the whole query
    score_positions(shared, part, at);
    __syncthreads();  // a head's scores are of all warps
    for (int h = warp; h < part.heads; h += kWarps) {
      weigh_positions(shared.weights_HP[h], part.positions,
                      results_of(op, slot, kv_head * group + first_head + h), part_index);
    }
    __syncthreads();  // a thread needs the weights of all positions of its row
    Pack<float, kLanes> sums[kHeads];
    sum_values(sums, shared, part, at);
    DMT_UNROLL
    for (int h = 0; h < kHeads; ++h) {
      if (h >= part.heads) continue;
      const PartResults out = results_of(op, slot, kv_head * group + first_head + h);
      add_rows(out.sums_PD + part_index * op.head_dim, shared, sums[h], op.head_dim, at);
      __syncthreads();  // the next head's sums, or the next heads' query, take the place of these
    }
  }
}

/// Element d of the attention of all parts.
__device__ float combined(const PartResults& parts, int64_t count, int head_dim, int d) {
  float largest = -INFINITY;
  for (int64_t p = 0; p < count; ++p) largest = LargerScore{}(parts.largest_P[p], largest);
  float weight = 0.0f, sum = 0.0f;
  for (int64_t p = 0; p < count; ++p) {
    const float factor = exp_of(parts.largest_P[p] - largest);
    weight += factor * parts.weight_P[p];
    sum += factor * parts.sums_PD[p * head_dim + d];
  }
  return sum / weight;
}

// x: query heads, y: slots. Zeros for an idle slot, NaN for one whose length was not announced.
template <typename T>
__global__ void __launch_bounds__(kCombineThreads) decode_combine_kernel(DmtDecodeAttention op) {
  const int64_t slot = blockIdx.y, length = op.lengths[slot];
  const auto head = static_cast<int32_t>(blockIdx.x);
  const PartResults parts = results_of(op, slot, head);
  T* out_D = static_cast<T*>(op.out) + (slot * op.heads + head) * op.head_dim;
  for (int d = static_cast<int>(threadIdx.x); d < op.head_dim; d += static_cast<int>(blockDim.x)) {
    float out = 0.0f;
    if (length > op.longest) out = NAN;
    if (length > 0 && length <= op.longest) out = combined(parts, parts_of(length), op.head_dim, d);
    store(out_D[d], out);
  }
}

template <typename T, int kHeads>
void launch_parts(const DmtDecodeAttention& op, cudaStream_t stream) {
  const dim3 grid(static_cast<unsigned>(parts_of(op.longest)), static_cast<unsigned>(op.kv_heads),
                  static_cast<unsigned>(op.slots));
  DMT_LAUNCH(grid, kThreads, stream, decode_attention_kernel<T, kHeads>)(op);
}

template <typename T>
int32_t launch(const DmtDecodeAttention& op, cudaStream_t stream) {
  const int32_t group = op.heads / op.kv_heads;
  if (group == 1) launch_parts<T, 1>(op, stream);
  if (group == 2) launch_parts<T, 2>(op, stream);
  if (group == 3 || group == 4) launch_parts<T, 4>(op, stream);
  if (group > 4) launch_parts<T, kMostHeads>(op, stream);
  const int32_t status = launched("decode_attention");
  if (status != DMT_CUDA_OK) return status;
  const dim3 grid(static_cast<unsigned>(op.heads), static_cast<unsigned>(op.slots));
  const unsigned threads = static_cast<unsigned>(std::min((op.head_dim + 31) / 32 * 32, kCombineThreads));
  DMT_LAUNCH(grid, threads, stream, decode_combine_kernel<T>)(op);
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
  arguments.count("head_dim", op->head_dim, kLanes).most("head_dim", op->head_dim, kMostHeadDim);
  arguments.count("row_stride", op->row_stride, int64_t{op->heads} * op->head_dim);
  if (!arguments.ok()) return arguments.status();
  if (op->head_dim % kLanes != 0)
    return bad_argument("decode_attention: head_dim=%d must be a multiple of %d", op->head_dim, kLanes);
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
  return slots * heads * parts_of(capacity) * (head_dim + 2);
}
