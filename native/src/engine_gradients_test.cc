// Gradients of several sets of micro-batches, compared: against what read_gradient() gives, which the golden
// tests compare with autograd's.
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "base/expect_error.h"
#include "test_world.h"

namespace dmt::engine_gradients_test {
namespace {

std::vector<double> products_of(const GradientSet& set, const Engine& engine, int32_t one, int32_t other) {
  std::vector<double> products(static_cast<size_t>(engine.tensor_count()), std::nan(""));
  set.products(one, other, products.data());
  return products;
}

void accumulate(Engine& engine, const Documents& documents) {
  engine.accumulate(documents.micro_batch(), documents.token_weight());
}

/// Tensor by tensor, in plain loops.
std::vector<double> expected_products(const Engine& engine, const std::vector<float>& a,
                                      const std::vector<float>& b) {
  std::vector<double> products;
  size_t first = 0;
  for (int32_t t = 0; t < engine.tensor_count(); ++t) {
    double sum = 0.0;
    const size_t end = first + static_cast<size_t>(engine.tensor_size(t));
    for (; first < end; ++first) sum += double{a[first]} * double{b[first]};
    products.push_back(sum);
  }
  return products;
}

void expect_products(const std::vector<double>& actual, const std::vector<double>& expected, double part) {
  ASSERT_EQ(actual.size(), expected.size());
  double largest = 0.0;
  for (const double value : expected) largest = std::max(largest, std::abs(value));
  for (size_t i = 0; i < actual.size(); ++i)
    EXPECT_NEAR(actual[i], expected[i], part * largest) << "tensor " << i;
}

TEST(GradientSet, ProductsAreThoseOfTheGradientsThatCanBeRead) {
  for (const DType dtype : {DType::kFloat32, DType::kBFloat16}) {
    Engine engine(small_model(), 3, small_config(dtype));
    const Documents one = random_documents({9, 14}, 1), other = random_documents({21}, 2);
    std::vector<float> a, b;
    std::vector<std::vector<double>> products;
    {
      GradientSet set(engine);
      accumulate(engine, one);
      a = gradients_of(engine);
      EXPECT_EQ(set.keep(), 0);
      accumulate(engine, other);
      b = gradients_of(engine);
      EXPECT_EQ(set.keep(), 1);
      for (const auto& [i, j] : std::vector<std::pair<int32_t, int32_t>>{{0, 0}, {0, 1}, {1, 0}, {1, 1}})
        products.push_back(products_of(set, engine, i, j));
    }
    // Sums of float32 products in double, in another order.
    expect_products(products[0], expected_products(engine, a, a), 1e-12);
    expect_products(products[1], expected_products(engine, a, b), 1e-12);
    EXPECT_EQ(products[1], products[2]);
    expect_products(products[3], expected_products(engine, b, b), 1e-12);
  }
}

TEST(GradientSet, LeavesWeightsMomentsAndTheNextStepAsTheyWere) {
  const Documents one = random_documents({9, 14}, 1), other = random_documents({21}, 2);
  Engine plain(small_model(), 3, small_config()), compared(small_model(), 3, small_config());
  train_step(plain, {one});
  train_step(compared, {one});
  const int64_t gradients = compared.memory_account().gradients;
  {
    GradientSet set(compared);
    accumulate(compared, other);
    set.keep();
    EXPECT_EQ(compared.memory_account().gradients, gradients + 4 * compared.parameter_count());
    accumulate(compared, one);  // and not kept
  }
  EXPECT_EQ(compared.memory_account().gradients, gradients);
  EXPECT_EQ(train_step(plain, {other}).loss, train_step(compared, {other}).loss);
  EXPECT_EQ(weights_of(plain), weights_of(compared));
}

TEST(GradientSet, OfSeveralRanksIsThatOfOne) {
  const Documents one = random_documents({9, 14, 6}, 1), other = random_documents({21, 5}, 2);
  std::vector<double> expected;
  {
    EngineConfig config = small_config();
    if (has_gpu()) config.device = Device::kCpu;
    Engine engine(small_model(), 3, config);
    GradientSet set(engine);
    for (const Documents& documents : {one, other}) {
      accumulate(engine, documents);
      set.keep();
    }
    expected = products_of(set, engine, 0, 1);
  }
  for (const WorldLayout& layout :
       {WorldLayout{.ranks = 2}, WorldLayout{.ranks = 2, .sharding = Sharding::kNone},
        WorldLayout{.ranks = 4, .sharding = Sharding::kHybrid, .node_size = 2},
        WorldLayout{
            .ranks = 3, .sharding = Sharding::kGradOp, .gradient_reduction = GradientReduction::kEachStep}}) {
    const World world(layout);
    run_ranks(layout.ranks, [&](int rank) {
      Engine engine(small_model(), 3, world.config(rank, small_config()));
      GradientSet set(engine);
      for (const Documents& documents : {one, other}) {
        for (const Documents& batch : rank_batches(documents, rank, layout.ranks, true))
          engine.accumulate(batch.micro_batch(), documents.token_weight());
        set.keep();
      }
      expect_products(products_of(set, engine, 0, 1), expected, 1e-5);  // float32 sums in another order
    });
  }
}

TEST(GradientSet, RefusesWhatHasNoMeaning) {
  Engine engine(small_model(), 3, small_config());
  const Documents documents = random_documents({9, 14}, 1);
  accumulate(engine, documents);
  EXPECT_ERROR(GradientSet{engine}, "gradients are compared within a step: 23 tokens were accumulated");
  engine.apply(1e-3);
  {
    GradientSet set(engine);
    EXPECT_ERROR(GradientSet{engine}, "gradients are being compared already");
    EXPECT_ERROR(set.keep(), "a gradient to compare needs at least one accumulate before it");
    engine.accumulate(documents.micro_batch(), 0.5 * documents.token_weight());
    EXPECT_ERROR(set.keep(), "the label tokens of the step weigh 0.5");
    EXPECT_ERROR(engine.apply(1e-3), "apply while gradients are being compared");
    double product = 0.0;
    EXPECT_ERROR(set.products(0, 0, &product), "gradient 0 does not exist, 0 were kept");
  }
  EngineConfig inference = small_config();
  inference.trainable = false;
  Engine reader(small_model(), 3, inference);
  EXPECT_ERROR(GradientSet{reader}, "this engine was opened for inference");
}

}  // namespace
}  // namespace dmt::engine_gradients_test
