#include "report/history/page/history_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <stdexcept>

#include "report/charts/svg.hpp"
#include "report/history/page/page_files.hpp"
#include "report/history/series/history_text.hpp"
#include "report/text/markdown.hpp"

namespace trainbench::report::history {
namespace {

constexpr std::size_t kMostChangesWithoutScript = 500;
constexpr std::size_t kMostProblemsOfPage = 20;
constexpr std::size_t kLongestNameOfRow = 200;

/// `text` with each {{name}} replaced once; what is put in is not looked at again.
std::string filled(std::string_view text, const std::map<std::string_view, std::string>& values) {
  std::string result;
  std::size_t at = 0;
  for (std::size_t open = text.find("{{"); open != std::string_view::npos; open = text.find("{{", at)) {
    const std::size_t close = text.find("}}", open);
    const auto value = values.find(text.substr(open + 2, close - open - 2));
    if (close == std::string_view::npos || value == values.end())
      throw std::logic_error(fmt::format("The page's template has an unknown name at byte {}.", open));
    result += text.substr(at, open - at);
    result += value->second;
    at = close + 2;
  }
  return result + std::string(text.substr(at));
}

std::string problems_html(const std::vector<std::string>& problems) {
  if (problems.empty()) return "";
  std::string items;
  for (std::size_t i = 0; i < std::min(problems.size(), kMostProblemsOfPage); ++i)
    items += fmt::format("<li>Could not be read: {}</li>\n", svg::escape(problems[i]));
  if (problems.size() > kMostProblemsOfPage)
    items += fmt::format("<li>and {} more.</li>\n", problems.size() - kMostProblemsOfPage);
  return fmt::format("<ul class=\"problems\">\n{}</ul>", items);
}

std::string changes_html(const ChangeList& list) {
  if (list.changes.empty()) return "<p>No change in any series.</p>";
  std::string items;
  for (std::size_t i = 0; i < std::min(list.changes.size(), kMostChangesWithoutScript); ++i)
    items += fmt::format("<li>{}</li>\n", svg::escape(line_of_change(list.changes[i])));
  if (list.changes.size() > kMostChangesWithoutScript)
    items += fmt::format("<li>and {} older ones.</li>\n", list.changes.size() - kMostChangesWithoutScript);
  return fmt::format("<ol>\n{}</ol>", items);
}

std::string rows_table(const PageData& data, std::size_t count) {
  const bool machines = data.num_machines() > 1;
  const bool branches = data.num_branches() > 1;
  std::vector<Column> columns{{"Benchmark", Align::left}, {"Metric", Align::left},       {"Newest"}, {"Runs"},
                              {"History", Align::left},   {"Newest change", Align::left}};
  if (machines) columns.push_back({"Machine", Align::left});
  if (branches) columns.push_back({"Branch", Align::left});
  MarkdownTable table(columns);
  for (std::size_t i = 0; i < count; ++i) {
    const PageRow& row = data.rows()[i];
    std::vector<std::string> cells{shortened(row.benchmark, kLongestNameOfRow),
                                   shortened(row.metric, kLongestNameOfRow),
                                   row.newest,
                                   fmt::format("{}", row.num_runs),
                                   row.bars,
                                   row.newest_change};
    if (machines) cells.push_back(row.machine);
    if (branches) cells.push_back(shortened(row.branch, kLongestNameOfRow));
    table.add_row(cells);
  }
  return table.str();
}

std::string series_section(const PageData& data, std::size_t count) {
  const std::size_t num_rows = data.rows().size();
  const std::string cut =
      count == num_rows
          ? ""
          : fmt::format("\n{} of {} series left out for want of room: the HTML page has them all.\n",
                        num_rows - count, num_rows);
  return fmt::format("\n## Series\n\n{}{}", rows_table(data, count), cut);
}

}  // namespace

std::string history_page_html(const PageTexts& texts, const PageData& data, const ChangeList& changes) {
  return filled(kPageTemplate, {{"title", svg::escape(texts.title)},
                                {"headline", svg::escape(headline(changes, texts.gated_only))},
                                {"problems", problems_html(changes.problems)},
                                {"changes", changes_html(changes)},
                                {"style", std::string(kPageStyle)},
                                {"script", std::string(kPageScript)},
                                {"style_hash", std::string(kPageStyleHash)},
                                {"script_hash", std::string(kPageScriptHash)},
                                {"data", data.json(changes)}});
}

std::string history_page_markdown(const PageTexts& texts, const PageData& data, const ChangeList& changes,
                                  std::size_t budget) {
  const std::size_t all_series = data.rows().empty() ? 0 : series_section(data, data.rows().size()).size();
  const std::size_t for_series = std::min(all_series, budget / 3);
  std::string text =
      changes_markdown(changes, {.title = texts.title, .gated_only = texts.gated_only}, budget - for_series);
  if (data.rows().empty()) return text;
  const std::size_t room = budget > text.size() ? budget - text.size() : 0;
  return text + with_rows_that_fit(data.rows().size(), room,
                                   [&](std::size_t count) { return series_section(data, count); });
}

}  // namespace trainbench::report::history
