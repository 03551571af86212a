#include "cuda/test_backend.h"

namespace dmt::cuda::decode_cache_test {
namespace {

struct Shape {
  int32_t heads, kv_heads, head_dim;
  int64_t capacity, row_stride;
  int64_t offset = 0;
};
// Heads of no whole pack, rows that are not whole packs, arrays off 16 bytes, more packs than threads.
const Shape kShapes[] = {{1, 1, 1, 1, 3},      {3, 1, 5, 4, 25},      {4, 2, 16, 7, 128},
                         {4, 2, 16, 7, 131},   {4, 2, 16, 7, 128, 1}, {32, 32, 128, 3, 12288},
                         {2, 1, 2056, 2, 8224}};

template <typename T>
class CudaDecodeCache : public testing::Test {};
TYPED_TEST_SUITE(CudaDecodeCache, kernels::ElementTypes, kernels::ElementNames);

/// keys or values (`which` 1) with a row's heads put to a position of a slot.
template <typename T>
void put(std::vector<T>& cache, const std::vector<T>& qkv, const Shape& s, int64_t slot, int64_t row,
         int64_t position, int64_t which) {
  for (int64_t head = 0; head < s.kv_heads; ++head) {
    for (int64_t d = 0; d < s.head_dim; ++d) {
      const int64_t from = row * s.row_stride + (s.heads + which * s.kv_heads + head) * s.head_dim + d;
      const int64_t to = ((slot * s.kv_heads + head) * s.capacity + position) * s.head_dim + d;
      cache[static_cast<size_t>(to)] = qkv[static_cast<size_t>(from)];
    }
  }
}

TYPED_TEST(CudaDecodeCache, AWriteFillsTheLastPositionOfEachLiveSlotAndNothingElse) {
  using T = TypeParam;
  for (const Shape& s : kShapes) {
    const auto full = static_cast<int32_t>(s.capacity);
    const std::vector<int32_t> lengths = {full, 0, 1, full + 1, (full + 1) / 2};
    const auto slots = static_cast<int64_t>(lengths.size());
    const int64_t elements = slots * s.kv_heads * s.capacity * s.head_dim;
    const auto qkv = random_normal<T>(slots * s.row_stride, 1);
    auto expected_keys = random_normal<T>(elements, 2), expected_values = random_normal<T>(elements, 3);
    const Array<T> keys(expected_keys, s.offset), values(expected_values, s.offset), rows(qkv);
    const Array<int32_t> at(lengths);
    for (int64_t slot = 0; slot < slots; ++slot) {
      const int32_t length = lengths[static_cast<size_t>(slot)];
      if (length == 0 || length > full) continue;
      put(expected_keys, qkv, s, slot, slot, length - 1, 0);
      put(expected_values, qkv, s, slot, slot, length - 1, 1);
    }
    const DmtCacheWrite op = {keys.data(),  values.data(), rows.data(), at.data(),  slots,    s.capacity,
                              s.row_stride, s.heads,       s.kv_heads,  s.head_dim, kDType<T>};
    DMT_RUN(cache_write, op);
    EXPECT_TRUE(identical(keys.values(), expected_keys)) << s.head_dim << ", stride " << s.row_stride;
    EXPECT_TRUE(identical(values.values(), expected_values)) << s.head_dim << ", stride " << s.row_stride;
  }
}

TYPED_TEST(CudaDecodeCache, AFillPutsThePromptIntoItsSlotAndNothingElse) {
  using T = TypeParam;
  constexpr int64_t kSlots = 3, kSlot = 1;
  for (const Shape& s : kShapes) {
    const int64_t elements = kSlots * s.kv_heads * s.capacity * s.head_dim;
    for (const int64_t first : {int64_t{0}, s.capacity / 2}) {
      const int64_t tokens = s.capacity - first;
      const auto qkv = random_normal<T>(tokens * s.row_stride, 1);
      auto expected_keys = random_normal<T>(elements, 2), expected_values = random_normal<T>(elements, 3);
      const Array<T> keys(expected_keys, s.offset), values(expected_values, s.offset), rows(qkv);
      for (int64_t t = 0; t < tokens; ++t) {
        put(expected_keys, qkv, s, kSlot, t, first + t, 0);
        put(expected_values, qkv, s, kSlot, t, first + t, 1);
      }
      const DmtCacheFill op = {keys.data(),  values.data(), rows.data(), kSlots, s.capacity,
                               s.row_stride, kSlot,         first,       tokens, s.heads,
                               s.kv_heads,   s.head_dim,    kDType<T>};
      DMT_RUN(cache_fill, op);
      EXPECT_TRUE(identical(keys.values(), expected_keys)) << s.head_dim << " from " << first;
      EXPECT_TRUE(identical(values.values(), expected_values)) << s.head_dim << " from " << first;
    }
  }
}

}  // namespace
}  // namespace dmt::cuda::decode_cache_test
