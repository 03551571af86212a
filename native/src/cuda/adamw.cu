// AdamW over a flat shard in one pass. Reading and writing take longer than the arithmetic as long as that is
// cheap, hence [Note: fast AdamW]:
//   - products and sums are fused where this file says so and nowhere else (-fmad=false): the bits of a step
//     must not depend on how a shard is cut, and with it on the way in which data is read;
//   - square root and reciprocal are the GPU's own instructions, each off by 2^-23 of the result at most, and
//     take what is under 2^-126 as 0. On the same float32 inputs a moment is within 2^-22 of what exact
//     arithmetic gives, measured by the size of its terms, and an update within 2^-20 of itself for these
//     moments;
//   - random bits are 32-bit arithmetic (kernels/stochastic_rounding.h).
// The CPU's kernel (kernels/adamw_element.h) divides and takes roots exactly, and fuses nothing: the two
// agree to the same tolerance. Random bits are the same for both.
#include "cuda/flat.cuh"
#include "kernels/adamw_element.h"

namespace dmt::cuda {
namespace {

/// The new weight; m and v become the new moments. @param f of the step
DMT_INLINE float fast_adamw_element(float weight, float& m, float& v, float gradient,
                                    const kernels::AdamWStep& s, const kernels::AdamWFactors& f) {
  const float g = gradient * s.gradient_scale;
  m = fmaf(s.beta1, m, s.one_minus_beta1 * g);
  v = fmaf(s.beta2, v, s.one_minus_beta2 * g * g);
  const float divisor = fmaf(approximate_sqrt(v), f.inverse_root, s.epsilon);
  return fmaf(-f.step_size * m, approximate_reciprocal(divisor), weight * f.decay);
}

/// Where the exact weights are; the numbers are those of dmt_cuda.h.
enum class MasterKind : int32_t { kFloat32 = 0, kSplit = 1, kStochastic = 2 };

template <MasterKind kMaster, typename TMoment, typename TGradient>
struct AdamWPass {
  float* master;
  Bf16* weights;  // may be null with kFloat32
  uint16_t* remainder;
  TMoment* first_moment;
  TMoment* second_moment;
  const TGradient* gradient;
  int64_t first_index;
  uint64_t random_key;
  kernels::AdamWStep step;
  kernels::AdamWFactors factors;

  template <int kLanes>
  DMT_INLINE void at(int64_t i) const {
    Pack<TMoment, kLanes> m = load_pack<kLanes>(first_moment + i), v = load_pack<kLanes>(second_moment + i);
    const Pack<TGradient, kLanes> g = load_pack<kLanes>(gradient + i);
    Pack<float, kLanes> exact;
    Pack<Bf16, kLanes> rounded;
    Pack<uint16_t, kLanes> low;
    if constexpr (kMaster == MasterKind::kFloat32) exact = load_pack<kLanes>(master + i);
    if constexpr (kMaster != MasterKind::kFloat32) rounded = load_pack<kLanes>(weights + i);
    if constexpr (kMaster == MasterKind::kSplit) low = load_pack<kLanes>(remainder + i);
    DMT_UNROLL
    for (int lane = 0; lane < kLanes; ++lane) {
      float weight;
      if constexpr (kMaster == MasterKind::kFloat32) weight = exact.lane[lane];
      if constexpr (kMaster == MasterKind::kSplit)
        weight = kernels::joined(rounded.lane[lane], low.lane[lane]);
      if constexpr (kMaster == MasterKind::kStochastic) weight = to_float(rounded.lane[lane]);
      float new_m = to_float(m.lane[lane]), new_v = to_float(v.lane[lane]);
      weight = fast_adamw_element(weight, new_m, new_v, to_float(g.lane[lane]), step, factors);
      const kernels::RandomBits random =
          kernels::random_bits(random_key, static_cast<uint64_t>(first_index + i + lane));
      kernels::store_moments(m.lane[lane], v.lane[lane], new_m, new_v, random);
      if constexpr (kMaster == MasterKind::kFloat32) {
        exact.lane[lane] = weight;
        store(rounded.lane[lane], weight);
      }
      if constexpr (kMaster == MasterKind::kSplit) kernels::split(weight, rounded.lane[lane], low.lane[lane]);
      if constexpr (kMaster == MasterKind::kStochastic)
        kernels::store_stochastic(rounded.lane[lane], weight, random.of_weight());
    }
    store_pack<kLanes>(first_moment + i, m);
    store_pack<kLanes>(second_moment + i, v);
    if constexpr (kMaster == MasterKind::kFloat32) store_pack<kLanes>(master + i, exact);
    if constexpr (kMaster == MasterKind::kSplit) store_pack<kLanes>(remainder + i, low);
    if (kMaster != MasterKind::kFloat32 || weights != nullptr) store_pack<kLanes>(weights + i, rounded);
  }
};

template <MasterKind kMaster, typename TMoment, typename TGradient>
AdamWPass<kMaster, TMoment, TGradient> adamw_pass(const DmtAdamW& op) {
  const kernels::AdamWStep step = {
      .learning_rate = op.learning_rate,
      .beta1 = op.beta1,
      .beta2 = op.beta2,
      .epsilon = op.epsilon,
      .weight_decay = op.weight_decay,
      .one_minus_beta1 = op.one_minus_beta1,
      .one_minus_beta2 = op.one_minus_beta2,
      .bias_correction1 = op.bias_correction1,
      .bias_correction2 = op.bias_correction2,
      .gradient_scale = op.gradient_scale,
  };
  return {
      .master = op.master,
      .weights = static_cast<Bf16*>(op.weights),
      .remainder = op.remainder,
      .first_moment = static_cast<TMoment*>(op.first_moment),
      .second_moment = static_cast<TMoment*>(op.second_moment),
      .gradient = static_cast<const TGradient*>(op.gradient),
      .first_index = op.first_index,
      .random_key = op.random_key,
      .step = step,
      .factors = kernels::AdamWFactors(step),
  };
}

template <int kPackLanes, typename TPass>
__global__ void __launch_bounds__(kFlatThreads) adamw_kernel(TPass pass, int64_t count) {
  if (!isfinite(pass.step.gradient_scale)) return;
  flat_thread<kPackLanes>(pass, count, grid_thread(), grid_threads());
}

template <MasterKind kMaster, typename TMoment, typename TGradient>
int32_t launch(const DmtAdamW& op, cudaStream_t stream) {
  const auto pass = adamw_pass<kMaster, TMoment, TGradient>(op);
  if (aligned({op.master, op.weights, op.remainder, op.first_moment, op.second_moment, op.gradient})) {
    DMT_LAUNCH(flat_blocks(op.count, kFlatLanes), kFlatThreads, stream, adamw_kernel<kFlatLanes>)
    (pass, op.count);
  } else {
    DMT_LAUNCH(flat_blocks(op.count, 1), kFlatThreads, stream, adamw_kernel<1>)
    (pass, op.count);
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
