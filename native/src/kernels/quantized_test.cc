#include "kernels/quantized.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "base/thread_count_scope.h"
#include "kernels/decode.h"
#include "kernels/test_values.h"

namespace dmt::kernels::quantized_test {
namespace {

using Json = nlohmann::json;

const QuantizedFormat kFormats[] = {QuantizedFormat::kInt8, QuantizedFormat::kNf4};

struct Shape {
  int64_t N, K;
};
// Size 1, odd ones, around the blocks of 64 elements, rows that begin within a block and within a byte, more
// scales than a block of theirs has.
const Shape kShapes[] = {{1, 1},  {1, 2},   {3, 5},    {1, 63},    {1, 64},   {1, 65},
                         {7, 33}, {5, 129}, {17, 288}, {131, 211}, {64, 1024}};

std::string text(QuantizedFormat format) {
  return format == QuantizedFormat::kInt8 ? "int8" : "nf4";
}

/// A packed matrix at a multiple of 16, with bytes around it that must stay.
class Packed {
 public:
  Packed(QuantizedFormat format, const std::vector<float>& weights, int64_t N, int64_t K)
      : format_(format), N_(N), K_(K), bytes_(packed_bytes(format, N, K)) {
    memory_.assign(static_cast<size_t>(bytes_) + 3 * kGuard, kUntouched);
    begin_ = kGuard + (kGuard - reinterpret_cast<uintptr_t>(memory_.data()) % kGuard);
    quantize(format, memory_.data() + begin_, weights.data(), N, K);
    const auto untouched = [](uint8_t byte) { return byte == kUntouched; };
    EXPECT_TRUE(
        std::all_of(memory_.begin(), memory_.begin() + static_cast<int64_t>(begin_), untouched) &&
        std::all_of(memory_.begin() + static_cast<int64_t>(begin_) + bytes_, memory_.end(), untouched))
        << "quantize wrote outside of its bytes";
  }
  QuantizedMatrix matrix() const { return {format_, memory_.data() + begin_, N_, K_}; }
  std::vector<uint8_t> bytes() const {
    const auto begin = memory_.begin() + static_cast<int64_t>(begin_);
    return {begin, begin + bytes_};
  }
  template <typename T = float>
  std::vector<T> values() const {
    auto out = poisoned<T>(N_ * K_);
    dequantize(out.data(), matrix());
    return out;
  }
  PackedLayout layout() const { return packed_layout(format_, N_, K_); }
  const float* floats(int64_t at) const {
    return reinterpret_cast<const float*>(memory_.data() + begin_ + at);
  }

