// The emulated device finds what is wrong with a kernel: each change of broken_kernels.cmake is made in turn.
#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>

#include "base/shared_library.h"
#include "cuda/emulated/interface.h"
#include "cuda/kernels.h"
#include "kernels/test_values.h"

namespace dmt::cuda::broken_kernels_test {
namespace {

/// The library of kernels that can be broken.
struct BrokenLibrary {
  Kernels kernels = kernels_of(DMT_BROKEN_KERNELS);
  SharedLibrary library{DMT_BROKEN_KERNELS};
  decltype(&dmt_emulated_watch) watch = library.function<void(const void*, int64_t)>("dmt_emulated_watch");
  decltype(&dmt_emulated_unwatch) unwatch = library.function<void(const void*)>("dmt_emulated_unwatch");
  decltype(&dmt_emulated_break) make_change = library.function<void(const char*)>("dmt_emulated_break");
};

const BrokenLibrary& broken() {
  static const BrokenLibrary library;
  return library;
}

/// Memory that kernels may touch, far from all other. @param offset elements by which it misses alignment
template <typename T>
class Values {
 public:
  explicit Values(int64_t count, T value = T{}, int64_t offset = 0)
      : memory_(static_cast<size_t>(count) * sizeof(T) + 3 * kGap),
        data_(
            reinterpret_cast<T*>((reinterpret_cast<uintptr_t>(memory_.data()) / kGap + 1) * kGap + kGap / 2) +
            offset) {
    std::fill_n(data_, count, value);
    broken().watch(data_, count * static_cast<int64_t>(sizeof(T)));
  }
  ~Values() { broken().unwatch(data_); }
  Values(const Values&) = delete;
  Values& operator=(const Values&) = delete;
  T* data() const { return data_; }

