#include "cuda/flat.cuh"
#include "cuda/quantized.h"

namespace dmt::cuda {
namespace {

constexpr unsigned kMostRowBlocks = 65535;  // the grid's limit in y
constexpr int kPacksOfAThread = 8;          // the tables are copied once for all of them

template <typename T, int kLanes>
__global__ void __launch_bounds__(kFlatThreads) nf4_kernel(Nf4Pass<T> pass, Nf4Tables tables, int64_t count) {
  DMT_SHARED(shared, Nf4Tables);
  for (int i = static_cast<int>(threadIdx.x); i < 256; i += kFlatThreads) {
    shared.dynamic_values[i] = tables.dynamic_values[i];
    if (i < 16) shared.values[i] = tables.values[i];
  }
  __syncthreads();  // a thread needs what others have copied
  pass.tables = &shared;
  flat_thread<kLanes>(pass, count, grid_thread(), grid_threads());
}

// x: packs of a row, y: rows.
template <typename T, int kLanes>
__global__ void __launch_bounds__(kFlatThreads)
    int8_kernel(T* out, const int8_t* codes, const float* absmax, int64_t rows, int64_t columns) {
  const int64_t c = (blockIdx.x * int64_t{kFlatThreads} + threadIdx.x) * kLanes;
  if (c >= columns) return;
  for (int64_t row = blockIdx.y; row < rows; row += gridDim.y)
    int8_pack<kLanes>(out + row * columns + c, codes + row * columns + c, absmax[row]);
}

template <typename T>
int32_t launch_nf4(const DmtDequantize& op, cudaStream_t stream) {
  const auto layout = kernels::packed_layout(kernels::QuantizedFormat::kNf4, op.rows, op.columns);
  const auto* packed = static_cast<const uint8_t*>(op.packed);
  const Nf4Pass<T> pass = {static_cast<T*>(op.out),
                           packed,
                           packed + layout.block_codes,
                           reinterpret_cast<const float*>(packed + layout.absmax),
                           reinterpret_cast<const float*>(packed + layout.offset),
                           nullptr};
  const int64_t count = op.rows * op.columns;
  if (aligned({op.out})) {
    DMT_LAUNCH(flat_blocks(count, kQuantizedLanes * kPacksOfAThread), kFlatThreads, stream,
               nf4_kernel<T, kQuantizedLanes>)
    (pass, nf4_tables(), count);
  } else {
    DMT_LAUNCH(flat_blocks(count, kPacksOfAThread), kFlatThreads, stream, nf4_kernel<T, 1>)
    (pass, nf4_tables(), count);
  }
  return launched("dequantize");
}

template <typename T>
int32_t launch_int8(const DmtDequantize& op, cudaStream_t stream) {
  const auto layout = kernels::packed_layout(kernels::QuantizedFormat::kInt8, op.rows, op.columns);
  const auto* packed = static_cast<const uint8_t*>(op.packed);
  const auto* codes = reinterpret_cast<const int8_t*>(packed);
  const auto* absmax = reinterpret_cast<const float*>(packed + layout.absmax);
  auto* out = static_cast<T*>(op.out);
  const bool packs = op.columns % kQuantizedLanes == 0 && aligned({op.out});
  const int64_t per_block = int64_t{kFlatThreads} * (packs ? kQuantizedLanes : 1);
  const dim3 grid(static_cast<unsigned>((op.columns + per_block - 1) / per_block),
                  static_cast<unsigned>(std::min<int64_t>(op.rows, kMostRowBlocks)));
  if (packs) {
    DMT_LAUNCH(grid, kFlatThreads, stream, int8_kernel<T, kQuantizedLanes>)
    (out, codes, absmax, op.rows, op.columns);
  } else {
    DMT_LAUNCH(grid, kFlatThreads, stream, int8_kernel<T, 1>)(out, codes, absmax, op.rows, op.columns);
  }
  return launched("dequantize");
}

}  // namespace
}  // namespace dmt::cuda

using namespace dmt::cuda;

int32_t dmt_cuda_dequantize(const DmtDequantize* op, DmtStream stream) {
  Arguments arguments("dequantize");
  arguments.pointer("op", op);
  if (!arguments.ok()) return arguments.status();
  arguments.count("rows", op->rows).count("columns", op->columns);
  arguments.choice("format", op->format, DMT_NF4).dtype("dtype", op->dtype);
  if (!arguments.ok() || op->rows == 0 || op->columns == 0) return arguments.status();
  arguments.pointer("out", op->out).pointer("packed", op->packed);
  if (!arguments.ok()) return arguments.status();
  if (!aligned({op->packed}))
    return bad_argument("dequantize: packed=%p must lie at a multiple of 16 bytes", op->packed);
  return with_type(op->dtype, [&](auto element) {
    using T = decltype(element);
    return op->format == DMT_NF4 ? launch_nf4<T>(*op, stream_of(stream))
                                 : launch_int8<T>(*op, stream_of(stream));
  });
}
