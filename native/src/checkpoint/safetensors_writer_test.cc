#include "checkpoint/safetensors_writer.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "base/expect_error.h"
#include "base/files.h"
#include "base/temp_dir.h"
#include "checkpoint/model_reader.h"
#include "checkpoint/test_files.h"

namespace dmt::safetensors_writer_test {
namespace {

// Sizes that are no multiple of anything, an empty tensor and a scalar among them.
const std::vector<TensorSpec> kTensors = {
    {"c", {5, 7}}, {"a", {3}}, {"empty", {0, 4}}, {"b", {}}, {"d", {2, 3, 5}}};

int64_t count_of(const TensorSpec& tensor) {
  int64_t count = 1;
  for (const int64_t size : tensor.shape) count *= size;
  return count;
}

// Exact in bfloat16 too, and different everywhere.
float value_at(size_t tensor, int64_t element) {
  return static_cast<float>(tensor * 40 + element) + 0.0f;
}

void read_values(size_t tensor, int64_t begin, int64_t count, float* out) {
  for (int64_t i = 0; i < count; ++i) out[i] = value_at(tensor, begin + i);
}

std::set<std::string> listing(const TempDir& dir) {
  std::set<std::string> names;
  for (const auto& item : std::filesystem::directory_iterator(dir.path()))
    names.insert(item.path().filename());
  return names;
}

void expect_values(const TempDir& dir, const std::vector<TensorSpec>& tensors) {
  const ModelReader reader(dir.path());
  EXPECT_EQ(reader.names().size(), tensors.size());
  for (size_t t = 0; t < tensors.size(); ++t) {
    const TensorView view = reader.require(tensors[t].name, tensors[t].shape);
    std::vector<float> values(static_cast<size_t>(view.elements()), NAN);
    read_float32(view, 0, view.elements(), values.data());
    for (size_t i = 0; i < values.size(); ++i) ASSERT_EQ(values[i], value_at(t, static_cast<int64_t>(i)));
  }
}

TEST(SafetensorsWriter, RoundTripsInOneFile) {
  for (const DType dtype : {DType::kFloat32, DType::kBFloat16}) {
    const TempDir dir;
    write_model(dir.path(), kTensors, {.dtype = dtype, .text_files = {{"config.json", "{}"}}}, read_values);
    EXPECT_EQ(listing(dir), (std::set<std::string>{"config.json", "model.safetensors"}));
    expect_values(dir, kTensors);
    EXPECT_EQ(read_text_file(dir / "config.json"), "{}");
  }
}

TEST(SafetensorsWriter, DataBeginsAtAMultipleOfEight) {
  for (size_t padding = 1; padding <= 9; ++padding) {
    const TempDir dir;
    write_model(dir.path(), {{std::string(padding, 'n'), {1}}}, {}, read_values);
    const std::string bytes = read_text_file(dir / "model.safetensors");
    EXPECT_EQ(bytes.size() % 8, 4u);  // one float after the header
    EXPECT_TRUE(contains(bytes, R"({"__metadata__":{"format":"pt"},)"));
  }
}

TEST(SafetensorsWriter, CutsShardsBeforeTheyPassTheLimit) {
  const TempDir dir;
  // In bytes: c 140, a 12, empty 0, b 4, d 120. c alone is above the limit.
  write_model(dir.path(), kTensors, {.max_shard_bytes = 130}, read_values);
  const nlohmann::json index = nlohmann::json::parse(read_text_file(dir / "model.safetensors.index.json"));
  EXPECT_EQ(index["metadata"], nlohmann::json({{"total_size", 276}, {"total_parameters", 69}}));
  EXPECT_EQ(index["weight_map"], nlohmann::json({{"c", "model-00001-of-00003.safetensors"},
                                                 {"a", "model-00002-of-00003.safetensors"},
                                                 {"empty", "model-00002-of-00003.safetensors"},
                                                 {"b", "model-00002-of-00003.safetensors"},
                                                 {"d", "model-00003-of-00003.safetensors"}}));
  EXPECT_EQ(listing(dir).size(), 4u);
  expect_values(dir, kTensors);
}

TEST(SafetensorsWriter, ATensorOfExactlyTheLimitFits) {
  const TempDir dir;
  write_model(dir.path(), kTensors, {.max_shard_bytes = 276}, read_values);
  EXPECT_EQ(listing(dir), std::set<std::string>{"model.safetensors"});
}

TEST(SafetensorsWriter, AsksForSlicesInOrderAndOfBoundedSize) {
  const TempDir dir;
  const int64_t elements = (int64_t{5} << 20) / 2 + 1;
  int64_t next = 0;
  write_model(dir.path(), {{"w", {elements}}}, {.dtype = DType::kBFloat16},
              [&](size_t, int64_t begin, int64_t count, float* out) {
                EXPECT_EQ(begin, next);
                EXPECT_LE(count, 1 << 20);
                next = begin + count;
                for (int64_t i = 0; i < count; ++i) out[i] = static_cast<float>((begin + i) % 251);
              });
  EXPECT_EQ(next, elements);
  const ModelReader reader(dir.path());
  std::vector<float> values(static_cast<size_t>(elements));
  read_float32(reader.require("w", {elements}), 0, elements, values.data());
  for (int64_t i = 0; i < elements; ++i)
    ASSERT_EQ(values[static_cast<size_t>(i)], static_cast<float>(i % 251));
}

TEST(SafetensorsWriter, RoundsToNearestEven) {
  const float inf = std::numeric_limits<float>::infinity();
  const std::vector<std::pair<uint32_t, uint16_t>> cases = {
      {0x3f800000, 0x3f80},
      {0x3f807fff, 0x3f80},
      {0x3f808000, 0x3f80},  // a tie goes to the even one, below
      {0x3f808001, 0x3f81},
      {0x3f818000, 0x3f82},
      {0x3f817fff, 0x3f81},  // a tie goes to the even one, above
      {0x00000001, 0x0000},
      {0x80000001, 0x8000},
      {0x00008001, 0x0001},  // subnormal
      {0x7f7fffff, 0x7f80},
      {0xff7fffff, 0xff80},
      {0x7f7f7fff, 0x7f7f},  // the largest rounds to infinity
      {std::bit_cast<uint32_t>(inf), 0x7f80},
      {0xff800000, 0xff80},
      {0x80000000, 0x8000},
      {0x7f800001, 0x7fc0},
      {0xffffffff, 0xffff},
      {0x7fffffff, 0x7fff}};  // NaN stays NaN
  const TempDir dir;
  write_model(dir.path(), {{"w", {static_cast<int64_t>(cases.size())}}}, {.dtype = DType::kBFloat16},
              [&](size_t, int64_t begin, int64_t count, float* out) {
                for (int64_t i = 0; i < count; ++i) {
                  out[i] = std::bit_cast<float>(cases[static_cast<size_t>(begin + i)].first);
                }
              });
  const std::string bytes = read_text_file(dir / "model.safetensors");
  for (size_t i = 0; i < cases.size(); ++i) {
    uint16_t actual = 0;
    std::memcpy(&actual, bytes.data() + bytes.size() - 2 * cases.size() + 2 * i, 2);
    EXPECT_EQ(actual, cases[i].second) << std::hex << cases[i].first;
  }
}

TEST(SafetensorsWriter, AnOlderSaveLeavesNoStaleFiles) {
  const TempDir dir;
  dir.write("tokenizer.model", "kept");
  dir.write("model-notes.txt", "kept");
  dir.write("model-of-mine.safetensors", "kept");
  dir.write("model-00007-of-00009.safetensors.tmp", "left by a save that was killed");
  write_model(dir.path(), kTensors, {.max_shard_bytes = 1}, read_values);
  EXPECT_EQ(listing(dir).size(), 5u + 1 + 3);
  write_model(dir.path(), kTensors, {}, read_values);
  EXPECT_EQ(listing(dir), (std::set<std::string>{"tokenizer.model", "model-notes.txt",
                                                 "model-of-mine.safetensors", "model.safetensors"}));
  write_model(dir.path(), kTensors, {.max_shard_bytes = 150}, read_values);
  EXPECT_FALSE(std::filesystem::exists(dir / "model.safetensors"));
  expect_values(dir, kTensors);
}

TEST(SafetensorsWriter, AModelThatIsOpenCanBeReplaced) {
  const TempDir dir;
  write_model(dir.path(), kTensors, {}, read_values);
  const ModelReader reader(dir.path());
  const TensorView old = reader.require("c", {5, 7});
  write_model(dir.path(), kTensors, {}, [&](size_t tensor, int64_t begin, int64_t count, float* out) {
    read_float32(reader.require(kTensors[tensor].name, kTensors[tensor].shape), begin, count, out);
  });
  expect_values(dir, kTensors);
  float first = NAN;
  read_float32(old, 34, 1, &first);
  EXPECT_EQ(first, value_at(0, 34));
}

TEST(SafetensorsWriter, AFailingSourceLeavesTheOldModelWhole) {
  const TempDir dir;
  write_model(dir.path(), kTensors, {.text_files = {{"config.json", "old"}}}, read_values);
  const auto before = listing(dir);
  for (size_t failing = 0; failing < kTensors.size(); ++failing) {
    if (count_of(kTensors[failing]) == 0) continue;
    EXPECT_ERROR(
        write_model(dir.path(), kTensors, {.max_shard_bytes = 130, .text_files = {{"config.json", "new"}}},
                    [&](size_t tensor, int64_t begin, int64_t count, float* out) {
                      DMT_CHECK(tensor != failing, "source failed");
                      read_values(tensor, begin, count, out);
                    }),
        "source failed");
    EXPECT_EQ(listing(dir), before);
  }
  expect_values(dir, kTensors);
  EXPECT_EQ(read_text_file(dir / "config.json"), "old");
}

TEST(SafetensorsWriter, AFullDiskLeavesTheOldModelWhole) {
  const TempDir dir;
  write_model(dir.path(), kTensors, {}, read_values);
  const std::vector<TensorSpec> large = {{"small", {3}}, {"large", {100'000}}};
  for (const int64_t shard_bytes : {int64_t{100}, int64_t{1} << 30}) {
    const std::string error = error_with_file_size_limit(
        65536, [&] { write_model(dir.path(), large, {.max_shard_bytes = shard_bytes}, read_values); });
    EXPECT_TRUE(contains(error, "cannot write " + dir.path().string() + "/model"));
    EXPECT_TRUE(contains(error, ": File too large; it needs 400"));
    EXPECT_TRUE(contains(error, " are free"));
    EXPECT_EQ(listing(dir), std::set<std::string>{"model.safetensors"});
  }
  expect_values(dir, kTensors);
}

TEST(SafetensorsWriter, RefusesRequestsThatMakeNoModel) {
  const TempDir dir;
  const auto refusal = [&](const std::vector<TensorSpec>& tensors, const WriteOptions& options) {
    return error_of([&] { write_model(dir.path(), tensors, options, read_values); });
  };
  EXPECT_ERROR(write_model(dir / "absent", kTensors, {}, read_values),
               "cannot save to " + (dir / "absent").string() + ": no such folder");
  EXPECT_TRUE(contains(refusal({}, {}), "there are no tensors"));
  EXPECT_TRUE(contains(refusal({{"a", {1}}, {"a", {1}}}, {}), "tensor name \"a\" occurs twice"));
  EXPECT_TRUE(contains(refusal({{"__metadata__", {1}}}, {}), "tensor name \"__metadata__\" is reserved"));
  EXPECT_TRUE(contains(refusal({{"a", {-1}}}, {}), "tensor \"a\" cannot be written with shape [-1]"));
  EXPECT_TRUE(
      contains(refusal({{"a", {int64_t{1} << 40, int64_t{1} << 40}}}, {}), "cannot be written with shape"));
  EXPECT_TRUE(
      contains(refusal(kTensors, {.max_shard_bytes = 0}), "max_shard_bytes is 0; expected at least 1"));
  for (const char* name : {"", "../x", "model.safetensors", "model.safetensors.index.json"}) {
    EXPECT_TRUE(contains(refusal(kTensors, {.text_files = {{name, "x"}}}),
                         "beside the weights; expected a plain name"));
  }
  EXPECT_TRUE(listing(dir).empty());
}

TEST(SafetensorsWriter, ADestinationThatIsAFolderIsRefusedBeforeAnythingChanges) {
  const TempDir dir;
  write_model(dir.path(), kTensors, {}, read_values);
  std::filesystem::create_directory(dir / "config.json");
  EXPECT_ERROR(
      write_model(dir.path(), kTensors, {.text_files = {{"config.json", "{}"}}},
                  [](size_t, int64_t, int64_t, float*) { ADD_FAILURE() << "was asked for weights"; }),
      "config.json: it is a folder");
  expect_values(dir, kTensors);
}

}  // namespace
}  // namespace dmt::safetensors_writer_test
