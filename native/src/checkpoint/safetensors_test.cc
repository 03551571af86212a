#include "checkpoint/safetensors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <limits>
#include <random>

#include "base/expect_error.h"
#include "base/temp_dir.h"
#include "checkpoint/test_files.h"

namespace dmt::safetensors_test {
namespace {

class Safetensors : public ::testing::Test {
 protected:
  // What a file with these bytes is refused with.
  std::string refusal(const std::string& bytes) const {
    return error_of([&] { SafetensorsFile file(dir_.write("x.safetensors", bytes)); });
  }
  std::string refusal_of_header(const std::string& header, size_t data_bytes) const {
    return refusal(safetensors_bytes(header, std::string(data_bytes, '\0')));
  }
  SafetensorsFile open(const std::string& bytes) const {
    return SafetensorsFile(dir_.write("x.safetensors", bytes));
  }

  TempDir dir_;
};

// One tensor of 16-bit elements.
std::string file_of_16_bit(const std::string& dtype, const std::vector<uint16_t>& bits) {
  const auto bytes = static_cast<int64_t>(2 * bits.size());
  return safetensors_bytes("{" + entry("w", dtype, "[" + std::to_string(bits.size()) + "]", 0, bytes) + "}",
                           raw_bytes(bits));
}

// By the definition of the format, in doubles.
double f16_reference(uint16_t bits) {
  const double sign = bits & 0x8000 ? -1 : 1;
  const int exponent = (bits >> 10) & 31;
  const int mantissa = bits & 1023;
  if (exponent == 31) return mantissa ? std::nan("") : sign * std::numeric_limits<double>::infinity();
  return exponent == 0 ? sign * std::ldexp(mantissa, -24) : sign * std::ldexp(1024 + mantissa, exponent - 25);
}

TEST_F(Safetensors, ListsTensorsAndMetadata) {
  const std::string header = "{\"__metadata__\":{\"format\":\"pt\"}," + entry("b", "F32", "[2,1]", 0, 8) +
                             "," + entry("a", "I64", "[1]", 8, 16) + "," +
                             entry("empty", "F16", "[0,5]", 8, 8) + "," +
                             entry("scalar", "F32", "[]", 16, 20) + "}   ";
  const SafetensorsFile file = open(safetensors_bytes(header, std::string(20, '\0')));
  EXPECT_EQ(file.metadata().at("format"), "pt");
  EXPECT_EQ(file.tensors().size(), 4u);
  EXPECT_EQ(file.find("b")->shape, (std::vector<int64_t>{2, 1}));
  EXPECT_EQ(file.find("a")->dtype, StoredDType::kI64);
  EXPECT_EQ(file.find("empty")->elements(), 0);
  EXPECT_EQ(file.find("scalar")->elements(), 1);
  EXPECT_FALSE(file.find("absent").has_value());
}

TEST_F(Safetensors, AcceptsAFileWithoutTensors) {
  EXPECT_TRUE(open(safetensors_bytes("{}", "")).tensors().empty());
}

TEST_F(Safetensors, TimeToOpenGrowsWithTheSizeAlone) {
  std::string header = "{";
  for (int i = 0; i < 200'000; ++i) header += entry("t" + std::to_string(i), "F32", "[0]", 0, 0) + ",";
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(
      open(safetensors_bytes(header + entry("last", "F32", "[1]", 0, 4) + "}", "0000")).tensors().size(),
      200'001u);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));  // 75 s if it were quadratic
}

TEST_F(Safetensors, EscapesAndCutsWhatItQuotes) {
  EXPECT_EQ(refusal_of_header("{" + entry("\\u001b[2J\\u0000", "F3", "[]", 0, 4) + "}", 4),
            (dir_ / "x.safetensors").string() +
                ": tensor \"\\x1b[2J\\x00\": unknown dtype \"F3\"; expected one such as F32, BF16 or F16");
  const std::string cut =
      refusal_of_header("{" + entry(std::string(100'000, 'n'), "F3", "[]", 0, 4) + "}", 4);
  EXPECT_NE(cut.find("nnn... (99800 bytes cut) ...nnn"), std::string::npos);
  EXPECT_LT(cut.size(), 1000u);
}

TEST_F(Safetensors, ReadsAnySliceOfFloat32) {
  const SafetensorsFile file = open(small_file({"a", "b", "c"}));
  float out[2] = {NAN, NAN};
  read_float32(*file.find("b"), 1, 1, out);
  EXPECT_EQ(out[0], 3.0f);
  EXPECT_TRUE(std::isnan(out[1]));  // no element beyond the slice is written
  read_float32(*file.find("c"), 0, 2, out);
  EXPECT_EQ(out[0], 4.0f);
  EXPECT_EQ(out[1], 5.0f);
  read_float32(*file.find("c"), 2, 0, nullptr);
}

TEST_F(Safetensors, ReadsEveryBFloat16Exactly) {
  std::vector<uint16_t> bits(65536);
  std::iota(bits.begin(), bits.end(), uint16_t{0});
  const SafetensorsFile file = open(file_of_16_bit("BF16", bits));
  std::vector<float> values(bits.size());
  read_float32(*file.find("w"), 0, 65536, values.data());
  for (uint32_t i = 0; i < bits.size(); ++i) {
    uint32_t actual = 0;
    std::memcpy(&actual, &values[i], 4);
    ASSERT_EQ(actual, i << 16);
  }
}

TEST_F(Safetensors, ReadsEveryFloat16Exactly) {
  std::vector<uint16_t> bits(65536);
  std::iota(bits.begin(), bits.end(), uint16_t{0});
  const SafetensorsFile file = open(file_of_16_bit("F16", bits));
  std::vector<float> values(bits.size());
  read_float32(*file.find("w"), 0, 65536, values.data());
  for (size_t i = 0; i < bits.size(); ++i) {
    const double expected = f16_reference(bits[i]);
    ASSERT_EQ(std::isnan(values[i]), std::isnan(expected)) << i;
    ASSERT_TRUE(std::isnan(expected) || values[i] == expected)
        << i << ": " << values[i] << ", expected " << expected;
    ASSERT_EQ(std::signbit(values[i]), (bits[i] & 0x8000) != 0) << i;
  }
}

TEST_F(Safetensors, ReadsDataThatIsNotAligned) {
  const std::string header = "{" + entry("byte", "U8", "[1]", 0, 1) + "," + entry("w", "F32", "[1]", 1, 5) +
                             "," + entry("h", "BF16", "[1]", 5, 7) + "," + entry("i", "I64", "[1]", 7, 15) +
                             "}";
  const std::string data =
      "x" + raw_bytes<float>({1.5f}) + raw_bytes<uint16_t>({0x3fc0}) + raw_bytes<int64_t>({-7});
  const SafetensorsFile file = open(safetensors_bytes(header, data));
  float value = 0;
  read_float32(*file.find("w"), 0, 1, &value);
  EXPECT_EQ(value, 1.5f);
  read_float32(*file.find("h"), 0, 1, &value);
  EXPECT_EQ(value, 1.5f);
  int64_t integer = 0;
  read_int64(*file.find("i"), 0, 1, &integer);
  EXPECT_EQ(integer, -7);
}

TEST_F(Safetensors, RefusesOtherDTypesAsWeights) {
  const SafetensorsFile file = open(safetensors_bytes("{" + entry("w", "I64", "[1]", 0, 8) + "," +
                                                          entry("f8", "F8_E4M3", "[1]", 8, 9) + "," +
                                                          entry("d", "F64", "[1]", 9, 17) + "}",
                                                      std::string(17, '\0')));
  float out = 0;
  int64_t integer = 0;
  EXPECT_ERROR(read_float32(*file.find("w"), 0, 1, &out),
               "tensor \"w\" is I64; weights must be F32, BF16 or F16");
  EXPECT_ERROR(read_float32(*file.find("f8"), 0, 1, &out), "tensor \"f8\" is F8_E4M3; weights must be");
  EXPECT_ERROR(read_int64(*file.find("d"), 0, 1, &integer), "tensor \"d\" is F64; expected I64");
}

TEST_F(Safetensors, RefusesSlicesOutsideTheTensor) {
  const SafetensorsFile file = open(small_file({"a"}));
  float out[2];
  struct Slice {
    int64_t begin, count;
  };
  for (const Slice& slice :
       std::vector<Slice>{{-1, 1}, {0, 3}, {2, 1}, {3, 0}, {0, -1}, {INT64_MAX, 2}, {1, INT64_MAX}}) {
    EXPECT_ERROR(read_float32(*file.find("a"), slice.begin, slice.count, out),
                 "tensor \"a\" has 2 elements; elements ");
  }
}

TEST_F(Safetensors, NamesTheFirstElementThatIsNotFinite) {
  const SafetensorsFile file = open(file_of_16_bit("BF16", {0x3f80, 0x7f80, 0x7fc0, 0xff80}));
  float out[4];
  EXPECT_NO_THROW(read_finite_float32(*file.find("w"), 0, 1, out));
  EXPECT_ERROR(read_finite_float32(*file.find("w"), 0, 4, out),
               "tensor \"w\" holds inf at element 1 of shape [4]; expected finite weights");
  EXPECT_ERROR(read_finite_float32(*file.find("w"), 2, 2, out),
               "tensor \"w\" holds nan at element 2 of shape [4]");
  EXPECT_ERROR(read_finite_float32(*file.find("w"), 3, 1, out), "tensor \"w\" holds -inf at element 3");
}

TEST_F(Safetensors, ReadsSlicesLongerThanItsBuffer) {
  std::vector<uint16_t> bits(300'000);
  for (size_t i = 0; i < bits.size(); ++i)
    bits[i] = static_cast<uint16_t>(i % 32'000);  // finite, not negative
  const SafetensorsFile file = open(file_of_16_bit("BF16", bits));
  std::vector<float> values(299'997);
  read_finite_float32(*file.find("w"), 3, 299'997, values.data());
  for (size_t i = 0; i < values.size(); ++i)
    ASSERT_EQ(std::bit_cast<uint32_t>(values[i]), uint32_t{bits[i + 3]} << 16) << i;
}

TEST_F(Safetensors, ComparesEveryByteOfTwoTensors) {
  std::vector<uint16_t> bits(300'000, 0x4000);
  const SafetensorsFile one(dir_.write("one", file_of_16_bit("BF16", bits)));
  const SafetensorsFile same(dir_.write("same", file_of_16_bit("BF16", bits)));
  bits.back() ^= 1;
  const SafetensorsFile other(dir_.write("other", file_of_16_bit("BF16", bits)));
  const SafetensorsFile other_type(dir_.write("other_type", file_of_16_bit("F16", bits)));
  EXPECT_TRUE(equal(*one.find("w"), *same.find("w")));
  EXPECT_FALSE(equal(*one.find("w"), *other.find("w")));
  EXPECT_FALSE(equal(*other.find("w"), *other_type.find("w")));
}

// Of a mapped file this would be a SIGBUS, which ends the process.
TEST_F(Safetensors, AFileTruncatedBetweenOpeningAndReadingIsAnErrorThatNamesIt) {
  const std::vector<uint16_t> bits(100'000, 0x4000);
  const std::string bytes = file_of_16_bit("BF16", bits);
  const auto header = static_cast<int64_t>(bytes.size()) - 200'000;
  for (const int64_t left : {int64_t{0}, header, header + 100'001}) {
    const SafetensorsFile file = open(bytes);
    const TensorView view = *file.find("w");
    std::filesystem::resize_file(file.path(), static_cast<uintmax_t>(left));
    std::vector<float> values(bits.size());
    const std::string ends = concat("x.safetensors: was truncated while it was being read: ends at byte ",
                                    std::max(left, header), ", had ", bytes.size(), " bytes");
    EXPECT_ERROR(read_finite_float32(view, 0, 100'000, values.data()), ends);
    EXPECT_ERROR(equal(view, view), ends);
    if (left > header) {
      EXPECT_NO_THROW(read_float32(view, 0, 50'000, values.data()));  // no others are read
    }
  }
}

TEST_F(Safetensors, StaysReadableWhenTheFileIsRemovedOrMoved) {
  SafetensorsFile file = open(small_file({"a", "b"}));
  std::filesystem::remove(file.path());
  const SafetensorsFile moved = std::move(file);
  float out[2];
  read_float32(*moved.find("b"), 0, 2, out);
  EXPECT_EQ(out[1], 3.0f);
}

TEST_F(Safetensors, RefusesWhatIsNoRegularFile) {
  EXPECT_ERROR(SafetensorsFile(dir_ / "absent"), "absent: cannot be opened: No such file or directory");
  EXPECT_ERROR(SafetensorsFile(dir_.path()), ": is not a regular file");
  EXPECT_ERROR(SafetensorsFile("/dev/null"), "/dev/null: is not a regular file");
}

TEST_F(Safetensors, TruncationNamesActualAndExpectedBytes) {
  EXPECT_TRUE(contains(refusal(""), "x.safetensors: is truncated: has 0 bytes, expected at least 8"));
  EXPECT_TRUE(
      contains(refusal("1234567"), "is truncated: has 7 bytes, expected at least 8 for the header's length"));
  const std::string bytes = small_file({"a", "b"});
  EXPECT_TRUE(contains(refusal(bytes.substr(0, 20)), concat("is truncated: has 20 bytes, expected at least ",
                                                            bytes.size() - 16, " for the header")));
  EXPECT_TRUE(contains(refusal(bytes.substr(0, bytes.size() - 1)),
                       "is truncated: has 15 bytes of tensors, expected 16"));
  EXPECT_TRUE(contains(refusal(bytes + "xyz"),
                       "has 19 bytes of tensors, expected 16; the last 3 belong to no tensor"));
}

TEST_F(Safetensors, RefusesHeadersOfAbsurdLength) {
  std::string bytes = small_file({"a"});
  for (const uint64_t length : {uint64_t{100'000'001}, uint64_t{1} << 63, UINT64_MAX}) {
    std::memcpy(bytes.data(), &length, 8);
    EXPECT_TRUE(contains(refusal(bytes), concat("is no safetensors file: its header would have ", length,
                                                " bytes, at most 100000000 are allowed")));
  }
  // The longest that is allowed is compared with the file's size.
  const uint64_t allowed = 100'000'000;
  std::memcpy(bytes.data(), &allowed, 8);
  EXPECT_TRUE(contains(refusal(bytes), "expected at least 100000008 for the header"));
}

TEST_F(Safetensors, RefusesMalformedHeaders) {
  EXPECT_TRUE(contains(refusal(safetensors_bytes("", "")), "its header does not begin with {"));
  EXPECT_TRUE(contains(refusal_of_header(" {}", 0), "its header does not begin with {"));
  EXPECT_TRUE(
      contains(refusal_of_header("{\"a\":", 0), "x.safetensors: header: malformed JSON: parse error"));
  EXPECT_TRUE(contains(refusal_of_header("{\"a\":1,\"a\":2}", 0), "header: key \"a\" occurs twice"));
  EXPECT_TRUE(contains(refusal_of_header("{\"a\":[]}", 0), "tensor \"a\": expected an object, found array"));
  EXPECT_TRUE(
      contains(refusal_of_header("{\"__metadata__\":3}", 0), "__metadata__ is of type number; expected"));
  EXPECT_TRUE(
      contains(refusal_of_header("{\"__metadata__\":{\"n\":3}}", 0), "__metadata__ \"n\" is of type number"));
}

TEST_F(Safetensors, RefusesMalformedEntries) {
  EXPECT_TRUE(contains(refusal_of_header(R"({"a":{"shape":[1],"data_offsets":[0,4]}})", 4),
                       "x.safetensors: tensor \"a\": \"dtype\" is missing"));
  EXPECT_TRUE(contains(refusal_of_header(R"({"a":{"dtype":"F32","data_offsets":[0,4]}})", 4),
                       "\"shape\" is missing"));
  EXPECT_TRUE(
      contains(refusal_of_header(R"({"a":{"dtype":"F32","shape":[1]}})", 4), "\"data_offsets\" is missing"));
  EXPECT_TRUE(contains(refusal_of_header(R"({"a":{"dtype":1,"shape":[1],"data_offsets":[0,4]}})", 4),
                       "dtype is of type number; expected a string"));
  EXPECT_TRUE(contains(refusal_of_header("{" + entry("a", "F4", "[1]", 0, 4) + "}", 4),
                       "tensor \"a\": unknown dtype \"F4\"; expected one such as F32, BF16 or F16"));
  EXPECT_TRUE(contains(refusal_of_header("{" + entry("a", "F32", "7", 0, 4) + "}", 4),
                       "shape is of type number; expected an array"));
  for (const char* size : {"-1", "1.0", "\"1\"", "null", "9223372036854775808", "1e3"}) {
    EXPECT_TRUE(contains(refusal_of_header("{" + entry("a", "F32", concat("[", size, "]"), 0, 4) + "}", 4),
                         "; expected integers from 0 to 2^63 - 1"));
  }
  EXPECT_TRUE(contains(refusal_of_header(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}})", 4),
                       "data_offsets are [0]; expected [begin, end] with begin <= end"));
  EXPECT_TRUE(contains(refusal_of_header("{" + entry("a", "F32", "[1]", 4, 0) + "}", 4),
                       "data_offsets are [4, 0]; expected [begin, end]"));
}

TEST_F(Safetensors, RefusesShapesThatDoNotMatchTheirBytes) {
  EXPECT_TRUE(
      contains(refusal_of_header("{" + entry("a", "F32", "[2,3]", 0, 20) + "}", 20),
               "tensor \"a\": data_offsets [0, 20] span 20 bytes; expected 24 for F32 of shape [2, 3]"));
  // 2^32 * 2^32 elements, and 2^62 elements of four bytes, both wrap to 0.
  for (const char* shape : {"[4294967296,4294967296]", "[4611686018427387904]"}) {
    EXPECT_TRUE(contains(refusal_of_header("{" + entry("a", "F32", shape, 0, 0) + "}", 0),
                         "of F32 has more bytes than fit 64 bits"));
  }
}

TEST_F(Safetensors, RefusesOverlapsHolesAndOffsetsOutsideTheFile) {
  const auto two = [](int64_t a, int64_t b) {
    return "{" + entry("a", "F32", "[2]", a, a + 8) + "," + entry("b", "F32", "[2]", b, b + 8) + "}";
  };
  EXPECT_TRUE(contains(refusal_of_header(two(0, 4), 12),
                       "tensor \"b\" begins at byte 4 of the data; expected 8, where "
                       "the one before it ends: they overlap"));
  EXPECT_TRUE(contains(refusal_of_header(two(0, 0), 16), "begins at byte 0 of the data; expected 8"));
  EXPECT_TRUE(contains(refusal_of_header(two(12, 0), 20),
                       "tensor \"a\" begins at byte 12 of the data; expected 8, "
                       "where the one before it ends: there is a hole"));
  EXPECT_TRUE(
      contains(refusal_of_header(two(4, 12), 20), "tensor \"a\" begins at byte 4 of the data; expected 0"));
  EXPECT_TRUE(
      contains(refusal_of_header(two(0, 8), 15), "is truncated: has 15 bytes of tensors, expected 16"));
  const int64_t far = INT64_MAX - 7;
  EXPECT_TRUE(
      contains(refusal_of_header("{" + entry("a", "U8", "[7]", far, far + 7) + "}", 7), "expected 0"));
  EXPECT_TRUE(
      contains(refusal_of_header("{" + entry("a", "U8", "[9223372036854775807]", 0, INT64_MAX) + "}", 7),
               "is truncated: has 7 bytes of tensors, expected 9223372036854775807"));
}

// A file either parses, and then every tensor can be read to its last byte, or is refused.
void parse_or_refuse(const std::filesystem::path& path) {
  try {
    const SafetensorsFile file(path);
    for (const auto& [name, entry] : file.tensors()) {
      const TensorView view = *file.find(name);
      std::vector<float> values(static_cast<size_t>(view.elements()));
      read_float32(view, 0, view.elements(), values.data());
    }
  } catch (const EngineError&) {
  }
}

TEST_F(Safetensors, EveryTruncationIsRefused) {
  const std::string bytes = small_file({"a", "b", "c"});
  for (size_t length = 0; length < bytes.size(); ++length) EXPECT_NE(refusal(bytes.substr(0, length)), "");
}

TEST_F(Safetensors, EveryFlippedBitOfTheHeaderParsesOrIsRefused) {
  const std::string bytes = small_file({"a", "b"});
  for (size_t bit = 0; bit < 8 * (bytes.size() - 16); ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    parse_or_refuse(dir_.write("flipped", flipped));
  }
}

TEST_F(Safetensors, RandomChangesOfTheHeaderParseOrAreRefused) {
  const std::string bytes = small_file({"a", "b"});
  const std::string alphabet = "0123456789-.eE[]{}\",: abFIdtypeshape_\\\xff";
  std::mt19937 random(20240229);
  for (int round = 0; round < 3000; ++round) {
    std::string changed = bytes;
    for (int i = 0; i <= round % 4; ++i)
      changed[8 + random() % (bytes.size() - 24)] = alphabet[random() % alphabet.size()];
    parse_or_refuse(dir_.write("changed", changed));
  }
}

}  // namespace
}  // namespace dmt::safetensors_test
