#include "generate/decoder.h"

#include "base/check.h"
#include "generate/cpu_decoder.h"
#include "generate/gpu_decoder.h"

namespace dmt {

void Decoder::walk() {
  model_.enter_embedding();
  model_.leave_embedding();
  for (int32_t layer = 0; layer < model_.config().layers; ++layer) {
    model_.enter_block(layer);
    model_.leave_block(layer);
  }
  model_.enter_head();
  model_.leave_head();
}

std::unique_ptr<Decoder> make_decoder(LlamaModel& model, int32_t slots, int64_t capacity,
                                      bool whole_weights) {
  if (auto* gpu = dynamic_cast<GpuOps*>(&model.ops())) {
    DMT_CHECK(model.adapters().empty(),
              "generation on a GPU has no adapters yet: merge the adapter into its base first (dmt export "
              "--merge), "
              "or generate with device=cpu");
    DMT_CHECK(!model.is_quantised(),
              "generation on a GPU needs weights as they are, this engine's are quantised "
              "(base_weights)");
    return std::make_unique<GpuDecoder>(model, *gpu, slots, capacity, whole_weights);
  }
  return std::make_unique<CpuDecoder>(model, slots, capacity);
}

}  // namespace dmt
