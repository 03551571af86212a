/// Writing a model folder's weights as safetensors, in bounded memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "dmt/engine.h"

namespace dmt {

/// A tensor to be written.
struct TensorSpec {
  std::string name;
  std::vector<int64_t> shape;
};

/// Copies elements [begin, begin + count) of a tensor. @param tensor index into the list being written
using ReadSlice = std::function<void(size_t tensor, int64_t begin, int64_t count, float* out)>;

struct WriteOptions {
  DType dtype = DType::kFloat32;
  /// A shard is closed before it would pass this; a larger tensor gets a shard of its own.
  int64_t max_shard_bytes = 5'000'000'000;
  /// Text files to be replaced together with the weights: plain name -> content.
  std::map<std::string, std::string> text_files = {};
};

/// Writes the tensors, in their order, to model.safetensors, or to model-00001-of-0000N.safetensors and
/// model.safetensors.index.json. Conversion to BF16 rounds to nearest, ties to even.
///
/// Everything is written to *.tmp beside its destination and flushed to the disk first; only then are the
/// files renamed, and weight files of an older save that the new one does not replace are removed. If
/// anything fails before the renames the old files are untouched and the temporaries are removed. A crash
/// between two renames can leave files of both saves.
/// @throws EngineError naming the path, the system's reason and the bytes needed
void write_model(const std::filesystem::path& directory, const std::vector<TensorSpec>& tensors,
                 const WriteOptions& options, const ReadSlice& read_slice);

/// Writes the tensors to one file that is replaced whole, as write_model() does with one shard. The file is
/// flushed to the disk.
void write_weight_file(const std::filesystem::path& path, const std::vector<TensorSpec>& tensors, DType dtype,
                       const ReadSlice& read_slice);

}  // namespace dmt
