#include "checkpoint/safetensors_header.h"

#include <array>
#include <bit>
#include <nlohmann/json.hpp>

#include "base/check.h"

namespace dmt {

int64_t element_count(const std::string& name, const std::vector<int64_t>& shape) {
  int64_t count = 1;
  for (const int64_t size : shape) {
    const bool fits = size >= 0 && !__builtin_mul_overflow(count, size, &count) && count <= INT64_MAX / 8;
    DMT_CHECK(fits, "tensor \"", name, "\" cannot be written with shape ", shape_string(shape));
  }
  return count;
}

std::string safetensors_header(const std::vector<HeaderEntry>& entries,
                               const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header;
  header["__metadata__"] = metadata;
  int64_t position = 0;
  for (const HeaderEntry& tensor : entries) {
    const int64_t end = position + element_count(tensor.name, tensor.shape) * bytes_per_element(tensor.dtype);
    nlohmann::ordered_json entry;
    entry["dtype"] = name_of(tensor.dtype);
    entry["shape"] = tensor.shape;
    entry["data_offsets"] = {position, end};
    header[tensor.name] = std::move(entry);
    position = end;
  }
  std::string json = header.dump();
  json.resize((json.size() + 7) / 8 * 8, ' ');
  const auto length = std::bit_cast<std::array<char, 8>>(static_cast<uint64_t>(json.size()));
  return std::string(length.begin(), length.end()) + json;
}

}  // namespace dmt
