#include "report/charts/bar_chart.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trainbench::report {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(RenderSvg, EscapesWhatXmlWouldAct) {
  const std::string svg = render_svg(
      {.title = "<t>",
       .subtitle = "a & b",
       .bars = {{.label = "\"x\"\n<script>", .value = 1, .low = 1, .high = 1, .value_text = "1"}}});
  EXPECT_THAT(svg, Not(HasSubstr("<script>")));
  EXPECT_THAT(svg, HasSubstr("&quot;x&quot; &lt;script&gt;"));
  EXPECT_THAT(svg, HasSubstr("a &amp; b"));
}

TEST(RenderSvg, SpellsOutControlsOfWritingDirection) {
  const std::string svg =
      render_svg({.title = "\u202et",
                  .subtitle = "",
                  .bars = {{.label = "x\u2067y", .value = 1, .low = 1, .high = 1, .value_text = "1"}}});
  EXPECT_THAT(svg, HasSubstr("(U+202E)t"));
  EXPECT_THAT(svg, HasSubstr(">x(U+2067)y</text>"));
  EXPECT_THAT(svg, Not(HasSubstr("\u2067")));
}

TEST(RenderSvg, ShortensLongLabelsInTheMiddleAndKeepsThemAsTooltip) {
  const std::string label = std::string(60, 'a') + "µ" + std::string(60, 'b');
  const std::string svg =
      render_svg({.title = "",
                  .subtitle = "",
                  .bars = {{.label = label, .value = 1, .low = 1, .high = 1, .value_text = "1"}}});
  EXPECT_THAT(svg, HasSubstr("<title>" + label + ": 1</title>"));
  EXPECT_THAT(svg, HasSubstr(">" + std::string(24, 'a') + "…" + std::string(23, 'b') + "</text>"));
}

TEST(RenderSvg, OfZerosHasNoNonFiniteCoordinates) {
  const std::string svg =
      render_svg({.title = "t",
                  .subtitle = "s",
                  .bars = {{.label = "zero", .value = 0, .low = 0, .high = 0, .value_text = "0"}}});
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, Not(HasSubstr("inf")));
}

TEST(RenderSvg, OfTheLargestNumberHasItsUsualWidth) {
  const Bar huge{.label = "huge", .value = 1e308, .low = 1e307, .high = 1.7e308, .value_text = "1e+308"};
  const Bar one{.label = "huge", .value = 1, .low = 0.1, .high = 1.7, .value_text = "1e+308"};
  EXPECT_EQ(render_svg({.title = "", .subtitle = "", .bars = {huge}}),
            render_svg({.title = "", .subtitle = "", .bars = {one}}));
}

TEST(RenderSvg, DrawsAWhiskerOnlyWhereValuesDiffer) {
  const Bar flat{.label = "a", .value = 2, .low = 2, .high = 2, .value_text = "2"};
  const Bar wide{.label = "a", .value = 2, .low = 1, .high = 3, .value_text = "2"};
  EXPECT_THAT(render_svg({.title = "", .subtitle = "", .bars = {flat}}), Not(HasSubstr("class=\"whisker\"")));
  EXPECT_THAT(render_svg({.title = "", .subtitle = "", .bars = {wide}}), HasSubstr("class=\"whisker\""));
}

}  // namespace
}  // namespace trainbench::report
