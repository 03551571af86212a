#include "model/packed_block.h"

#include <algorithm>

#include "kernels/flat.h"
#include "kernels/quantized.h"
#include "ops/typed.h"

namespace dmt {
namespace {

constexpr int64_t kParameterAlignment = 16;

bool is_matrix(const ParameterSpec& parameter) {
  return parameter.shape.size() == 2;
}

int64_t bytes_in_block(const ParameterSpec& parameter, const EngineConfig& config) {
  if (is_matrix(parameter))
    return kernels::packed_bytes(format_of(config.base_weights), parameter.shape[0], parameter.shape[1]);
  return parameter.elements() * static_cast<int64_t>(c10::elementSize(scalar_type(config.compute_dtype)));
}

/// Calls f(parameter, its first byte) in the order of the layout. @return bytes of all
template <typename F>
int64_t for_each_parameter(const UnitLayout& layout, const EngineConfig& config, const F& f) {
  int64_t begin = 0;
  for (const ParameterSpec& parameter : layout.parameters) {
    f(parameter, begin);
    begin = (begin + bytes_in_block(parameter, config) + kParameterAlignment - 1) / kParameterAlignment *
            kParameterAlignment;
  }
  return begin;
}

}  // namespace

bool is_packed(const EngineConfig& config) {
  return config.base_weights != BaseWeights::kComputeDtype;
}

UnitLayout packed_layout(const UnitLayout& layout, const EngineConfig& config) {
  UnitLayout packed(layout.name);
  const int64_t bytes = for_each_parameter(layout, config, [](const ParameterSpec&, int64_t) {});
  packed.add(layout.name, {bytes});
  return packed;
}

std::vector<uint8_t> pack(const UnitLayout& layout, const EngineConfig& config,
                          const ShardedUnit::Fill& fill) {
  std::vector<uint8_t> packed(static_cast<size_t>(packed_layout(layout, config).elements));
  std::vector<float> values;
  for_each_parameter(layout, config, [&](const ParameterSpec& parameter, int64_t begin) {
    values.resize(static_cast<size_t>(parameter.elements()));
    fill(parameter.offset, parameter.elements(), values.data());
    uint8_t* out = packed.data() + begin;
    if (is_matrix(parameter)) {
      kernels::quantize(format_of(config.base_weights), out, values.data(), parameter.shape[0],
                        parameter.shape[1]);
    } else if (config.compute_dtype == DType::kFloat32) {
      std::copy(values.begin(), values.end(), reinterpret_cast<float*>(out));
    } else {
      kernels::cast(reinterpret_cast<kernels::Bf16*>(out), values.data(), parameter.elements());
    }
  });
  return packed;
}

DecoderBlockWeights packed_weights(const at::Tensor& bytes, const UnitLayout& layout,
                                   const EngineConfig& config) {
  std::vector<at::Tensor> norms;
  std::vector<QuantizedMatrix> matrices;
  for_each_parameter(layout, config, [&](const ParameterSpec& parameter, int64_t begin) {
    const at::Tensor stored = bytes.narrow(0, begin, bytes_in_block(parameter, config));
    if (is_matrix(parameter)) {
      matrices.push_back({config.base_weights, stored, parameter.shape[0], parameter.shape[1]});
    } else {
      norms.push_back(stored.view(scalar_type(config.compute_dtype)));
    }
  });
  DecoderBlockWeights weights;
  weights.attention_norm_C = norms[0];
  weights.feed_forward_norm_C = norms[1];
  weights.qkv_EC.parts = {matrices[0], matrices[1], matrices[2]};
  weights.output_CA.parts = {matrices[3]};
  weights.gate_up_GC.parts = {matrices[4], matrices[5]};
  weights.down_CF.parts = {matrices[6]};
  return weights;
}

}  // namespace dmt
