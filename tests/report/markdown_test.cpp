#include "report/text/markdown.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace trainbench::report {
namespace {

TEST(EscapeMarkdown, LeavesNothingThatMarkdownOrHtmlWouldAct) {
  EXPECT_EQ(escape_markdown("a|b`c*d[e]<f>&~$\\"), "a\\|b\\`c\\*d\\[e\\]&lt;f&gt;&amp;\\~\\$\\\\");
  EXPECT_EQ(escape_markdown("one\ntwo\r\tthree"), "one two  three");
}

TEST(EscapeMarkdown, SpellsOutControlsOfWritingDirection) {
  EXPECT_EQ(escape_markdown("a\u202eb\u2066c\u2069\u202a"), "a(U+202E)b(U+2066)c(U+2069)(U+202A)");
  EXPECT_EQ(escape_markdown("\u2029\u202f\u2065\u206aµ"), "\u2029\u202f\u2065\u206aµ");
}

TEST(EscapeMarkdown, KeepsUnderscoresInsideWords) {
  EXPECT_EQ(escape_markdown("Exp1_CPU_1T _x_"), "Exp1_CPU_1T \\_x\\_");
}

TEST(MarkdownTable, IsPaddedAndAligned) {
  MarkdownTable table({{"Name", Align::left}, {"n"}});
  table.add_row({"µs", "10"});
  EXPECT_EQ(table.str(),
            "| Name |   n |\n"
            "| :--- | --: |\n"
            "| µs   |  10 |\n");
}

TEST(MarkdownTable, RefusesARowOfAnotherWidth) {
  MarkdownTable table({{"a"}, {"b"}});
  EXPECT_THROW(table.add_row({"1"}), std::logic_error);
  EXPECT_TRUE(table.empty());
}

}  // namespace
}  // namespace trainbench::report
