#include "base/json.h"

#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "base/expect_error.h"

namespace dmt::json_test {
namespace {

TEST(Json, ParsesAnObject) {
  EXPECT_EQ(parse_json_object(R"({"a": [1, {"a": 2}], "b": {"a": 3}})", "x")["b"]["a"], 3);
}

TEST(Json, NamesOriginAndPlaceOfMalformedText) {
  EXPECT_ERROR(parse_json_object("", "x.json"), "x.json: malformed JSON: parse error at line 1, column 1");
  EXPECT_ERROR(parse_json_object("{\n\"a\": }", "x.json"),
               "x.json: malformed JSON: parse error at line 2, column 6");
  EXPECT_ERROR(parse_json_object("{} x", "x.json"), "x.json: malformed JSON");
  EXPECT_ERROR(parse_json_object("{\"a\": 1e999}", "x.json"), "x.json: malformed JSON: number overflow");
  EXPECT_ERROR(parse_json_object("{\"\xff\": 1}", "x.json"), "x.json: malformed JSON");
}

TEST(Json, ReadsNumbersThatJsonDoesNotHaveAsTexts) {
  const nlohmann::json document =
      parse_json_object(R"({"a": NaN, "b": [-Infinity, Infinity, -1], "\"NaN": "NaN"})", "x");
  EXPECT_EQ(document.dump(), R"({"\"NaN":"NaN","a":"NaN","b":["-Infinity","Infinity",-1]})");
  EXPECT_ERROR(parse_json_object(R"({"a": Nan})", "x"), "x: malformed JSON");
}

double seconds_to_parse(int keys) {
  std::string many = "{";
  for (int i = 0; i < keys; ++i) many += "\"k" + std::to_string(i) + "\": {\"a\": [1]}, ";
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(parse_json_object(many + "\"last\": 1}", "x").size(), static_cast<size_t>(keys) + 1);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

TEST(Json, TimeGrowsWithTheLengthAlone) {
  const double part = seconds_to_parse(25'000);
  EXPECT_LT(seconds_to_parse(200'000), 30 * part);  // 64 times if it were quadratic
}

TEST(Json, CutsAndEscapesWhatItQuotes) {
  const std::string key(100'000, 'k');
  const std::string twice = "{\"" + key + "\": 1, \"" + key + "\": 2}";
  EXPECT_ERROR(parse_json_object(twice, "x"), "kkk... (99800 bytes cut) ...kkk");
  EXPECT_ERROR(parse_json_object("{\"\\u001b[2J\": 1, \"\\u001b[2J\": 2}", "x"), "\\x1b[2J");
}

TEST(Json, RefusesOtherThanAnObject) {
  EXPECT_ERROR(parse_json_object("[1]", "x.json"), "x.json: expected a JSON object, found array");
  EXPECT_ERROR(parse_json_object("null", "x.json"), "x.json: expected a JSON object, found null");
}

TEST(Json, RefusesAKeyThatOccursTwice) {
  EXPECT_ERROR(parse_json_object(R"({"a": {"b": 1, "b": 2}})", "x"), "x: key \"b\" occurs twice");
}

TEST(Json, RefusesDeepNesting) {
  const std::string deep = "{\"a\": " + std::string(1'000'000, '[');
  EXPECT_ERROR(parse_json_object(deep, "x"), "x: is nested deeper than 32 levels");
}

}  // namespace
}  // namespace dmt::json_test
