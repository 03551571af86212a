// How often the host calls the device for a token: counted at the table of kernels and at libtorch's
// dispatcher.
#include "generate/gpu_decoder.h"

#include <cstdio>
#include <deque>

#include "dist/rank_grid.h"
#include "engine_impl.h"
#include "model/weights.h"
#include "test_calls.h"
#include "test_model.h"

namespace dmt::gpu_decoder_test {
namespace {

/// A GPU on the host whose graphs are what was captured, done again: one call of the host.
class GraphOps : public GpuOps {
 public:
  GraphOps() : GpuOps(AttentionDevice{at::kCPU, 0}, counted_kernels(), "GPU with graphs") {}
  bool has_graphs() const override { return true; }
  DmtGraph capture(const std::function<void()>& launch) override {
    ++captured;
    graphs_.push_back(launch);
    return &graphs_.back();
  }
  void launch(DmtGraph graph) override {
    const CountedCall call("graph_launch");
    (*static_cast<std::function<void()>*>(graph))();
  }
  void destroy(DmtGraph graph) noexcept override { destroyed += graph == nullptr ? 0 : 1; }
  int64_t memory_given_back() const override { return given_back; }

  int captured = 0, destroyed = 0;
  int64_t given_back = 0;

 private:
  std::deque<std::function<void()>> graphs_;
};

class GpuDecoding : public testing::Test {
 protected:
  static ModelConfig model_of(int32_t layers) {
    ModelConfig model = small_model();
    model.head_dim = 8;
    model.layers = layers;
    return model;
  }
  static EngineConfig config() {
    EngineConfig config;
    config.device = Device::kCuda;
    config.trainable = false;
    return config;
  }
  /// A model and its decoder, with prompts in all slots and three steps done.
  struct Decoding {
    Decoding(int32_t layers, int32_t slots)
        : scope(ops, 1),
          grid(ParallelConfig{}, ops),
          llama(model_of(layers), config(), grid, ops),
          decoder(llama, ops, slots, 100, true),
          tokens(static_cast<size_t>(slots)) {
      initialise_weights(llama.units(), llama.config(), config(), 7, 0.2);
      std::vector<Prompt> prompts;
      for (int32_t slot = 0; slot < slots; ++slot) {
        prompts.push_back({slot, random_tokens(20 + slot, static_cast<uint64_t>(slot))});
        choices.push_back({slot, {.temperature = slot % 2 == 0 ? 0.0 : 1.0, .top_p = 0.9, .seed = 3}, 0});
      }
      decoder.prefill(prompts);
      decoder.step({}, choices, tokens.data());
      for (int step = 0; step < 2; ++step) this->step();
    }
    void step() {
      std::vector<SlotToken> fed;
      for (Choice& choice : choices) {
        fed.push_back({choice.slot, tokens[static_cast<size_t>(choice.slot)]});
        ++choice.index;
      }
      decoder.step(fed, choices, tokens.data());
    }

    GraphOps ops;
    ComputeScope scope;
    RankGrid grid;
    LlamaModel llama;
    GpuDecoder decoder;
    std::vector<int32_t> tokens;
    std::vector<Choice> choices;
  };
};

TEST_F(GpuDecoding, AStepIsThreeCallsOfTheHost) {
  for (const int32_t slots : {1, 6}) {
    Decoding d(32, slots);
    {
      const CallCount count;
      d.step();
      EXPECT_EQ(CallCount::of("graph_launch"), 1);
      EXPECT_EQ(CallCount::of("aten::copy_"), 2) << "the state there, the tokens back";
      EXPECT_EQ(CallCount::all(), 3) << CallCount::text();
    }
    const CallCount count;
    d.decoder.walk();
    std::printf("%d slots, 32 layers: 3 calls; a walk over all units, which each step began with, has %lld\n",
                static_cast<int>(slots), static_cast<long long>(CallCount::all()));
  }
}

TEST_F(GpuDecoding, ALayerIsTenLaunchesAndFourOfThemProducts) {
  const auto launches = [](int32_t layers) {
    Decoding d(layers, 2);
    ++d.ops.given_back;  // so that the next pass goes without a graph
    const CallCount count;
    d.step();
    const int64_t products = CallCount::of("aten::mm") + CallCount::of("aten::addmm");
    int64_t kernels = 0;
#define DMT_CUDA_OP(name, Op) kernels += CallCount::of(#name);
    DMT_CUDA_OPS(DMT_CUDA_OP)
#undef DMT_CUDA_OP
    return std::pair(products, kernels);
  };
  const auto two = launches(2), three = launches(3);
  EXPECT_EQ(three.first - two.first, 4);
  EXPECT_EQ(three.second - two.second, 6);
}

TEST_F(GpuDecoding, WaitingPromptsAreReadInPassesOfOneShape) {
  constexpr int32_t kLayers = 2, kSlots = 12;
  Decoding d(kLayers, kSlots);
  const auto passes = [&](const std::vector<int32_t>& lengths) {
    std::vector<Prompt> prompts;
    for (const int32_t length : lengths)
      prompts.push_back({static_cast<int32_t>(prompts.size()), random_tokens(length, 1)});
    const CallCount count;
    d.decoder.prefill(prompts);
    EXPECT_EQ(CallCount::of("cache_fill"), kLayers * static_cast<int64_t>(lengths.size()));
    return CallCount::of("rotary") / kLayers;
  };
  EXPECT_EQ(passes({1}), 1);
  EXPECT_EQ(passes({30, 30, 30, 30, 30, 30, 30, 30}), 1);
  EXPECT_EQ(passes({100, 100, 56}), 1);
  EXPECT_EQ(passes({100, 100, 57}), 2);
  EXPECT_EQ(passes({90, 90, 90, 90, 90}), 3);
}

// What a request's first tokens are must not depend on who waited with it.
TEST_F(GpuDecoding, APromptsLogitsDoNotDependOnItsCompanions) {
  Decoding alone(2, 3), together(2, 3);
  const std::vector<int32_t> prompt = random_tokens(33, 5);
  const auto next = [&](Decoding& d, const std::vector<Prompt>& prompts) {
    d.decoder.prefill(prompts);
    std::vector<int32_t> tokens(3), all;
    for (uint64_t seed = 0; seed < 50; ++seed) {
      d.decoder.step({}, {{1, {.temperature = 2.0, .top_p = 1.0, .seed = seed}, 0}}, tokens.data());
      all.push_back(tokens[1]);
    }
    return all;
  };
  EXPECT_EQ(next(alone, {{1, prompt}}),
            next(together, {{0, random_tokens(60, 1)}, {1, prompt}, {2, random_tokens(99, 2)}}));
}

TEST_F(GpuDecoding, AGraphIsCapturedAnewOnceMemoryWasGivenBack) {
  Decoding d(2, 2), undisturbed(2, 2);
  EXPECT_EQ(d.ops.captured, 1);
  for (int step = 0; step < 4; ++step) {
    if (step == 1) ++d.ops.given_back;
    d.step();
    undisturbed.step();
    EXPECT_EQ(d.tokens, undisturbed.tokens) << step;
  }
  EXPECT_EQ(d.ops.captured, 2);
  EXPECT_EQ(d.ops.destroyed, 1);
}

}  // namespace
}  // namespace dmt::gpu_decoder_test
