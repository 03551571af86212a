#include "checkpoint/model_reader.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/expect_error.h"
#include "base/temp_dir.h"
#include "checkpoint/test_files.h"
#include "model/llama_config.h"

namespace dmt::model_reader_test {
namespace {

class ModelReaderTest : public ::testing::Test {
 protected:
  void write_index(const nlohmann::json& weight_map) const {
    dir_.write("model.safetensors.index.json", nlohmann::json{{"weight_map", weight_map}}.dump());
  }
  // What the folder is refused with.
  std::string refusal() const {
    return error_of([this] { ModelReader reader(dir_.path()); });
  }

  TempDir dir_;
};

TEST_F(ModelReaderTest, ReadsASingleFile) {
  dir_.write("model.safetensors", small_file({"b", "a"}));
  const ModelReader reader(dir_.path());
  EXPECT_EQ(reader.names(), (std::vector<std::string>{"a", "b"}));
  float out[2];
  read_float32(reader.require("a", {2}), 0, 2, out);
  EXPECT_EQ(out[0], 2.0f);
}

TEST_F(ModelReaderTest, ReadsShards) {
  dir_.write("model-00001-of-00002.safetensors", small_file({"a", "c"}));
  dir_.write("model-00002-of-00002.safetensors", small_file({"b"}));
  write_index({{"a", "model-00001-of-00002.safetensors"},
               {"b", "model-00002-of-00002.safetensors"},
               {"c", "model-00001-of-00002.safetensors"}});
  const ModelReader reader(dir_.path());
  EXPECT_EQ(reader.names(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(contains(reader.require("b", {2}).file, "model-00002-of-00002.safetensors"));
  EXPECT_TRUE(contains(reader.require("c", {2}).file, "model-00001-of-00002.safetensors"));
}

TEST_F(ModelReaderTest, PrefersTheSingleFileAsTransformersDoes) {
  dir_.write("model.safetensors", small_file({"a"}));
  dir_.write("model.safetensors.index.json", "broken");
  EXPECT_EQ(ModelReader(dir_.path()).names(), std::vector<std::string>{"a"});
}

TEST_F(ModelReaderTest, FollowsLinksAsInTheHuggingFaceCache) {
  const TempDir blobs;
  std::filesystem::create_symlink(blobs.write("0123", small_file({"a"})), dir_ / "model.safetensors");
  EXPECT_EQ(ModelReader(dir_.path()).names(), std::vector<std::string>{"a"});
}

TEST_F(ModelReaderTest, SaysThatThereIsNoSuchModel) {
  EXPECT_ERROR(ModelReader(dir_ / "absent"),
               "no such model: " + (dir_ / "absent").string() + " does not exist");
  EXPECT_TRUE(contains(refusal(), "no such model: " + dir_.path().string() +
                                      " has neither model.safetensors nor model.safetensors.index.json"));
}

TEST_F(ModelReaderTest, RefusesPicklesWithTheWayOut) {
  for (const char* name :
       {"pytorch_model.bin", "pytorch_model-00001-of-00002.bin", "model.pt", "model.pth"}) {
    dir_.write(name, "x");
    EXPECT_TRUE(
        contains(refusal(), concat("weights come only as safetensors in the Hugging Face layout; ", name,
                                   " is a pickle file; convert it with LlamaForCausalLM.from_pretrained")));
    std::filesystem::remove(dir_ / name);
  }
  dir_.write("consolidated.00.pth", "x");
  EXPECT_TRUE(contains(
      refusal(), "consolidated.00.pth is a pickle file; convert it with convert_llama_weights_to_hf.py"));
  std::filesystem::remove(dir_ / "consolidated.00.pth");
  dir_.write("consolidated.safetensors", "x");
  EXPECT_TRUE(contains(refusal(), "consolidated.safetensors has another layout; convert it with"));
}

TEST_F(ModelReaderTest, RefusesShardsOutsideTheFolder) {
  for (const char* name :
       {"../other.safetensors", "/etc/x.safetensors", "sub/x.safetensors", "..\\x.safetensors", ""}) {
    write_index({{"a", name}});
    EXPECT_TRUE(contains(refusal(), concat("index.json: weight_map of \"a\" is \"", name,
                                           "\"; expected the name of a file in the same folder")));
  }
  write_index({{"a", "pytorch_model.bin"}});
  EXPECT_TRUE(
      contains(refusal(), "weight_map of \"a\" is \"pytorch_model.bin\"; weights come only as safetensors"));
}

TEST_F(ModelReaderTest, RefusesMalformedIndexes) {
  dir_.write("model.safetensors.index.json", "{");
  EXPECT_TRUE(contains(refusal(), "model.safetensors.index.json: malformed JSON"));
  dir_.write("model.safetensors.index.json", "{\"metadata\": {}}");
  EXPECT_TRUE(contains(refusal(), "model.safetensors.index.json: expected an object \"weight_map\""));
  write_index(nlohmann::json::array());
  EXPECT_TRUE(contains(refusal(), "expected an object \"weight_map\""));
  write_index(nlohmann::json::object());
  EXPECT_TRUE(contains(refusal(), "weight_map is empty"));
  write_index({{"a", 3}});
  EXPECT_TRUE(contains(refusal(), "weight_map of \"a\" is of type number; expected a file name"));
}

TEST_F(ModelReaderTest, RefusesIndexesThatDisagreeWithTheShards) {
  dir_.write("x.safetensors", small_file({"a", "b"}));
  dir_.write("y.safetensors", small_file({"b"}));
  write_index({{"a", "x.safetensors"}, {"b", "z.safetensors"}});
  EXPECT_TRUE(contains(refusal(), "names the shard z.safetensors, which does not exist"));
  write_index({{"a", "x.safetensors"}, {"b", "x.safetensors"}, {"c", "x.safetensors"}});
  EXPECT_TRUE(contains(refusal(), "says that \"c\" is in x.safetensors, where it is not"));
  write_index({{"a", "x.safetensors"}});
  EXPECT_TRUE(contains(refusal(), "does not say that \"b\" is in x.safetensors, where it is"));
  write_index({{"a", "x.safetensors"}, {"b", "y.safetensors"}});
  EXPECT_TRUE(contains(refusal(), "does not say that \"b\" is in x.safetensors, where it is"));
}

TEST_F(ModelReaderTest, NamesATruncatedShard) {
  dir_.write("x.safetensors", small_file({"a"}).substr(0, 60));
  write_index({{"a", "x.safetensors"}});
  EXPECT_TRUE(contains(refusal(), "x.safetensors: is truncated: has "));
}

TEST_F(ModelReaderTest, NamesAMissingTensorAndTheNearest) {
  dir_.write("model.safetensors",
             small_file({"embed_tokens.weight", "norm.weight", "layers.0.mlp.up_proj.weight",
                         "layers.10.mlp.up_proj.weight"}));
  const ModelReader reader(dir_.path());
  EXPECT_ERROR(reader.require("model.embed_tokens.weight", {2}),
               dir_.path().string() +
                   ": tensor \"model.embed_tokens.weight\" is missing; the nearest are "
                   "embed_tokens.weight, ");
  EXPECT_ERROR(reader.require("lm_head.weight", {2}),
               "(tie_word_embeddings is false or absent in config.json)");
}

TEST_F(ModelReaderTest, NamesActualAndExpectedShape) {
  dir_.write("model.safetensors", small_file({"a"}));
  const ModelReader reader(dir_.path());
  EXPECT_ERROR(reader.require("a", {2, 1}),
               "model.safetensors: tensor \"a\" has shape [2]; expected [2, 1] from config.json");
  EXPECT_ERROR(reader.require("a", {}), "has shape [2]; expected []");
}

TEST_F(ModelReaderTest, RefusesWeightsOfOtherDTypes) {
  dir_.write("model.safetensors", safetensors_bytes("{" + entry("a", "F8_E4M3", "[2]", 0, 2) + "}", "xy"));
  EXPECT_ERROR(ModelReader(dir_.path()).require("a", {2}),
               "tensor \"a\" is F8_E4M3; weights must be F32, BF16 or F16");
}

TEST_F(ModelReaderTest, RefusesTensorsThatDoNotBelong) {
  dir_.write("model.safetensors", small_file({"a", "bias.0", "bias.1", "bias.2", "bias.3",
                                              "model.layers.0.self_attn.rotary_emb.inv_freq"}));
  const ModelReader reader(dir_.path());
  EXPECT_ERROR(reader.refuse_others({"a"}),
               ": 4 tensors do not belong to a LlamaForCausalLM of the shape in "
               "config.json: bias.0, bias.1, bias.2, ...");
  EXPECT_NO_THROW(reader.refuse_others({"a", "bias.0", "bias.1", "bias.2", "bias.3"}));
}

TEST_F(ModelReaderTest, AllowsATiedHeadOnlyIfItEqualsTheEmbeddings) {
  const auto file_with_head = [](float head) {
    const std::string header = "{" + entry("lm_head.weight", "F32", "[1]", 0, 4) + "," +
                               entry("model.embed_tokens.weight", "F32", "[1]", 4, 8) + "}";
    return safetensors_bytes(header, raw_bytes<float>({head, 3.0f}));
  };
  dir_.write("model.safetensors", file_with_head(3.0f));
  EXPECT_NO_THROW(ModelReader(dir_.path()).refuse_others({"model.embed_tokens.weight"}));
  dir_.write("model.safetensors", file_with_head(4.0f));
  EXPECT_ERROR(ModelReader(dir_.path()).refuse_others({"model.embed_tokens.weight"}),
               "lm_head.weight differs from model.embed_tokens.weight although config.json has "
               "tie_word_embeddings true; set it to false to use both");
  EXPECT_ERROR(ModelReader(dir_.path()).refuse_others({"other"}), ": 2 tensors do not belong");
}

// Models that transformers wrote; they are part of the machine that checks this project, not of the project.
TEST(SharedModels, LoadWholly) {
  const char* variable = std::getenv("DMT_SHARED");
  const std::filesystem::path shared =
      variable ? std::filesystem::path(variable)
               : (std::filesystem::path(DMT_TESTDATA) / "../../../shared").lexically_normal();
  if (!std::filesystem::exists(shared / "golden")) {
    GTEST_SKIP() << "no folder " << (shared / "golden")
                 << "; DMT_SHARED can name another place than ../shared";
  }
  for (const char* name : {"golden/mha/model", "golden/gqa/model", "data/weights/stories260K-hf"}) {
    const ModelConfig config = read_model_config(shared / name);
    const ModelReader reader(shared / name);
    const TensorView view =
        reader.require("model.embed_tokens.weight", {config.vocab_size, config.hidden_size});
    std::vector<float> values(static_cast<size_t>(view.elements()));
    read_finite_float32(view, 0, view.elements(), values.data());
    EXPECT_EQ(reader.names().size(), size_t(9 * config.layers + (config.tie_word_embeddings ? 2 : 3)))
        << name;
    reader.refuse_others(reader.names());
  }
  for (const char* name : {"golden/mha", "golden/gqa"}) {
    const SafetensorsFile expected(shared / name / "expected.safetensors");
    const TensorView ids = *expected.find("input_ids");
    std::vector<int64_t> values(static_cast<size_t>(ids.elements()));
    read_int64(ids, 0, ids.elements(), values.data());
    EXPECT_LT(values[0], 259);
  }
}

}  // namespace
}  // namespace dmt::model_reader_test
