// Hidden states: tied to the embedding at one end, to the logits at the other, and to nothing beside the
// document.
#include <cmath>

#include "test_model.h"

namespace dmt::engine_hidden_states_test {
namespace {

constexpr int32_t kHidden = 36, kLayers = 2, kVocab = 97;

std::vector<float> states_of(Engine& engine, const Documents& documents, Pooling pooling) {
  std::vector<float> states((kLayers + 1) * documents.sources.size() * kHidden,
                            std::numeric_limits<float>::quiet_NaN());
  engine.hidden_states(documents.micro_batch(), pooling, states.data());
  return states;
}

/// State of a document after a layer.
std::vector<float> part(const std::vector<float>& states, size_t documents, size_t layer, size_t d) {
  const auto begin = states.begin() + static_cast<int64_t>((layer * documents + d) * kHidden);
  return {begin, begin + kHidden};
}

TEST(HiddenStates, LayerZeroIsTheEmbedding) {
  Engine engine(small_model(), 7, small_config());
  const Documents documents = Documents().add({5, 90, 17}).add({3});
  const std::vector<float> embedding = weight(engine, "model.embed_tokens.weight");
  const std::vector<float> last = states_of(engine, documents, Pooling::kLast);
  const std::vector<float> mean = states_of(engine, documents, Pooling::kMean);
  for (size_t c = 0; c < kHidden; ++c) {
    EXPECT_EQ(last[c], embedding[17 * kHidden + c]);
    EXPECT_EQ(last[kHidden + c], embedding[3 * kHidden + c]);
    const float sum = embedding[5 * kHidden + c] + embedding[90 * kHidden + c] + embedding[17 * kHidden + c];
    EXPECT_NEAR(mean[c], sum / 3, 1e-6);  // a few roundings of float32
  }
}

/// Final norm and head by hand, in double, over the last layer's state.
TEST(HiddenStates, LastLayerGivesTheLogits) {
  Engine engine(small_model(), 7, small_config());
  const Documents documents = random_documents({9, 1, 30}, 3);
  const std::vector<float> states = states_of(engine, documents, Pooling::kLast);
  const std::vector<float> norm = weight(engine, "model.norm.weight");
  const std::vector<float> head = weight(engine, "lm_head.weight");
  const std::vector<float> logits = logits_of(engine, documents);
  for (size_t d = 0; d < 3; ++d) {
    const std::vector<float> x = part(states, 3, kLayers, d);
    double squares = 0;
    for (const float each : x) squares += double{each} * each;
    const double scale = 1 / std::sqrt(squares / kHidden + small_model().rms_norm_eps);
    std::vector<double> expected(kVocab, 0.0), actual;
    for (size_t v = 0; v < kVocab; ++v)
      for (size_t c = 0; c < kHidden; ++c) expected[v] += x[c] * scale * norm[c] * head[v * kHidden + c];
    const size_t row = static_cast<size_t>(documents.offsets[d + 1] - 1);
    for (size_t v = 0; v < kVocab; ++v) actual.push_back(logits[row * kVocab + v]);
    EXPECT_TRUE(close(actual, expected, {1e-5, 1e-5})) << "document " << d;
  }
}

TEST(HiddenStates, DocumentsDoNotSeeEachOtherAndLayersDiffer) {
  for (const DType dtype : {DType::kFloat32, DType::kBFloat16}) {
    Engine engine(small_model(), 7, small_config(dtype));
    const Documents packed = random_documents({40, 7, 1}, 5);
    for (const Pooling pooling : {Pooling::kMean, Pooling::kLast}) {
      const std::vector<float> together = states_of(engine, packed, pooling);
      for (size_t d = 0; d < 3; ++d) {
        const std::vector<float> alone = states_of(engine, packed.document(d), pooling);
        for (size_t layer = 0; layer <= kLayers; ++layer) {
          EXPECT_LT(relative_distance(part(together, 3, layer, d), part(alone, 1, layer, 0)),
                    dtype == DType::kFloat32 ? 1e-5 : 2e-2);
        }
        EXPECT_GT(relative_distance(part(alone, 1, 1, 0), part(alone, 1, 2, 0)), 1e-2);
      }
    }
  }
}

TEST(HiddenStates, FaultyBatchIsRefused) {
  Engine engine(small_model(), 7, small_config());
  std::vector<float> states((kLayers + 1) * kHidden);
  EXPECT_THROW(engine.hidden_states(Documents().add({kVocab}).micro_batch(), Pooling::kMean, states.data()),
               std::runtime_error);
}

}  // namespace
}  // namespace dmt::engine_hidden_states_test
