#include "report/text/format.hpp"

#include <gtest/gtest.h>

namespace trainbench::report {
namespace {

TEST(FormatFixed, SetsACommaBetweenThousands) {
  EXPECT_EQ(format_fixed(0, 0), "0");
  EXPECT_EQ(format_fixed(999, 0), "999");
  EXPECT_EQ(format_fixed(1000, 0), "1,000");
  EXPECT_EQ(format_fixed(-1234567.891, 2), "-1,234,567.89");
  EXPECT_EQ(format_fixed(-123, 0), "-123");
}

TEST(FormatFixed, ShowsValuesOfManyDigitsWithFour) {
  EXPECT_EQ(format_fixed(999999999999999, 0), "999,999,999,999,999");
  EXPECT_EQ(format_fixed(1e308, 2), "1e+308");
  EXPECT_EQ(format_fixed(-1.23456e15, 1), "-1.235e+15");
}

TEST(FormatFixed, HasNoNegativeZero) {
  EXPECT_EQ(format_fixed(-0.0001, 2), "0.00");
}

TEST(FormatNumber, ShowsWholeNumbersInFullAndOthersWithFourDigits) {
  EXPECT_EQ(format_number(1234567), "1,234,567");
  EXPECT_EQ(format_number(0), "0");
  EXPECT_EQ(format_number(1234567.5), "1,234,568");
  EXPECT_EQ(format_number(12.3456), "12.35");
  EXPECT_EQ(format_number(0.0123456), "0.01235");
  EXPECT_EQ(format_number(1.5e-7), "1.500e-07");
  EXPECT_EQ(format_number(1e300), "1.000e+300");
}

TEST(FormatSeconds, PicksTheUnit) {
  EXPECT_EQ(format_seconds(0), "0 s");
  EXPECT_EQ(format_seconds(2.5e-9), "2.500 ns");
  EXPECT_EQ(format_seconds(1.2345e-5), "12.35 µs");
  EXPECT_EQ(format_seconds(0.25), "250.0 ms");
  EXPECT_EQ(format_seconds(1), "1.000 s");
  EXPECT_EQ(format_seconds(12345), "12,345 s");
  EXPECT_EQ(format_seconds(1e-12), "0.001000 ns");
  EXPECT_EQ(format_seconds(1e-300), "1e-291 ns");
  EXPECT_EQ(format_seconds(1e308), "1e+308 s");
}

TEST(FormatMetric, UsesTheRegistrysDecimalsAndUnit) {
  EXPECT_EQ(format_metric(*find_metric("images_per_second"), 1234.56), "1,234.6 images/s");
  EXPECT_EQ(format_metric(*find_metric("steps"), 40), "40");
}

TEST(FormatMetric, NeverRoundsAMeasuredTimeToNothing) {
  EXPECT_EQ(format_metric(*find_metric("step_time_ms"), 0.00025), "250.0 ns");
  EXPECT_EQ(format_metric(*find_metric("step_time_ms"), 0.25), "250.0 µs");
  EXPECT_EQ(format_metric(*find_metric("step_time_ms"), 1), "1.00 ms");
  EXPECT_EQ(format_metric(*find_metric("step_time_ms"), 0), "0.00 ms");
  EXPECT_EQ(format_metric(*find_metric("epoch_time_s"), 0.0125), "12.50 ms");
  EXPECT_EQ(format_metric(*find_metric("images_per_second"), 0.0123456), "0.01235 images/s");
  EXPECT_EQ(format_metric(*find_metric("drift_percent"), 0.001), "0.00 %");
}

TEST(FormatRatio, HasTwoDecimalsOrTwoSignificantDigits) {
  EXPECT_EQ(format_ratio(1.254), "1.25x");
  EXPECT_EQ(format_ratio(26425), "26,425.00x");
  EXPECT_EQ(format_ratio(0.00003784), "3.8e-05x");
  EXPECT_EQ(format_ratio(1e308), "1e+308x");
}

TEST(FormatPercent, HasOneDecimal) {
  EXPECT_EQ(format_percent(0.0123), "1.2 %");
}

TEST(FormatRange, IsOfTheNumbersWhereAllHaveOneUnit) {
  EXPECT_EQ(format_range({"1980 MHz"}), "1980 MHz");
  EXPECT_EQ(format_range({"1980 MHz", "990 MHz", "1500 MHz"}), "990 to 1980 MHz");
  EXPECT_EQ(format_range({"41.5", "39"}), "39 to 41.5");
}

TEST(FormatRange, ListsWhatIsNoNumber) {
  EXPECT_EQ(format_range({"none", "power cap"}), "none, power cap");
  EXPECT_EQ(format_range({"5 MHz", "unknown"}), "5 MHz, unknown");
  EXPECT_EQ(format_range({"5 GHz", "900 MHz"}), "5 GHz, 900 MHz");
  EXPECT_EQ(format_range({"a", "b", "c", "d", "e", "f"}), "a, b, c, d and 2 more");
}

}  // namespace
}  // namespace trainbench::report
