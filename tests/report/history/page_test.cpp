#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/history/page/history_page.hpp"
#include "report/history/page/page_files.hpp"
#include "src/base/json.hpp"
#include "tests/report/history/analysed_series.hpp"

namespace trainbench::report::history {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kEvil = "</script><script>alert(1)</script>&{{data}}<!--";

struct PageOfSeries {
  PageData data;
  ChangeList changes;

  explicit PageOfSeries(const std::vector<AnalysedSeries>& all)
      : data(runs_of(all.front()), {{"0123456789abcdef", "Example CPU"}}) {
    const std::vector<RunSummary> runs = runs_of(all.front());
    for (const AnalysedSeries& series : all) {
      data.add(series);
      add_changes(series, changes);
    }
    changes.num_runs = runs.size();
    sort_newest_first(changes, runs);
  }

  std::string html() const { return history_page_html({.title = "Title"}, data, changes); }
  std::string markdown(std::size_t budget) const {
    return history_page_markdown({.title = "Title"}, data, changes, budget);
  }
};

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(HistoryPageData, IsCompactAndWhole) {
  AnalysedSeries series = series_with_a_step();
  series.history.points[1].high = 10.25;
  series.history.points[3].value = 12.3456789;
  series.history.points[3].num_values = 3;
  series.analysis.outliers = {3};
  const PageOfSeries page({series});
  EXPECT_EQ(
      page.data.json(page.changes),
      R"({"runs":[["0000000000","Commit 0","2026-11-01 12:00"],["0000001000","Commit 1","2026-11-02 12:00"],)"
      R"(["0000002000","Commit 2","2026-11-03 12:00"],["0000003000","Commit 3","2026-11-04 12:00"]],)"
      "\n\"benchmarks\":[\"Exp1/batch:8\"],"
      "\n\"metrics\":[[\"step_time_ms\",\"Time per step\",\"lower is better\"]],"
      "\n\"machines\":[\"Example CPU\"],\n\"branches\":[\"main\"],\n\"series\":[\n"
      R"({"b":0,"m":0,"k":0,"r":0,"f":"fedcba98","g":1,"w":0,"u":"ms","t":"12.35 ms","x":[0,4],)"
      R"("v":[10,10,12,12.3457],"l":[0,0,0,0.346],"h":[0,0.25,0,0],"n":[1,1,1,3],)"
      R"("s":[[0,2,10,9,11],[2,4,12,11,13]],)"
      R"("c":[[2,0,0,0,"10.00 ms","12.00 ms","+20.00 %","","after 0000001000"]],"o":[3]}],)"
      "\n\"order\":[[0,0]]}");
}

TEST(HistoryPageData, NamesWhatIsSharedOnce) {
  AnalysedSeries other = series_of_values({1, 2, 3, 4});
  other.history.key.metric = "allocations_per_step";
  other.rule.kind = Kind::exact;
  const PageOfSeries page({series_with_a_step(), other});
  const std::string json = page.data.json(page.changes);
  EXPECT_EQ(occurrences(json, "Exp1/batch:8"), 1U);
  EXPECT_EQ(occurrences(json, "fedcba98"), 2U);
  EXPECT_THAT(json, HasSubstr(R"("b":0,"m":1,"k":0,"r":0)"));
}

TEST(HistoryPageData, KeepsCountsWholeAndOthersToSixDigits) {
  AnalysedSeries counts = series_of_values({12345678, 12345679});
  counts.history.key.metric = "allocations_per_step";
  counts.rule.kind = Kind::exact;
  EXPECT_THAT(PageOfSeries({counts}).data.json({}), HasSubstr("\"v\":[12345678,12345679]"));
  counts.rule.kind = Kind::amount;
  EXPECT_THAT(PageOfSeries({counts}).data.json({}), HasSubstr("\"v\":[1.23457e+07,1.23457e+07]"));
}

TEST(HistoryPageData, SaysWhichRunsASeriesHasAsRanges) {
  AnalysedSeries all = series_of_values({1, 2, 3, 4, 5, 6});
  AnalysedSeries some = all;
  some.history.key.benchmark = "Exp2";
  some.history.points.erase(some.history.points.begin() + 2);
  some.history.points.erase(some.history.points.begin());
  EXPECT_THAT(PageOfSeries({all, some}).data.json({}), HasSubstr("\"x\":[1,1,3,3]"));
}

TEST(HistoryPageData, MayStandInAScriptElement) {
  AnalysedSeries series = series_with_a_step();
  series.history.key.benchmark = kEvil;
  series.history.points[2].commit.subject = kEvil;
  const PageOfSeries page({series});
  const std::string json = page.data.json(page.changes);
  for (const char* markup : {"<", ">", "&"}) EXPECT_THAT(json, Not(HasSubstr(markup)));
  const json::value parsed = parse_json(json, "the page");
  EXPECT_EQ(parsed.at("benchmarks").at(0).as_string(), kEvil);
  EXPECT_EQ(parsed.at("runs").at(2).at(1).as_string(), kEvil);
}

TEST(HistoryPageHtml, HasNoMarkupOfNames) {
  AnalysedSeries series = series_with_a_step();
  series.history.key.benchmark = kEvil;
  series.history.points[2].commit.subject = "<img src=x>";
  PageOfSeries page({series});
  page.changes.problems = {"'<b>.ndjson' is no history file."};
  const std::string evil = history_page_html({.title = kEvil}, page.data, page.changes);
  EXPECT_EQ(occurrences(evil, "<script"), 2U);
  EXPECT_EQ(occurrences(evil, "</script"), 2U);
  for (const char* markup : {"<img", "<b>", "<!--"}) EXPECT_THAT(evil, Not(HasSubstr(markup)));
  EXPECT_THAT(evil,
              HasSubstr("<title>&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;{{data}}&lt;!--"));
  EXPECT_THAT(evil, HasSubstr("&lt;b&gt;.ndjson"));
}

TEST(HistoryPageHtml, NamesTheHashesOfItsOwnStyleAndScriptAlone) {
  const std::string html = PageOfSeries({series_with_a_step()}).html();
  EXPECT_THAT(html, HasSubstr(fmt::format("content=\"default-src 'none'; script-src '{}'; style-src '{}';",
                                          kPageScriptHash, kPageStyleHash)));
  EXPECT_EQ(kPageScriptHash.size(), std::string_view("sha256-").size() + 44);
  for (const char* loads : {"src=", "http:", "https:", "url(", "@import"})
    EXPECT_THAT(std::string(kPageTemplate) + std::string(kPageStyle), Not(HasSubstr(loads)));
}

TEST(HistoryPageHtml, IsTheSameForTheSameHistory) {
  EXPECT_EQ(PageOfSeries({series_with_a_step()}).html(), PageOfSeries({series_with_a_step()}).html());
}

TEST(HistoryPageMarkdown, HasTheChangesAndARowForEachSeries) {
  const std::string markdown = PageOfSeries({series_with_a_step()}).markdown(60000);
  EXPECT_THAT(markdown,
              HasSubstr("# Title\n\n**1 change, 1 for the worse (1 series of all metrics in 4 runs).**\n"));
  EXPECT_THAT(markdown, HasSubstr("| ✗ worse | 2026-11-03 | 0000002000 | Exp1/batch:8 | Time per step |"));
  EXPECT_THAT(markdown, HasSubstr("| Exp1/batch:8 | Time per step | 12.00 ms |    4 | ▁▁██    |"));
  EXPECT_THAT(markdown, HasSubstr("✗ worse +20.00 % since 0000002000 |\n"));
}

TEST(HistoryPageMarkdown, StaysInItsBudgetAndSaysWhatIsLeftOut) {
  std::vector<AnalysedSeries> all;
  for (int i = 0; i < 100; ++i) {
    all.push_back(series_with_a_step());
    all.back().history.key.benchmark = fmt::format("Exp{}", i);
  }
  const std::string markdown = PageOfSeries(all).markdown(6000);
  EXPECT_LE(markdown.size(), 6000U);
  EXPECT_GE(markdown.size(), 5000U);
  EXPECT_THAT(markdown, HasSubstr("of 100 rows left out for want of room"));
  EXPECT_THAT(markdown, HasSubstr("of 100 series left out for want of room: the HTML page has them all."));
}

TEST(HistoryPageMarkdown, TakesMarkupAsText) {
  AnalysedSeries series = series_with_a_step();
  series.history.key.benchmark = "<b>|`*_[x](y)";
  const std::string markdown = PageOfSeries({series}).markdown(60000);
  EXPECT_THAT(markdown, Not(HasSubstr("<b>")));
  EXPECT_THAT(markdown, HasSubstr("&lt;b&gt;\\|\\`\\*\\_\\[x\\]"));
}

}  // namespace
}  // namespace trainbench::report::history
