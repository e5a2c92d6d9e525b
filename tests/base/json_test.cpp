#include "src/base/json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

#include "src/base/errors.hpp"

namespace trainbench {
namespace {

using testing::HasSubstr;

TEST(NeutraliseNonFinite, ReplacesEveryBareTokenByNull) {
  EXPECT_EQ(neutralise_non_finite(R"({"a":NaN,"b":Infinity,"c":-Infinity,"d":-NaN,"e":[nan,-inf]})"),
            R"({"a":null,"b":null,"c":null,"d":null,"e":[null,null]})");
}

TEST(NeutraliseNonFinite, LeavesStringsAlone) {
  const std::string text = R"({"NaN":"NaN \" Infinity","x":"\\"})";
  EXPECT_EQ(neutralise_non_finite(text), text);
}

TEST(NeutraliseNonFinite, LeavesLongerWordsAlone) {
  EXPECT_EQ(neutralise_non_finite("NaNs xNaN Infinity2 null"), "NaNs xNaN Infinity2 null");
}

TEST(NeutraliseNonFinite, SurvivesAStringThatDoesNotEnd) {
  EXPECT_EQ(neutralise_non_finite("\"NaN"), "\"NaN");
  EXPECT_EQ(neutralise_non_finite("\"NaN\\"), "\"NaN\\");
}

TEST(ParseJson, ReadsWhatGoogleBenchmarkWritesForAZeroCounter) {
  const json::value value = parse_json(R"({"cv": NaN, "mean": 0.0})", "x.json");
  EXPECT_TRUE(value.at("cv").is_null());
  EXPECT_EQ(number_at(value.get_object(), "mean"), 0);
}

TEST(ParseJson, NamesTheSourceTheFaultAndTheByte) {
  try {
    parse_json(R"({"a":1,)", "results/x.json");
    FAIL() << "a cut object was taken";
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), ExitCode::unreadable);
    EXPECT_THAT(error.what(), HasSubstr("results/x.json is not valid JSON"));
    EXPECT_THAT(error.what(), HasSubstr("at byte 7."));
  }
  EXPECT_THROW(parse_json("", "x"), InputError);
  EXPECT_THROW(parse_json("{} {}", "x"), InputError);
}

TEST(ToJsonLine, IsOneLine) {
  EXPECT_EQ(to_json_line(json::object{{"text", "a\nb"}, {"n", 1}}), R"({"text":"a\nb","n":1})");
}

TEST(ToJsonLine, RefusesNonFiniteNumbersAtAnyDepth) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_THROW(to_json_line(nan), std::logic_error);
  EXPECT_THROW(to_json_line(json::object{{"a", json::array{1, json::object{{"b", infinity}}}}}),
               std::logic_error);
}

TEST(MembersOfAnObject, AreNothingWhereAbsentNullOrOfAnotherType) {
  const json::object object{
      {"n", 2}, {"s", "x"}, {"b", true}, {"z", nullptr}, {"o", json::object{}}, {"a", json::array{1}}};
  EXPECT_EQ(number_at(object, "n"), 2);
  EXPECT_EQ(string_at(object, "s"), "x");
  EXPECT_EQ(bool_at(object, "b"), true);
  EXPECT_NE(object_at(object, "o"), nullptr);
  EXPECT_NE(array_at(object, "a"), nullptr);
  for (const char* key : {"z", "none", "a"}) {
    EXPECT_FALSE(number_at(object, key)) << key;
    EXPECT_FALSE(string_at(object, key)) << key;
    EXPECT_FALSE(bool_at(object, key)) << key;
    EXPECT_EQ(object_at(object, key), nullptr) << key;
  }
  EXPECT_EQ(array_at(object, "o"), nullptr);
}

}  // namespace
}  // namespace trainbench
