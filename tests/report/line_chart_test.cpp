#include "report/charts/line_chart.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trainbench::report {
namespace {

using testing::HasSubstr;
using testing::Not;

LinePoint at(double x, double value) {
  return {.x = x, .value = value, .low = value, .high = value, .tooltip = "tip"};
}

LineChart chart(std::vector<LinePoint> points) {
  return {.title = "t",
          .subtitle = "s",
          .x_title = "batch",
          .panels = {{.title = "y", .points = std::move(points)}},
          .gaps = {},
          .mark = std::nullopt};
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(LineChartSvg, SpacesPowersOfTwoEvenly) {
  const std::string svg = render_svg(chart({at(16, 5), at(32, 5), at(64, 5)}));
  // The tick labels of y are one character wide: the plot begins at 16 + 7.93 + 10, inset by 36 and 600 wide.
  EXPECT_THAT(svg, HasSubstr("cx=\"69.9\""));
  EXPECT_THAT(svg, HasSubstr("cx=\"333.9\""));
  EXPECT_THAT(svg, HasSubstr("cx=\"597.9\""));
}

TEST(LineChartSvg, BeginsItsAxisOfYAtZeroWithRoundSteps) {
  const std::string svg = render_svg(chart({at(1, 18000), at(2, 21000)}));
  for (const char* label : {">0<", ">5,000<", ">10,000<", ">25,000<"}) EXPECT_THAT(svg, HasSubstr(label));
  EXPECT_THAT(svg, Not(HasSubstr(">30,000<")));
  EXPECT_THAT(render_svg(chart({at(1, 1.9)})), HasSubstr(">1.5<"));
}

TEST(LineChartSvg, DrawsNoLineThroughOnePoint) {
  const std::string one = render_svg(chart({at(16, 5)}));
  EXPECT_THAT(one, Not(HasSubstr("class=\"line\"")));
  EXPECT_EQ(count(one, "<circle"), 1U);
  EXPECT_THAT(render_svg(chart({at(16, 5), at(32, 6)})), HasSubstr("class=\"line\""));
}

TEST(LineChartSvg, DrawsAWhiskerOnlyWhereValuesDiffer) {
  EXPECT_THAT(render_svg(chart({at(16, 5)})), Not(HasSubstr("class=\"whisker\"")));
  LineChart wide = chart({at(16, 5)});
  wide.panels[0].points[0].high = 6;
  EXPECT_THAT(render_svg(wide), HasSubstr("class=\"whisker\""));
}

TEST(LineChartSvg, HasNoNonFiniteCoordinates) {
  for (const double value : {0.0, 1e-300, 1.7e308}) {
    const std::string svg = render_svg(chart({at(1, value), at(1e6, value)}));
    EXPECT_THAT(svg, Not(HasSubstr("nan"))) << value;
    EXPECT_THAT(svg, Not(HasSubstr("inf"))) << value;
  }
  EXPECT_THAT(render_svg(chart({})), Not(HasSubstr("nan")));
}

TEST(LineChartSvg, LeavesOutLabelsThatWouldOverlap) {
  LineChart dense = chart({});
  for (int i = 100; i < 140; ++i) {
    dense.panels[0].points.push_back(at(i, i));
    dense.gaps.push_back({.x = static_cast<double>(i), .label = "OOM", .tooltip = "tip"});
  }
  const std::string svg = render_svg(dense);
  EXPECT_EQ(count(svg, "class=\"gap\""), 40U);
  EXPECT_LT(count(svg, ">OOM<"), 20U);
  EXPECT_THAT(svg, HasSubstr(">100<"));
  EXPECT_THAT(svg, Not(HasSubstr(">101<")));
}

TEST(LineChartSvg, MarksEveryPanelAndKeepsTheLabelInside) {
  LineChart marked = chart({at(16, 4), at(512, 5)});
  marked.panels.push_back(marked.panels[0]);
  marked.mark = LineMark{.x = 512, .label = "sweet spot: 512"};
  const std::string svg = render_svg(marked);
  EXPECT_EQ(count(svg, "class=\"mark\""), 2U);
  // At 597.9 the label would end beyond the plot at 633.9: it is 15 characters, bold.
  EXPECT_THAT(svg, HasSubstr("class=\"marktext\" x=\"568.5\""));
}

TEST(LineChartSvg, EscapesWhatXmlWouldActOn) {
  LineChart hostile = chart({at(16, 1)});
  hostile.title = hostile.panels[0].title = hostile.panels[0].points[0].tooltip = "<script>&\u202e";
  hostile.gaps = {{.x = 32, .label = "<b>", .tooltip = "\"<i>"}};
  hostile.mark = LineMark{.x = 16, .label = "<u>"};
  const std::string svg = render_svg(hostile);
  for (const char* tag : {"<script>", "<b>", "<i>", "<u>", "\u202e"}) EXPECT_THAT(svg, Not(HasSubstr(tag)));
  EXPECT_THAT(svg, HasSubstr("&lt;script&gt;&amp;(U+202E)"));
}

}  // namespace
}  // namespace trainbench::report
