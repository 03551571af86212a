#include "model/training_state.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <utility>

#include "base/check.h"
#include "checkpoint/safetensors_header.h"
#include "checkpoint/safetensors_writer.h"
#include "checkpoint/staged_file.h"
#include "model/adapter.h"
#include "model/adapter_files.h"
#include "model/llama_config.h"
#include "model/model_units.h"

namespace dmt {
namespace fs = std::filesystem;

namespace {

constexpr const char* kFormat = "dmt.training_state";
constexpr const char* kVersion = "1";
constexpr const char* kRange = "/range";
// In the order of TrainingStateReader::Kind.
constexpr size_t kMaster = 0;
constexpr std::array<const char*, 3> kKinds = {"/master", "/first_moment", "/second_moment"};

/// The number in a file's metadata.
int64_t metadata_number(const SafetensorsFile& file, const std::string& key) {
  const auto found = file.metadata().find(key);
  DMT_CHECK(found != file.metadata().end(), file.path(), ": its metadata has no \"", key,
            "\"; expected a file of a training state");
  const std::string& text = found->second;
  DMT_CHECK(!text.empty() && text.size() < 19 && text.find_first_not_of("0123456789") == std::string::npos,
            file.path(), ": metadata \"", key, "\" is \"", text, "\", expected a number");
  return std::stoll(text);
}

std::string text(const SafetensorsFile& file, const std::string& key) {
  const auto found = file.metadata().find(key);
  return found == file.metadata().end() ? std::string() : found->second;
}

SafetensorsFile open_state(const fs::path& path) {
  SafetensorsFile file(path);
  DMT_CHECK(text(file, "format") == kFormat, file.path(), ": metadata \"format\" is \"", text(file, "format"),
            "\", expected \"", kFormat, "\"");
  DMT_CHECK(text(file, "version") == kVersion, file.path(), ": written in version \"", text(file, "version"),
            "\" of the format; this program reads ", kVersion);
  return file;
}

int64_t bytes_in_file(const at::Tensor& values) {
  return values.numel() * static_cast<int64_t>(values.element_size());
}

/// Writes weights in float32, in memory that does not grow with them.
void write_joined(StagedFile& file, const at::Tensor& weights, const at::Tensor& remainder) {
  constexpr int64_t kPart = 1 << 22;
  for (int64_t first = 0; first < weights.numel(); first += kPart) {
    const int64_t count = std::min(kPart, weights.numel() - first);
    const at::Tensor joined =
        join(weights.narrow(0, first, count).cpu(), remainder.narrow(0, first, count).cpu());
    file.write(joined.const_data_ptr(), bytes_in_file(joined));
  }
}

/// Of the units whose state it is.
std::vector<UnitLayout> layouts_of(const ModelConfig& model, const AdapterConfig& adapter) {
  return has_adapter(adapter) ? adapter_layouts(model, adapter) : unit_layouts(model);
}

void require_same_adapter(const AdapterConfig& state, const AdapterConfig& engine,
                          const std::string& folder) {
  const auto text_of = [](const AdapterConfig& adapter) {
    return has_adapter(adapter) ? adapter_text(adapter) : std::string("none");
  };
  DMT_CHECK(text_of(state) == text_of(engine), folder, " is of the adapter ", text_of(state),
            ", this engine's is ", text_of(engine));
}

bool is_state_file(const std::string& name) {
  return name.starts_with("rank-") && name.ends_with(".safetensors");
}

/// State files in the order of ranks.
std::vector<SafetensorsFile> open_all(const fs::path& folder) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (is_state_file(entry.path().filename().string())) paths.push_back(entry.path());
  }
  DMT_CHECK(!error, folder.string(), ": cannot be listed: ", error.message());
  DMT_CHECK(!paths.empty(), folder.string(), ": no file rank-*.safetensors; expected a training state");
  std::sort(paths.begin(), paths.end());
  std::vector<SafetensorsFile> files;
  for (const fs::path& path : paths) files.push_back(open_state(path));
  return files;
}

}  // namespace

StoredDType TrainingStatePart::Part::stored_dtype(size_t kind) const {
  const bool exact = values[kind].scalar_type() == at::kFloat || (kind == kMaster && remainder.defined());
  return exact ? StoredDType::kF32 : StoredDType::kBF16;
}

int64_t TrainingStatePart::Part::bytes(size_t kind) const {
  return values[kind].numel() * (stored_dtype(kind) == StoredDType::kF32 ? 4 : 2);
}

