#include "base/json.h"

#include <nlohmann/json.hpp>
#include <unordered_set>
#include <vector>

#include "base/check.h"

namespace dmt {
namespace {

using nlohmann::json;

constexpr size_t kMaxDepth = 32;

// Sees the whole text before any of it is kept, in time that grows with its length alone. (The parser's own
// callback looks at all of an object's members whenever one of them ends.)
class Guard final : public nlohmann::json_sax<json> {
 public:
  explicit Guard(const std::string& origin) : origin_(origin) {}

  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_integer(number_integer_t /*value*/) override { return true; }
  bool number_unsigned(number_unsigned_t /*value*/) override { return true; }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return true; }
  bool string(string_t& /*value*/) override { return true; }
  bool binary(binary_t& /*value*/) override { return true; }

  bool start_object(size_t /*members*/) override { return open(); }
  bool end_object() override { return close(); }
  bool start_array(size_t /*elements*/) override { return open(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    DMT_CHECK(keys_.back().insert(name).second, origin_, ": key \"", printable_value(name),
              "\" occurs twice");
    return true;
  }

  bool parse_error(size_t /*position*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& error) override {
    fail(origin_, ": malformed JSON: ", reason(error));
  }

 private:
  // "[json.exception.parse_error.101] parse error at line 1, column 2: ..." without the bracket.
  static std::string reason(const nlohmann::detail::exception& error) {
    const std::string text = error.what();
    const size_t bracket = text.find("] ");
    return bracket == std::string::npos ? text : text.substr(bracket + 2);
  }

  bool open() {
    DMT_CHECK(keys_.size() < kMaxDepth, origin_, ": is nested deeper than ", kMaxDepth, " levels");
    keys_.emplace_back();
    return true;
  }

  bool close() {
    keys_.pop_back();
    return true;
  }

  const std::string& origin_;
  std::vector<std::unordered_set<std::string>> keys_;  // of what is open, outermost first
};

// Python writes NaN, Infinity and -Infinity, which JSON does not have. They become texts: harmless where
// nobody reads the value, and no number where somebody does.
std::string with_named_numbers_quoted(std::string_view text) {
  std::string out;
  size_t copied = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      in_string = !in_string;
    } else if (in_string) {
      i += text[i] == '\\' ? 1 : 0;
    } else if (text[i] == 'N' || text[i] == 'I' || text[i] == '-') {
      for (const std::string_view name : {"NaN", "Infinity", "-Infinity"}) {
        if (!text.substr(i).starts_with(name)) continue;
        out.append(text.substr(copied, i - copied)).append("\"").append(name).append("\"");
        i += name.size() - 1;
        copied = i + 1;
        break;
      }
    }
  }
  return out.append(text.substr(copied));
}

}  // namespace

json parse_json_object(std::string_view text, const std::string& origin) {
  const std::string standard = with_named_numbers_quoted(text);
  Guard guard(origin);
  json::sax_parse(standard, &guard);
  json document = json::parse(standard);
  DMT_CHECK(document.is_object(), origin, ": expected a JSON object, found ", document.type_name());
  return document;
}

}  // namespace dmt
