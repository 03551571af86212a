// Arguments that a call refuses before anything is launched.
#include <gtest/gtest.h>

#include <string>

#include "cuda/dmt_cuda.h"

namespace dmt::cuda::errors_test {
namespace {

TEST(CudaErrors, NameTheArgumentAndTheValue) {
  DmtSwiglu op = {nullptr, nullptr, -1, 5, DMT_FLOAT32};
  EXPECT_EQ(dmt_cuda_swiglu_forward(&op, nullptr), DMT_CUDA_BAD_ARGUMENT);
  EXPECT_STREQ(dmt_cuda_last_error(), "swiglu_forward: rows=-1 must be at least 0");
  op.rows = 1;
  EXPECT_EQ(dmt_cuda_swiglu_forward(&op, nullptr), DMT_CUDA_BAD_ARGUMENT);
  EXPECT_STREQ(dmt_cuda_last_error(), "swiglu_forward: out is null");
  op.dtype = 2;
  EXPECT_EQ(dmt_cuda_swiglu_forward(&op, nullptr), DMT_CUDA_BAD_ARGUMENT);
  EXPECT_STREQ(dmt_cuda_last_error(), "swiglu_forward: dtype=2 must be between 0 and 1");
  EXPECT_EQ(dmt_cuda_swiglu_forward(nullptr, nullptr), DMT_CUDA_BAD_ARGUMENT);
  EXPECT_STREQ(dmt_cuda_last_error(), "swiglu_forward: op is null");
  const DmtRotary rotary = {nullptr, nullptr, nullptr, nullptr, 3, 64, 2, 33, 1.0f, DMT_FLOAT32};
  EXPECT_EQ(dmt_cuda_rotary(&rotary, nullptr), DMT_CUDA_BAD_ARGUMENT);
  EXPECT_STREQ(dmt_cuda_last_error(), "rotary: head_dim=33 must be even");
}

TEST(CudaErrors, NothingToDoIsNoError) {
  const DmtSwiglu swiglu = {nullptr, nullptr, 0, 5, DMT_FLOAT32};
  EXPECT_EQ(dmt_cuda_swiglu_forward(&swiglu, nullptr), DMT_CUDA_OK);
  const DmtAdamW adamw = {};
  EXPECT_EQ(dmt_cuda_adamw(&adamw, nullptr), DMT_CUDA_OK);
  const DmtEmbeddingBackward embedding = {};
  EXPECT_EQ(dmt_cuda_embedding_backward(&embedding, nullptr), DMT_CUDA_OK);
  const DmtDecodeAttention attention = {};
  EXPECT_EQ(dmt_cuda_decode_attention(&attention, nullptr), DMT_CUDA_OK);
}

TEST(CudaErrors, OfDecodingNameWhatDoesNotFit) {
  float values[64] = {};
  const int32_t length = 1;
  DmtDecodeAttention attention = {values, values, values, values, &length, values, 1,          4,
                                  24,     4,      3,      1,      8,       1.0f,   DMT_FLOAT32};
  const auto fault = [&] {
    EXPECT_EQ(dmt_cuda_decode_attention(&attention, nullptr), DMT_CUDA_BAD_ARGUMENT);
    return std::string(dmt_cuda_last_error());
  };
  attention.longest = 5;
  EXPECT_EQ(fault(), "decode_attention: longest=5 must be at most 4");
  attention.longest = 4;
  attention.kv_heads = 2;
  EXPECT_EQ(fault(), "decode_attention: heads=3 must be a multiple of kv_heads=2");
  attention.kv_heads = 1;
  attention.head_dim = 4;
  EXPECT_EQ(fault(), "decode_attention: head_dim=4 must be at least 8");
  attention.head_dim = 264;
  EXPECT_EQ(fault(), "decode_attention: head_dim=264 must be at most 256");
  attention.head_dim = 12;
  attention.row_stride = 36;
  EXPECT_EQ(fault(), "decode_attention: head_dim=12 must be a multiple of 8");
  attention.head_dim = 8;
  attention.keys = reinterpret_cast<const char*>(values) + 2;
  EXPECT_NE(fault().find("must lie at multiples of 16 bytes"), std::string::npos);
  DmtCacheFill fill = {values, values, values, 2, 4, 24, 2, 0, 1, 1, 1, 8, DMT_FLOAT32};
  EXPECT_EQ(dmt_cuda_cache_fill(&fill, nullptr), DMT_CUDA_BAD_ARGUMENT);
  EXPECT_STREQ(dmt_cuda_last_error(), "cache_fill: slot=2 must be at most 1");
  fill.slot = 0;
  fill.first = 4;
  EXPECT_EQ(dmt_cuda_cache_fill(&fill, nullptr), DMT_CUDA_BAD_ARGUMENT);
  EXPECT_STREQ(dmt_cuda_last_error(), "cache_fill: first + tokens=5 must be at most 4");
  EXPECT_EQ(dmt_cuda_decode_workspace(3, 8, 64, 129), 3 * 8 * 2 * (64 + 2));
}

TEST(CudaErrors, OfTheRuntimeNameTheNullArgument) {
  float milliseconds = 0.0f;
  int64_t bytes = 0;
  DmtGraph graph = nullptr;
  const auto fault = [](int32_t status) {
    EXPECT_EQ(status, DMT_CUDA_BAD_ARGUMENT);
    return std::string(dmt_cuda_last_error());
  };
  EXPECT_EQ(fault(dmt_cuda_memory_info(&bytes, nullptr)), "memory_info: total_bytes is null");
  EXPECT_EQ(fault(dmt_cuda_stream_create(nullptr)), "stream_create: stream is null");
  EXPECT_EQ(fault(dmt_cuda_event_record(nullptr, nullptr)), "event_record: event is null");
  EXPECT_EQ(fault(dmt_cuda_stream_wait(nullptr, nullptr)), "stream_wait: event is null");
  EXPECT_EQ(fault(dmt_cuda_event_elapsed_ms(&milliseconds, nullptr, nullptr)),
            "event_elapsed_ms: begin is null");
  EXPECT_EQ(fault(dmt_cuda_graph_begin(nullptr)), "graph_begin: stream is null");
  EXPECT_EQ(fault(dmt_cuda_graph_end(nullptr, &graph)), "graph_end: stream is null");
  EXPECT_EQ(fault(dmt_cuda_graph_launch(nullptr, nullptr)), "graph_launch: graph is null");
  EXPECT_EQ(dmt_cuda_stream_destroy(nullptr), DMT_CUDA_OK);
  EXPECT_EQ(dmt_cuda_event_destroy(nullptr), DMT_CUDA_OK);
  EXPECT_EQ(dmt_cuda_graph_destroy(nullptr), DMT_CUDA_OK);
}

}  // namespace
}  // namespace dmt::cuda::errors_test
