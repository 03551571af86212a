// What is the GPU path's alone; that it computes what the CPU does is shown by the other tests, which ctest
// runs once more with DMT_TEST_DEVICE=cuda.
#include <utility>

#include "base/expect_error.h"
#include "engine_memory.h"
#include "test_calls.h"
#include "test_model.h"

namespace dmt::engine_gpu_test {
namespace {

/// The GPU path on the host with as much memory as a test wants.
class SmallGpu : public GpuOps {
 public:
  explicit SmallGpu(int64_t free)
      : GpuOps(AttentionDevice{at::kCPU, 0}, host_kernels(), "small GPU"), free_(free) {}
  FreeMemory free_memory() const override { return {free_, "the device"}; }

 private:
  int64_t free_;
};

class GpuPath : public testing::Test {
 protected:
  GpuPath() { test_device(); }  // which puts back what open_gpu() is
  ~GpuPath() override { use_test_gpu(); }
  EngineConfig config(DType dtype) const {
    EngineConfig config = small_config(dtype);
    config.device = Device::kCuda;
    return config;
  }
};

/// Whether the GPU is there: no kernel of it runs once it is lost.
bool gpu_is_lost = false;

cuda::Kernels losable_kernels() {
  cuda::Kernels kernels = host_kernels();
  static const cuda::Kernels there = kernels;
  kernels.rms_norm_forward = [](const DmtRmsNormForward* op, DmtStream stream) {
    return gpu_is_lost ? 719 : there.rms_norm_forward(op, stream);
  };
  kernels.last_error = [] { return "unspecified launch failure (719)"; };
  return kernels;
}

TEST_F(GpuPath, AGpuThatIsLostIsNamedByEveryCallFromThenOn) {
  replace_open_gpu([](int32_t) {
    return std::make_unique<GpuOps>(AttentionDevice{at::kCPU, 0}, losable_kernels(), "GPU 3 (Test)");
  });
  gpu_is_lost = false;
  Engine engine(small_model(), 7, config(DType::kFloat32));
  const Documents documents = random_documents({9, 17}, 100);
  train_step(engine, {documents});
  gpu_is_lost = true;
  EXPECT_ERROR(train_step(engine, {documents}),
               "GPU 3 (Test): rms_norm_forward: unspecified launch failure (719)");
  EXPECT_ERROR(evaluate(engine, documents), "GPU 3 (Test): rms_norm_forward: unspecified");
}

TEST_F(GpuPath, AnEngineThatDoesNotFitSaysWhatWould) {
  const MemoryAccount account = planned_memory(small_model(), config(DType::kBFloat16));
  const int64_t free =
      account.weights + account.master_weights + account.gradients + account.optimizer_states;
  replace_open_gpu([&](int32_t) { return std::make_unique<SmallGpu>(free - 1); });
  const std::string error = error_of([&] { Engine(small_model(), 1, config(DType::kBFloat16)); });
  for (const char* part : {"small GPU", "weights", "master weights", "gradients", "optimizer states", "free",
                           "gradient_dtype=bfloat16 would need"})
    EXPECT_TRUE(contains(error, part));
  replace_open_gpu([&](int32_t) { return std::make_unique<SmallGpu>(free); });
  Engine(small_model(), 1, config(DType::kBFloat16));
  replace_open_gpu([&](int32_t) { return std::make_unique<SmallGpu>(1); });
  EXPECT_TRUE(contains(error_of([&] { Engine(small_model(), 1, config(DType::kBFloat16)); }),
                       "no setting makes it fit"));
}

// On the CPU there is no other way: a machine without memory kills who asks for more.
TEST_F(GpuPath, AMicroBatchThatDoesNotFitIsRefusedBeforeItIsComputed) {
  const EngineConfig c = config(DType::kFloat32);
  const int64_t engine_bytes = planned_memory(small_model(), c).total();
  replace_open_gpu([&](int32_t) { return std::make_unique<SmallGpu>(engine_bytes); });
  Engine engine(small_model(), 1, c);
  const Documents small = random_documents({9}, 100);
  train_step(engine, {small});
  const MemoryAccount before = engine.memory_account();
  std::vector<int32_t> lengths(2000, 60);
  const Documents large = random_documents(lengths, 100);
  const std::string error = error_of([&] { train_step(engine, {large}); });
  for (const char* part :
       {"small GPU: a micro-batch of 120000 tokens needs", "of activations", "free", "recompute"})
    EXPECT_TRUE(contains(error, part)) << error;
  EXPECT_TRUE(contains(error_of([&] { evaluate(engine, large); }), "a micro-batch of 120000 tokens"));
  EXPECT_EQ(engine.memory_account().activations_peak, before.activations_peak);
  train_step(engine, {small});
}

TEST_F(GpuPath, CachesThatDoNotFitAreRefusedWithWhatWould) {
  const EngineConfig c = config(DType::kFloat32);
  const ModelConfig model = small_model();
  const int64_t request = int64_t{8} * model.layers * model.kv_heads * model.head_dim * 10;
  replace_open_gpu([&](int32_t) { return std::make_unique<SmallGpu>(int64_t{1} << 30); });
  Engine engine(model, 1, c);
  const FreeMemory free = {5 * request, "the device"};
  EXPECT_EQ(cache_fault(model, DType::kFloat32, 5, 10, free), "");
  const std::string fault = cache_fault(model, DType::kFloat32, 6, 10, free);
  EXPECT_TRUE(contains(fault, "the key-value caches of 6 requests of 10 tokens need")) << fault;
  EXPECT_TRUE(contains(fault, "5 such requests at once would fit")) << fault;
  EXPECT_EQ(cache_fault(model, DType::kBFloat16, 10, 10, free), "");
  EXPECT_TRUE(contains(error_of([&] { Generation(engine, 1 << 30, 10); }), "key-value caches"));
}

TEST(MemoryFaults, SayNothingWhereNothingIsKnown) {
  EXPECT_EQ(memory_fault(small_model(), small_config(), {}), "");
  EXPECT_EQ(copy_fault(int64_t{1} << 50, {}), "");
  EXPECT_EQ(rows_fault(9, int64_t{1} << 50, {}), "");
  EXPECT_TRUE(contains(rows_fault(9, 2, {1, "this machine"}), "the queries and keys of 9 tokens need"));
  EXPECT_TRUE(contains(copy_fault(2, {1, "this machine"}), "save_async=false"));
}

TEST_F(GpuPath, TheFirstSettingThatFitsIsNamed) {
  ModelConfig model = small_model();
  model.layers = 40;  // so that the buffers that all blocks share are little beside them
  const EngineConfig config = small_config();
  const int64_t parameters = planned_memory(model, config).weights / 4;
  // 16 bytes for each parameter; 8 with gradients and states in bfloat16.
  const std::string fault = memory_fault(model, config, {9 * parameters, "the device"});
  EXPECT_NE(fault.find("dtype=bfloat16 gradient_dtype=bfloat16 optimizer_states=bfloat16 would need"),
            std::string::npos)
      << fault;
  EXPECT_EQ(memory_fault(model, config, {16 * parameters, "the device"}), "");
  EXPECT_NE(memory_fault(model, config, {5 * parameters, "the device"}).find("on 2 GPUs"), std::string::npos);
}

TEST_F(GpuPath, AdviceNamesWhatIsNotDoneYet) {
  EngineConfig small = small_config(DType::kBFloat16);
  EXPECT_NE(memory_advice(small_model(), small).find("recompute=full"), std::string::npos);
  small.recompute = Recompute::kFull;
  small.gradient_dtype = DType::kBFloat16;
  small.optimizer_states = DType::kBFloat16;
  const std::string advice = memory_advice(small_model(), small);
  EXPECT_EQ(advice.find("recompute"), std::string::npos) << advice;
  EXPECT_EQ(advice.find("states"), std::string::npos) << advice;
}

/// What a device of a capability computes a batch of these documents with.
struct AttentionCase {
  int32_t capability = 90;
  std::vector<int32_t> offsets = {0, 64, 128};
  at::ScalarType dtype = at::kBFloat16;
  int64_t heads = 4, kv_heads = 4, head_dim = 64;
  bool repeats = true;