TrainingStatePart::TrainingStatePart(std::vector<ShardedUnit>& units, StateFacts facts, int rank, int ranks,
                                     StateMemory memory)
    : facts_(std::move(facts)), rank_(rank), ranks_(ranks) {
  for (ShardedUnit& unit : units) {
    const StateShard shard = unit.state_shard();
    const auto keep = [&](const at::Tensor& view) {
      if (memory == StateMemory::kShared) return view;
      return view.is_cpu() ? view.clone() : view.cpu();
    };
    parts_.push_back({unit.layout().name,
                      {shard.begin, shard.begin + shard.weights.numel(), unit.layout().elements},
                      {keep(shard.weights), keep(shard.first_moment), keep(shard.second_moment)},
                      shard.remainder.defined() ? keep(shard.remainder) : at::Tensor()});
  }
}

std::string TrainingStatePart::header() const {
  std::vector<HeaderEntry> entries;
  for (const Part& part : parts_) {
    entries.push_back({part.unit + kRange, StoredDType::kI64, {3}});
    for (size_t kind = 0; kind < kKinds.size(); ++kind) {
      entries.push_back({part.unit + kKinds[kind], part.stored_dtype(kind), {part.range[1] - part.range[0]}});
    }
  }
  return safetensors_header(entries,
                            {{"format", kFormat},
                             {"version", kVersion},
                             {"rank", std::to_string(rank_)},
                             {"ranks", std::to_string(ranks_)},
                             {"step", std::to_string(facts_.step)},
                             {"config", config_json(facts_.model, DType::kFloat32, facts_.configs.config)},
                             {"generation_config", facts_.configs.generation_config},
                             {"adapter", has_adapter(facts_.adapter) ? adapter_text(facts_.adapter) : ""}});
}

int64_t TrainingStatePart::bytes() const {
  auto bytes = static_cast<int64_t>(header().size());
  for (const Part& part : parts_) {
    bytes += sizeof(part.range);
    for (size_t kind = 0; kind < kKinds.size(); ++kind) bytes += part.bytes(kind);
  }
  return bytes;
}

void TrainingStatePart::write(const fs::path& path) const {
  const std::string head = header();
  StagedFile file(path, bytes());
  file.write(head.data(), static_cast<int64_t>(head.size()));
  for (const Part& part : parts_) {
    file.write(part.range, sizeof(part.range));
    for (size_t kind = 0; kind < kKinds.size(); ++kind) {
      if (kind == kMaster && part.remainder.defined()) {
        write_joined(file, part.values[kind], part.remainder);
      } else {
        const at::Tensor host = part.values[kind].cpu();
        file.write(host.const_data_ptr(), bytes_in_file(host));
      }
    }
  }
  file.finish();
  file.publish();
  flush_directory(path.parent_path());
}

TrainingStateReader::TrainingStateReader(const fs::path& folder) : folder_(folder), files_(open_all(folder)) {
  const SafetensorsFile& first = files_.front();
  const int64_t ranks = metadata_number(first, "ranks");
  facts_.step = metadata_number(first, "step");
  facts_.configs = {text(first, "config"), text(first, "generation_config")};
  facts_.model = parse_model_config(facts_.configs.config, first.path());
  facts_.adapter = parse_adapter_text(text(first, "adapter"), first.path());
  for (size_t i = 0; i < files_.size(); ++i) {
    const SafetensorsFile& file = files_[i];
    DMT_CHECK(metadata_number(file, "ranks") == ranks && metadata_number(file, "step") == facts_.step,
              file.path(), " is of step ", metadata_number(file, "step"), " of ",
              metadata_number(file, "ranks"), " ranks, ", first.path(), " of step ", facts_.step, " of ",
              ranks, " ranks");
    DMT_CHECK(metadata_number(file, "rank") == static_cast<int64_t>(i), folder_.string(),
              ": the file of rank ", i, " of ", ranks, " is missing");
    add_pieces(i);
  }
  DMT_CHECK(static_cast<int64_t>(files_.size()) == ranks, folder_.string(), ": the file of rank ",
            files_.size(), " of ", ranks, " is missing");
  for (auto& [unit, pieces] : pieces_) {
    std::sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) {
      return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    int64_t next = 0;
    for (const Piece& piece : pieces) {
      DMT_CHECK(piece.begin == next || piece.begin == piece.end, folder_.string(), ": elements ",
                std::min(next, piece.begin), " to ", std::max(next, piece.begin), " of ", unit, " are ",
                piece.begin > next ? "in no file" : "in two files");
      next = std::max(next, piece.end);
    }
    DMT_CHECK(next == pieces.front().unit_elements, folder_.string(), ": ", unit, " has ", next,
              " elements in the files, expected ", pieces.front().unit_elements);
  }
}

