/// Reading a safetensors file: https://huggingface.co/docs/safetensors. The file is untrusted input; all
/// of its header is checked before any tensor can be seen.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/input_file.h"

namespace dmt {

/// Every dtype that the format knows and whose elements fill whole bytes.
enum class StoredDType {
  kBool,
  kU8,
  kI8,
  kF8E4M3,
  kF8E5M2,
  kF8E8M0,
  kU16,
  kI16,
  kF16,
  kBF16,
  kU32,
  kI32,
  kF32,
  kU64,
  kI64,
  kF64,
  kC64
};

/// As the header spells it, such as "BF16".
std::string_view name_of(StoredDType dtype);
int64_t bytes_per_element(StoredDType dtype);

/// "[32000, 4096]"; "[]" for a scalar.
std::string shape_string(const std::vector<int64_t>& shape);

/// One tensor as the header describes it.
struct TensorEntry {
  StoredDType dtype = StoredDType::kF32;
  std::vector<int64_t> shape;  ///< product fits int64_t, also in bytes
  int64_t begin = 0;           ///< bytes from the end of the header
  int64_t end = 0;
};

/// A tensor in a file, which it keeps open.
struct TensorView {
  std::string name;
  std::string file;  ///< path, for messages
  StoredDType dtype = StoredDType::kF32;
  std::vector<int64_t> shape;
  std::shared_ptr<const InputFile> input;
  int64_t begin = 0;  ///< its first byte in the file

  int64_t elements() const;
};

/// A checked file.
class SafetensorsFile {
 public:
  /// Opens the file and checks the whole header against the format and the file's size.
  explicit SafetensorsFile(const std::filesystem::path& path);

  const std::string& path() const { return input_->path(); }
  const std::map<std::string, TensorEntry>& tensors() const { return tensors_; }
  /// The free-form "__metadata__" of the header.
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  /// Nothing if there is no such tensor.
  std::optional<TensorView> find(const std::string& name) const;

 private:
  std::shared_ptr<const InputFile> input_;
  int64_t data_offset_ = 0;  // first byte after the header
  std::map<std::string, TensorEntry> tensors_;
  std::map<std::string, std::string> metadata_;
};

/// Elements [begin, begin + count) of a weight as float32; no others are read from the file. F32, BF16 and
/// F16 are read exactly; every other dtype is refused.
void read_float32(const TensorView& view, int64_t begin, int64_t count, float* out);
/// The same, and refuses NaN and infinity, naming the first such element.
void read_finite_float32(const TensorView& view, int64_t begin, int64_t count, float* out);
/// Elements [begin, begin + count) of an I64 tensor.
void read_int64(const TensorView& view, int64_t begin, int64_t count, int64_t* out);
/// Whether two tensors are the same in dtype, shape and every byte.
bool equal(const TensorView& a, const TensorView& b);

}  // namespace dmt
