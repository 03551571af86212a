/// For tests: the message of a failure.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "base/check.h"

namespace dmt {

/// What the EngineError that the action throws says; "" and a failed test if it throws none.
template <typename Action>
std::string error_of(Action&& action) {
  try {
    action();
  } catch (const EngineError& error) {
    return error.what();
  }
  ADD_FAILURE() << "expected an EngineError";
  return "";
}

inline ::testing::AssertionResult contains(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "expected to find\n  " << part << "\nin\n  " << text;
}

}  // namespace dmt

/// The statement throws an EngineError whose message contains the text.
#define EXPECT_ERROR(statement, text) EXPECT_TRUE(::dmt::contains(::dmt::error_of([&] { statement; }), text))
