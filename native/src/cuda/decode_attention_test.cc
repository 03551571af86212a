#include <algorithm>

#include "cuda/test_backend.h"

namespace dmt::cuda::decode_attention_test {
namespace {

constexpr int32_t kPart = 128;  // positions of a block

struct Shape {
  int32_t heads, kv_heads, head_dim;
  int64_t capacity;
  std::vector<int32_t> lengths;
  int64_t longest = 0;     // 0: the capacity
  int64_t spare = 0;       // elements behind the query heads of a row
  int64_t qkv_offset = 0;  // elements by which qkv misses alignment
};
// Lengths around parts, groups from one head to more than are computed side by side, rows of one pack, of
// packs that are no power of two and of the most.
const Shape kShapes[] = {
    {1, 1, 8, 1, {1}},
    {2, 2, 128, 300, {1, 127, kPart, kPart + 1, 0, 2 * kPart, 300}},
    {4, 2, 16, 130, {129, 0, 130, 5}, 0, 3},
    {3, 1, 24, 70, {70, 33}, 0, 0, 1},
    {10, 2, 80, 140, {139, 1}, 0, 16},
    {16, 2, 64, 150, {130, 128}},
    {17, 1, 8, 200, {200, 131}},
    {2, 1, 256, 160, {160, 129}},
    {2, 2, 64, 1000, {200, 256}, 256},
};

/// What a launch reads: random, with NaN in every position that no token has reached.
template <typename T>
struct Inputs {
  Shape shape;
  int64_t row_stride;
  std::vector<T> qkv, keys, values;

  explicit Inputs(const Shape& s)
      : shape(s),
        row_stride(int64_t{s.heads} * s.head_dim + s.spare),
        qkv(random_normal<T>(slots() * row_stride, 1, 2.0f)) {
    keys = poisoned<T>(slots() * s.kv_heads * s.capacity * s.head_dim);
    values = keys;
    for (int64_t slot = 0; slot < slots(); ++slot) {
      for (int64_t head = 0; head < s.kv_heads; ++head) {
        const int64_t at = (slot * s.kv_heads + head) * s.capacity * s.head_dim;
        const int64_t count = int64_t{s.lengths[static_cast<size_t>(slot)]} * s.head_dim;
        const auto seed = static_cast<uint64_t>(2 * (slot * s.kv_heads + head));
        std::ranges::copy(random_normal<T>(count, 100 + seed), keys.begin() + at);
        std::ranges::copy(random_normal<T>(count, 101 + seed), values.begin() + at);
      }
    }
  }
  int64_t slots() const { return static_cast<int64_t>(shape.lengths.size()); }
  int64_t slot_elements() const { return shape.kv_heads * shape.capacity * shape.head_dim; }

  /// One slot of these alone, with more or less room behind its positions.
  Inputs alone(int64_t slot, int64_t capacity) const {
    Inputs one = *this;
    one.shape.lengths = {shape.lengths[static_cast<size_t>(slot)]};
    one.shape.capacity = capacity;
    one.shape.longest = 0;
    one.qkv.assign(qkv.begin() + slot * row_stride, qkv.begin() + (slot + 1) * row_stride);
    one.keys = poisoned<T>(one.slot_elements());
    one.values = one.keys;
    const int64_t count = int64_t{one.shape.lengths[0]} * shape.head_dim;
    for (int64_t head = 0; head < shape.kv_heads; ++head) {
      const int64_t from = slot * slot_elements() + head * shape.capacity * shape.head_dim;
      const int64_t to = head * capacity * shape.head_dim;
      std::copy_n(keys.begin() + from, count, one.keys.begin() + to);
      std::copy_n(values.begin() + from, count, one.values.begin() + to);
    }
    return one;
  }
};

template <typename T>
class CudaDecodeAttention : public testing::Test {
 protected:
  static constexpr float kScale = 0.25f;

  static void attend(const Inputs<T>& in, std::vector<T>& out) {
    const Shape& s = in.shape;
    const Array<T> result(poisoned<T>(in.slots() * s.heads * s.head_dim)), qkv(in.qkv, s.qkv_offset),
        keys(in.keys), values(in.values);
    const Array<int32_t> lengths(s.lengths);
    const int64_t parts = (s.capacity + kPart - 1) / kPart;
    const Array<float> workspace(poisoned<float>(in.slots() * s.heads * parts * (s.head_dim + 2)));
    const DmtDecodeAttention op = {
        result.data(),    qkv.data(), keys.data(), values.data(), lengths.data(),
        workspace.data(), in.slots(), s.capacity,  in.row_stride, s.longest == 0 ? s.capacity : s.longest,
        s.heads,          s.kv_heads, s.head_dim,  kScale,        kDType<T>};
    DMT_RUN(decode_attention, op);
    out = result.values();
  }

