#include "checkpoint/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/json.h"

namespace dmt {
namespace {

using nlohmann::json;

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

constexpr int64_t kLengthBytes = 8;
constexpr int64_t kMaxHeaderBytes = 100'000'000;  // the limit of the reference implementation
// What passes through a core twice does it in parts that its own cache holds.
constexpr int64_t kPartBytes = 1 << 18;

struct DTypeInfo {
  std::string_view name;
  int64_t bytes;
};

// In the order of StoredDType.
constexpr DTypeInfo kDTypes[] = {{"BOOL", 1},    {"U8", 1},  {"I8", 1},  {"F8_E4M3", 1}, {"F8_E5M2", 1},
                                 {"F8_E8M0", 1}, {"U16", 2}, {"I16", 2}, {"F16", 2},     {"BF16", 2},
                                 {"U32", 4},     {"I32", 4}, {"F32", 4}, {"U64", 8},     {"I64", 8},
                                 {"F64", 8},     {"C64", 8}};

StoredDType parse_dtype(const std::string& name, const std::string& where) {
  for (size_t i = 0; i < std::size(kDTypes); ++i) {
    if (kDTypes[i].name == name) return static_cast<StoredDType>(i);
  }
  fail(where, ": unknown dtype \"", printable_value(name), "\"; expected one such as F32, BF16 or F16");
}

const json& member(const json& object, const char* key, const std::string& where) {
  const auto it = object.find(key);
  DMT_CHECK(it != object.end(), where, ": \"", key, "\" is missing");
  return *it;
}

// Non-negative integers; offsets and shapes are arrays of them.
std::vector<int64_t> sizes(const json& object, const char* key, const std::string& where) {
  const json& array = member(object, key, where);
  DMT_CHECK(array.is_array(), where, ": ", key, " is of type ", array.type_name(), "; expected an array");
  std::vector<int64_t> result;
  result.reserve(array.size());
  for (const json& value : array) {
    DMT_CHECK(value.is_number_unsigned() && value.get<uint64_t>() <= INT64_MAX, where, ": ", key, " holds ",
              value.is_number() ? value.dump() : value.type_name(), "; expected integers from 0 to 2^63 - 1");
    result.push_back(value.get<int64_t>());
  }
  return result;
}

int64_t byte_count(const TensorEntry& entry, const std::string& where) {
  int64_t bytes = bytes_per_element(entry.dtype);
  for (const int64_t size : entry.shape) {
    DMT_CHECK(!__builtin_mul_overflow(bytes, size, &bytes), where, ": shape ", shape_string(entry.shape),
              " of ", name_of(entry.dtype), " has more bytes than fit 64 bits");
  }
  return bytes;
}

TensorEntry parse_entry(const json& value, const std::string& where) {
  DMT_CHECK(value.is_object(), where, ": expected an object, found ", value.type_name());
  const json& dtype = member(value, "dtype", where);
  DMT_CHECK(dtype.is_string(), where, ": dtype is of type ", dtype.type_name(), "; expected a string");
  TensorEntry entry;
  entry.dtype = parse_dtype(dtype.get<std::string>(), where);
  entry.shape = sizes(value, "shape", where);
  const std::vector<int64_t> offsets = sizes(value, "data_offsets", where);
  DMT_CHECK(offsets.size() == 2 && offsets[0] <= offsets[1], where, ": data_offsets are ",
            shape_string(offsets), "; expected [begin, end] with begin <= end");
  entry.begin = offsets[0];
  entry.end = offsets[1];
  const int64_t bytes = byte_count(entry, where);
  DMT_CHECK(entry.end - entry.begin == bytes, where, ": data_offsets ", shape_string(offsets), " span ",
            entry.end - entry.begin, " bytes; expected ", bytes, " for ", name_of(entry.dtype), " of shape ",
            shape_string(entry.shape));
  return entry;
}

std::map<std::string, std::string> parse_metadata(const json& value, const std::string& path) {
  DMT_CHECK(value.is_object(), path, ": __metadata__ is of type ", value.type_name(), "; expected an object");
  std::map<std::string, std::string> metadata;
  for (const auto& [key, text] : value.items()) {
    DMT_CHECK(text.is_string(), path, ": __metadata__ \"", printable_value(key), "\" is of type ",
              text.type_name(), "; expected a string");
    metadata[key] = text.get<std::string>();
  }
  return metadata;
}

// The header's text, which begins after its length.
std::string read_header(const InputFile& file) {
  const std::string& path = file.path();
  DMT_CHECK(file.bytes() >= kLengthBytes, path, ": is truncated: has ", file.bytes(),
            " bytes, expected at least ", kLengthBytes, " for the header's length");
  uint64_t length = 0;
  file.read(0, kLengthBytes, &length);
  DMT_CHECK(length <= kMaxHeaderBytes, path, ": is no safetensors file: its header would have ", length,
            " bytes, at most ", kMaxHeaderBytes, " are allowed");
  const auto bytes = static_cast<int64_t>(length);
  DMT_CHECK(bytes <= file.bytes() - kLengthBytes, path, ": is truncated: has ", file.bytes(),
            " bytes, expected at least ", kLengthBytes + bytes, " for the header");
  std::string header(length, '\0');
  file.read(kLengthBytes, bytes, header.data());
  DMT_CHECK(header.starts_with('{'), path, ": is no safetensors file: its header does not begin with {");
  return header;
}

// The tensors fill the data section from its first byte to its last, without overlaps or holes.
void check_layout(const std::map<std::string, TensorEntry>& tensors, int64_t data_offset, int64_t file_bytes,
                  const std::string& path) {
  std::vector<std::pair<const std::string*, const TensorEntry*>> ordered;
  for (const auto& [name, entry] : tensors) ordered.emplace_back(&name, &entry);
  std::sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) {
    return std::pair(a.second->begin, a.second->end) < std::pair(b.second->begin, b.second->end);
  });
  int64_t position = 0;
  for (const auto& [name, entry] : ordered) {
    DMT_CHECK(entry->begin == position, path, ": tensor \"", printable_value(*name), "\" begins at byte ",
              entry->begin, " of the data; expected ", position, ", where the one before it ends: ",
              entry->begin < position ? "they overlap" : "there is a hole");
    position = entry->end;
  }
  const int64_t data_bytes = file_bytes - data_offset;
  // Compared without data_offset + position, which a forged header can make overflow.
  DMT_CHECK(position <= data_bytes, path, ": is truncated: has ", data_bytes, " bytes of tensors, expected ",
            position);
  DMT_CHECK(position == data_bytes, path, ": has ", data_bytes, " bytes of tensors, expected ", position,
            "; the last ", data_bytes - position, " belong to no tensor");
}

