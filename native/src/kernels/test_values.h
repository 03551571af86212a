/// For kernel tests: random data of both element types, poisoned outputs, and rounding units.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <ostream>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "base/expect_close.h"
#include "kernels/scalar.h"

namespace dmt::kernels {

inline void PrintTo(Bf16 x, std::ostream* out) {
  *out << to_float(x) << " (bf16)";
}

/// Largest relative error of rounding to TData, doubled.
template <typename TData>
constexpr double kEpsilon = std::is_same_v<TData, float> ? 0x1p-23 : 0x1p-8;

template <typename TData>
std::vector<TData> rounded(const std::vector<float>& values) {
  std::vector<TData> out(values.size());
  for (size_t i = 0; i < values.size(); ++i) store(out[i], values[i]);
  return out;
}

template <typename TData>
std::vector<double> doubles(const std::vector<TData>& values) {
  std::vector<double> out;
  for (const TData value : values) out.push_back(static_cast<double>(to_float(value)));
  return out;
}

template <typename TData>
std::vector<TData> random_normal(int64_t count, uint64_t seed, float deviation = 1.0f) {
  std::mt19937_64 generator(seed);
  std::normal_distribution<float> normal(0.0f, deviation);
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values) value = normal(generator);
  return rounded<TData>(values);
}

inline std::vector<int32_t> random_integers(int64_t count, uint64_t seed, int32_t limit) {
  std::mt19937_64 generator(seed);
  std::uniform_int_distribution<int32_t> uniform(0, limit - 1);
  std::vector<int32_t> values(static_cast<size_t>(count));
  for (int32_t& value : values) value = uniform(generator);
  return values;
}

/// An output before the call: an element that the kernel never writes stays NaN and fails.
template <typename TData>
std::vector<TData> poisoned(int64_t count) {
  return rounded<TData>(
      std::vector<float>(static_cast<size_t>(count), std::numeric_limits<float>::quiet_NaN()));
}

/// Derivative of f at x[i] by central differences, in double.
template <typename F>
double numeric_derivative(const F& f, std::vector<double> x, size_t i, double step = 1e-5) {
  const double at = x[i];
  x[i] = at + step;
  const double above = f(x);
  x[i] = at - step;
  return (above - f(x)) / (2.0 * step);
}

inline double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0.0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// The element types, and their names in test names.
using ElementTypes = testing::Types<float, Bf16>;
struct ElementNames {
  template <typename TData>
  static std::string GetName(int) {
    return std::is_same_v<TData, float> ? "Float32" : "BFloat16";
  }
};

}  // namespace dmt::kernels