  /// In double, and in the order of positions.
  static std::vector<double> expected(const Inputs<T>& in) {
    const Shape& s = in.shape;
    const auto qkv = doubles(in.qkv), keys = doubles(in.keys), values = doubles(in.values);
    std::vector<double> out(static_cast<size_t>(in.slots() * s.heads * s.head_dim), 0.0);
    for (int64_t slot = 0; slot < in.slots(); ++slot) {
      for (int64_t head = 0; head < s.heads; ++head) {
        const auto query = static_cast<size_t>(slot * in.row_stride + head * s.head_dim),
                   at = static_cast<size_t>(slot * in.slot_elements() +
                                            head / (s.heads / s.kv_heads) * s.capacity * s.head_dim),
                   to = static_cast<size_t>((slot * s.heads + head) * s.head_dim),
                   head_dim = static_cast<size_t>(s.head_dim),
                   length = static_cast<size_t>(s.lengths[static_cast<size_t>(slot)]);
        double sum = 0.0;
        for (size_t p = 0; p < length; ++p) {
          double score = 0.0;
          for (size_t d = 0; d < head_dim; ++d) score += qkv[query + d] * keys[at + p * head_dim + d];
          const double weight = std::exp(score * static_cast<double>(kScale));
          sum += weight;
          for (size_t d = 0; d < head_dim; ++d) out[to + d] += weight * values[at + p * head_dim + d];
        }
        for (size_t d = 0; length > 0 && d < head_dim; ++d) out[to + d] /= sum;
      }
    }
    return out;
  }
};
TYPED_TEST_SUITE(CudaDecodeAttention, kernels::ElementTypes, kernels::ElementNames);

std::string name_of(const Shape& s) {
  return testing::PrintToString(s.lengths) + ": " + std::to_string(s.heads) + " heads, " +
         std::to_string(s.kv_heads) + " of keys, of " + std::to_string(s.head_dim) + ", capacity " +
         std::to_string(s.capacity);
}

// Scores of size 20 are off by some 1e-6, and the device's exp by up to 1e-5.
TYPED_TEST(CudaDecodeAttention, IsThatOfPlainLoopsAndIdleSlotsBecomeZeros) {
  for (const Shape& s : kShapes) {
    SCOPED_TRACE(name_of(s));
    const Inputs<TypeParam> in(s);
    std::vector<TypeParam> out;
    this->attend(in, out);
    EXPECT_TRUE(close(doubles(out), this->expected(in), {2e-5, 2e-5 + kEpsilon<TypeParam>}));
  }
}

TYPED_TEST(CudaDecodeAttention, ASlotsBitsDependOnNothingOutsideOfIt) {
  for (const Shape& s : kShapes) {
    const Inputs<TypeParam> in(s);
    std::vector<TypeParam> all, alone;
    this->attend(in, all);
    const int64_t width = int64_t{s.heads} * s.head_dim;
    for (int64_t slot = 0; slot < in.slots(); ++slot) {
      const int32_t length = s.lengths[static_cast<size_t>(slot)];
      for (const int64_t capacity : {std::max(length, 1), length + kPart + 7}) {
        this->attend(in.alone(slot, capacity), alone);
        EXPECT_TRUE(identical(
            alone, std::vector<TypeParam>(all.begin() + slot * width, all.begin() + (slot + 1) * width)))
            << "slot " << slot << " of " << name_of(s) << " alone in capacity " << capacity;
      }
    }
  }
}

TYPED_TEST(CudaDecodeAttention, ALengthAboveTheLongestMakesItsRowNaN) {
  Inputs<TypeParam> in({2, 1, 8, 300, {300, 5}});
  in.shape.longest = 256;
  std::vector<TypeParam> out;
  this->attend(in, out);
  const auto width = static_cast<size_t>(16);
  for (size_t i = 0; i < out.size(); ++i) EXPECT_EQ(std::isnan(to_float(out[i])), i < width) << i;
}

// A NaN in a key or a value must not vanish: it is how a broken model is noticed.
TYPED_TEST(CudaDecodeAttention, ANaNAmongThePositionsReachesItsHead) {
  const Shape shape = {2, 2, 8, 200, {200}};
  for (const bool in_keys : {true, false}) {
    Inputs<TypeParam> in(shape);
    auto& broken = in_keys ? in.keys : in.values;
    store(broken[150 * 8 + 3], std::numeric_limits<float>::quiet_NaN());  // of the first key head
    std::vector<TypeParam> out;
    this->attend(in, out);
    EXPECT_TRUE(std::isnan(to_float(out[3])));
    for (size_t i = 8; i < out.size(); ++i) EXPECT_FALSE(std::isnan(to_float(out[i]))) << i;
  }
}

}  // namespace
}  // namespace dmt::cuda::decode_attention_test
