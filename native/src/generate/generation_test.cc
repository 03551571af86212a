// A request's tokens depend on nothing but the request.
#include <cmath>
#include <map>

#include "base/expect_error.h"
#include "base/parallel.h"
#include "test_model.h"

namespace dmt::generation_test {
namespace {

constexpr int32_t kMaxTokens = 120;

struct Request {
  std::vector<int32_t> prompt;
  SamplingConfig sampling;
  int32_t tokens;  // to generate
};

/// Prompts of many lengths, greedy and sampled in turn.
Request request(uint64_t i) {
  const int32_t lengths[] = {1, 2, 17, 64, 65, 7, 33};
  Request r{random_tokens(lengths[i % 7], 1000 + i), SamplingConfig{}, 12 + static_cast<int32_t>(i % 5) * 4};
  if (i % 2 == 1) {
    r.sampling.temperature = 1.0;
    r.sampling.top_p = 0.9;
    r.sampling.seed = i;
  }
  return r;
}

EngineConfig inference(DType dtype) {
  EngineConfig config = small_config(dtype);
  config.trainable = false;
  return config;
}

/// Opens requests as soon as slots are free, and closes them when they have their tokens, as a server would.
/// @param wait steps before a request may be opened
std::vector<std::vector<int32_t>> run(Engine& engine, int32_t slots, const std::vector<Request>& requests,
                                      const std::vector<int>& wait = {}) {
  Generation generation(engine, slots, kMaxTokens);
  std::vector<std::vector<int32_t>> outputs(requests.size());
  std::map<int32_t, size_t> in_slot;
  size_t next = 0, done = 0;
  for (int step = 0; done < requests.size(); ++step) {
    while (next < requests.size() && static_cast<int32_t>(in_slot.size()) < slots &&
           (wait.empty() || wait[next] <= step)) {
      const Request& r = requests[next];
      in_slot[generation.open(r.prompt.data(), static_cast<int32_t>(r.prompt.size()), r.sampling)] = next;
      ++next;
    }
    std::vector<int32_t> tokens(static_cast<size_t>(slots), -7);
    generation.step(tokens.data());
    for (int32_t slot = 0; slot < slots; ++slot) {
      const int32_t token = tokens[static_cast<size_t>(slot)];
      const auto found = in_slot.find(slot);
      if (found == in_slot.end()) {
        EXPECT_EQ(token, -1) << "slot " << slot << " is free";
        continue;
      }
      std::vector<int32_t>& output = outputs[found->second];
      output.push_back(token);
      if (static_cast<int32_t>(output.size()) == requests[found->second].tokens) {
        generation.close(slot);
        in_slot.erase(found);
        ++done;
      }
    }
  }
  return outputs;
}

class GenerationTest : public testing::TestWithParam<DType> {
 protected:
  void TearDown() override { set_thread_count(0); }
  Engine engine_{small_model(), 7, inference(GetParam())};
};
INSTANTIATE_TEST_SUITE_P(DTypes, GenerationTest, testing::Values(DType::kFloat32, DType::kBFloat16),
                         [](const auto& info) {
                           return info.param == DType::kFloat32 ? "Float32" : "BFloat16";
                         });

TEST_P(GenerationTest, GreedyTakesTheLargestLogitOfTheGrowingSequence) {
  for (const uint64_t i : {0u, 2u, 4u, 10u}) {  // prompts of 1, 17, 65 and 64 tokens
    Request r = request(i);
    r.tokens = 40;
    const std::vector<int32_t> generated = run(engine_, 1, {r})[0];
    std::vector<int32_t> sequence = r.prompt;
    sequence.insert(sequence.end(), generated.begin(), generated.end());
    const std::vector<float> logits = logits_of(engine_, Documents().add(sequence));
    for (size_t t = 0; t < generated.size(); ++t) {
      const float* row = logits.data() + (r.prompt.size() + t - 1) * 97;
      const float largest = *std::max_element(row, row + 97);
      if (GetParam() == DType::kFloat32) {
        EXPECT_EQ(generated[t], std::max_element(row, row + 97) - row) << "prompt " << i << ", token " << t;
      } else {
        // Engine::logits rounds activations to bfloat16 and decoding does not: nearly equal logits may change
        // places.
        EXPECT_GT(row[generated[t]], largest - 0.15f) << "prompt " << i << ", token " << t;
      }
    }
  }
}

TEST_P(GenerationTest, TokensDoNotDependOnTheBatch) {
  std::vector<Request> requests;
  std::vector<std::vector<int32_t>> alone;
  for (uint64_t i = 0; i < 17; ++i) {
    requests.push_back(request(i));
    alone.push_back(run(engine_, 1, {requests.back()})[0]);
  }
  for (const int32_t slots : {3, 4, 16}) EXPECT_EQ(run(engine_, slots, requests), alone) << slots << " slots";
}

TEST_P(GenerationTest, TokensDoNotDependOnTheOthersOrTheSlot) {
  const Request fixed = request(3);
  const std::vector<int32_t> expected = run(engine_, 1, {fixed})[0];
  for (const size_t place : {0u, 1u, 5u, 7u}) {
    for (const uint64_t others : {100u, 200u}) {
      std::vector<Request> requests;
      for (uint64_t i = 0; i < 8; ++i) requests.push_back(i == place ? fixed : request(others + i));
      EXPECT_EQ(run(engine_, 8, requests)[place], expected) << "slot " << place << ", others " << others;
    }
  }
}

TEST_P(GenerationTest, RequestsMayJoinInTheMiddle) {
  std::vector<Request> requests;
  std::vector<std::vector<int32_t>> alone;
  std::vector<int> wait;
  for (uint64_t i = 0; i < 12; ++i) {
    requests.push_back(request(i));
    alone.push_back(run(engine_, 1, {requests.back()})[0]);
    wait.push_back(static_cast<int>(3 * i));
  }
  EXPECT_EQ(run(engine_, 16, requests, wait), alone);
  EXPECT_EQ(run(engine_, 3, requests, wait), alone);
}

TEST_P(GenerationTest, ASlotForgetsItsFormerRequest) {
  const Request longer = request(4), shorter = request(1);
  const std::vector<int32_t> expected = run(engine_, 1, {shorter})[0];
  EXPECT_EQ(run(engine_, 1, {longer, shorter, longer, shorter})[3], expected);
}

TEST_P(GenerationTest, SeedsReproduceAndDiffer) {
  const auto tokens = [&](uint64_t seed) {
    Request r{{1, 2, 3}, SamplingConfig{}, 30};
    r.sampling.temperature = 1.0;
    r.sampling.seed = seed;
    return run(engine_, 1, {r})[0];
  };
  EXPECT_EQ(tokens(5), tokens(5));
  EXPECT_NE(tokens(5), tokens(6));
}

TEST_P(GenerationTest, FirstDrawsFollowTheSoftmaxOfTheLogits) {
  ModelConfig model = small_model();
  model.vocab_size = 8;
  EngineConfig config = inference(GetParam());
  config.threads =
      1;  // thousands of prompts of three tokens: waking threads would take longer than reading them
  Engine engine(model, 7, config);
  const std::vector<int32_t> prompt = {1, 5, 2};
  const std::vector<float> logits = logits_of(engine, Documents().add(prompt));
  std::vector<double> p;
  double sum = 0.0;
  for (size_t v = 0; v < 8; ++v) sum += p.emplace_back(std::exp(static_cast<double>(logits[2 * 8 + v])));
  constexpr int kDraws = 4000, kSlots = 80;  // a GPU reads 80 prompts of three tokens in one pass
  std::vector<int> draws(8);
  Generation generation(engine, kSlots, 4);
  for (int round = 0; round < kDraws / kSlots; ++round) {
    for (int i = 0; i < kSlots; ++i) {
      SamplingConfig sampling;
      sampling.temperature = 1.0;
      sampling.seed = static_cast<uint64_t>(round * kSlots + i);
      generation.open(prompt.data(), 3, sampling);
    }
    std::vector<int32_t> tokens(kSlots, -1);
    generation.step(tokens.data());
    for (int slot = 0; slot < kSlots; ++slot) {
      generation.close(slot);
      ++draws.at(static_cast<size_t>(tokens[static_cast<size_t>(slot)]));
    }
  }
  double chi_square = 0.0;
  for (size_t v = 0; v < 8; ++v)
    chi_square += std::pow(draws[v] - p[v] / sum * kDraws, 2) / (p[v] / sum * kDraws);
  EXPECT_LT(chi_square, 29.9);  // seven degrees of freedom, significance 0.0001
}

TEST_P(GenerationTest, AnEngineThatTrainsGeneratesWithItsNewWeights) {
  Engine engine(small_model(), 7, small_config(GetParam()));
  const Request r = request(0);
  EXPECT_EQ(run(engine, 1, {r}), run(engine_, 1, {r}));
  const Documents lesson = Documents().add({r.prompt[0], 11, 12, 13, 14});
  for (int i = 0; i < 60; ++i) train_step(engine, {lesson});
  const std::vector<int32_t> learnt = run(engine, 1, {r})[0];
  EXPECT_EQ(std::vector<int32_t>(learnt.begin(), learnt.begin() + 4), (std::vector<int32_t>{11, 12, 13, 14}));
}

TEST_P(GenerationTest, AnEngineMayComputeOtherThingsBetweenSteps) {
  const Request r = request(2);
  const std::vector<int32_t> expected = run(engine_, 1, {r})[0];
  Engine engine(small_model(), 7, small_config(GetParam()));
  Generation generation(engine, 2, kMaxTokens);
  generation.open(r.prompt.data(), static_cast<int32_t>(r.prompt.size()), r.sampling);
  std::vector<int32_t> tokens;
  for (int i = 0; i < r.tokens; ++i) {
    int32_t out[2];
    generation.step(out);
    tokens.push_back(out[0]);
    evaluate(engine, random_documents({30, 40}, static_cast<uint64_t>(i)));
  }
  EXPECT_EQ(tokens, expected);
}

class GenerationErrors : public testing::Test {
 protected:
  int32_t open(Generation& generation, int32_t length) {
    const std::vector<int32_t> prompt = random_tokens(length, 1);
    return generation.open(prompt.data(), length, SamplingConfig{});
  }
  Engine engine_{small_model(), 7, inference(DType::kFloat32)};
};

TEST_F(GenerationErrors, SlotsAndMaxTokensOutOfRange) {
  for (const int32_t slots : {0, -1}) {
    EXPECT_ERROR(Generation(engine_, slots, 10), "slots must be at least 1, got " + std::to_string(slots));
  }
  for (const int32_t tokens : {0, 257}) {
    EXPECT_ERROR(Generation(engine_, 1, tokens),
                 "max_tokens must be between 1 and the model's limit (max_position_embeddings) of 256, got " +
                     std::to_string(tokens));
  }
  Generation(engine_, 1, 256);
}

TEST_F(GenerationErrors, NoFreeSlot) {
  Generation generation(engine_, 2, 20);
  EXPECT_EQ(open(generation, 3), 0);
  EXPECT_EQ(open(generation, 3), 1);
  EXPECT_ERROR(open(generation, 3), "all 2 slots are taken; close one first");
  generation.close(0);
  EXPECT_EQ(open(generation, 3), 0);
}

TEST_F(GenerationErrors, PromptEmptyTooLongOrOutsideTheVocabulary) {
  Generation generation(engine_, 1, 20);
  EXPECT_ERROR(open(generation, 0), "a prompt must have between 1 and 20 tokens, this one has 0");
  EXPECT_ERROR(open(generation, 21), "a prompt must have between 1 and 20 tokens, this one has 21");
  const int32_t bad[] = {1, 97};
  EXPECT_ERROR(generation.open(bad, 2, SamplingConfig{}), "token id 97 at position 1 is outside");
  EXPECT_EQ(open(generation, 20), 0) << "the slot is still free";
}

TEST_F(GenerationErrors, SlotThatIsNotOpen) {
  Generation generation(engine_, 2, 20);
  for (const int32_t slot : {-1, 0, 2}) {
    EXPECT_ERROR(generation.close(slot), "slot " + std::to_string(slot) + " is not open");
  }
  open(generation, 3);
  generation.close(0);
  EXPECT_ERROR(generation.close(0), "slot 0 is not open");
}

TEST_F(GenerationErrors, SamplingOutOfRange) {
  Generation generation(engine_, 1, 20);
  const int32_t prompt = 1;
  SamplingConfig bad;
  bad.temperature = -1.0;
  EXPECT_ERROR(generation.open(&prompt, 1, bad), "temperature must be finite and at least 0, got -1");
  bad.temperature = 1.0;
  bad.top_p = 0.0;
  EXPECT_ERROR(generation.open(&prompt, 1, bad), "top_p must be in (0, 1], got 0");
  EXPECT_EQ(open(generation, 1), 0);
}

TEST_F(GenerationErrors, ASlotThatIsUsedUpStopsTheStepUntilItIsClosed) {
  Generation generation(engine_, 2, 10), undisturbed(engine_, 2, 10);
  for (Generation* g : {&generation, &undisturbed}) open(*g, 2);
  open(generation, 8);
  int32_t tokens[2], expected[2];
  // 8 of 10 tokens are used: two are fed, and a third is chosen from what they give.
  for (int i = 0; i < 3; ++i) {
    generation.step(tokens);
    undisturbed.step(expected);
    EXPECT_GE(tokens[1], 0);
  }
  EXPECT_ERROR(generation.step(tokens), "slot 1 has used all of its 10 tokens; close it");
  EXPECT_ERROR(generation.step(tokens), "slot 1 has used all of its 10 tokens; close it");
  generation.close(1);
  // The other request has lost nothing.
  generation.step(tokens);
  undisturbed.step(expected);
  EXPECT_EQ(tokens[0], expected[0]);
  EXPECT_EQ(tokens[1], -1);
}

TEST_F(GenerationErrors, AStepWithoutRequestsChoosesNothing) {
  Generation generation(engine_, 3, 10);
  int32_t tokens[3] = {5, 5, 5};
  generation.step(tokens);
  for (const int32_t token : tokens) EXPECT_EQ(token, -1);
}

}  // namespace
}  // namespace dmt::generation_test
