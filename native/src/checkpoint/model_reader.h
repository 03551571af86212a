/// The weights of a Hugging Face model folder: model.safetensors, or shards and their index.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "checkpoint/safetensors.h"

namespace dmt {

class ModelReader {
 public:
  /// Opens all files and checks that the index agrees with the shards.
  explicit ModelReader(const std::filesystem::path& model_dir);

  /// Every tensor in the files, sorted.
  std::vector<std::string> names() const;
  /// A tensor of exactly this shape and of a dtype that weights can have (F32, BF16, F16).
  TensorView require(const std::string& name, const std::vector<int64_t>& shape) const;
  /// Throws if the files hold a tensor that is not among the expected names, unless it is known to carry
  /// no information: rotary_emb.inv_freq, or an lm_head.weight that equals the embeddings it is tied to.
  /// Tensors are compared byte by byte in that last case, so it reads both.
  void refuse_others(const std::vector<std::string>& expected) const;

 private:
  void open_single(const std::filesystem::path& path);
  void open_sharded(const std::filesystem::path& model_dir, const std::filesystem::path& index);

  std::string dir_;
  std::vector<SafetensorsFile> files_;
  std::map<std::string, size_t> file_of_;  // tensor name -> index into files_
};

}  // namespace dmt
