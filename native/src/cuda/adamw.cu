#include "cuda/flat.cuh"

namespace dmt::cuda {
namespace {

template <int kPackLanes, typename TPass>
__global__ void __launch_bounds__(kFlatThreads)
    adamw_kernel(TPass pass, int64_t count, const float* device_gradient_scale) {
  if (device_gradient_scale != nullptr) pass.step.gradient_scale = *device_gradient_scale;
  if (!isfinite(pass.step.gradient_scale)) return;
  flat_thread<kPackLanes>(pass, count, grid_thread(), grid_threads());
}

template <MasterKind kMaster, typename TMoment, typename TGradient>
int32_t launch(const DmtAdamW& op, cudaStream_t stream) {
  const auto pass = adamw_pass<kMaster, TMoment, TGradient>(op);
  if (aligned({op.master, op.weights, op.remainder, op.first_moment, op.second_moment, op.gradient})) {
    adamw_kernel<kFlatLanes><<<flat_blocks(op.count, kFlatLanes), kFlatThreads, 0, stream>>>(
        pass, op.count, op.device_gradient_scale);
  } else {
    adamw_kernel<1>
        <<<flat_blocks(op.count, 1), kFlatThreads, 0, stream>>>(pass, op.count, op.device_gradient_scale);
  }
  return launched("adamw");
}

template <MasterKind kMaster>
int32_t launch(const DmtAdamW& op, cudaStream_t stream) {
  return with_type(op.moment_dtype, [&](auto moment) {
    return with_type(op.gradient_dtype, [&](auto gradient) {
      return launch<kMaster, decltype(moment), decltype(gradient)>(op, stream);
    });
  });
}

}  // namespace
}  // namespace dmt::cuda

using namespace dmt::cuda;

int32_t dmt_cuda_adamw(const DmtAdamW* op, DmtStream stream) {
  Arguments arguments("adamw");
  arguments.pointer("op", op);
  if (!arguments.ok()) return arguments.status();
  arguments.count("count", op->count).choice("master_kind", op->master_kind, DMT_MASTER_STOCHASTIC);
  arguments.dtype("moment_dtype", op->moment_dtype).dtype("gradient_dtype", op->gradient_dtype);
  if (!arguments.ok() || op->count == 0) return arguments.status();
  arguments.pointer("first_moment", op->first_moment).pointer("second_moment", op->second_moment);
  arguments.pointer("gradient", op->gradient);
  if (op->master_kind == DMT_MASTER_FLOAT32) {
    arguments.pointer("master", op->master);
  } else {
    arguments.pointer("weights", op->weights);
  }
  if (op->master_kind == DMT_MASTER_SPLIT) arguments.pointer("remainder", op->remainder);
  if (!arguments.ok()) return arguments.status();
  switch (op->master_kind) {
    case DMT_MASTER_SPLIT:
      return launch<MasterKind::kSplit>(*op, stream_of(stream));
    case DMT_MASTER_STOCHASTIC:
      return launch<MasterKind::kStochastic>(*op, stream_of(stream));
    default:
      return launch<MasterKind::kFloat32>(*op, stream_of(stream));
  }
}