float f16_to_float(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000u) << 16;
  const uint32_t magnitude = half & 0x7fffu;
  const uint32_t normal = (magnitude << 13) + (112u << 23);  // the exponents' biases differ by 112
  const uint32_t special = (magnitude << 13) | 0x7f800000u;
  const auto subnormal = std::bit_cast<uint32_t>(static_cast<float>(magnitude) * 0x1p-24f);
  const uint32_t bits = magnitude >= 0x7c00u ? special : magnitude < 0x0400u ? subnormal : normal;
  return std::bit_cast<float>(sign | bits);
}

float bf16_to_float(uint16_t bits) {
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

// Where elements [begin, begin + count) are in the file.
int64_t position(const TensorView& view, int64_t begin, int64_t count) {
  const int64_t elements = view.elements();
  DMT_CHECK(begin >= 0 && count >= 0 && begin <= elements && count <= elements - begin, view.file,
            ": tensor \"", view.name, "\" has ", elements, " elements; elements ", begin, " to ", begin,
            " + ", count, " were asked for");
  return view.begin + begin * bytes_per_element(view.dtype);
}

// Elements of 16 bits, from a byte of the file on.
template <typename Convert>
void convert_16_bit(const InputFile& file, int64_t from, int64_t count, float* out, Convert convert) {
  const int64_t most = std::min<int64_t>(count, kPartBytes / 2);
  const auto part_bits = std::make_unique_for_overwrite<uint16_t[]>(static_cast<size_t>(most));
  for (int64_t begin = 0; begin < count; begin += most) {
    const int64_t part = std::min(most, count - begin);
    file.read(from + 2 * begin, 2 * part, part_bits.get());
    for (int64_t i = 0; i < part; ++i) out[begin + i] = convert(part_bits[static_cast<size_t>(i)]);
  }
}

// Refuses NaN and infinity among elements [begin, begin + count) of a tensor.
void check_finite(const TensorView& view, int64_t begin, int64_t count, const float* values) {
  // On the bits, so that -ffast-math cannot remove it; a maximum, so that it runs as vector code.
  constexpr uint32_t kInfinity = 0x7f800000u;
  const auto magnitude = [](float value) { return std::bit_cast<uint32_t>(value) & 0x7fffffffu; };
  uint32_t largest = 0;
  for (int64_t i = 0; i < count; ++i) largest = std::max(largest, magnitude(values[i]));
  if (largest < kInfinity) return;
  const float* bad =
      std::find_if(values, values + count, [&](float value) { return magnitude(value) >= kInfinity; });
  fail(view.file, ": tensor \"", view.name, "\" holds ", *bad, " at element ", begin + (bad - values),
       " of shape ", shape_string(view.shape), "; expected finite weights");
}

}  // namespace

