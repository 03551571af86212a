#include "base/check.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace dmt::check_test {
namespace {

TEST(Check, MessageIsTheArgumentsAndNothingElse) {
  try {
    DMT_CHECK(1 + 1 == 3, "found ", 2, ", expected ", 3.5, ' ', true);
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "found 2, expected 3.5 1");
  }
}

TEST(Check, ArgumentsAreNotEvaluatedWhereTheConditionHolds) {
  int evaluations = 0;
  DMT_CHECK(true, ++evaluations);
  EXPECT_EQ(evaluations, 0);
}

TEST(Check, StandsAloneInAnIfWithElse) {
  bool reached_else = false;
  if (false)
    DMT_CHECK(false, "not reached");
  else
    reached_else = true;
  EXPECT_TRUE(reached_else);
}

}  // namespace
}  // namespace dmt::check_test
