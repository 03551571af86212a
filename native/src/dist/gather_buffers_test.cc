#include "dist/gather_buffers.h"

#include <gtest/gtest.h>

#include "base/expect_error.h"

namespace dmt::gather_buffers_test {
namespace {

class GatherBuffersTest : public testing::Test {
 protected:
  const void* take(int unit) { return buffers_.take(unit, 4, at::kFloat).whole.const_data_ptr(); }
  bool current(int unit) {
    const bool current = buffers_.take(unit, 4, at::kFloat).current;
    buffers_.give_back(unit);
    return current;
  }
  GatherBuffers buffers_{16, at::kCPU};
};

TEST_F(GatherBuffersTest, UnitsTakeTurns) {
  const void* first = take(0);
  const void* second = take(1);
  EXPECT_NE(first, second);
  buffers_.give_back(0);
  EXPECT_EQ(take(2), first);
  buffers_.give_back(1);
  EXPECT_EQ(take(3), second);
}

TEST_F(GatherBuffersTest, AThirdUnitMustWaitUntilOneIsFreed) {
  take(0);
  take(1);
  EXPECT_ERROR(take(2),
               "both buffers for gathered weights are in use: unit 2 is gathered before another was");
}

TEST_F(GatherBuffersTest, WhatWasGivenBackIsStillThere) {
  EXPECT_FALSE(current(0));
  EXPECT_FALSE(current(1));
  EXPECT_TRUE(current(0));
  EXPECT_TRUE(current(1));
  EXPECT_FALSE(current(2));  // in the place of 0, which was given back before 1
  EXPECT_TRUE(current(1));
  EXPECT_FALSE(current(0));
}

TEST_F(GatherBuffersTest, WhatHasChangedIsForgotten) {
  EXPECT_FALSE(current(0));
  buffers_.forget(0);
  EXPECT_FALSE(current(0));
}

}  // namespace
}  // namespace dmt::gather_buffers_test