void TrainingStateReader::add_pieces(size_t file) {
  const SafetensorsFile& source = files_[file];
  for (const auto& [name, entry] : source.tensors()) {
    if (!name.ends_with(kRange)) continue;
    const std::string unit = name.substr(0, name.size() - std::string(kRange).size());
    DMT_CHECK(entry.dtype == StoredDType::kI64 && entry.shape == std::vector<int64_t>{3}, source.path(),
              ": \"", name, "\" is ", name_of(entry.dtype), " ", shape_string(entry.shape),
              ", expected I64 [3]");
    std::array<int64_t, 3> range{};
    read_int64(*source.find(name), 0, 3, range.data());
    const auto [begin, end, elements] = range;
    DMT_CHECK(begin >= 0 && begin <= end && end <= elements, source.path(), ": \"", name, "\" is [", begin,
              ", ", end, ", ", elements, "], expected rising numbers");
    for (const char* kind : kKinds) {
      const std::optional<TensorView> values = source.find(unit + kind);
      const bool known = values.has_value() && values->elements() == end - begin &&
                         (values->dtype == StoredDType::kF32 || values->dtype == StoredDType::kBF16);
      DMT_CHECK(known, source.path(), ": \"", unit, kind, "\" is missing, or not F32 or BF16 [", end - begin,
                "]");
    }
    pieces_[unit].push_back({file, begin, end, elements});
    DMT_CHECK(pieces_[unit].front().unit_elements == elements, source.path(), ": ", unit, " has ", elements,
              " elements, in ", files_.front().path(), " ", pieces_[unit].front().unit_elements);
  }
}

void TrainingStateReader::require(const std::vector<UnitLayout>& layouts) const {
  for (const UnitLayout& layout : layouts) {
    const auto found = pieces_.find(layout.name);
    DMT_CHECK(found != pieces_.end(), folder_.string(), " is of another model: it has no ", layout.name);
    const int64_t elements = found->second.front().unit_elements;
    DMT_CHECK(elements == layout.elements, folder_.string(), " is of another model: its ", layout.name,
              " has ", elements, " parameters, this model's ", layout.elements);
  }
  DMT_CHECK(pieces_.size() == layouts.size(), folder_.string(), " is of another model: it has ",
            pieces_.size(), " units, this model ", layouts.size());
}

void TrainingStateReader::read(const std::string& unit, Kind kind, int64_t first, int64_t count,
                               float* out) const {
  for (const Piece& piece : pieces_.at(unit)) {
    const int64_t begin = std::max(first, piece.begin);
    const int64_t end = std::min(first + count, piece.end);
    if (begin >= end) continue;
    const TensorView view = *files_[piece.file].find(unit + kKinds[static_cast<size_t>(kind)]);
    read_float32(view, begin - piece.begin, end - begin, out + (begin - first));
  }
}

int64_t restore_state(std::vector<ShardedUnit>& units, const ModelConfig& model, const AdapterConfig& adapter,
                      const fs::path& folder) {
  using Kind = TrainingStateReader::Kind;
  const TrainingStateReader reader(folder);
  require_same_adapter(reader.facts().adapter, adapter, folder.string());
  reader.require(layouts_of(model, adapter));
  for (ShardedUnit& unit : units) {
    const auto fill = [&](Kind kind) {
      return [&reader, &unit, kind](int64_t first, int64_t count, float* out) {
        reader.read(unit.layout().name, kind, first, count, out);
      };
    };
    unit.initialise(fill(Kind::kMaster));
    unit.initialise_moments(fill(Kind::kFirstMoment), fill(Kind::kSecondMoment));
  }
  return reader.facts().step;
}

void export_state(const fs::path& folder, const fs::path& directory, DType dtype) {
  const TrainingStateReader reader(folder);
  const StateFacts& facts = reader.facts();
  const std::vector<UnitLayout> layouts = layouts_of(facts.model, facts.adapter);
  reader.require(layouts);
  std::vector<std::pair<const UnitLayout*, const ParameterSpec*>> tensors;
  std::vector<TensorSpec> specs;
  for (const UnitLayout& layout : layouts) {
    for (const ParameterSpec& parameter : layout.parameters) {
      tensors.emplace_back(&layout, &parameter);
      specs.push_back({parameter.name, parameter.shape});
    }
  }
  const auto read = [&](size_t tensor, int64_t begin, int64_t count, float* out) {
    const auto& [layout, parameter] = tensors[tensor];
    reader.read(layout->name, TrainingStateReader::Kind::kMaster, parameter->offset + begin, count, out);
  };
  if (has_adapter(facts.adapter)) {
    write_adapter(directory, facts.model, facts.adapter, dtype, read);
  } else {
    write_model(directory, specs, model_options(facts.model, dtype, facts.configs), read);
  }
}

}  // namespace dmt
