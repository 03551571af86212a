// What decoding needs of a GPU: key-value caches, attention over them, the choice of a token.
#include "ops/gpu_call.h"
#include "ops/gpu_ops.h"

namespace dmt {

void GpuOps::cache_write(const DmtCacheWrite& op) {
  DMT_CALL(cache_write, op);
}

void GpuOps::cache_fill(const DmtCacheFill& op) {
  DMT_CALL(cache_fill, op);
}

void GpuOps::decode_attention(const DmtDecodeAttention& op) {
  DMT_CALL(decode_attention, op);
}

void GpuOps::sample(const DmtSample& op) {
  DMT_CALL(sample, op);
}

}  // namespace dmt
