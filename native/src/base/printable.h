/// Text of unknown origin where people read it: no character that a terminal obeys or that changes the order
/// of what is seen, and no more of it than a person reads. What is cut is counted.
#pragma once

#include <string>
#include <string_view>

namespace dmt {

/// One value of a file, such as a tensor's name or a key: on one line, at most 200 bytes of it.
std::string printable_value(std::string_view text);

/// A whole message: line ends stay, at most 4,000 bytes of it. EngineError's messages pass through here.
std::string printable_message(std::string_view text);

}  // namespace dmt
