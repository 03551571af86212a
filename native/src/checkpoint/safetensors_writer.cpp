#include "checkpoint/safetensors_writer.h"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <system_error>

#include "base/check.h"
#include "checkpoint/safetensors.h"
#include "checkpoint/safetensors_header.h"
#include "checkpoint/staged_file.h"

namespace dmt {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kChunkElements = 1 << 20;  // what a save holds in memory: 4 MB, and 2 MB more for BF16
constexpr const char* kSingleName = "model.safetensors";
constexpr const char* kIndexName = "model.safetensors.index.json";

// Consecutive tensors [first, end) that share a file.
struct Shard {
  size_t first = 0;
  size_t end = 0;
  std::string file;
  std::string header;  // with its length in front
  int64_t data_bytes = 0;
};

int64_t stored_bytes(DType dtype) {
  return dtype == DType::kBFloat16 ? 2 : 4;
}

int64_t element_count(const TensorSpec& tensor) {
  return dmt::element_count(tensor.name, tensor.shape);
}

std::string make_header(const std::vector<TensorSpec>& tensors, const Shard& shard, DType dtype) {
  const StoredDType stored = dtype == DType::kBFloat16 ? StoredDType::kBF16 : StoredDType::kF32;
  std::vector<HeaderEntry> entries;
  for (size_t i = shard.first; i < shard.end; ++i)
    entries.push_back({tensors[i].name, stored, tensors[i].shape});
  return safetensors_header(entries, {{"format", "pt"}});  // transformers refuses files without it
}

std::string shard_name(size_t number, size_t count) {
  if (count == 1) return kSingleName;
  char name[80];
  std::snprintf(name, sizeof(name), "model-%05zu-of-%05zu.safetensors", number, count);
  return name;
}

std::vector<Shard> plan_shards(const std::vector<TensorSpec>& tensors, const WriteOptions& options) {
  std::vector<Shard> shards(1);
  for (size_t i = 0; i < tensors.size(); ++i) {
    const int64_t bytes = element_count(tensors[i]) * stored_bytes(options.dtype);
    const bool full = shards.back().data_bytes > options.max_shard_bytes - bytes;
    if (full && i > shards.back().first) shards.emplace_back().first = i;
    shards.back().end = i + 1;
    shards.back().data_bytes += bytes;
  }
  for (size_t i = 0; i < shards.size(); ++i) {
    shards[i].file = shard_name(i + 1, shards.size());
    shards[i].header = make_header(tensors, shards[i], options.dtype);
  }
  return shards;
}

std::string make_index(const std::vector<TensorSpec>& tensors, const std::vector<Shard>& shards) {
  nlohmann::json index;
  int64_t parameters = 0;
  int64_t bytes = 0;
  for (const Shard& shard : shards) {
    bytes += shard.data_bytes;
    for (size_t i = shard.first; i < shard.end; ++i) {
      index["weight_map"][tensors[i].name] = shard.file;
      parameters += element_count(tensors[i]);
    }
  }
  index["metadata"] = {{"total_parameters", parameters}, {"total_size", bytes}};
  return index.dump(2) + "\n";
}

uint16_t bf16_from_float(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  // A NaN stays one: rounding could carry its payload into the exponent, or drop it and leave infinity.
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<uint16_t>((bits >> 16) | 0x0040u);
  return static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);  // to nearest, ties to even
}

