#include "model/adapter_files.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/parallel.h"
#include "base/printable.h"
#include "checkpoint/model_reader.h"
#include "dmt/engine.h"
#include "model/llama_config.h"
#include "model/model_units.h"
#include "model/weights.h"

namespace dmt {
namespace fs = std::filesystem;

namespace {

std::vector<TensorSpec> specs_of(const std::vector<UnitLayout>& layouts) {
  std::vector<TensorSpec> specs;
  for (const UnitLayout& layout : layouts) {
    for (const ParameterSpec& parameter : layout.parameters)
      specs.push_back({parameter.name, parameter.shape});
  }
  return specs;
}

/// The name of a weight of the base among an adapter's.
std::string base_layer(const std::string& weight) {
  return "base_model.model." + weight.substr(0, weight.rfind(".weight")) + ".base_layer.weight";
}

/// Whether a module, such as "lm_head", has an adapter.
bool has_targets(const std::string& module, const std::set<std::string>& tensors) {
  const auto next = tensors.lower_bound("base_model.model." + module + ".lora");
  return next != tensors.end() && next->starts_with("base_model.model." + module + ".lora");
}

/// What is added to one matrix [rows, columns]: left [rows, rank] * right [rank, columns], already scaled.
struct Delta {
  std::vector<float> left, right;
  int64_t rank = 0, columns = 0;
};

std::vector<float> transposed(const std::vector<float>& x, int64_t rows, int64_t columns) {
  std::vector<float> result(x.size());
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j)
      result[static_cast<size_t>(j * rows + i)] = x[static_cast<size_t>(i * columns + j)];
  }
  return result;
}

/// The matrices of a model that an adapter stands beside, and what it adds to them.
class Deltas {
 public:
  Deltas(const ModelConfig& model, const AdapterConfig& adapter, const fs::path& file)
      : adapter_(adapter), file_(file, model, adapter) {
    for (const TensorSpec& spec : specs_of(adapter_layouts(model, adapter))) shapes_[spec.name] = spec.shape;
  }

  const AdapterFile& file() const { return file_; }
  /// Nothing for a tensor that has no adapter.
  std::optional<Delta> of(const std::string& weight) const {
    const std::string stem = "base_model.model." + weight.substr(0, weight.rfind(".weight"));
    const bool embedding = shapes_.contains(stem + ".lora_embedding_A");
    if (!embedding && !shapes_.contains(stem + ".lora_A.weight")) return std::nullopt;
    const std::string a = stem + (embedding ? ".lora_embedding_A" : ".lora_A.weight");
    const std::string b = stem + (embedding ? ".lora_embedding_B" : ".lora_B.weight");
    const std::vector<int64_t>&shape_a = shapes_.at(a), &shape_b = shapes_.at(b);
    Delta delta;
    delta.rank = shape_a[0];
    delta.columns = embedding ? shape_b[0] : shape_a[1];
    delta.left = embedding ? transposed(read(a), shape_a[0], shape_a[1]) : read(b);
    delta.right = embedding ? transposed(read(b), shape_b[0], shape_b[1]) : read(a);
    const auto scale = static_cast<float>(adapter_scale(adapter_, target_of(weight)));
    for (float& value : delta.left) value *= scale;
    return delta;
  }

 private:
  static AdapterTarget target_of(const std::string& weight) {
    for (int32_t i = 0; i < kAdapterTargets; ++i) {
      const auto target = static_cast<AdapterTarget>(i);
      if (weight.find(module_name(target)) != std::string::npos) return target;
    }
    fail(weight, " is no target of adapters");
  }
  std::vector<float> read(const std::string& name) const {
    const std::vector<int64_t>& shape = shapes_.at(name);
    std::vector<float> values(static_cast<size_t>(shape[0] * shape[1]));
    file_.read(name, 0, shape[0] * shape[1], values.data());
    return values;
  }

  AdapterConfig adapter_;
  AdapterFile file_;
  std::map<std::string, std::vector<int64_t>> shapes_;
};

/// Adds elements [begin, begin + count) of the row-major product.
void add(const Delta& delta, int64_t begin, int64_t count, float* out) {
  const int64_t first_row = begin / delta.columns, last_row = (begin + count - 1) / delta.columns;
  parallel_for(last_row - first_row + 1, 16, [&](int64_t from, int64_t to) {
    for (int64_t row = first_row + from; row < first_row + to; ++row) {
      const int64_t first = std::max(begin, row * delta.columns);
      const int64_t end = std::min(begin + count, (row + 1) * delta.columns);
      float* target = out + (first - begin);
      const int64_t column = first - row * delta.columns;
      for (int64_t r = 0; r < delta.rank; ++r) {
        const float factor = delta.left[static_cast<size_t>(row * delta.rank + r)];
        const float* right = delta.right.data() + r * delta.columns + column;
        for (int64_t i = 0; i < end - first; ++i) target[i] += factor * right[i];
      }
    }
  });
}

}  // namespace

