#include "base/json.h"

#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "base/check.h"

namespace dmt {
namespace {

constexpr int kMaxDepth = 32;

using Event = nlohmann::json::parse_event_t;

// Sees every token before it becomes part of the result.
class Guard {
 public:
  explicit Guard(const std::string& origin) : origin_(origin) {}

  bool operator()(int depth, Event event, const nlohmann::json& parsed) {
    DMT_CHECK(depth <= kMaxDepth, origin_, ": is nested deeper than ", kMaxDepth, " levels");
    if (event == Event::object_start) {
      keys_.emplace_back();
    } else if (event == Event::object_end) {
      keys_.pop_back();
    } else if (event == Event::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      DMT_CHECK(keys_.back().insert(key).second, origin_, ": key \"", key, "\" occurs twice");
    }
    return true;
  }

 private:
  const std::string& origin_;
  std::vector<std::set<std::string>> keys_;  // of the objects that are open, outermost first
};

// "[json.exception.parse_error.101] parse error at line 1, column 2: ..." without the bracket.
std::string reason(const nlohmann::json::exception& error) {
  const std::string text = error.what();
  const size_t bracket = text.find("] ");
  return bracket == std::string::npos ? text : text.substr(bracket + 2);
}

}  // namespace

nlohmann::json parse_json_object(std::string_view text, const std::string& origin) {
  nlohmann::json document;
  try {
    Guard guard(origin);
    document = nlohmann::json::parse(text.begin(), text.end(), std::ref(guard));
  } catch (const nlohmann::json::exception& error) {
    fail(origin, ": malformed JSON: ", reason(error));
  }
  DMT_CHECK(document.is_object(), origin, ": expected a JSON object, found ", document.type_name());
  return document;
}

}  // namespace dmt
