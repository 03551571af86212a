/// The first part of a safetensors file.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "checkpoint/safetensors.h"

namespace dmt {

/// A tensor to be written; its bytes follow those of the one before.
struct HeaderEntry {
  std::string name;
  StoredDType dtype = StoredDType::kF32;
  std::vector<int64_t> shape;
};

/// Product of the sizes. Throws, naming the tensor, if its bytes would not fit int64_t.
int64_t element_count(const std::string& name, const std::vector<int64_t>& shape);

/// Length (8 bytes, little-endian) and JSON, padded so that the data begins at a multiple of 8.
std::string safetensors_header(const std::vector<HeaderEntry>& entries,
                               const std::map<std::string, std::string>& metadata);

}  // namespace dmt