 private:
  static constexpr size_t kGuard = 64;
  static constexpr uint8_t kUntouched = 0xA5;
  QuantizedFormat format_;
  int64_t N_, K_, bytes_;
  std::vector<uint8_t> memory_;
  size_t begin_ = 0;
};

// ---- What bitsandbytes makes of the same weights, by scripts/quantization_reference.py ----

std::vector<uint8_t> from_hex(const std::string& hex) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return bytes;
}

template <typename T>
std::string fnv1a(const std::vector<T>& values) {
  uint64_t hash = 0xCBF29CE484222325u;
  const auto* bytes = reinterpret_cast<const uint8_t*>(values.data());
  for (size_t i = 0; i < values.size() * sizeof(T); ++i) hash = (hash ^ bytes[i]) * 0x100000001B3u;
  char hex[17];
  std::snprintf(hex, sizeof(hex), "%016llx", static_cast<unsigned long long>(hash));
  return hex;
}

std::vector<float> golden_weights(const Json& golden) {
  std::vector<float> weights;
  if (golden.contains("weights")) {
    const auto bytes = from_hex(golden["weights"]);
    for (size_t i = 0; i < bytes.size(); i += 4) {
      weights.push_back(std::bit_cast<float>(uint32_t{bytes[i]} << 24 | uint32_t{bytes[i + 1]} << 16 |
                                             uint32_t{bytes[i + 2]} << 8 | uint32_t{bytes[i + 3]}));
    }
    return weights;
  }
  uint32_t state = golden["seed"];
  for (int64_t i = 0; i < int64_t{golden["rows"]} * int64_t{golden["columns"]}; ++i) {
    int32_t total = 0;
    for (int part = 0; part < 4; ++part) {
      state = state * 1664525u + 1013904223u;
      total += static_cast<int32_t>(state >> 10);
    }
    weights.push_back(static_cast<float>(total - (1 << 23)) * 0x1p-27f);
  }
  return weights;
}

TEST(Quantized, PacksAndReadsAsBitsandbytesDoesToTheBit) {
  const std::string file = std::string(DMT_TESTDATA) + "/quantized.json";
  std::ifstream stream(file);
  ASSERT_TRUE(stream.good()) << file;
  const Json cases = Json::parse(stream)["cases"];
  std::set<std::string> formats;
  for (const Json& golden : cases) {
    const std::string form = golden["format"];
    const int64_t N = golden["rows"], K = golden["columns"];
    SCOPED_TRACE(testing::Message() << golden["name"] << ", " << form << ", " << N << " x " << K);
    const auto weights = golden_weights(golden);
    ASSERT_EQ(static_cast<int64_t>(weights.size()), N * K);
    const Packed packed(form == "int8" ? QuantizedFormat::kInt8 : QuantizedFormat::kNf4, weights, N, K);
    EXPECT_TRUE(identical(packed.bytes(), from_hex(golden["packed"])));
    EXPECT_EQ(fnv1a(packed.values<float>()), std::string(golden["float32"]));
    EXPECT_EQ(fnv1a(packed.values<Bf16>()), std::string(golden["bfloat16"]));
    formats.insert(form);
  }
  EXPECT_EQ(formats.size(), std::size(kFormats));
}

// ---- What must hold for all weights ----

TEST(Quantized, PartsBeginAtMultiplesOf16AndDoNotOverlap) {
  for (const auto [N, K] : kShapes) {
    const PackedLayout int8 = packed_layout(QuantizedFormat::kInt8, N, K);
    EXPECT_GE(int8.absmax, N * K);
    EXPECT_GE(int8.bytes, int8.absmax + 4 * N);
    EXPECT_LT(int8.bytes, N * K + 4 * N + 32);
    const PackedLayout nf4 = packed_layout(QuantizedFormat::kNf4, N, K);
    const int64_t blocks = (N * K + 63) / 64, absmaxes = (blocks + 255) / 256;
    EXPECT_GE(nf4.block_codes, (N * K + 1) / 2);
    EXPECT_GE(nf4.absmax, nf4.block_codes + blocks);
    EXPECT_GE(nf4.offset, nf4.absmax + 4 * absmaxes);
    EXPECT_GE(nf4.bytes, nf4.offset + 4);
    EXPECT_LT(nf4.bytes, (N * K + 1) / 2 + blocks + 4 * absmaxes + 4 + 64);
    for (const int64_t begin : {int8.absmax, int8.bytes, nf4.block_codes, nf4.absmax, nf4.offset, nf4.bytes})
      EXPECT_EQ(begin % 16, 0) << N << " x " << K;
  }
}

/// The nearest value by trying all.
size_t nearest_nf4(float x) {
  size_t best = 0;
  for (size_t c = 1; c < kNf4Values.size(); ++c)
    if (std::fabs(x - kNf4Values[c]) < std::fabs(x - kNf4Values[best])) best = c;
  return best;
}

TEST(Quantized, EveryNf4CodeIsThatOfTheNearestValueUpToTheLastBit) {
  // A weight of 1 makes the others their own quotients.
  for (size_t c = 0; c < kNf4LastOf.size(); ++c) {
    std::vector<float> weights(64, 1.0f);
    float x = kNf4LastOf[c];
    for (int i = 0; i < 30; ++i) x = std::nextafter(x, -2.0f);
    for (size_t i = 0; i < 61; ++i, x = std::nextafter(x, 2.0f)) weights[i] = x;
    const auto bytes = Packed(QuantizedFormat::kNf4, weights, 1, 64).bytes();
    for (size_t i = 0; i < weights.size(); ++i) {
      const int code = i % 2 == 0 ? bytes[i / 2] >> 4 : bytes[i / 2] & 0x0F;
      ASSERT_EQ(code, static_cast<int>(nearest_nf4(weights[i]))) << weights[i];
    }
  }
}

TEST(Quantized, TheDynamicMapRisesAndIsSymmetricButForItsEnds) {
  constexpr auto kValues = dynamic_values();
  EXPECT_TRUE(std::is_sorted(kValues.begin(), kValues.end()));
  EXPECT_EQ(std::adjacent_find(kValues.begin(), kValues.end()), kValues.end());
  EXPECT_EQ(kValues[127], 0.0f);
  EXPECT_EQ(kValues[0], -1.0f);
  EXPECT_EQ(kValues[255], 1.0f);
  for (size_t i = 1; i < 127; ++i) EXPECT_EQ(kValues[i], -kValues[254 - i]) << i;
}

/// The scales of a matrix in nf4, from its weights alone, and how far off they may be.
struct Scales {
  std::vector<double> exact, error;

