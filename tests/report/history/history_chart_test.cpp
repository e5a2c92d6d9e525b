#include "report/history/series/history_chart.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "report/charts/svg.hpp"
#include "report/history/series/history_chart_layout.hpp"
#include "tests/report/history/analysed_series.hpp"

namespace trainbench::report::history {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kMachine = "Example CPU (01234567)";

std::string drawn(const AnalysedSeries& series) {
  return history_svg(series, kMachine);
}

AnalysedSeries flat_series(std::size_t num_points) {
  return series_of_values(std::vector<double>(num_points, 10));
}

SeriesChange change_at(std::size_t index) {
  return {.index = index, .before = 10, .after = 10, .direction = Direction::better};
}

TEST(HistoryChartRange, ReachesOverPointsAndLimitsWithFourPercentAround) {
  const ValueRange range = range_of(series_with_a_step());
  EXPECT_DOUBLE_EQ(range.low, 9 - 0.04 * 4);
  EXPECT_DOUBLE_EQ(range.high, 13 + 0.04 * 4);
}

TEST(HistoryChartRange, IsNotMadeByAnOutlier) {
  AnalysedSeries series = series_of_values({10, 11, 10, 11, 100});
  series.analysis.segments[0].high = 80;
  series.analysis.outliers = {4};
  // The points' range is 1, and limits and processes widen it by no more.
  EXPECT_DOUBLE_EQ(range_of(series).high, 12 + 0.04 * 3);
  EXPECT_DOUBLE_EQ(range_of(series).low, 9 - 0.04 * 3);
}

TEST(HistoryChartRange, IsNotMadeByAStrayProcessOfOneRunInTwenty) {
  for (const std::size_t num_points : {20U, 21U}) {
    AnalysedSeries series = flat_series(num_points);
    series.history.points[0].value = 11;
    series.history.points[7].high = 20;
    series.analysis.segments[0] = {.begin = 0, .end = num_points, .median = 10, .low = 10, .high = 11};
    const double high = num_points == 20 ? 12 : 11;  // 12: as far above 11 as 11 is above 10
    EXPECT_DOUBLE_EQ(range_of(series).high, high + 0.04 * (high - 10)) << num_points;
  }
}

TEST(HistoryChartRange, HasNothingBelowZeroForWhatIsNeverNegative) {
  AnalysedSeries series = series_of_values({0.5, 1});
  EXPECT_EQ(range_of(series).low, 0);
  series.history.points[0].low = -0.1;
  EXPECT_DOUBLE_EQ(range_of(series).low, -0.04 * 1.5);
}

TEST(HistoryChartRange, OfEqualValuesIsFivePercentEitherSide) {
  AnalysedSeries series = series_of_values({200, 200});
  series.analysis.segments[0] = {.begin = 0, .end = 2, .median = 200, .low = 200, .high = 200};
  EXPECT_DOUBLE_EQ(range_of(series).low, 190 - 0.8);
  EXPECT_DOUBLE_EQ(range_of(series).high, 210 + 0.8);
}

TEST(HistoryChartLayout, PlacesPointsBetweenTheEdges) {
  const HistoryChartLayout layout = layout_of(series_with_a_step());
  EXPECT_DOUBLE_EQ(layout.left, svg::kMargin + svg::width_of("13") + 10);
  EXPECT_DOUBLE_EQ(layout.x_of(0), layout.left + 6);
  EXPECT_DOUBLE_EQ(layout.x_of(2), layout.left + 380);
  EXPECT_DOUBLE_EQ(layout.x_of(4), layout.right() - 6);
  EXPECT_DOUBLE_EQ(layout.y_of(11), layout.bottom() - 120);
  EXPECT_DOUBLE_EQ(layout.y_of(1e300), layout.top);
  EXPECT_EQ(layout.ticks.size(), 5U);
}

TEST(HistoryChartLayout, StacksSignsThatHaveNoRoomBesideEachOther) {
  AnalysedSeries series = flat_series(100);  // 7.48 pixels apart
  series.analysis.changes = {change_at(10), change_at(12), change_at(13), change_at(20)};
  const std::vector<ChartSign> signs = layout_of(series).signs;
  ASSERT_EQ(signs.size(), 4U);
  EXPECT_EQ(signs[0].row, 0U);
  EXPECT_EQ(signs[1].row, 1U);
  EXPECT_EQ(signs[2].row, 0U) << "22 pixels from the first";
  EXPECT_EQ(signs[3].row, 0U);
}

TEST(HistoryChartLayout, LabelsChangesFirstAndLeavesOutWhatWouldTouch) {
  AnalysedSeries series = flat_series(100);
  series.analysis.changes = {change_at(40), change_at(42)};
  const HistoryChartLayout layout = layout_of(series);
  bool has_newest_change = false;
  for (std::size_t i = 0; i < layout.labels.size(); ++i) {
    const ChartLabel& label = layout.labels[i];
    EXPECT_NE(label.point, 40U) << "the newer change stands too near";
    has_newest_change =
        has_newest_change || (label.point == 42 && label.is_change && label.text == "0000042");
    EXPECT_GE(label.x - svg::width_of(label.text) / 2, layout.left - 1e-9);
    EXPECT_LE(label.x + svg::width_of(label.text) / 2, layout.right() + 1e-9);
    if (i > 0) {
      EXPECT_GE(label.x - layout.labels[i - 1].x, svg::width_of(label.text) + 2 * svg::kCharacterWidth);
    }
  }
  EXPECT_TRUE(has_newest_change);
  EXPECT_EQ(layout.labels.front().point, 0U);
  EXPECT_EQ(layout.labels.back().point, 99U);
}

TEST(HistoryChartSvg, DrawsPointsBandsAndTheChange) {
  const std::string svg = drawn(series_with_a_step());
  // Plot: left 16 + 2 * 7.93 + 10, top 58 + 22 + 22 of one row of signs, 240 high for 8.84 to 13.16.
  for (const char* part :
       {"<circle class=\"point\" cx=\"141.4\" cy=\"277.6\" r=\"3.5\"/>",
        "<rect class=\"band\" x=\"47.9\" y=\"222.0\" width=\"374.0\" height=\"111.1\"/>",
        "<path class=\"median\" d=\"M47.9 277.6H421.9\"/>",
        "<circle class=\"sign worse sure\" cx=\"421.9\" cy=\"90.0\" r=\"8\"/>",
        "<path class=\"change worse\" d=\"M421.9 98.0V342.0\"/>", ">ms · lower is better</text>",
        ">0000002</text>",
        "Time per step · 4 runs · 2026-11-01 to 2026-11-04 · main · Example CPU (01234567)",
        "worse · 10.00 ms to 12.00 ms (+20.00 %) · 0000002000 · Commit 2"})
    EXPECT_THAT(svg, HasSubstr(part));
}

TEST(HistoryChartSvg, ExplainsOnlyWhatItShows) {
  AnalysedSeries series = series_with_a_step();
  const std::string plain = drawn(series);
  for (const char* text : {">marked<", ">hollow: tentative<", ">outlier<", ">lowest to highest process<"})
    EXPECT_THAT(plain, Not(HasSubstr(text)));
  series.analysis.changes[0].tentative = true;
  series.analysis.changes[0].mark = Mark{.kind = "expected", .reason = "The larger arena."};
  series.analysis.outliers = {1};
  series.history.points[0].low = 9.5;
  const std::string rich = drawn(series);
  for (const char* text : {">marked<", ">hollow: tentative<", ">outlier<", ">lowest to highest process<",
                           "tentative; expected: The larger arena.", "<circle class=\"sign worse\" cx"})
    EXPECT_THAT(rich, HasSubstr(text));
}

TEST(HistoryChartSvg, TakesMarkupAsText) {
  AnalysedSeries series = series_with_a_step();
  series.history.key.benchmark = "<script>alert(1)</script>&\"'";
  series.history.key.branch = "</title><b>";
  series.history.points[2].commit.subject = "<img src=x>";
  const std::string svg = drawn(series);
  for (const char* markup : {"<script", "<img", "<b>", "</title><b"})
    EXPECT_THAT(svg, Not(HasSubstr(markup)));
  EXPECT_THAT(svg, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;&amp;"));
}

TEST(HistoryChartSvg, HasOnlyFiniteNumbersAtTheLimitsOfADouble) {
  constexpr double kMax = std::numeric_limits<double>::max();
  for (const std::vector<double>& values :
       {std::vector{-kMax, kMax}, std::vector{5e-324, 0.0}, std::vector{kMax, kMax}, std::vector{0.0}}) {
    const std::string svg = drawn(series_of_values(values));
    EXPECT_THAT(svg, Not(HasSubstr("nan")));
    EXPECT_THAT(svg, Not(HasSubstr("inf")));
  }
}

TEST(HistoryChartSvg, IsTheSameForTheSameSeries) {
  EXPECT_EQ(drawn(series_with_a_step()), drawn(series_with_a_step()));
}

}  // namespace
}  // namespace trainbench::report::history