  AttentionKind kind() const {
    BatchIndices batch;
    batch.attention = {
        heads, kv_heads, head_dim, offsets.back(), static_cast<int64_t>(offsets.size()) - 1, offsets.data()};
    batch.repeats = repeats;
    const at::Tensor qkv = at::empty({offsets.back(), batch.attention.row()}, dtype);
    return attention_kind({at::kCPU, capability}, qkv, batch);
  }
};

TEST(GpuAttention, IsChosenByDeviceTypeAndShape) {
  EXPECT_EQ(AttentionCase{}.kind(), AttentionKind::kCudnn);
  EXPECT_EQ(AttentionCase{.repeats = false}.kind(), AttentionKind::kFlash);
  EXPECT_EQ(AttentionCase{.kv_heads = 2}.kind(), AttentionKind::kCudnn);
  EXPECT_EQ(AttentionCase{.head_dim = 192}.kind(), AttentionKind::kFlash);
  EXPECT_EQ(AttentionCase{.capability = 80}.kind(), AttentionKind::kFlash);
  EXPECT_EQ(AttentionCase{.dtype = at::kFloat}.kind(), AttentionKind::kPlain);
  EXPECT_EQ(AttentionCase{.head_dim = 20}.kind(), AttentionKind::kPlain);
  EXPECT_EQ(AttentionCase{.capability = 75}.kind(), AttentionKind::kPlain);
  EXPECT_TRUE(contains(attention_text(90), "cuDNN"));
  EXPECT_FALSE(contains(attention_text(80), "cuDNN"));
}

/// Batches of so many documents of a length, as AttentionShapes sees them.
class DenseBatches {
 public:
  bool repeats(int32_t documents, int32_t length, Pass pass = Pass::kTraining) {
    std::vector<int32_t> offsets;
    for (int32_t d = 0; d <= documents; ++d) offsets.push_back(d * length);
    return repeats(offsets, pass);
  }
  bool repeats(const std::vector<int32_t>& offsets, Pass pass = Pass::kTraining) {
    HostIndices host;
    host.pass = pass;
    host.attention = {4, 4, 64, offsets.back(), static_cast<int64_t>(offsets.size()) - 1, offsets.data()};
    return shapes_.repeats(host);
  }

