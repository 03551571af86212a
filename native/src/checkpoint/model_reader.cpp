#include "checkpoint/model_reader.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <system_error>

#include "base/check.h"
#include "base/files.h"
#include "base/json.h"

namespace dmt {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEmbeddings = "model.embed_tokens.weight";
constexpr const char* kHead = "lm_head.weight";

bool is_present(const fs::path& path) {
  std::error_code ignored;  // what cannot be looked at fails with a reason when it is opened
  return fs::exists(path, ignored);
}

// A folder without safetensors: says what it has instead.
[[noreturn]] void fail_without_safetensors(const fs::path& dir) {
  std::set<std::string> pickles;
  std::error_code error;
  for (const auto& item : fs::directory_iterator(dir, error)) {
    const std::string name = item.path().filename().string();
    const std::string extension = item.path().extension().string();
    if (extension == ".bin" || extension == ".pt" || extension == ".pth" ||
        name.starts_with("consolidated.")) {
      pickles.insert(name);
    }
  }
  DMT_CHECK(!pickles.empty(), "no such model: ", dir.string(),
            " has neither model.safetensors nor model.safetensors.index.json");
  const std::string& name = *pickles.begin();
  const bool original_layout = name.starts_with("consolidated.");
  const bool pickle = !name.ends_with(".safetensors");
  fail(dir.string(), ": weights come only as safetensors in the Hugging Face layout; ", name,
       pickle ? " is a pickle file" : " has another layout", "; convert it with ",
       original_layout ? "convert_llama_weights_to_hf.py of the Python package transformers"
                       : "LlamaForCausalLM.from_pretrained(...).save_pretrained(...) of the Python package "
                         "transformers");
}

std::string checked_shard_name(const nlohmann::json& value, const std::string& tensor,
                               const std::string& index) {
  DMT_CHECK(value.is_string(), index, ": weight_map of \"", printable_value(tensor), "\" is of type ",
            value.type_name(), "; expected a file name");
  const auto name = value.get<std::string>();
  const bool plain = !name.empty() && name.find_first_of(std::string("/\\\0", 3)) == std::string::npos;
  DMT_CHECK(plain, index, ": weight_map of \"", printable_value(tensor), "\" is \"", printable_value(name),
            "\"; expected the name of a file in the same folder");
  DMT_CHECK(name.ends_with(".safetensors"), index, ": weight_map of \"", printable_value(tensor), "\" is \"",
            printable_value(name), "\"; weights come only as safetensors");
  return name;
}

std::map<std::string, std::string> read_weight_map(const fs::path& index) {
  const std::string origin = index.string();
  const nlohmann::json document = parse_json_object(read_text_file(index), origin);
  const auto it = document.find("weight_map");
  DMT_CHECK(it != document.end() && it->is_object(), origin, ": expected an object \"weight_map\"");
  std::map<std::string, std::string> weight_map;
  for (const auto& [tensor, file] : it->items())
    weight_map[tensor] = checked_shard_name(file, tensor, origin);
  DMT_CHECK(!weight_map.empty(), origin, ": weight_map is empty");
  return weight_map;
}

// Levenshtein distance.
size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

// "a, b, c", of at most three.
std::string comma_separated(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < std::min<size_t>(names.size(), 3); ++i)
    text += (i > 0 ? ", " : "") + printable_value(names[i]);
  return text;
}

std::string nearest(const std::string& wanted, const std::vector<std::string>& names) {
  std::vector<std::pair<size_t, std::string>> ranked;
  for (const std::string& name : names) {
    if (name.size() < 200) ranked.emplace_back(edit_distance(wanted, name), name);
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string> first;
  for (size_t i = 0; i < std::min<size_t>(ranked.size(), 3); ++i) first.push_back(ranked[i].second);
  return first.empty() ? "it has none" : "the nearest are " + comma_separated(first);
}

}  // namespace

