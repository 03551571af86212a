// Streams, events and graphs. What they say without a device is tested in device_tests_main.cc.
#include "base/expect_error.h"
#include "cuda/test_backend.h"

namespace dmt::cuda::runtime_test {
namespace {

#define EXPECT_OK(call) EXPECT_EQ(call, DMT_CUDA_OK) << dmt_cuda_last_error()

class CudaRuntime : public testing::Test {
 protected:
  CudaRuntime() { EXPECT_OK(dmt_cuda_stream_create(&stream_)); }
  ~CudaRuntime() override { EXPECT_OK(dmt_cuda_stream_destroy(stream_)); }

  DmtStream stream_ = nullptr;
};

/// Calls that fail on purpose, told apart since a checker such as compute-sanitizer would report them.
class CudaErrorsOfTheRuntime : public CudaRuntime {};

// All keys are 0, so the attention is the mean of the values: 1, 2, 3, ... by position.
TEST_F(CudaRuntime, AGraphOfDecodingIsLaunchedAgainAsLengthsGrow) {
  constexpr int32_t kHeadDim = 8, kCapacity = 300;
  std::vector<float> counting;
  for (int32_t p = 0; p < kCapacity; ++p)
    counting.insert(counting.end(), kHeadDim, static_cast<float>(p + 1));
  const Array<float> out(poisoned<float>(kHeadDim)), qkv(random_normal<float>(kHeadDim, 1)),
      keys(std::vector<float>(counting.size(), 0.0f)), values(counting),
      workspace(poisoned<float>(dmt_cuda_decode_workspace(1, 1, kHeadDim, kCapacity)));
  const Array<int32_t> lengths({1});
  const DmtDecodeAttention op = {out.data(),
                                 qkv.data(),
                                 keys.data(),
                                 values.data(),
                                 lengths.data(),
                                 workspace.data(),
                                 1,
                                 kCapacity,
                                 kHeadDim,
                                 kCapacity,
                                 1,
                                 1,
                                 kHeadDim,
                                 1.0f,
                                 DMT_FLOAT32};
  DmtGraph graph = nullptr;
  ASSERT_EQ(dmt_cuda_graph_begin(stream_), DMT_CUDA_OK) << dmt_cuda_last_error();
  EXPECT_OK(dmt_cuda_decode_attention(&op, stream_));
  ASSERT_EQ(dmt_cuda_graph_end(stream_, &graph), DMT_CUDA_OK) << dmt_cuda_last_error();
  EXPECT_TRUE(std::isnan(out.values()[0]));  // nothing was done yet
  for (const int32_t length : {1, 2, 128, 129, 300, 0, 7}) {
    lengths.overwrite({length});
    EXPECT_OK(dmt_cuda_graph_launch(graph, stream_));
    EXPECT_OK(dmt_cuda_synchronize(stream_));
    const double mean = length == 0 ? 0.0 : (length + 1) / 2.0;
    EXPECT_TRUE(close(out.values(), std::vector<double>(kHeadDim, mean), {0.0, 1e-5})) << length;
  }
  EXPECT_OK(dmt_cuda_graph_destroy(graph));
}

TEST_F(CudaErrorsOfTheRuntime, AFailedCaptureSaysWhyAndLeavesTheStreamUsable) {
  const Array<float> from({1.0f, 2.0f}), to(poisoned<float>(2));
  const DmtCast op = {to.data(), from.data(), 2, DMT_FLOAT32, DMT_FLOAT32};
  int mark = 0;
  DmtGraph graph = &mark;
  ASSERT_EQ(dmt_cuda_graph_begin(stream_), DMT_CUDA_OK) << dmt_cuda_last_error();
  EXPECT_OK(dmt_cuda_cast(&op, stream_));
  EXPECT_GT(dmt_cuda_synchronize(stream_), 0);  // waiting cannot be captured
  EXPECT_GT(dmt_cuda_graph_end(stream_, &graph), 0);
  EXPECT_EQ(graph, nullptr);
  EXPECT_TRUE(contains(dmt_cuda_last_error(), "graph_end: "));
  EXPECT_TRUE(contains(dmt_cuda_last_error(), "; before it synchronize: "));
  EXPECT_OK(dmt_cuda_cast(&op, stream_));
  EXPECT_OK(dmt_cuda_synchronize(stream_));
  EXPECT_EQ(to.values(), (std::vector<float>{1.0f, 2.0f}));
}

TEST_F(CudaErrorsOfTheRuntime, AnEndWithoutABeginningIsAnError) {
  DmtGraph graph = nullptr;
  EXPECT_GT(dmt_cuda_graph_end(stream_, &graph), 0);
  EXPECT_TRUE(contains(dmt_cuda_last_error(), "graph_end: "));
  const Array<float> value({1.0f});
  const DmtCast op = {value.data(), value.data(), 1, DMT_FLOAT32, DMT_FLOAT32};
  EXPECT_OK(dmt_cuda_cast(&op, stream_));  // the error is not reported again
}

#ifdef DMT_TEST_ON_DEVICE  // On the emulated device all work is done when a call returns.
TEST_F(CudaRuntime, EventsTimeTheWorkBetweenThemAndOrderStreams) {
  constexpr int64_t kCount = 1 << 24;
  const Array<float> from(std::vector<float>(kCount, 1.0f)), to(std::vector<float>(kCount, 0.0f));
  const DmtCast op = {to.data(), from.data(), kCount, DMT_FLOAT32, DMT_FLOAT32};
  DmtEvent begin = nullptr, end = nullptr;
  DmtStream other = nullptr;
  EXPECT_OK(dmt_cuda_stream_create(&other));
  EXPECT_OK(dmt_cuda_event_create(&begin));
  EXPECT_OK(dmt_cuda_event_create(&end));
  float milliseconds = -1.0f;
  EXPECT_OK(dmt_cuda_event_record(begin, stream_));
  EXPECT_OK(dmt_cuda_cast(&op, stream_));
  EXPECT_OK(dmt_cuda_event_record(end, stream_));
  EXPECT_OK(dmt_cuda_stream_wait(other, end));
  EXPECT_OK(dmt_cuda_synchronize(other));
  EXPECT_EQ(cudaStreamQuery(static_cast<cudaStream_t>(stream_)), cudaSuccess);
  EXPECT_OK(dmt_cuda_event_elapsed_ms(&milliseconds, begin, end));
  EXPECT_GT(milliseconds, 0.0f);
  EXPECT_LT(milliseconds, 1000.0f);
  EXPECT_OK(dmt_cuda_event_destroy(begin));
  EXPECT_OK(dmt_cuda_event_destroy(end));
  EXPECT_OK(dmt_cuda_stream_destroy(other));
}

TEST_F(CudaRuntime, MemoryThatIsHeldIsNotFree) {
  int64_t free_before = 0, free_after = 0, total = 0;
  EXPECT_OK(dmt_cuda_memory_info(&free_before, &total));
  EXPECT_GT(free_before, 0);
  EXPECT_LE(free_before, total);
  void* held = nullptr;
  ASSERT_EQ(cudaMalloc(&held, 64 << 20), cudaSuccess);
  EXPECT_OK(dmt_cuda_memory_info(&free_after, &total));
  EXPECT_LE(free_after, free_before - (64 << 20));
  cudaFree(held);
}
#endif

TEST_F(CudaErrorsOfTheRuntime, AnEventThatWasNotRecordedHasNoTime) {
  DmtEvent event = nullptr;
  float milliseconds = -1.0f;
  EXPECT_OK(dmt_cuda_event_create(&event));
  EXPECT_GT(dmt_cuda_event_elapsed_ms(&milliseconds, event, event), 0);
  EXPECT_TRUE(contains(dmt_cuda_last_error(), "event_elapsed_ms: "));
  EXPECT_OK(dmt_cuda_event_destroy(event));
}

TEST_F(CudaErrorsOfTheRuntime, ADeviceThatIsNotThereIsNamedAndNothingIsChanged) {
  EXPECT_GT(dmt_cuda_set_device(4096), 0);
  EXPECT_TRUE(contains(dmt_cuda_last_error(), "set_device: invalid device ordinal"));
  EXPECT_GT(dmt_cuda_set_device(-1), 0);
  EXPECT_OK(dmt_cuda_set_device(0));
}

}  // namespace
}  // namespace dmt::cuda::runtime_test