 private:
  AttentionShapes shapes_;
};

TEST(GpuAttention, ADenseShapeIsWorthAPlanFromTheSecondTimeOn) {
  DenseBatches batches;
  EXPECT_FALSE(batches.repeats(2, 2048));
  EXPECT_TRUE(batches.repeats(2, 2048));
  EXPECT_TRUE(batches.repeats(2, 2048));
  EXPECT_FALSE(batches.repeats(4, 2048));
  EXPECT_FALSE(batches.repeats(2, 1024));
}

TEST(GpuAttention, OneDocumentPackedRowsPromptsAndShortOnesAreNever) {
  DenseBatches batches;
  for (int time = 0; time < 3; ++time) {
    EXPECT_FALSE(batches.repeats(1, 2048));
    EXPECT_FALSE(batches.repeats({0, 100, 300}));
    EXPECT_FALSE(batches.repeats(8, 63));
    EXPECT_FALSE(batches.repeats(2, 512, Pass::kForward));
    EXPECT_FALSE(batches.repeats({0}));
  }
}

TEST(GpuAttention, ManyShapesDoNotWaitForAPlanEach) {
  DenseBatches batches;
  int plans = 0;
  for (int32_t length = 64; length < 164; ++length) {
    batches.repeats(2, length);
    plans += batches.repeats(2, length) ? 1 : 0;
  }
  EXPECT_EQ(plans, 8);
  EXPECT_TRUE(batches.repeats(2, 64));
}

TEST_F(GpuPath, CallsOfAttentionAreCounted) {
  use_host_gpu();
  Engine engine(small_model(), 7, config(DType::kFloat32));
  train_step(engine, {random_documents({9, 17}, 100), random_documents({5}, 100)});
  const AttentionCalls calls = engine.attention_calls();
  EXPECT_EQ(calls.plain, 2 * 2 * small_model().layers);
  EXPECT_EQ(calls.cudnn + calls.flash, 0);
}

/// What products of weights' gradients do, and how many calls a pass is made of; attention is one call.
class CountingGpu : public GpuOps {
 public:
  struct Counts {
    int64_t replaced = 0, added = 0;  // gradients of matrices
  };
  explicit CountingGpu(Counts& counts)
      : GpuOps(AttentionDevice{at::kCPU, 0}, counted_kernels(), "counting GPU"), counts_(counts) {}

  void linear_backward_weight(const WeightGradient& gradient, const at::Tensor& dout, const at::Tensor& x,
                              Arena& arena) override {
    ++(gradient.into == SumInto::kReplace ? counts_.replaced : counts_.added);
    const CountedCall call("gradient product");
    GpuOps::linear_backward_weight(gradient, dout, x, arena);
  }
  void attention_forward(at::Tensor out, at::Tensor log_sum_exp, const at::Tensor& qkv,
                         const BatchIndices& batch) override {
    const CountedCall call("attention");
    GpuOps::attention_forward(out, log_sum_exp, qkv, batch);
  }
  void attention_backward(at::Tensor dqkv, const at::Tensor& dout, const at::Tensor& out,
                          const at::Tensor& log_sum_exp, const at::Tensor& qkv,
                          const BatchIndices& batch) override {
    const CountedCall call("attention");
    GpuOps::attention_backward(dqkv, dout, out, log_sum_exp, qkv, batch);
  }

