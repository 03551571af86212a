/// For tests: arrays that must be near others, or the same bits.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <sstream>
#include <vector>

namespace dmt {

/// |actual - expected| may be absolute + relative * |expected|.
struct Tolerance {
  double absolute;
  double relative;
};

/// Names the first few elements that are off, with their values.
template <typename TActual, typename TExpected>
testing::AssertionResult close(const std::vector<TActual>& actual, const std::vector<TExpected>& expected,
                               Tolerance tolerance) {
  if (actual.size() != expected.size()) {
    return testing::AssertionFailure() << actual.size() << " elements, expected " << expected.size();
  }
  std::ostringstream differences;
  size_t wrong = 0;
  for (size_t i = 0; i < actual.size(); ++i) {
    const auto a = static_cast<double>(actual[i]), e = static_cast<double>(expected[i]);
    // Written this way round so that a NaN fails.
    if (a == e || std::fabs(a - e) <= tolerance.absolute + tolerance.relative * std::fabs(e)) continue;
    if (++wrong <= 3)
      differences << "\n  [" << i << "] is " << a << ", expected " << e << ", off by " << a - e;
  }
  if (wrong == 0) return testing::AssertionSuccess();
  return testing::AssertionFailure() << wrong << " of " << actual.size()
                                     << " elements are off:" << differences.str();
}

/// Bit for bit; a NaN equals itself.
template <typename T>
testing::AssertionResult identical(const std::vector<T>& actual, const std::vector<T>& expected) {
  if (actual.size() != expected.size()) {
    return testing::AssertionFailure() << actual.size() << " elements, expected " << expected.size();
  }
  for (size_t i = 0; i < actual.size(); ++i) {
    if (std::memcmp(&actual[i], &expected[i], sizeof(T)) == 0) continue;
    return testing::AssertionFailure()
           << "[" << i << "] is " << testing::PrintToString(actual[i]) << ", expected the same bits as "
           << testing::PrintToString(expected[i]);
  }
  return testing::AssertionSuccess();
}

/// Norm of the difference over the norm of what is expected.
template <typename TActual, typename TExpected>
double relative_distance(const std::vector<TActual>& actual, const std::vector<TExpected>& expected) {
  if (actual.size() != expected.size()) return INFINITY;
  double difference = 0.0, norm = 0.0;
  for (size_t i = 0; i < expected.size(); ++i) {
    const double e = static_cast<double>(expected[i]), d = static_cast<double>(actual[i]) - e;
    difference += d * d;
    norm += e * e;
  }
  return difference == 0.0 ? 0.0 : std::sqrt(difference / norm);
}

}  // namespace dmt
