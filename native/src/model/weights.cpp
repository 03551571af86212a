#include "model/weights.h"

#include <algorithm>

#include "base/check.h"
#include "base/files.h"
#include "checkpoint/model_reader.h"
#include "checkpoint/safetensors_writer.h"
#include "kernels/flat.h"
#include "model/llama_config.h"
#include "model/model_units.h"
#include "model/packed_block.h"

namespace dmt {
namespace {

/// Calls f(parameter, first element in it, count, out) for each parameter that [first, first + count) of a
/// unit touches.
template <typename F>
void for_each_part(const UnitLayout& layout, int64_t first, int64_t count, float* out, const F& f) {
  for (const ParameterSpec& parameter : layout.parameters) {
    const int64_t begin = std::max(first, parameter.offset);
    const int64_t end = std::min(first + count, parameter.offset + parameter.elements());
    if (begin < end) f(parameter, begin - parameter.offset, end - begin, out + (begin - first));
  }
}

/// Fills this rank's slice of a unit, which is packed where the config says so. @param layout of its weights
/// as they are
void initialise(ShardedUnit& unit, const UnitLayout& layout, const EngineConfig& config,
                const ShardedUnit::Fill& fill) {
  const bool is_block = layout.name.starts_with("model.layers.");
  if (is_block && is_packed(config)) {
    unit.initialise_bytes(pack(layout, config, fill));
  } else {
    unit.initialise(fill);
  }
}

}  // namespace

GatheredUnits::~GatheredUnits() {
  try {
    while (next_ < units_.size()) gather_next();
  } catch (const EngineError&) {
    // A rank is gone. Whoever destroys this has a failure of its own to report.
  }
}

void GatheredUnits::gather_next() {
  whole_ = at::Tensor();  // before the next one takes memory
  whole_ = units_[next_++].gather_float32();
}

void GatheredUnits::read(size_t tensor, int64_t begin, int64_t count, float* out) {
  const auto [unit, parameter] = tensors_[tensor];
  while (next_ <= unit) gather_next();
  std::copy_n(whole_.const_data_ptr<float>() + parameter->offset + begin, count, out);
}

std::vector<TensorLocation> tensors_of(const std::vector<ShardedUnit>& units) {
  std::vector<TensorLocation> tensors;
  for (size_t unit = 0; unit < units.size(); ++unit) {
    for (const ParameterSpec& parameter : units[unit].layout().parameters)
      tensors.push_back({unit, &parameter});
  }
  return tensors;
}

void load_weights(std::vector<ShardedUnit>& units, const ModelConfig& model, const EngineConfig& config,
                  const std::filesystem::path& model_dir) {
  const ModelReader reader(model_dir);
  std::vector<std::string> expected;
  const std::vector<UnitLayout> layouts = unit_layouts(model);
  for (const UnitLayout& layout : layouts) {
    for (const ParameterSpec& parameter : layout.parameters) {
      reader.require(parameter.name, parameter.shape);
      expected.push_back(parameter.name);
    }
  }
  reader.refuse_others(expected);
  for (size_t u = 0; u < units.size(); ++u) {
    initialise(units[u], layouts[u], config, [&](int64_t first, int64_t count, float* out) {
      for_each_part(layouts[u], first, count, out,
                    [&](const ParameterSpec& parameter, int64_t begin, int64_t part, float* part_out) {
                      read_finite_float32(reader.require(parameter.name, parameter.shape), begin, part,
                                          part_out);
                    });
    });
  }
}

void initialise_weights(std::vector<ShardedUnit>& units, const ModelConfig& model, const EngineConfig& config,
                        uint64_t seed, double deviation) {
  uint64_t tensor = 0;
  const std::vector<UnitLayout> layouts = unit_layouts(model);
  for (size_t u = 0; u < units.size(); ++u) {
    const UnitLayout& layout = layouts[u];
    const uint64_t first_tensor = tensor;
    tensor += layout.parameters.size();
    initialise(units[u], layout, config, [&](int64_t first, int64_t count, float* out) {
      for_each_part(layout, first, count, out,
                    [&](const ParameterSpec& parameter, int64_t begin, int64_t part, float* part_out) {
                      if (parameter.shape.size() == 1) {
                        std::fill_n(part_out, part, 1.0f);
                        return;
                      }
                      // A stream per tensor: the constant keeps the streams of neighbouring seeds apart.
                      const auto index = static_cast<uint64_t>(&parameter - layout.parameters.data());
                      const uint64_t stream = seed * 0x100000001B3ull + first_tensor + index;
                      kernels::fill_normal(part_out, begin, part, stream, static_cast<float>(deviation));
                    });
    });
  }
}

OriginalConfigs read_originals(const std::filesystem::path& model_dir) {
  const std::filesystem::path generation = model_dir / "generation_config.json";
  return {read_text_file(model_dir / "config.json"),
          std::filesystem::exists(generation) ? read_text_file(generation) : std::string()};
}

WriteOptions model_options(const ModelConfig& model, DType dtype, const OriginalConfigs& originals) {
  WriteOptions options;
  options.dtype = dtype;
  const std::string config = config_json(model, dtype, originals.config);
  options.text_files["config.json"] = config;
  options.text_files["generation_config.json"] = generation_config_json(originals.generation_config, config);
  return options;
}

void save_weights(const std::vector<ShardedUnit>& units, const ModelConfig& model, DType dtype,
                  const std::filesystem::path& directory, const OriginalConfigs& originals) {
  const std::vector<TensorLocation> tensors = tensors_of(units);
  std::vector<TensorSpec> specs;
  for (const TensorLocation& tensor : tensors)
    specs.push_back({tensor.parameter->name, tensor.parameter->shape});
  GatheredUnits gathered(units);
  write_model(directory, specs, model_options(model, dtype, originals),
              [&](size_t tensor, int64_t begin, int64_t count, float* out) {
                gathered.read(tensor, begin, count, out);
              });
}

void send_weights(const std::vector<ShardedUnit>& units) {
  for (const ShardedUnit& unit : units) unit.gather_float32();
}

}  // namespace dmt