  explicit Scales(const std::vector<float>& weights) {
    double mean = 0.0;
    for (size_t first = 0; first < weights.size(); first += 64) {
      double absmax = 0.0;
      for (size_t i = first; i < std::min(weights.size(), first + 64); ++i)
        absmax = std::max(absmax, std::fabs(static_cast<double>(weights[i])));
      exact.push_back(absmax);
      mean += absmax;
    }
    mean /= static_cast<double>(exact.size());
    for (size_t block = 0; block < exact.size(); ++block) {
      double absmax = 0.0;
      for (size_t i = block / 256 * 256; i < std::min(exact.size(), block / 256 * 256 + 256); ++i)
        absmax = std::max(absmax, std::fabs(exact[i] - mean));
      // Values of the map are at most 0.9 / 64 apart, and what is subtracted is rounded.
      error.push_back(absmax * (0.9 / 128 + 1e-6) + mean * 1e-6);
    }
  }
};

TEST(Quantized, Nf4IsOffByHalfAStepOfItsBlock) {
  for (const auto [N, K] : kShapes) {
    const auto weights = random_normal<float>(N * K, 5, 0.02f);
    const Scales scales(weights);
    const auto values = Packed(QuantizedFormat::kNf4, weights, N, K).values();
    for (size_t i = 0; i < weights.size(); ++i) {
      const double absmax = scales.exact[i / 64];
      size_t c = nearest_nf4(static_cast<float>(static_cast<double>(weights[i]) / absmax));
      const double lower = static_cast<double>(kNf4Values[c > 0 ? c - 1 : 0]),
                   upper = static_cast<double>(kNf4Values[std::min<size_t>(c + 1, 15)]),
                   here = static_cast<double>(kNf4Values[c]);
      const double half_step = std::max(here - lower, upper - here) / 2.0;
      ASSERT_NEAR(static_cast<double>(values[i]), static_cast<double>(weights[i]),
                  absmax * half_step * (1 + 1e-5) + scales.error[i / 64] * std::fabs(here) + absmax * 1e-6)
          << "[" << i << "] of " << N << " x " << K;
    }
  }
}

TEST(Quantized, Int8IsOffByHalfAStepOfItsRow) {
  for (const auto [N, K] : kShapes) {
    for (const float size : {1e-30f, 0.02f, 1e30f}) {
      const auto weights = random_normal<float>(N * K, 5, size);
      const auto values = Packed(QuantizedFormat::kInt8, weights, N, K).values();
      for (int64_t n = 0; n < N; ++n) {
        double absmax = 0.0;
        for (int64_t k = 0; k < K; ++k)
          absmax = std::max(absmax, std::fabs(static_cast<double>(weights[static_cast<size_t>(n * K + k)])));
        for (int64_t k = 0; k < K; ++k) {
          const auto i = static_cast<size_t>(n * K + k);
          ASSERT_NEAR(static_cast<double>(values[i]), static_cast<double>(weights[i]),
                      absmax / 254 * (1 + 1e-4))
              << "[" << i << "] of " << N << " x " << K;
        }
      }
    }
  }
}

template <typename T>
class QuantizedValues : public testing::Test {};
TYPED_TEST_SUITE(QuantizedValues, ElementTypes, ElementNames);

TYPED_TEST(QuantizedValues, AreCodeTimesScaleRoundedOnce) {
  constexpr auto kDynamic = dynamic_values();
  for (const auto [N, K] : kShapes) {
    for (const QuantizedFormat format : kFormats) {
      const Packed packed(format, random_normal<float>(N * K, 6), N, K);
      const auto bytes = packed.bytes();
      const PackedLayout layout = packed.layout();
      std::vector<TypeParam> expected(static_cast<size_t>(N * K));
      for (size_t i = 0; i < expected.size(); ++i) {
        if (format == QuantizedFormat::kInt8) {
          const float absmax = packed.floats(layout.absmax)[i / static_cast<size_t>(K)];
          const volatile float product = static_cast<float>(static_cast<int8_t>(bytes[i])) * absmax;
          store(expected[i], product * 7.874015718698502e-3f);
        } else {
          const size_t code = i % 2 == 0 ? bytes[i / 2] >> 4 : bytes[i / 2] & 0x0F;
          const uint8_t scale_code = bytes[static_cast<size_t>(layout.block_codes) + i / 64];
          const volatile float product = kDynamic[scale_code] * packed.floats(layout.absmax)[i / 64 / 256];
          store(expected[i], kNf4Values[code] * (product + packed.floats(layout.offset)[0]));
        }
      }
      EXPECT_TRUE(identical(packed.values<TypeParam>(), expected)) << text(format) << ", " << N << " x " << K;
    }
  }
}

TEST(Quantized, ZerosStayZero) {
  for (const QuantizedFormat format : kFormats) {
    for (const auto [N, K] : kShapes) {
      const std::vector<float> zeros(static_cast<size_t>(N * K));
      for (const float value : Packed(format, zeros, N, K).values()) ASSERT_EQ(value, 0.0f);
    }
  }
  // A row of zeros among others, and a weight of zero, of either sign, among others.
  auto weights = random_normal<float>(3 * 64, 7);
  std::fill(weights.begin() + 64, weights.begin() + 128, 0.0f);
  weights[3] = 0.0f;
  weights[130] = -0.0f;
  const auto int8 = Packed(QuantizedFormat::kInt8, weights, 3, 64).values();
  for (size_t i = 64; i < 128; ++i) ASSERT_EQ(int8[i], 0.0f) << i;
  const auto nf4 = Packed(QuantizedFormat::kNf4, weights, 3, 64).values();
  for (const auto& values : {int8, nf4}) {
    EXPECT_EQ(values[3], 0.0f);
    EXPECT_EQ(values[130], 0.0f);
  }
}

TEST(Quantized, ValuesOfEverySizeStayFinite) {
  for (const QuantizedFormat format : kFormats) {
    for (const float size :
         {std::numeric_limits<float>::denorm_min(), 1e-40f, 1e-38f, 1e-20f, 1e20f, 3.4e38f}) {
      std::vector<float> weights(200, size);
      for (size_t i = 0; i < weights.size(); i += 2) weights[i] = -size / static_cast<float>(i / 2 + 1);
      for (const float value : Packed(format, weights, 2, 100).values())
        ASSERT_LE(std::fabs(value), size * 1.02f) << text(format) << ", " << size;
    }
  }
}

TEST(Quantized, TheBitsDoNotDependOnTheNumberOfThreads) {
  constexpr int64_t N = 301, K = 413;
  const auto weights = random_normal<float>(N * K, 8);
  for (const QuantizedFormat format : kFormats) {
    const auto run = [&](int threads) {
      const ThreadCountScope scope(threads);
      const Packed packed(format, weights, N, K);
      return std::pair{packed.bytes(), packed.values()};
    };
    const auto one = run(1);
    for (const int threads : {2, 3, 5}) {
      const auto many = run(threads);
      EXPECT_TRUE(identical(many.first, one.first)) << threads << " threads, " << text(format);
      EXPECT_TRUE(identical(many.second, one.second)) << threads << " threads, " << text(format);
    }
  }
}

// ---- Products ----

std::vector<float> products(const std::vector<float>& x, const QuantizedMatrix& matrix, const float* residual,
                            int64_t M) {
  std::vector<float> out = poisoned<float>(M * matrix.N);
  row_products(out.data(), x.data(), matrix, residual, M);
  return out;
}

TEST(QuantizedProducts, HaveTheBitsOfRowProductsOfTheValues) {
  for (const QuantizedFormat format : kFormats) {
    for (const int64_t N : {1, 3, 4, 5, 18}) {
      for (const int64_t K : {1, 15, 17, 64, 288, 301}) {
        const Packed packed(format, random_normal<float>(N * K, 2), N, K);
        const auto weight = packed.values();
        for (const int64_t M : {1, 2, 4, 5, 9}) {
          SCOPED_TRACE(testing::Message() << text(format) << ", M = " << M << ", N = " << N << ", K = " << K);
          const auto x = random_normal<float>(M * K, 1), residual = random_normal<float>(M * N, 3);
          auto expected = poisoned<float>(M * N);
          row_products(expected.data(), x.data(), weight.data(), residual.data(), M, N, K);
          EXPECT_TRUE(identical(products(x, packed.matrix(), residual.data(), M), expected));
          auto in_place = residual;
          row_products(in_place.data(), x.data(), packed.matrix(), in_place.data(), M);
          EXPECT_TRUE(identical(in_place, expected));
          row_products(expected.data(), x.data(), weight.data(), static_cast<const float*>(nullptr), M, N, K);
          EXPECT_TRUE(identical(products(x, packed.matrix(), nullptr, M), expected));
        }
      }
    }
  }
}

TEST(QuantizedProducts, ARowsBitsDoNotDependOnHowManyRowsThereAre) {
  constexpr int64_t kRows = 11, N = 23, K = 161;
  const auto x = random_normal<float>(kRows * K, 1), residual = random_normal<float>(kRows * N, 3);
  for (const QuantizedFormat format : kFormats) {
    const Packed packed(format, random_normal<float>(N * K, 2), N, K);
    std::vector<float> alone;
    for (int64_t m = 0; m < kRows; ++m) {
      const std::vector<float> row(x.begin() + m * K, x.begin() + (m + 1) * K);
      const auto out = products(row, packed.matrix(), residual.data() + m * N, 1);
      alone.insert(alone.end(), out.begin(), out.end());
    }
    for (int64_t M = 1; M <= kRows; ++M) {
      EXPECT_TRUE(identical(products(x, packed.matrix(), residual.data(), M),
                            std::vector<float>(alone.begin(), alone.begin() + M * N)))
          << text(format) << ", M = " << M;
    }
  }
}

TEST(QuantizedProducts, TheBitsDoNotDependOnTheNumberOfThreads) {
  constexpr int64_t N = 1003, K = 251;
  for (const QuantizedFormat format : kFormats) {
    const Packed packed(format, random_normal<float>(N * K, 2), N, K);
    for (const int64_t M : {1, 3}) {
      const auto x = random_normal<float>(M * K, 1);
      const auto run = [&](int threads) {
        const ThreadCountScope scope(threads);
        return products(x, packed.matrix(), nullptr, M);
      };
      const auto one = run(1);
      for (const int threads : {2, 3, 5})
        EXPECT_TRUE(identical(run(threads), one)) << text(format) << ", " << threads << " threads, M = " << M;
    }
  }
}

}  // namespace
}  // namespace dmt::kernels::quantized_test
