// Adapters as files of PEFT: adapter_model.safetensors. Its adapter_config.json is not read here.
#pragma once

#include <filesystem>
#include <string>

#include "checkpoint/safetensors.h"
#include "checkpoint/safetensors_writer.h"
#include "model/adapter.h"

namespace dmt {

/// The name in a folder.
inline constexpr const char* kAdapterFile = "adapter_model.safetensors";

/// Weights of an adapter in a file.
class AdapterFile {
 public:
  /// Throws, naming the tensor, unless the file holds exactly those of such an adapter of such a model.
  AdapterFile(const std::filesystem::path& path, const ModelConfig& model, const AdapterConfig& adapter);

  /// Copies elements [begin, begin + count) of a tensor. Throws if one is not finite.
  void read(const std::string& name, int64_t begin, int64_t count, float* out) const;

  /// Embeddings and head of the base, which PEFT writes beside adapters of those two, by their names in the
  /// model; those that the file has.
  const std::vector<std::string>& base_weights() const { return base_weights_; }
  /// Throws unless such a weight is the base's own: PEFT would put it in its place.
  /// @param base in float32; rounded to bfloat16 where dtype is that
  void require_base(const std::string& weight, const at::Tensor& base, DType dtype) const;

 private:
  SafetensorsFile file_;
  std::vector<std::string> base_weights_;
};

/// Fills this rank's slices. Collective. @param base units of the model
void load_adapter(AdapterUnits& adapter, const std::vector<ShardedUnit>& base, const ModelConfig& model,
                  DType dtype, const std::filesystem::path& path);

/// Writes what `read` gives. Tensors are those of adapter_layouts(), in their order.
void write_adapter(const std::filesystem::path& directory, const ModelConfig& model,
                   const AdapterConfig& adapter, DType dtype, const ReadSlice& read);

}  // namespace dmt
