/// JSON of unknown origin.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace dmt {

/// Parses a JSON document whose top level is an object, in time and memory that grow with its length alone.
/// Refuses malformed text, keys that occur twice in one object, and nesting deeper than 32, which could
/// overflow the stack of whoever walks the result. NaN, Infinity and -Infinity, as Python writes them, are
/// read as texts.
/// @param origin names the text in messages, such as a path
nlohmann::json parse_json_object(std::string_view text, const std::string& origin);

}  // namespace dmt
