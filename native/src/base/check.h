/// DMT_CHECK: a condition that must hold, and the message a user reads when it does not.
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

#include "base/printable.h"

namespace dmt {

/// What the engine throws. The message is a sentence for the user: it names the value found and the value
/// expected, and carries no source location.
class EngineError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The arguments, each as operator<< prints it, one after the other.
template <typename... Args>
std::string concat(const Args&... args) {
  std::ostringstream out;
  (out << ... << args);
  return out.str();
}

/// Throws EngineError with the concatenated arguments as its message; a value of a file may be among them,
/// but one that can be long belongs through printable_value.
template <typename... Args>
[[noreturn]] void fail(const Args&... args) {
  throw EngineError(printable_message(concat(args...)));
}

}  // namespace dmt

/// Throws dmt::EngineError with the remaining arguments, concatenated, unless the condition holds. The
/// arguments are evaluated only on failure.
#define DMT_CHECK(condition, ...)    \
  do {                               \
    if (!(condition)) [[unlikely]] { \
      ::dmt::fail(__VA_ARGS__);      \
    }                                \
  } while (false)