ModelReader::ModelReader(const fs::path& model_dir) : dir_(model_dir.string()) {
  check_model_dir(model_dir);
  const fs::path single = model_dir / "model.safetensors";
  const fs::path index = model_dir / "model.safetensors.index.json";
  // The single file first, as transformers does where a folder has both.
  if (is_present(single)) {
    open_single(single);
  } else if (is_present(index)) {
    open_sharded(model_dir, index);
  } else {
    fail_without_safetensors(model_dir);
  }
}

void ModelReader::open_single(const fs::path& path) {
  files_.emplace_back(path);
  for (const auto& [name, entry] : files_.back().tensors()) file_of_[name] = 0;
}

void ModelReader::open_sharded(const fs::path& model_dir, const fs::path& index) {
  const std::map<std::string, std::string> weight_map = read_weight_map(index);
  std::map<std::string, size_t> opened;  // shard name -> index into files_
  for (const auto& [tensor, shard] : weight_map) {
    if (!opened.contains(shard)) {
      DMT_CHECK(is_present(model_dir / shard), index.string(), ": names the shard ", printable_value(shard),
                ", which does not exist");
      opened[shard] = files_.size();
      files_.emplace_back(model_dir / shard);
    }
    file_of_[tensor] = opened[shard];
    DMT_CHECK(files_[opened[shard]].tensors().contains(tensor), index.string(), ": says that \"",
              printable_value(tensor), "\" is in ", printable_value(shard), ", where it is not");
  }
  for (const auto& [shard, file] : opened) {
    for (const auto& [tensor, entry] : files_[file].tensors()) {
      const auto listed = file_of_.find(tensor);
      DMT_CHECK(listed != file_of_.end() && listed->second == file, index.string(), ": does not say that \"",
                printable_value(tensor), "\" is in ", printable_value(shard), ", where it is");
    }
  }
}

std::vector<std::string> ModelReader::names() const {
  std::vector<std::string> result;
  for (const auto& [name, file] : file_of_) result.push_back(name);
  return result;
}

TensorView ModelReader::require(const std::string& name, const std::vector<int64_t>& shape) const {
  const auto it = file_of_.find(name);
  DMT_CHECK(it != file_of_.end(), dir_, ": tensor \"", name, "\" is missing; ", nearest(name, names()),
            name == kHead ? " (tie_word_embeddings is false or absent in config.json)" : "");
  TensorView view = *files_[it->second].find(name);
  DMT_CHECK(view.shape == shape, view.file, ": tensor \"", name, "\" has shape ", shape_string(view.shape),
            "; expected ", shape_string(shape), " from config.json");
  const bool weight =
      view.dtype == StoredDType::kF32 || view.dtype == StoredDType::kBF16 || view.dtype == StoredDType::kF16;
  DMT_CHECK(weight, view.file, ": tensor \"", name, "\" is ", name_of(view.dtype),
            "; weights must be F32, BF16 or F16");
  return view;
}

void ModelReader::refuse_others(const std::vector<std::string>& expected) const {
  const std::set<std::string> known(expected.begin(), expected.end());
  std::vector<std::string> others;
  for (const auto& [name, file] : file_of_) {
    if (known.contains(name) || name.ends_with(".rotary_emb.inv_freq")) continue;
    if (name == kHead && known.contains(kEmbeddings) && file_of_.contains(kEmbeddings)) {
      const TensorView head = *files_[file].find(name);
      const TensorView embeddings = *files_[file_of_.at(kEmbeddings)].find(kEmbeddings);
      DMT_CHECK(equal(head, embeddings), head.file, ": ", kHead, " differs from ", kEmbeddings,
                " although config.json has tie_word_embeddings true; set it to false to use both");
      continue;
    }
    others.push_back(name);
  }
  DMT_CHECK(others.empty(), dir_, ": ", others.size(),
            " tensors do not belong to a LlamaForCausalLM of the shape in ",
            "config.json: ", comma_separated(others), others.size() > 3 ? ", ..." : "");
}

}  // namespace dmt