AdapterFile::AdapterFile(const fs::path& path, const ModelConfig& model, const AdapterConfig& adapter)
    : file_(path) {
  std::set<std::string> expected;
  for (const TensorSpec& spec : specs_of(adapter_layouts(model, adapter))) {
    expected.insert(spec.name);
    const std::optional<TensorView> view = file_.find(spec.name);
    DMT_CHECK(view.has_value(), file_.path(), ": tensor ", spec.name, " is missing; expected shape ",
              shape_string(spec.shape));
    DMT_CHECK(view->shape == spec.shape, file_.path(), ": tensor ", spec.name, " has shape ",
              shape_string(view->shape), ", expected ", shape_string(spec.shape),
              ": the adapter is of another base, or its config of another adapter");
  }
  for (const std::string module : {"model.embed_tokens", "lm_head"}) {
    const std::string name = base_layer(module + ".weight");
    if (file_.find(name).has_value() && has_targets(module, expected)) {
      base_weights_.push_back(module + ".weight");
      expected.insert(name);
    }
  }
  for (const auto& [name, entry] : file_.tensors()) {
    DMT_CHECK(expected.contains(name), file_.path(), ": tensor ", printable_value(name),
              " is no part of such an adapter; expected ", expected.size(), " tensors such as ",
              *expected.begin());
  }
}

void AdapterFile::require_base(const std::string& weight, const at::Tensor& base, DType dtype) const {
  const TensorView view = *file_.find(base_layer(weight));
  DMT_CHECK(view.elements() == base.numel(), file_.path(), ": tensor ", view.name, " has shape ",
            shape_string(view.shape), ", the base's has ", base.numel(), " elements");
  at::Tensor values = at::empty({base.numel()}, at::kFloat);
  read_float32(view, 0, base.numel(), values.mutable_data_ptr<float>());
  if (dtype == DType::kBFloat16) values = values.to(at::kBFloat16).to(at::kFloat);
  DMT_CHECK(at::equal(values, base), file_.path(), ": tensor ", view.name, " differs from the base's ",
            weight, ": the adapter is of another base, or of one whose ",
            "embeddings were changed, which is not supported");
}

void AdapterFile::read(const std::string& name, int64_t begin, int64_t count, float* out) const {
  read_finite_float32(*file_.find(name), begin, count, out);
}

void load_adapter(AdapterUnits& adapter, const std::vector<ShardedUnit>& base, const ModelConfig& model,
                  DType dtype, const fs::path& path) {
  const AdapterFile file(path, model, adapter.config());
  for (const std::string& weight : file.base_weights()) {
    for (const auto& [unit, parameter] : tensors_of(base)) {
      if (parameter->name != weight) continue;
      const at::Tensor whole = base[unit].gather_float32();
      file.require_base(weight, whole.narrow(0, parameter->offset, parameter->elements()), dtype);
    }
  }
  for (ShardedUnit& unit : adapter.all()) {
    unit.initialise([&](int64_t first, int64_t count, float* out) {
      for (const ParameterSpec& parameter : unit.layout().parameters) {
        const int64_t begin = std::max(first, parameter.offset);
        const int64_t end = std::min(first + count, parameter.offset + parameter.elements());
        if (begin < end)
          file.read(parameter.name, begin - parameter.offset, end - begin, out + (begin - first));
      }
    });
  }
}

void write_adapter(const fs::path& directory, const ModelConfig& model, const AdapterConfig& adapter,
                   DType dtype, const ReadSlice& read) {
  write_weight_file(directory / kAdapterFile, specs_of(adapter_layouts(model, adapter)), dtype, read);
}

void merge_adapter(const std::string& model_dir, const AdapterConfig& adapter, const std::string& file,
                   const std::string& directory, DType dtype) {
  const fs::path dir(model_dir);
  const ModelConfig model = read_model_config(dir);
  validate(adapter, model);
  const ModelReader reader(dir);
  const Deltas deltas(model, adapter, file);
  const std::vector<TensorSpec> specs = specs_of(unit_layouts(model));
  for (const std::string& weight : deltas.file().base_weights()) {
    const at::Tensor base = at::empty({int64_t{model.vocab_size} * model.hidden_size}, at::kFloat);
    read_float32(reader.require(weight, {model.vocab_size, model.hidden_size}), 0, base.numel(),
                 base.mutable_data_ptr<float>());
    deltas.file().require_base(weight, base, DType::kFloat32);
  }
  size_t current = specs.size();
  std::optional<Delta> delta;  // of the current tensor
  write_model(directory, specs, model_options(model, dtype, read_originals(dir)),
              [&](size_t tensor, int64_t begin, int64_t count, float* out) {
                const TensorSpec& spec = specs[tensor];
                if (std::exchange(current, tensor) != tensor) delta = deltas.of(spec.name);
                read_finite_float32(reader.require(spec.name, spec.shape), begin, count, out);
                if (delta.has_value()) add(*delta, begin, count, out);
              });
}

}  // namespace dmt
