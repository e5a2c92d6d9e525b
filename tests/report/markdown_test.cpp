#include "report/markdown.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace trainbench::report {
namespace {

TEST(EscapeMarkdown, LeavesNothingThatMarkdownOrHtmlWouldAct) {
  EXPECT_EQ(escape_markdown("a|b`c*d[e]<f>&~$\\"), "a\\|b\\`c\\*d\\[e\\]&lt;f&gt;&amp;\\~\\$\\\\");
  EXPECT_EQ(escape_markdown("one\ntwo\r\tthree"), "one two  three");
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
