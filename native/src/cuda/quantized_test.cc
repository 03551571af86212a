#include "kernels/quantized.h"

#include "cuda/test_backend.h"

namespace dmt::cuda::quantized_test {
namespace {

struct Case {
  int64_t rows, columns;
  int64_t offset = 0;  // elements by which the output misses 16 bytes
};
// Size 1, odd ones, rows that begin within a block and within a byte; rows in packs and not; more scales than
// a block of theirs has; the same element by element.
const Case kCases[] = {{1, 1},  {3, 5},    {1, 64},   {1, 65},    {5, 24},      {7, 33},
                       {9, 96}, {17, 288}, {97, 211}, {3, 24, 1}, {97, 211, 1}, {2, 16384}};

template <typename T>
class CudaDequantize : public testing::Test {};
TYPED_TEST_SUITE(CudaDequantize, kernels::ElementTypes, kernels::ElementNames);

TYPED_TEST(CudaDequantize, HasTheBitsOfTheCpu) {
  for (const auto [rows, columns, offset] : kCases) {
    for (const auto format : {kernels::QuantizedFormat::kInt8, kernels::QuantizedFormat::kNf4}) {
      SCOPED_TRACE(testing::Message() << "format " << static_cast<int>(format) << ", " << rows << " x "
                                      << columns << ", offset " << offset);
      const auto weights = random_normal<float>(rows * columns, 1, 0.02f);
      std::vector<uint8_t> bytes(static_cast<size_t>(kernels::packed_bytes(format, rows, columns)));
      kernels::quantize(format, bytes.data(), weights.data(), rows, columns);
      auto expected = poisoned<TypeParam>(rows * columns);
      kernels::dequantize(expected.data(), {format, bytes.data(), rows, columns});
      const Array<uint8_t> packed(bytes);
      const Array<TypeParam> out(poisoned<TypeParam>(rows * columns), offset);
      const DmtDequantize op = {out.data(),       packed.data(), rows, columns, static_cast<int32_t>(format),
                                kDType<TypeParam>};
      DMT_RUN(dequantize, op);
      EXPECT_TRUE(identical(out.values(), expected));
    }
  }
}

TEST(CudaDequantizeErrors, NameTheArgumentAndTheValue) {
  alignas(16) uint8_t packed[64] = {};
  float out[4];
  DmtDequantize op = {out, packed, 2, 2, 2, DMT_FLOAT32};
  const auto fault = [&] {
    EXPECT_EQ(dmt_cuda_dequantize(&op, nullptr), DMT_CUDA_BAD_ARGUMENT);
    return std::string(dmt_cuda_last_error());
  };
  EXPECT_EQ(fault(), "dequantize: format=2 must be between 0 and 1");
  op.format = DMT_NF4;
  op.packed = packed + 4;
  EXPECT_NE(fault().find("must lie at a multiple of 16 bytes"), std::string::npos);
  op.packed = nullptr;
  EXPECT_EQ(fault(), "dequantize: packed is null");
  op.columns = 0;
  EXPECT_EQ(dmt_cuda_dequantize(&op, nullptr), DMT_CUDA_OK);
}

}  // namespace
}  // namespace dmt::cuda::quantized_test
