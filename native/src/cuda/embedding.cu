#include "cuda/embedding.h"
#include "cuda/launch.cuh"

namespace dmt::cuda {
namespace {

// Few threads, so that the columns of a token that is everywhere are spread over many multiprocessors.
constexpr int kRunThreads = 64;
constexpr int kGatherThreads = block_threads(256);
constexpr int64_t kMostColumnBlocks = 65535;

// x: runs, y: packs of columns.
template <typename TTable, typename T, int kLanes>
__global__ void __launch_bounds__(kRunThreads) embedding_backward_kernel(DmtEmbeddingBackward op) {
  const int64_t step = int64_t{kRunThreads} * kLanes * gridDim.y;
  for (int64_t run = blockIdx.x; run < op.runs; run += gridDim.x) {
    TTable* table = static_cast<TTable*>(op.dtable) + op.tokens[run] * op.columns;
    for (int64_t c = (blockIdx.y * int64_t{kRunThreads} + threadIdx.x) * kLanes; c < op.columns; c += step) {
      embedding_run_pack<kLanes>(table, static_cast<const T*>(op.dout), op.order, op.begins[run],
                                 op.begins[run + 1], op.columns, c);
    }
  }
}

// One block per row; copies bits, whatever the type.
template <typename T, int kLanes>
__global__ void __launch_bounds__(kGatherThreads) gather_rows_kernel(DmtGatherRows op) {
  for (int64_t i = blockIdx.x; i < op.count; i += gridDim.x) {
    const T* from = static_cast<const T*>(op.table) + op.rows[i] * op.columns;
    T* to = static_cast<T*>(op.out) + i * op.columns;
    for (int64_t c = threadIdx.x * kLanes; c < op.columns; c += kGatherThreads * kLanes) {
      store_pack<kLanes>(to + c, load_pack<kLanes>(from + c));
    }
  }
}

template <typename TTable, typename T, int kLanes>
int32_t launch_backward(const DmtEmbeddingBackward& op, cudaStream_t stream) {
  const int64_t per_block = int64_t{kRunThreads} * kLanes;
  const int64_t column_blocks = std::min((op.columns + per_block - 1) / per_block, kMostColumnBlocks);
  const dim3 grid(blocks_for(op.runs, 1), static_cast<unsigned>(column_blocks));
  DMT_LAUNCH(grid, kRunThreads, stream, embedding_backward_kernel<TTable, T, kLanes>)(op);
  return launched("embedding_backward");
}

template <typename T, int kLanes>
int32_t launch_gather(const DmtGatherRows& op, cudaStream_t stream) {
  DMT_LAUNCH(blocks_for(op.count, 1), kGatherThreads, stream, gather_rows_kernel<T, kLanes>)(op);
  return launched("gather_rows");
}

}  // namespace
}  // namespace dmt::cuda

using namespace dmt::cuda;

int32_t dmt_cuda_gather_rows(const DmtGatherRows* op, DmtStream stream) {
  Arguments arguments("gather_rows");
  arguments.pointer("op", op);
  if (!arguments.ok()) return arguments.status();
  arguments.count("count", op->count).count("columns", op->columns).dtype("dtype", op->dtype);
  if (!arguments.ok() || op->count == 0 || op->columns == 0) return arguments.status();
  arguments.pointer("out", op->out).pointer("table", op->table).pointer("rows", op->rows);
  if (!arguments.ok()) return arguments.status();
  return with_type(op->dtype, [&](auto element) {
    using T = decltype(element);
    return packable<T>(op->columns, {op->out, op->table})
               ? launch_gather<T, kFullPack<T>>(*op, stream_of(stream))
               : launch_gather<T, 1>(*op, stream_of(stream));
  });
}

int32_t dmt_cuda_embedding_backward(const DmtEmbeddingBackward* op, DmtStream stream) {
  Arguments arguments("embedding_backward");
  arguments.pointer("op", op);
  if (!arguments.ok()) return arguments.status();
  arguments.count("runs", op->runs).count("columns", op->columns);
  arguments.dtype("dtype", op->dtype).dtype("dtable_dtype", op->dtable_dtype);
  if (!arguments.ok() || op->runs == 0 || op->columns == 0) return arguments.status();
  arguments.pointer("dtable", op->dtable).pointer("dout", op->dout).pointer("order", op->order);
  arguments.pointer("begins", op->begins).pointer("tokens", op->tokens);
  if (!arguments.ok()) return arguments.status();
  return with_type(op->dtable_dtype, [&](auto table) {
    return with_type(op->dtype, [&](auto element) {
      using TTable = decltype(table);
      using T = decltype(element);
      return packable<T>(op->columns, {op->dtable, op->dout})
                 ? launch_backward<TTable, T, kFullPack<T>>(*op, stream_of(stream))
                 : launch_backward<TTable, T, 1>(*op, stream_of(stream));
    });
  });
}
