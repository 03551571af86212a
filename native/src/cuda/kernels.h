// The functions of libdmt_cuda, looked up while the program runs (see dmt_cuda.h).
#pragma once

#include <cstdint>

#include "cuda/dmt_cuda.h"

namespace dmt::cuda {

/// Every op of the interface: f(its name without "dmt_cuda_", its struct).
#define DMT_CUDA_OPS(f)                                                                                \
  f(rms_norm_forward, DmtRmsNormForward) f(rms_norm_backward, DmtRmsNormBackward) f(rotary, DmtRotary) \
      f(swiglu_forward, DmtSwiglu) f(swiglu_backward, DmtSwiglu) f(cross_entropy, DmtCrossEntropy)     \
          f(source_sums, DmtSourceSums) f(adamw, DmtAdamW) f(sum_of_squares, DmtSumOfSquares)          \
              f(clip_scale, DmtClipScale) f(cast, DmtCast) f(copy_segments, DmtCopySegments)           \
                  f(add_parts, DmtAddParts) f(gather_rows, DmtGatherRows)                              \
                      f(embedding_backward, DmtEmbeddingBackward)

struct Kernels {
#define DMT_CUDA_OP(name, Op) int32_t (*name)(const Op* op, DmtStream stream) = nullptr;
  DMT_CUDA_OPS(DMT_CUDA_OP)
#undef DMT_CUDA_OP
  int64_t (*rms_norm_workspace)(int64_t rows, int64_t columns) = nullptr;
  const char* (*last_error)() = nullptr;
};

/// Those of libdmt_cuda.so next to the engine's own library. Throws EngineError if it is not there or is of
/// another build.
const Kernels& load_kernels();

}  // namespace dmt::cuda
