// What training must not depend on: packing, micro-batches, recomputation, chunks, threads, other engines.
#include <cmath>
#include <numeric>

#include "base/expect_error.h"
#include "base/parallel.h"
#include "test_model.h"

namespace dmt::engine_test {
namespace {

class EngineTest : public testing::TestWithParam<DType> {
 protected:
  DType dtype() const { return GetParam(); }
  bool exact() const { return dtype() == DType::kFloat32; }
  EngineConfig config() const { return small_config(dtype()); }
  /// float32: only the order of additions differs. bfloat16: activations are rounded to 8 bits.
  double tolerance() const { return exact() ? 1e-5 : 2e-2; }
};

INSTANTIATE_TEST_SUITE_P(DTypes, EngineTest, testing::Values(DType::kFloat32, DType::kBFloat16),
                         [](const auto& info) {
                           return info.param == DType::kFloat32 ? "Float32" : "BFloat16";
                         });

const std::vector<int32_t> kLengths = {1, 2, 63, 64, 65, 130};

TEST_P(EngineTest, PackedDocumentsEqualTheDocumentsAlone) {
  const Documents packed = random_documents(kLengths, 1);
  Engine together(small_model(), 7, config()), alone(small_model(), 7, config());
  together.accumulate(packed.micro_batch(), packed.token_weight());
  std::vector<float> logits;
  for (size_t d = 0; d < kLengths.size(); ++d) {
    const Documents document = packed.document(d);
    alone.accumulate(document.micro_batch(), packed.token_weight());
    const std::vector<float> part = logits_of(alone, document);
    logits.insert(logits.end(), part.begin(), part.end());
  }
  EXPECT_LT(relative_distance(logits_of(together, packed), logits), tolerance());
  EXPECT_LT(relative_distance(gradients_of(together), gradients_of(alone)), tolerance());
  const StepMetrics a = together.apply(1e-2), b = alone.apply(1e-2);
  EXPECT_NEAR(a.loss, b.loss, tolerance() * b.loss);
  EXPECT_EQ(a.label_tokens, b.label_tokens);
  EXPECT_EQ(a.tokens, b.tokens);
}

TEST_P(EngineTest, AClockSaysWhatAStepsTimeWentInto) {
  Engine engine(small_model(), 7, config());
  const Documents documents = random_documents(kLengths, 1);
  train_step(engine, {documents});  // allocates
  engine.start_clock();
  EXPECT_ERROR(engine.start_clock(), "the clock runs already");
  train_step(engine, {documents, documents});
  evaluate(engine, documents);
  const WorkSeconds seconds = engine.stop_clock();
  EXPECT_ERROR(engine.stop_clock(), "no clock runs");
  double sum = 0.0;
  for (const double part :
       {seconds.products, seconds.attention, seconds.element_wise, seconds.loss, seconds.optimizer}) {
    EXPECT_GT(part, 0.0);
    sum += part;
  }
  EXPECT_LE(sum, seconds.total);
  EXPECT_EQ(seconds.communication, 0.0);
}

TEST_P(EngineTest, LaterStepsTakeNoMemory) {
  Engine engine(small_model(), 7, config());
  const Documents documents = random_documents(kLengths, 1);
  train_step(engine, {documents, documents});
  const int64_t peak = engine.memory_account().activations_peak, allocations = driver_allocations();
  for (int step = 0; step < 3; ++step) train_step(engine, {documents, documents});
  EXPECT_EQ(engine.memory_account().activations_peak, peak);
  EXPECT_EQ(driver_allocations(), allocations);
}

TEST_P(EngineTest, FourMicroBatchesOfOneDocumentEqualOneOfFour) {
  Engine one(small_model(), 7, config()), four(small_model(), 7, config());
  for (uint64_t step = 0; step < 3; ++step) {
    const Documents packed = random_documents({50, 3, 70, 21}, 10 * step);
    std::vector<Documents> cut;
    for (size_t d = 0; d < 4; ++d) cut.push_back(packed.document(d));
    const StepMetrics expected = train_step(one, {packed}), actual = train_step(four, cut);
    EXPECT_NEAR(actual.loss, expected.loss, tolerance() * expected.loss) << "step " << step;
    EXPECT_NEAR(actual.gradient_norm, expected.gradient_norm, 2 * tolerance() * expected.gradient_norm);
    EXPECT_EQ(actual.step, static_cast<int64_t>(step) + 1);
  }
  // AdamW divides by the gradient's size: where that is tiny, rounding decides the sign of an update.
  EXPECT_LT(relative_distance(weights_of(four), weights_of(one)), exact() ? 1e-4 : 5e-2);
}

TEST_P(EngineTest, GradientsAreTheWeightedSumsOfThoseOfTheMicroBatches) {
  // 65 and 2 label tokens: a mean of means gives the second's tokens 32 times the weight of the first's.
  const Documents many = random_documents({60, 40}, 1), few = random_documents({4}, 9);
  ASSERT_EQ(many.label_tokens(), 65);
  ASSERT_EQ(few.label_tokens(), 2);
  const auto alone = [&](const Documents& documents) {
    Engine engine(small_model(), 7, config());
    engine.accumulate(documents.micro_batch(), documents.token_weight());
    return gradients_of(engine);
  };
  const std::vector<float> of_many = alone(many), of_few = alone(few);
  std::vector<float> mean_of_means(of_many.size()), mean(of_many.size());
  for (size_t i = 0; i < mean.size(); ++i) {
    mean_of_means[i] = 0.5f * of_many[i] + 0.5f * of_few[i];
    mean[i] = (65.0f * of_many[i] + 2.0f * of_few[i]) / 67.0f;
  }
  Engine weighted(small_model(), 7, config()), even(small_model(), 7, config());
  weighted.accumulate(many.micro_batch(), 0.5 * many.token_weight());
  weighted.accumulate(few.micro_batch(), 0.5 * few.token_weight());
  EXPECT_LT(relative_distance(gradients_of(weighted), mean_of_means), tolerance());
  even.accumulate(many.micro_batch(), 1.0 / 67);
  even.accumulate(few.micro_batch(), 1.0 / 67);
  EXPECT_LT(relative_distance(gradients_of(even), mean), tolerance());
  EXPECT_GT(relative_distance(mean_of_means, mean), 0.5);  // the two are truly different

  // What is reported does not know of weights.
  const StepMetrics a = weighted.apply(1e-2), b = even.apply(1e-2);
  EXPECT_DOUBLE_EQ(a.loss, b.loss);
  EXPECT_EQ(a.label_tokens, 67);
  Losses source(1);
  weighted.step_source_losses(source.sums.data(), source.tokens.data());
  EXPECT_NEAR(source.sums[0] / 67, b.loss, 1e-12 * b.loss);
}

TEST_P(EngineTest, RecomputeLevelsGiveTheSameBits) {
  const Documents documents = random_documents(kLengths, 1);
  const auto gradients = [&](Recompute level) {
    EngineConfig c = config();
    c.recompute = level;
    Engine engine(small_model(), 7, c);
    engine.accumulate(documents.micro_batch(), documents.token_weight());
    return gradients_of(engine);
  };
  const std::vector<float> kept = gradients(Recompute::kNone);
  for (const Recompute level : {Recompute::kCheap, Recompute::kAttention, Recompute::kFull}) {
    EXPECT_TRUE(identical(gradients(level), kept)) << "level " << static_cast<int>(level);
  }
}

TEST_P(EngineTest, ChunksOfTheLossDoNotChangeResults) {
  const Documents documents = random_documents({90, 41}, 1);
  const auto run = [&](int32_t chunk) {
    EngineConfig c = config();
    c.loss_chunk_tokens = chunk;
    Engine engine(small_model(), 7, c);
    std::vector<float> all = logits_of(engine, documents);
    engine.accumulate(documents.micro_batch(), documents.token_weight());
    const std::vector<float> gradients = gradients_of(engine);
    all.insert(all.end(), gradients.begin(), gradients.end());
    all.push_back(static_cast<float>(evaluate(engine, documents).sums[0]));
    return all;
  };
  const std::vector<float> whole = run(1024);
  // bfloat16: the head's gradient is rounded once per chunk.
  for (const int32_t chunk : {1, 7, 87, 88}) {
    EXPECT_LT(relative_distance(run(chunk), whole), exact() ? 1e-6 : 2e-3) << chunk;
  }
}

TEST_P(EngineTest, TheLossesOfSourcesAddUpAndEqualEvaluate) {
  EngineConfig c = config();
  c.source_count = 4;       // one more than there are
  c.loss_chunk_tokens = 7;  // chunks that begin and end inside documents
  Engine engine(small_model(), 7, c);
  const Documents first = random_documents({20, 30, 40}, 1, 3), second = random_documents({25, 35, 9}, 5, 3);
  Losses expected(4), packed(4);
  for (const Documents* documents : {&first, &second}) {
    engine.evaluate(documents->micro_batch(), packed.sums.data(), packed.tokens.data());
    // One by one: a document alone has one source only.
    for (size_t d = 0; d < documents->sources.size(); ++d) {
      engine.evaluate(documents->document(d).micro_batch(), expected.sums.data(), expected.tokens.data());
    }
  }
  const StepMetrics metrics = train_step(engine, {first, second});
  Losses actual(4);
  engine.step_source_losses(actual.sums.data(), actual.tokens.data());
  EXPECT_EQ(actual.tokens, expected.tokens);
  EXPECT_EQ(packed.tokens, expected.tokens);
  EXPECT_TRUE(close(actual.sums, packed.sums, {0, 1e-6}));
  EXPECT_TRUE(close(actual.sums, expected.sums, {0, tolerance()}));
  EXPECT_EQ(actual.tokens[3], 0);
  EXPECT_EQ(actual.sums[3], 0.0);
  const double total = std::accumulate(actual.sums.begin(), actual.sums.end(), 0.0);
  EXPECT_EQ(std::accumulate(actual.tokens.begin(), actual.tokens.end(), int64_t{0}), metrics.label_tokens);
  EXPECT_NEAR(total / static_cast<double>(metrics.label_tokens), metrics.loss, 1e-12 * metrics.loss);
  // The weights have changed, the losses of the step that has ended have not.
  Losses again(4);
  engine.step_source_losses(again.sums.data(), again.tokens.data());
  EXPECT_EQ(again.sums, actual.sums);
}

TEST_P(EngineTest, EvaluateEqualsTheLossOfTheLogits) {
  Engine engine(small_model(), 7, config());
  const Documents documents = random_documents({9, 30}, 1);
  const std::vector<float> logits = logits_of(engine, documents);
  double expected = 0.0;
  for (size_t t = 0; t < documents.ids.size(); ++t) {
    if (documents.labels[t] == kIgnoreIndex) continue;
    double sum = 0.0;
    for (size_t v = 0; v < 97; ++v) sum += std::exp(static_cast<double>(logits[t * 97 + v]));
    expected +=
        std::log(sum) - static_cast<double>(logits[t * 97 + static_cast<size_t>(documents.labels[t])]);
  }
  const Losses losses = evaluate(engine, documents);
  EXPECT_EQ(losses.tokens[0], documents.label_tokens());
  EXPECT_NEAR(losses.sums[0], expected, 1e-5 * expected);
}

/// Weights after ten steps of two micro-batches.
std::vector<float> train_ten_steps(Engine& engine) {
  for (uint64_t step = 0; step < 10; ++step) {
    train_step(engine, {random_documents({40, 65}, 100 + step), random_documents({33}, 200 + step)});
  }
  return weights_of(engine);
}

TEST_P(EngineTest, TheSameSeedAndThreadsGiveTheSameBits) {
  for (const int32_t threads : {1, 2}) {
    EngineConfig c = config();
    c.threads = threads;
    Engine first(small_model(), 7, c), second(small_model(), 7, c);
    EXPECT_TRUE(identical(train_ten_steps(second), train_ten_steps(first))) << threads << " threads";
  }
  set_thread_count(0);
}

TEST_P(EngineTest, TheNumberOfThreadsChangesNothingButRounding) {
  const Documents documents = random_documents({130, 65, 64}, 1);
  const auto gradients = [&](int32_t threads) {
    EngineConfig c = config();
    c.threads = threads;
    Engine engine(small_model(), 7, c);
    engine.accumulate(documents.micro_batch(), documents.token_weight());
    return gradients_of(engine);
  };
  const std::vector<float> one = gradients(1);
  EXPECT_LT(relative_distance(gradients(2), one), tolerance());
  EXPECT_LT(relative_distance(gradients(3), one), tolerance());
  set_thread_count(0);
}

TEST_P(EngineTest, SeedsDecideTheWeights) {
  const Engine a(small_model(), 7, config()), b(small_model(), 7, config()), c(small_model(), 8, config());
  EXPECT_TRUE(identical(weights_of(a), weights_of(b)));
  EXPECT_GT(relative_distance(weights_of(a), weights_of(c)), 0.5);
}

TEST_P(EngineTest, FreshWeightsAreNormalAndNormsAreOne) {
  const Engine engine(small_model(), 7, config());
  for (int32_t i = 0; i < engine.tensor_count(); ++i) {
    std::vector<float> weight(static_cast<size_t>(engine.tensor_size(i)));
    engine.read_weight(i, weight.data());
    const std::string name = engine.tensor_name(i);
    if (name.find("norm") != std::string::npos) {
      EXPECT_TRUE(identical(weight, std::vector<float>(weight.size(), 1.0f))) << name;
      continue;
    }
    double squares = 0.0;
    for (const float w : weight) squares += static_cast<double>(w) * static_cast<double>(w);
    const auto n = static_cast<double>(weight.size());
    EXPECT_NEAR(std::sqrt(squares / n), 0.2, 0.2 * 5.0 / std::sqrt(2.0 * n)) << name;  // five standard errors
  }
}

TEST_P(EngineTest, AMaskedDocumentContributesNothing) {
  const Documents labelled = random_documents({40, 30}, 1);
  Documents with_masked = labelled;
  with_masked.add(random_tokens(50, 9), 0, 50);
  Engine without(small_model(), 7, config()), with(small_model(), 7, config());
  without.accumulate(labelled.micro_batch(), labelled.token_weight());
  with.accumulate(with_masked.micro_batch(), labelled.token_weight());
  EXPECT_LT(relative_distance(gradients_of(with), gradients_of(without)), tolerance());
  EXPECT_EQ(with.apply(1e-2).label_tokens, labelled.label_tokens());
}

TEST_P(EngineTest, AMicroBatchWithoutLabelsIsCountedAndAddsNothing) {
  const Documents labelled = random_documents({40, 30}, 1);
  const Documents masked = Documents().add(random_tokens(50, 9), 0, 50);
  Engine engine(small_model(), 7, config());
  engine.accumulate(labelled.micro_batch(), labelled.token_weight());
  const std::vector<float> expected = gradients_of(engine);
  engine.accumulate(masked.micro_batch(), labelled.token_weight());
  EXPECT_TRUE(close(gradients_of(engine), expected, {0, 0}));
  const StepMetrics metrics = engine.apply(1e-2);
  EXPECT_EQ(metrics.tokens, 120);
  EXPECT_EQ(metrics.label_tokens, labelled.label_tokens());
  // The other way round, and for evaluate().
  EXPECT_EQ(train_step(engine, {masked, labelled}).step, 2);
  const Losses losses = evaluate(engine, masked);
  EXPECT_EQ(losses.tokens[0], 0);
  EXPECT_EQ(losses.sums[0], 0.0);
}

TEST_P(EngineTest, TheGradientNormIsThatOfTheGradientsAndApplyZeroesThem) {
  Engine engine(small_model(), 7, config());
  const Documents documents = random_documents({40, 30}, 1);
  engine.accumulate(documents.micro_batch(), documents.token_weight());
  double squares = 0.0;
  for (const float g : gradients_of(engine)) squares += static_cast<double>(g) * static_cast<double>(g);
  EXPECT_NEAR(engine.apply(0.0).gradient_norm, std::sqrt(squares), 1e-9);
  const std::vector<float> gradients = gradients_of(engine);
  EXPECT_TRUE(identical(gradients, std::vector<float>(gradients.size(), 0.0f)));
}

TEST_P(EngineTest, ALearningRateOfZeroChangesNothing) {
  EngineConfig c = config();
  c.weight_decay = 0.1;
  Engine engine(small_model(), 7, c);
  const std::vector<float> before = weights_of(engine);
  train_step(engine, {random_documents({40}, 1)}, 0.0);
  EXPECT_TRUE(identical(weights_of(engine), before));
}

TEST_P(EngineTest, ClippingScalesTheGradient) {
  // With beta 0 the first step is lr * g / (|g| + epsilon); a large epsilon keeps the size of g in it.
  const auto move = [&](double max_norm, double* norm) {
    EngineConfig c = config();
    c.adam_beta1 = c.adam_beta2 = 0.0;
    c.adam_epsilon = 1e4;
    c.max_gradient_norm = max_norm;
    Engine engine(small_model(), 7, c);
    const std::vector<float> before = weights_of(engine);
    *norm = train_step(engine, {random_documents({40}, 1)}, 1e3).gradient_norm;
    const std::vector<float> after = weights_of(engine);
    std::vector<double> moved;
    for (size_t i = 0; i < after.size(); ++i)
      moved.push_back(static_cast<double>(after[i]) - static_cast<double>(before[i]));
    return moved;
  };
  double norm = 0.0, clipped_norm = 0.0;
  const std::vector<double> free = move(0.0, &norm), clipped = move(0.1, &clipped_norm);
  EXPECT_EQ(clipped_norm, norm) << "the norm is reported before clipping";
  ASSERT_GT(norm, 0.1);
  std::vector<double> expected;
  for (const double m : free) expected.push_back(m * 0.1 / (norm + 1e-6));
  EXPECT_LT(relative_distance(clipped, expected), 1e-3);  // differences of float32 weights
}

TEST_P(EngineTest, ResettingTheOptimizerEqualsANewEngineWithTheSameWeights) {
  // A first AdamW step moves by the rate whatever the size of the gradient, so a rate of 0 before leaves
  // the weights of a new engine beside moments that are not zero.
  const std::vector<Documents> batch = {random_documents({40, 30}, 1)};
  const auto after_one_step = [&](bool reset, bool used) {
    Engine engine(small_model(), 7, config());
    if (used) train_step(engine, {random_documents({50}, 2)}, 0.0);
    if (reset) engine.reset_optimizer();
    const int64_t step = train_step(engine, batch, 1e-2).step;
    EXPECT_EQ(step, used && !reset ? 2 : 1);
    return weights_of(engine);
  };
  const std::vector<float> fresh = after_one_step(false, false);
  EXPECT_TRUE(identical(after_one_step(true, true), fresh));
  EXPECT_FALSE(identical(after_one_step(false, true), fresh));
}

TEST_P(EngineTest, LearnsOneBatchByHeart) {
  Engine engine(small_model(), 7, config());
  const std::vector<Documents> batch = {random_documents({20, 30}, 1)};
  const double first = train_step(engine, batch).loss;
  double last = first;
  for (int i = 0; i < 40; ++i) last = train_step(engine, batch).loss;
  EXPECT_GT(first, 4.0);
  EXPECT_LT(last, 0.5);
}

TEST_P(EngineTest, TiedEmbeddingsGetBothGradients) {
  ModelConfig tied = small_model();
  tied.tie_word_embeddings = true;
  Engine engine(tied, 7, config());
  EXPECT_EQ(engine.tensor_count(), Engine(small_model(), 7, config()).tensor_count() - 1);
  const Documents documents = Documents().add({1, 2, 3});
  engine.accumulate(documents.micro_batch(), 0.5);
  std::vector<float> gradient(97 * 36);
  engine.read_gradient(0, gradient.data());
  ASSERT_EQ(engine.tensor_name(0), "model.embed_tokens.weight");
  // Token 50 is never read, but the softmax pushes it down; token 1 is read.
  EXPECT_NE(std::accumulate(&gradient[50 * 36], &gradient[51 * 36], 0.0), 0.0);
  const double first = engine.apply(1e-2).loss;
  EXPECT_LT(train_step(engine, {documents}).loss, first);
}

TEST_P(EngineTest, TwoEnginesDoNotDisturbEachOther) {
  const auto batches = [](uint64_t step) { return std::vector{random_documents({40, 20}, 50 + step)}; };
  ModelConfig other_model = small_model();
  other_model.hidden_size = 24;
  other_model.heads = other_model.kv_heads = 4;
  Engine alone(small_model(), 7, config()), first(small_model(), 7, config());
  EngineConfig other_config = small_config(DType::kBFloat16);
  other_config.recompute = Recompute::kFull;
  Engine second(other_model, 8, other_config);
  for (uint64_t step = 0; step < 3; ++step) {
    train_step(alone, batches(step));
    second.accumulate(batches(step)[0].micro_batch(), batches(step)[0].token_weight());
    train_step(first, batches(step));
    logits_of(second, batches(step)[0]);
    second.apply(1e-2);
  }
  EXPECT_TRUE(identical(weights_of(first), weights_of(alone)));
}

// A number of threads decides about the bits of sums, so no engine may change another's.
TEST(EngineThreads, AreEachEnginesOwn) {
  const Documents documents = random_documents({100, 90}, 3);
  EngineConfig c = small_config();
  c.threads = 1;
  Engine one(small_model(), 7, c);
  const std::vector<double> alone = evaluate(one, documents).sums;
  EXPECT_EQ(current_threads(), 1);
  c.threads = 3;
  Engine three(small_model(), 7, c);
  evaluate(three, documents);
  EXPECT_EQ(current_threads(), 3);
  EXPECT_EQ(evaluate(one, documents).sums, alone);
  EXPECT_EQ(current_threads(), 1);
  c.threads = 0;
  const Engine by_default(small_model(), 7, c);
  EXPECT_EQ(current_threads(), thread_count());
}

}  // namespace
}  // namespace dmt::engine_test
