// What heads attend to: against plain loops over queries and keys that are computed by hand. That leaving a
// head out is like columns of zeros in the output matrix is tested from Java, on a folder with such columns.
#include <cmath>

#include "base/expect_error.h"
#include "test_model.h"

namespace dmt::engine_attention_test {
namespace {

constexpr size_t kLayers = 2, kHeads = 6;

std::vector<double> measures_of(Engine& engine, Engine& before, const Documents& documents) {
  std::vector<double> measures(kLayers * kHeads * documents.sources.size() * kAttentionMeasures,
                               std::numeric_limits<double>::quiet_NaN());
  engine.attention(documents.micro_batch(), before, measures.data());
  return measures;
}

/// The measures of a head and a document.
std::vector<double> of(const std::vector<double>& all, size_t documents, size_t layer, size_t head,
                       size_t d) {
  const size_t place = (layer * kHeads + head) * documents + d;
  const auto begin = all.begin() + static_cast<int64_t>(place * kAttentionMeasures);
  return {begin, begin + kAttentionMeasures};
}

/// Probabilities [positions][positions] of a head of the first layer, in double, from the weights alone.
std::vector<std::vector<double>> reference(const Engine& engine, const std::vector<int32_t>& tokens,
                                           size_t head) {
  const ModelConfig model = engine.model_config();
  const size_t C = static_cast<size_t>(model.hidden_size), D = static_cast<size_t>(model.head_dim);
  const size_t group = head / (kHeads / static_cast<size_t>(model.kv_heads));
  const std::vector<float> embedding = weight(engine, "model.embed_tokens.weight");
  const std::vector<float> norm = weight(engine, "model.layers.0.input_layernorm.weight");
  const std::vector<float> query = weight(engine, "model.layers.0.self_attn.q_proj.weight");
  const std::vector<float> key = weight(engine, "model.layers.0.self_attn.k_proj.weight");
  const size_t N = tokens.size();
  std::vector<std::vector<double>> q(N, std::vector<double>(D)), k = q;
  for (size_t t = 0; t < N; ++t) {
    const float* x = embedding.data() + static_cast<size_t>(tokens[t]) * C;
    double squares = 0;
    for (size_t c = 0; c < C; ++c) squares += double{x[c]} * x[c];
    const double scale = 1 / std::sqrt(squares / static_cast<double>(C) + model.rms_norm_eps);
    for (size_t d = 0; d < D; ++d)
      for (size_t c = 0; c < C; ++c) {
        q[t][d] += x[c] * scale * norm[c] * query[(head * D + d) * C + c];
        k[t][d] += x[c] * scale * norm[c] * key[(group * D + d) * C + c];
      }
    for (std::vector<double>* row : {&q[t], &k[t]})
      for (size_t d = 0; d < D / 2; ++d) {  // halves, not neighbours, are turned together
        const double angle =
            static_cast<double>(t) *
            std::pow(model.rope_theta, -2.0 * static_cast<double>(d) / static_cast<double>(D));
        const double a = (*row)[d], b = (*row)[d + D / 2];
        (*row)[d] = a * std::cos(angle) - b * std::sin(angle);
        (*row)[d + D / 2] = b * std::cos(angle) + a * std::sin(angle);
      }
  }
  std::vector<std::vector<double>> p(N, std::vector<double>(N));
  for (size_t i = 0; i < N; ++i) {
    double sum = 0;
    for (size_t j = 0; j <= i; ++j) {
      double product = 0;
      for (size_t d = 0; d < D; ++d) product += q[i][d] * k[j][d];
      p[i][j] = std::exp(product / std::sqrt(static_cast<double>(D)));
      sum += p[i][j];
    }
    for (size_t j = 0; j <= i; ++j) p[i][j] /= sum;
  }
  return p;
}

TEST(Attention, MeasuresAreThoseOfPlainLoops) {
  Engine engine(small_model(), 7, small_config());
  Engine before(small_model(), 8, small_config());
  const Documents documents = random_documents({23, 1, 9}, 3);
  const std::vector<double> measures = measures_of(engine, before, documents);
  for (size_t d = 0; d < 3; ++d) {
    const Documents one = documents.document(d);
    const double N = static_cast<double>(one.ids.size());
    for (size_t head = 0; head < kHeads; ++head) {
      const auto p = reference(engine, one.ids, head), old = reference(before, one.ids, head);
      std::vector<double> expected(kAttentionMeasures, 0.0);
      for (size_t i = 0; i < one.ids.size(); ++i) {
        expected[2] += p[i][0] / N;
        for (size_t j = 0; j <= i; ++j) {
          expected[0] -= p[i][j] * std::log(p[i][j]) / N;
          expected[1] += p[i][j] * static_cast<double>(i - j) / N;
          expected[3] += std::fabs(p[i][j] - old[i][j]) / 2 / N;
        }
      }
      // Sums of a few dozen float32 products.
      EXPECT_TRUE(close(of(measures, 3, 0, head, d), expected, {2e-5, 2e-5}))
          << "head " << head << ", document " << d;
    }
  }
}

TEST(Attention, NothingMovesAgainstItselfAndDocumentsDoNotSeeEachOther) {
  for (const DType dtype : {DType::kFloat32, DType::kBFloat16}) {
    Engine engine(small_model(), 7, small_config(dtype));
    const Documents packed = random_documents({31, 6}, 5);
    const std::vector<double> together = measures_of(engine, engine, packed);
    for (size_t d = 0; d < 2; ++d) {
      const std::vector<double> alone = measures_of(engine, engine, packed.document(d));
      for (size_t layer = 0; layer < kLayers; ++layer)
        for (size_t head = 0; head < kHeads; ++head) {
          const double tolerance = dtype == DType::kFloat32 ? 1e-5 : 2e-2;
          EXPECT_TRUE(
              close(of(together, 2, layer, head, d), of(alone, 1, layer, head, 0), {tolerance, tolerance}));
          EXPECT_EQ(of(together, 2, layer, head, d)[3], 0);
        }
    }
  }
}

TEST(Attention, ModelsOfOtherShapesAreNotCompared) {
  Engine engine(small_model(), 7, small_config());
  ModelConfig other = small_model();
  other.layers = 1;
  Engine before(other, 7, small_config());
  std::vector<double> measures(kLayers * kHeads * kAttentionMeasures);
  EXPECT_ERROR(engine.attention(Documents().add({1, 2}).micro_batch(), before, measures.data()),
               "2 layers of 6 heads");
}

double loss_without(Engine& engine, const Documents& documents, int32_t layer, int32_t head) {
  double loss = 0;
  int64_t labels = 0;
  engine.evaluate_without_head(documents.micro_batch(), layer, head, &loss, &labels);
  EXPECT_EQ(labels, documents.label_tokens());
  return loss;
}

TEST(Attention, EveryHeadCanBeLeftOutAndIsThereAgain) {
  Engine engine(small_model(), 7, small_config());
  const Documents documents = random_documents({23, 9}, 3);
  double whole = 0;
  int64_t labels = 0;
  engine.evaluate(documents.micro_batch(), &whole, &labels);
  std::vector<double> losses;
  for (int32_t layer = 0; layer < int32_t{kLayers}; ++layer)
    for (int32_t head = 0; head < int32_t{kHeads}; ++head)
      losses.push_back(loss_without(engine, documents, layer, head));
  for (size_t a = 0; a < losses.size(); ++a) {
    EXPECT_GT(std::fabs(losses[a] - whole), 1e-4) << "head " << a << " adds something";
    for (size_t b = 0; b < a; ++b) EXPECT_NE(losses[a], losses[b]);
  }
  double again = 0;
  engine.evaluate(documents.micro_batch(), &again, &labels);
  EXPECT_EQ(again, whole) << "the model is as it was";
  EXPECT_ERROR(loss_without(engine, documents, 2, 0), "layer must be in 0 to 1, got 2");
  EXPECT_ERROR(loss_without(engine, documents, 0, 6), "head must be in 0 to 5, got 6");
}

}  // namespace
}  // namespace dmt::engine_attention_test