 private:
  static constexpr size_t kGap = 4096;
  std::vector<char> memory_;
  T* data_;
};

int32_t run_norm_forward() {
  constexpr int64_t kRows = 8, kColumns = 1000;
  const Values<float> x(kRows * kColumns, 1.0f), out(kRows * kColumns), weight(kColumns, 1.0f), rstd(kRows);
  const DmtRmsNormForward op = {out.data(),    rstd.data(), nullptr,  x.data(), nullptr,
                                weight.data(), kRows,       kColumns, 1e-5f,    DMT_FLOAT32};
  return broken().kernels.rms_norm_forward(&op, nullptr);
}

int32_t run_norm_backward() {
  constexpr int64_t kRows = 3, kColumns = 40;
  const Values<float> dx(kRows * kColumns), dout(kRows * kColumns, 1.0f), x(kRows * kColumns, 1.0f),
      weight(kColumns, 1.0f), dweight(kColumns), rstd(kRows, 1.0f),
      workspace(broken().kernels.rms_norm_workspace(kRows, kColumns));
  const DmtRmsNormBackward op = {dx.data(),   dweight.data(), dout.data(),      x.data(),
                                 rstd.data(), weight.data(),  workspace.data(), kRows,
                                 kColumns,    DMT_FLOAT32,    DMT_FLOAT32};
  return broken().kernels.rms_norm_backward(&op, nullptr);
}

int32_t run_swiglu() {
  const Values<float> gate_up(3 * 2 * 5, 1.0f), out(3 * 5);
  const DmtSwiglu op = {out.data(), gate_up.data(), 3, 5, DMT_FLOAT32};
  return broken().kernels.swiglu_forward(&op, nullptr);
}

int32_t run_gather() {
  const Values<float> table(4 * 8, 1.0f), out(3 * 8);
  const Values<int32_t> rows(3, 2);
  const DmtGatherRows op = {out.data(), table.data(), rows.data(), 3, 8, DMT_FLOAT32};
  return broken().kernels.gather_rows(&op, nullptr);
}

int32_t run_cast(int64_t count, int64_t offset) {
  const Values<float> x(count, 1.0f, offset), out(count, 0.0f, offset);
  const DmtCast op = {out.data(), x.data(), count, DMT_FLOAT32, DMT_FLOAT32};
  return broken().kernels.cast(&op, nullptr);
}

int32_t run_cross_entropy() {
  const Values<float> logits(37, 1.0f), losses(1);
  const Values<int32_t> labels(1, 5);
  const DmtCrossEntropy op = {losses.data(), logits.data(), labels.data(), 1, 37, 1.0f, DMT_FLOAT32, 0};
  return broken().kernels.cross_entropy(&op, nullptr);
}

int32_t run_source_sums() {
  const Values<double> sums(2);
  const Values<int64_t> tokens(2);
  const Values<float> losses(300, 1.0f);
  const Values<int32_t> sources(300, 1);
  const DmtSourceSums op = {sums.data(), tokens.data(), losses.data(), sources.data(), 300, 2};
  return broken().kernels.source_sums(&op, nullptr);
}

int32_t run_cache_write() {
  const Values<float> keys(3 * 8), values(3 * 8), qkv(3 * 8, 1.0f);
  const Values<int32_t> lengths(1, 3);
  const DmtCacheWrite op = {keys.data(), values.data(), qkv.data(), lengths.data(), 1, 3, 24, 1, 1,
                            8,           DMT_FLOAT32};
  return broken().kernels.cache_write(&op, nullptr);
}

int32_t run_rotary() {
  const Values<float> qkv(6, 1.0f), cosines(3, 1.0f), sines(3);
  const Values<int32_t> positions(1);
  const DmtRotary op = {qkv.data(), positions.data(), cosines.data(), sines.data(), 1, 6, 1, 6,
                        1.0f,       DMT_FLOAT32};
  return broken().kernels.rotary(&op, nullptr);
}

int32_t run_decode_attention() {
  constexpr int32_t kHeads = 4, kKeyHeads = 2, kHeadDim = 16;
  constexpr int64_t kSlots = 2, kCapacity = 130, kRow = (kHeads + 2 * kKeyHeads) * kHeadDim;
  const int64_t cached = kSlots * kKeyHeads * kCapacity * kHeadDim;
  const Values<float> out(kSlots * kHeads * kHeadDim), qkv(kSlots * kRow, 1.0f), keys(cached, 1.0f),
      values(cached, 1.0f), workspace(broken().kernels.decode_workspace(kSlots, kHeads, kHeadDim, kCapacity));
  const Values<int32_t> lengths(kSlots, 129);
  const DmtDecodeAttention op = {.out = out.data(),
                                 .qkv = qkv.data(),
                                 .keys = keys.data(),
                                 .values = values.data(),
                                 .lengths = lengths.data(),
                                 .workspace = workspace.data(),
                                 .slots = kSlots,
                                 .capacity = kCapacity,
                                 .row_stride = kRow,
                                 .longest = kCapacity,
                                 .heads = kHeads,
                                 .kv_heads = kKeyHeads,
                                 .head_dim = kHeadDim,
                                 .scale = 0.25f,
                                 .dtype = DMT_FLOAT32};
  return broken().kernels.decode_attention(&op, nullptr);
}

int32_t run_sample() {
  constexpr int64_t kRows = 4, kVocabulary = 700;
  const Values<float> logits(kRows * kVocabulary, 1.0f);
  const Values<int32_t> tokens(kRows);
  const Values<DmtChoice> choices(kRows,
                                  {.temperature = 1.0, .top_p = 1.0, .random = uint64_t{1} << 63, .open = 1});
  const Values<uint64_t> workspace(kRows * kVocabulary);
  const DmtSample op = {.tokens = tokens.data(),
                        .logits = logits.data(),
                        .choices = choices.data(),
                        .workspace = workspace.data(),
                        .rows = kRows,
                        .vocabulary = kVocabulary,
                        .row_stride = kVocabulary,
                        .dtype = DMT_FLOAT32};
  return broken().kernels.sample(&op, nullptr);
}

int32_t run_dequantize() {
  const Values<uint8_t> packed(64, 0x11);
  const Values<float> out(10);
  const DmtDequantize op = {out.data(), packed.data(), 2, 5, DMT_NF4, DMT_FLOAT32};
  return broken().kernels.dequantize(&op, nullptr);
}

struct Change {
  const char* name;
  std::function<int32_t()> run;
  const char* expected;  // part of the message
};

const Change kChanges[] = {
    {"block_reduce: no barrier before its memory is used again", run_norm_forward,
     "of shared memory, that other threads read, with no barrier in between"},
    {"block_reduce: no barrier before the warps' values are read", run_sample, "of shared memory, that "},
    {"rms_norm: no barrier before strips are added", run_norm_backward,
     "of shared memory, that no thread of the block has written"},
    {"decode_attention: no barrier behind the query", run_decode_attention, "of shared memory, that "},
    {"decode_attention: no barrier behind the scores", run_decode_attention, "of shared memory, that "},
    {"decode_attention: no barrier behind the weights", run_decode_attention, "of shared memory, that "},
    {"decode_attention: no barrier behind the sums", run_decode_attention, "of shared memory, that "},
    {"decode_attention: no barrier before the sums are overwritten", run_decode_attention,
     "with no barrier in between"},
    {"sample: no barrier behind the counts", run_sample, "of shared memory, that "},
    {"dequantize: no barrier behind the tables", run_dequantize, "of shared memory, that "},
    {"block_reduce: all warps leave their value in one place", run_sample,
     "wrote, with no barrier in between"},
    {"block_reduce: one value too many is read", run_sample, "that no thread of the block has written"},
    {"rms_norm: strips are read one column further", run_norm_backward, "outside of all arrays"},
    {"swiglu: the output is one element further", run_swiglu, "outside of all arrays"},
    {"gather_rows: rows are one further", run_gather, "outside of all arrays"},
    {"flat: a thread begins its second pack too early", [] { return run_cast(20'000, 0); }, "wrote"},
    {"cross_entropy: the gradient is one element further", run_cross_entropy, "with no barrier in between"},
    {"cache: positions are one further", run_cache_write, "outside of all arrays"},
    {"dequantize: codes are read 64 bytes further", run_dequantize, "outside of all arrays"},
    {"rotary: the second half begins one element late", run_rotary, "with no barrier in between"},
    {"decode_attention: the sums of a row are one further", run_decode_attention,
     "that no thread of the block has written"},
    {"decode_attention: a thread's columns begin one late", run_decode_attention,
     "which is no multiple of 16"},
    {"packs: data that misses 16 bytes is taken for aligned", [] { return run_cast(16, 1); },
     "which is no multiple of 16"},
    {"packs: rows of any length are taken for aligned", run_swiglu, "which is no multiple of 16"},
    {"sample: a thread returns before the others shuffle with it", run_sample,
     "waits at a shuffle for thread (37, 0, 0), which has come to its end"},
    {"source_sums: half of a warp is at a barrier, half at a shuffle", run_source_sums,
     "waits at a shuffle for thread (15, 0, 0), which waits at a barrier"},
    {"sample: a block above the device's limit", run_sample, "a block above 1024 threads"},
};

class BrokenKernels : public testing::TestWithParam<Change> {
 protected:
  ~BrokenKernels() override { broken().make_change(nullptr); }
};

TEST_P(BrokenKernels, AreFound) {
  const Change& change = GetParam();
  ASSERT_EQ(broken().library.fault(), "");
  EXPECT_EQ(change.run(), DMT_CUDA_OK) << "whole: " << broken().kernels.last_error();
  broken().make_change(change.name);
  EXPECT_GT(change.run(), 0) << change.name;
  const std::string message = broken().kernels.last_error();
  EXPECT_NE(message.find(change.expected), std::string::npos) << change.name << ": " << message;
  RecordProperty("message", message);
  broken().make_change(nullptr);
  EXPECT_EQ(change.run(), DMT_CUDA_OK) << "whole again: " << broken().kernels.last_error();
}

std::string name_of(const testing::TestParamInfo<Change>& change) {
  std::string name;
  for (const char* c = change.param.name; *c != 0; ++c) {
    if (std::isalnum(static_cast<unsigned char>(*c))) name += *c;
    if (*c == ' ' && !name.empty() && name.back() != '_') name += '_';
  }
  return name;
}
INSTANTIATE_TEST_SUITE_P(Changes, BrokenKernels, testing::ValuesIn(kChanges), name_of);

}  // namespace
}  // namespace dmt::cuda::broken_kernels_test
