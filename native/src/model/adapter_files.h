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

 private:
  SafetensorsFile file_;
};

/// Fills this rank's slices.
void load_adapter(AdapterUnits& adapter, const ModelConfig& model, const std::filesystem::path& path);

/// Writes what `read` gives. Tensors are those of adapter_layouts(), in their order.
void write_adapter(const std::filesystem::path& directory, const ModelConfig& model,
                   const AdapterConfig& adapter, DType dtype, const ReadSlice& read);

}  // namespace dmt
