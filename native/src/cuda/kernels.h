// The functions of libdmt_cuda, looked up while the program runs (see dmt_cuda.h).
#pragma once

#include <cstdint>
#include <filesystem>

#include "cuda/dmt_cuda.h"

namespace dmt::cuda {

/// Every op of the interface: f(its name without "dmt_cuda_", its struct).
#define DMT_CUDA_OPS(f)                                                                                \
  f(rms_norm_forward, DmtRmsNormForward) f(rms_norm_backward, DmtRmsNormBackward) f(rotary, DmtRotary) \
      f(swiglu_forward, DmtSwiglu) f(swiglu_backward, DmtSwiglu) f(cross_entropy, DmtCrossEntropy)     \
          f(source_sums, DmtSourceSums) f(adamw, DmtAdamW) f(sum_of_squares, DmtSumOfSquares)          \
              f(cast, DmtCast) f(add_parts, DmtAddParts) f(gather_rows, DmtGatherRows)                 \
                  f(embedding_backward, DmtEmbeddingBackward) f(cache_write, DmtCacheWrite)            \
                      f(cache_fill, DmtCacheFill) f(decode_attention, DmtDecodeAttention)              \
                          f(sample, DmtSample) f(dropout, DmtDropout) f(dequantize, DmtDequantize)

/// Every function of the runtime that is used: f(its name, its parameters). Null in a table whose ops run on
/// the host.
#define DMT_CUDA_RUNTIME(f)                                                                          \
  f(set_device, (int32_t device)) f(memory_info, (int64_t * free_bytes, int64_t * total_bytes))      \
      f(stream_create, (DmtStream * stream)) f(stream_destroy, (DmtStream stream))                   \
          f(synchronize, (DmtStream stream)) f(event_create, (DmtEvent * event))                     \
              f(event_destroy, (DmtEvent event)) f(event_record, (DmtEvent event, DmtStream stream)) \
                  f(stream_wait, (DmtStream stream, DmtEvent event))                                 \
                      f(event_elapsed_ms, (float* milliseconds, DmtEvent begin, DmtEvent end))       \
                          f(graph_begin, (DmtStream stream))                                         \
                              f(graph_end, (DmtStream stream, DmtGraph * graph))                     \
                                  f(graph_launch, (DmtGraph graph, DmtStream stream))                \
                                      f(graph_destroy, (DmtGraph graph))

struct Kernels {
#define DMT_CUDA_RUNTIME_FUNCTION(name, parameters) int32_t(*name) parameters = nullptr;
  DMT_CUDA_RUNTIME(DMT_CUDA_RUNTIME_FUNCTION)
#undef DMT_CUDA_RUNTIME_FUNCTION
#define DMT_CUDA_OP(name, Op) int32_t (*name)(const Op* op, DmtStream stream) = nullptr;
  DMT_CUDA_OPS(DMT_CUDA_OP)
#undef DMT_CUDA_OP
  int64_t (*rms_norm_workspace)(int64_t rows, int64_t columns) = nullptr;
  int64_t (*decode_workspace)(int64_t slots, int32_t heads, int32_t head_dim, int64_t capacity) = nullptr;
  const char* (*last_error)() = nullptr;
};

/// Where libdmt_cuda.so must be: next to the engine's own library.
std::filesystem::path kernels_file();

/// Those of a library with this interface. Throws EngineError if one is missing.
Kernels kernels_of(const std::filesystem::path& file);

/// Those of libdmt_cuda.so next to the engine's own library. Throws EngineError if it is not there or is of
/// another build.
const Kernels& load_kernels();

}  // namespace dmt::cuda
