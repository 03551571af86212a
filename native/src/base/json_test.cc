#include "base/json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/expect_error.h"

namespace dmt {
namespace {

TEST(Json, ParsesAnObject) {
  EXPECT_EQ(parse_json_object(R"({"a": [1, {"a": 2}], "b": {"a": 3}})", "x")["b"]["a"], 3);
}

TEST(Json, NamesOriginAndPlaceOfMalformedText) {
  EXPECT_ERROR(parse_json_object("", "x.json"), "x.json: malformed JSON: parse error at line 1, column 1");
  EXPECT_ERROR(parse_json_object("{\n\"a\": }", "x.json"),
               "x.json: malformed JSON: parse error at line 2, column 6");
  EXPECT_ERROR(parse_json_object("{} x", "x.json"), "x.json: malformed JSON");
  EXPECT_ERROR(parse_json_object("{\"a\": NaN}", "x.json"), "x.json: malformed JSON");
  EXPECT_ERROR(parse_json_object("{\"a\": 1e999}", "x.json"), "x.json: malformed JSON: number overflow");
  EXPECT_ERROR(parse_json_object("{\"\xff\": 1}", "x.json"), "x.json: malformed JSON");
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
}  // namespace dmt
