// What a run needs to go on: weights as exact as there are, both moments, the optimizer's count of steps.
//
// [Note: state files] Every rank writes one safetensors file, rank-RRRRR-of-NNNNN.safetensors, with its part
// of each unit (see StateShard). For a unit named U it holds
//
//     U/range          I64 [3]   first element, end, elements of the unit
//     U/master         weights [end - first], F32, or BF16 where that is all there is
//     U/first_moment   [end - first], F32, or BF16 with optimizer states of two bytes
//     U/second_moment  the same
//
// and in its metadata the count of steps, the model's config.json, and of an adapter's state the adapter's.
// Together the files hold each element once, so that ranks of any number, in any sharding mode, find their
// slices in them.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "checkpoint/safetensors.h"
#include "dist/sharded_unit.h"
#include "dmt/engine.h"
#include "model/weights.h"

namespace dmt {

/// What a state file's metadata holds.
struct StateFacts {
  int64_t step = 0;  ///< optimizer steps since the moments were zero
  ModelConfig model;
  OriginalConfigs configs;  ///< to be saved with the model
  AdapterConfig adapter;    ///< whose state it is; no targets: the model's own
};

/// A rank's part of a training state, as an engine has it or as it was.
class TrainingStatePart {
 public:
  TrainingStatePart(std::vector<ShardedUnit>& units, StateFacts facts, int rank, int ranks,
                    StateMemory memory);

  /// Of the file.
  int64_t bytes() const;
  /// Writes the file beside its place, flushes it to the disk and renames it.
  void write(const std::filesystem::path& path) const;

 private:
  struct Part {
    std::string unit;
    int64_t range[3];
    at::Tensor values[3];  // weights, first moment, second moment
    at::Tensor remainder;  // of the weights, see [Note: split master]; may be undefined
    StoredDType stored_dtype(size_t kind) const;
    int64_t bytes(size_t kind) const;
  };
  std::string header() const;

  StateFacts facts_;
  int rank_;
  int ranks_;
  std::vector<Part> parts_;
};

/// Reads the state files of a folder, in memory that does not grow with them.
class TrainingStateReader {
 public:
  enum class Kind { kMaster, kFirstMoment, kSecondMoment };

  /// Opens all files. Throws if one is missing, or they belong to different runs or steps.
  explicit TrainingStateReader(const std::filesystem::path& folder);

  const StateFacts& facts() const { return facts_; }
  /// Throws, naming the unit, unless the files hold exactly these units, each element once.
  void require(const std::vector<UnitLayout>& layouts) const;
  /// Copies elements [first, first + count) of a unit.
  void read(const std::string& unit, Kind kind, int64_t first, int64_t count, float* out) const;

 private:
  struct Piece {
    size_t file;
    int64_t begin;
    int64_t end;
    int64_t unit_elements;
  };
  void add_pieces(size_t file);

  std::filesystem::path folder_;
  StateFacts facts_;
  std::vector<SafetensorsFile> files_;
  std::map<std::string, std::vector<Piece>> pieces_;  // by unit, sorted
};

/// Fills this rank's slices. Collective. @param units of the model, or of its adapter
/// @return the count of steps
int64_t restore_state(std::vector<ShardedUnit>& units, const ModelConfig& model, const AdapterConfig& adapter,
                      const std::filesystem::path& folder);

/// Writes the weights of state files as a model folder, see Engine::save(), or an adapter's as
/// Engine::save_adapter().
void export_state(const std::filesystem::path& folder, const std::filesystem::path& directory, DType dtype);

}  // namespace dmt