 private:
  Counts& counts_;
};

class Launches : public GpuPath {
 protected:
  /// Of a second micro-batch of a step: calls that do something on the device, and what gradients' products
  /// do.
  struct Pass {
    int64_t launches;
    CountingGpu::Counts first, second;
  };
  Pass pass(int32_t layers, int32_t world) const {
    CountingGpu::Counts counts;
    replace_open_gpu([&](int32_t) { return std::make_unique<CountingGpu>(counts); });
    ModelConfig model = small_model();
    model.layers = layers;
    EngineConfig c = config(DType::kBFloat16);
    c.gradient_dtype = DType::kBFloat16;
    c.parallel.world_size = world;
    c.parallel.group_kind = GroupKind::kSimulated;
    Engine engine(model, 7, c);
    const Documents documents = random_documents({9, 17}, 100);
    Pass pass = {};
    engine.accumulate(documents.micro_batch(), documents.token_weight() / 2 / world);
    pass.first = std::exchange(counts, {});
    const CallCount count;
    engine.accumulate(documents.micro_batch(), documents.token_weight() / 2 / world);
    pass.second = counts;
    for (const char* name :
         {"aten::mm", "aten::addmm", "aten::zero_", "aten::fill_", "gradient product", "attention"})
      pass.launches += CallCount::of(name);
#define DMT_CUDA_OP(name, Op) pass.launches += CallCount::of(#name);
    DMT_CUDA_OPS(DMT_CUDA_OP)
#undef DMT_CUDA_OP
    return pass;
  }
};

TEST_F(Launches, OfALayerForwardAndBackward) {
  // Forward: norm, qkv, rotary, attention, output, norm, gate and up, SwiGLU, down. Backward: two products
  // for each of four matrices, attention, rotary, SwiGLU, two norms.
  EXPECT_EQ(pass(3, 1).launches - pass(2, 1).launches, 9 + 13);
  // Sharded, two norms' gradients are zeroed, and the sum of what arrives is made.
  EXPECT_EQ(pass(3, 2).launches - pass(2, 2).launches, 9 + 13 + 2 + 1);
}

TEST_F(Launches, GradientsOfMatricesAreWrittenOnceAndReadOnlyToBeAddedTo) {
  const int64_t matrices = 4 * 2 + 1;  // of two blocks, and the unembedding
  const Pass whole = pass(2, 1), sharded = pass(2, 2);
  EXPECT_EQ(whole.first.replaced, matrices);
  EXPECT_EQ(whole.first.added, 0);
  EXPECT_EQ(whole.second.replaced, 0);
  EXPECT_EQ(whole.second.added, matrices);
  for (const CountingGpu::Counts& counts : {sharded.first, sharded.second}) {
    EXPECT_EQ(counts.replaced, matrices);
    EXPECT_EQ(counts.added, 0);
  }
}

TEST_F(GpuPath, GradientsInBFloat16TakeTwoBytesAndLearn) {
  EngineConfig two_bytes = config(DType::kBFloat16);
  two_bytes.gradient_dtype = DType::kBFloat16;
  use_host_gpu();
  ModelConfig model = small_model();
  model.vocab_size = 96;  // without padding
  Engine gpu(model, 7, two_bytes);
  two_bytes.device = Device::kCpu;
  Engine cpu(model, 7, two_bytes);
  EXPECT_EQ(gpu.memory_account().gradients, 2 * gpu.parameter_count());
  Documents documents;
  for (const int32_t length : {9, 17, 4}) documents.add(random_tokens(length, 100, 96));
  double first = 0.0, last = 0.0;
  for (int step = 0; step < 20; ++step) {
    const StepMetrics on_gpu = train_step(gpu, {documents}), on_cpu = train_step(cpu, {documents});
    // Gradients are rounded to 1/256 in places of their own, and the loss falls by a third a step.
    EXPECT_NEAR(on_gpu.loss, on_cpu.loss, 0.05 * on_cpu.loss) << step;
    (step == 0 ? first : last) = on_gpu.loss;
  }
  EXPECT_LT(last, 0.5 * first);
}

TEST_F(GpuPath, GradientsInBFloat16NeedWeightsInIt) {
  EngineConfig config = small_config();
  config.gradient_dtype = DType::kBFloat16;
  const std::string error = error_of([&] { Engine(small_model(), 1, config); });
  for (const char* part : {"gradient_dtype", "compute_dtype"}) EXPECT_TRUE(contains(error, part));
}

TEST_F(GpuPath, WithoutAGpuThereIsNoEngine) {
  if (has_gpu()) GTEST_SKIP() << "there is a GPU";
  replace_open_gpu(nullptr);
  EXPECT_TRUE(contains(error_of([&] { Engine(small_model(), 1, config(DType::kFloat32)); }), "device cuda"));
}

TEST_F(GpuPath, HeadsThatItCannotDecodeAreRefused) {
  use_host_gpu();
  ModelConfig model = small_model();
  model.head_dim = 10;
  Engine engine(model, 1, config(DType::kFloat32));
  const std::string error = error_of([&] { Generation(engine, 1, 8); });
  for (const char* part : {"head_dim", "10", "device=cpu"}) EXPECT_TRUE(contains(error, part));
}

}  // namespace
}  // namespace dmt::engine_gpu_test