void write_tensor(size_t tensor, int64_t elements, DType dtype, const ReadSlice& read_slice,
                  StagedFile& file) {
  std::vector<float> values(static_cast<size_t>(std::min(elements, kChunkElements)));
  std::vector<uint16_t> rounded(dtype == DType::kBFloat16 ? values.size() : 0);
  for (int64_t begin = 0; begin < elements; begin += kChunkElements) {
    const int64_t count = std::min(kChunkElements, elements - begin);
    read_slice(tensor, begin, count, values.data());
    if (dtype == DType::kBFloat16) {
      std::transform(values.begin(), values.begin() + count, rounded.begin(), bf16_from_float);
      file.write(rounded.data(), count * 2);
    } else {
      file.write(values.data(), count * 4);
    }
  }
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Also of shards of other counts, and of their temporaries.
bool is_weight_file(std::string_view name) {
  if (name.ends_with(".tmp")) name.remove_suffix(4);
  if (name == kSingleName || name == kIndexName) return true;
  if (!name.starts_with("model-") || !name.ends_with(".safetensors")) return false;
  name.remove_prefix(std::string_view("model-").size());
  name.remove_suffix(std::string_view(".safetensors").size());
  const size_t of = name.find("-of-");
  return of != std::string_view::npos && is_number(name.substr(0, of)) && is_number(name.substr(of + 4));
}

// Weight files of an older save, which readers could take for part of this one, and temporaries of a save
// that was killed.
void remove_stale_files(const fs::path& directory, const std::set<std::string>& current) {
  std::error_code error;
  std::vector<fs::path> stale;
  for (const auto& item : fs::directory_iterator(directory, error)) {
    const std::string name = item.path().filename().string();
    if (is_weight_file(name) && !current.contains(name)) stale.push_back(item.path());
  }
  DMT_CHECK(!error, directory.string(), ": cannot be listed: ", error.message());
  for (const fs::path& path : stale) {
    fs::remove(path, error);
    DMT_CHECK(!error, "cannot remove ", path.string(), " of an older save: ", error.message());
  }
}

void check_request(const fs::path& directory, const std::vector<TensorSpec>& tensors,
                   const WriteOptions& options) {
  std::error_code error;
  DMT_CHECK(fs::is_directory(directory, error), "cannot save to ", directory.string(), ": no such folder");
  DMT_CHECK(options.max_shard_bytes > 0, "max_shard_bytes is ", options.max_shard_bytes,
            "; expected at least 1");
  DMT_CHECK(!tensors.empty(), "cannot save to ", directory.string(), ": there are no tensors");
  std::set<std::string> names{"__metadata__"};
  for (const TensorSpec& tensor : tensors) {
    DMT_CHECK(names.insert(tensor.name).second, "cannot save to ", directory.string(), ": tensor name \"",
              tensor.name, tensor.name == "__metadata__" ? "\" is reserved" : "\" occurs twice");
  }
  for (const auto& [name, content] : options.text_files) {
    DMT_CHECK(!name.empty() && name.find('/') == std::string::npos && !is_weight_file(name), "cannot save ",
              name, " beside the weights; expected a plain name that is not theirs");
  }
}

}  // namespace

void write_model(const fs::path& directory, const std::vector<TensorSpec>& tensors,
                 const WriteOptions& options, const ReadSlice& read_slice) {
  check_request(directory, tensors, options);
  const std::vector<Shard> shards = plan_shards(tensors, options);
  std::map<std::string, std::string> text_files = options.text_files;
  if (shards.size() > 1) text_files[kIndexName] = make_index(tensors, shards);

  // All space is claimed before the first byte is written. Weights are renamed before the small files.
  std::vector<std::unique_ptr<StagedFile>> staged;
  std::set<std::string> current;
  const auto stage = [&](const std::string& name, int64_t bytes) {
    staged.push_back(std::make_unique<StagedFile>(directory / name, bytes));
    current.insert(name);
  };
  for (const Shard& shard : shards)
    stage(shard.file, static_cast<int64_t>(shard.header.size()) + shard.data_bytes);
  for (const auto& [name, content] : text_files) stage(name, static_cast<int64_t>(content.size()));

  size_t next = 0;
  for (const Shard& shard : shards) {
    StagedFile& file = *staged[next++];
    file.write(shard.header.data(), static_cast<int64_t>(shard.header.size()));
    for (size_t i = shard.first; i < shard.end; ++i) {
      write_tensor(i, element_count(tensors[i]), options.dtype, read_slice, file);
    }
    file.finish();
  }
  for (const auto& [name, content] : text_files) {
    StagedFile& file = *staged[next++];
    file.write(content.data(), static_cast<int64_t>(content.size()));
    file.finish();
  }

  for (const auto& file : staged) file->publish();
  flush_directory(directory);
  remove_stale_files(directory, current);
  flush_directory(directory);
}

void write_weight_file(const fs::path& path, const std::vector<TensorSpec>& tensors, DType dtype,
                       const ReadSlice& read_slice) {
  WriteOptions options;
  options.dtype = dtype;
  options.max_shard_bytes = std::numeric_limits<int64_t>::max();
  check_request(path.parent_path(), tensors, options);
  const std::vector<Shard> shards = plan_shards(tensors, options);
  const Shard& shard = shards.front();
  StagedFile file(path, static_cast<int64_t>(shard.header.size()) + shard.data_bytes);
  file.write(shard.header.data(), static_cast<int64_t>(shard.header.size()));
  for (size_t i = 0; i < tensors.size(); ++i)
    write_tensor(i, element_count(tensors[i]), dtype, read_slice, file);
  file.finish();
  file.publish();
  flush_directory(path.parent_path());
}

}  // namespace dmt