std::string_view name_of(StoredDType dtype) {
  return kDTypes[static_cast<size_t>(dtype)].name;
}

int64_t bytes_per_element(StoredDType dtype) {
  return kDTypes[static_cast<size_t>(dtype)].bytes;
}

std::string shape_string(const std::vector<int64_t>& shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  return text + "]";
}

int64_t TensorView::elements() const {
  int64_t count = 1;
  for (const int64_t size : shape) count *= size;  // checked when the file was opened
  return count;
}

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path)
    : input_(std::make_shared<const InputFile>(path)) {
  const std::string text = read_header(*input_);
  data_offset_ = kLengthBytes + static_cast<int64_t>(text.size());
  const json header = parse_json_object(text, input_->path() + ": header");
  for (const auto& [name, value] : header.items()) {
    if (name == "__metadata__") {
      metadata_ = parse_metadata(value, input_->path());
    } else {
      tensors_[name] = parse_entry(value, input_->path() + ": tensor \"" + printable_value(name) + "\"");
    }
  }
  check_layout(tensors_, data_offset_, input_->bytes(), input_->path());
}

std::optional<TensorView> SafetensorsFile::find(const std::string& name) const {
  const auto it = tensors_.find(name);
  if (it == tensors_.end()) return std::nullopt;
  const TensorEntry& entry = it->second;
  return TensorView{name, path(), entry.dtype, entry.shape, input_, data_offset_ + entry.begin};
}

void read_float32(const TensorView& view, int64_t begin, int64_t count, float* out) {
  const int64_t from = position(view, begin, count);
  switch (view.dtype) {
    case StoredDType::kF32:
      return view.input->read(from, count * static_cast<int64_t>(sizeof(float)), out);
    case StoredDType::kBF16:
      return convert_16_bit(*view.input, from, count, out, bf16_to_float);
    case StoredDType::kF16:
      return convert_16_bit(*view.input, from, count, out, f16_to_float);
    default:
      fail(view.file, ": tensor \"", view.name, "\" is ", name_of(view.dtype),
           "; weights must be F32, BF16 or F16");
  }
}

void read_finite_float32(const TensorView& view, int64_t begin, int64_t count, float* out) {
  position(view, begin, count);  // refuses the slice as a whole
  constexpr int64_t kPart = kPartBytes / static_cast<int64_t>(sizeof(float));
  for (int64_t done = 0; done < count; done += kPart) {
    const int64_t part = std::min(kPart, count - done);
    read_float32(view, begin + done, part, out + done);
    check_finite(view, begin + done, part, out + done);
  }
}

void read_int64(const TensorView& view, int64_t begin, int64_t count, int64_t* out) {
  const int64_t from = position(view, begin, count);
  DMT_CHECK(view.dtype == StoredDType::kI64, view.file, ": tensor \"", view.name, "\" is ",
            name_of(view.dtype), "; expected I64");
  view.input->read(from, count * static_cast<int64_t>(sizeof(int64_t)), out);
}

bool equal(const TensorView& a, const TensorView& b) {
  if (a.dtype != b.dtype || a.shape != b.shape) return false;
  std::vector<std::byte> of_a(kPartBytes), of_b(kPartBytes);
  const int64_t bytes = a.elements() * bytes_per_element(a.dtype);
  for (int64_t begin = 0; begin < bytes; begin += kPartBytes) {
    const int64_t part = std::min(kPartBytes, bytes - begin);
    a.input->read(a.begin + begin, part, of_a.data());
    b.input->read(b.begin + begin, part, of_b.data());
    if (!std::equal(of_a.begin(), of_a.begin() + part, of_b.begin())) return false;
  }
  return true;
}

}  // namespace dmt
