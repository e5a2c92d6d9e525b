#include "report/results/flat_row.hpp"

#include <gtest/gtest.h>

namespace trainbench::report {
namespace {

TEST(FlatRow, KeepsBothOfTwoEqualKeysInOrder) {
  const auto row = parse_flat_row(R"({"real_time": 1.5, "real_time": 42})");
  ASSERT_EQ(row->numbers.size(), 2U);
  EXPECT_EQ(*first_of(row->numbers, "real_time"), 1.5);
  EXPECT_EQ(row->numbers[1].second, 42);
}

TEST(FlatRow, LeavesOutWhatIsNoFiniteNumber) {
  const auto row = parse_flat_row(R"({"a": NaN, "b": -Infinity, "c": 1e400, "d": null, "e": 2})");
  ASSERT_TRUE(row);
  ASSERT_EQ(row->numbers.size(), 1U);
  EXPECT_EQ(row->numbers[0].first, "e");
}

TEST(FlatRow, LeavesOutNestedValues) {
  const auto row =
      parse_flat_row(R"({"o": {"x": 1, "s": "t"}, "a": [1, "u", true], "n": -3, "s": "v\n", "f": true})");
  ASSERT_EQ(row->numbers.size(), 1U);
  EXPECT_EQ(*first_of(row->numbers, "n"), -3);
  ASSERT_EQ(row->texts.size(), 1U);
  EXPECT_EQ(*first_of(row->texts, "s"), "v\n");
  ASSERT_EQ(row->flags.size(), 1U);
  EXPECT_EQ(first_of(row->flags, "missing"), nullptr);
}

TEST(FlatRow, IsNothingForAnythingButOneObject) {
  for (const char* text : {"", "1", "[1]", "{", "{\"a\":}", "{} {}", "\"x\""})
    EXPECT_FALSE(parse_flat_row(text)) << text;
}

}  // namespace
}  // namespace trainbench::report
