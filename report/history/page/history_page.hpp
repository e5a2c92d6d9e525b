#pragma once

#include <string>

#include "report/history/page/page_data.hpp"

namespace trainbench::report::history {

struct PageTexts {
  std::string title;
  bool gated_only = false;  // what the list of changes was asked for
};

/// One HTML file that needs nothing else: charts, search, filters; without JavaScript, the list of changes.
/// Its Content-Security-Policy lets nothing run or load but its own style and script. The same history gives
/// the same bytes.
std::string history_page_html(const PageTexts& texts, const PageData& data, const ChangeList& changes);

/// The same in GitHub's markdown: the changes, newest first, then a row for each series with its newest value
/// and a sparkline. Rows are left out where they do not fit into `budget` bytes, and it is said how many; the
/// series get at least a third of the room.
std::string history_page_markdown(const PageTexts& texts, const PageData& data, const ChangeList& changes,
                                  std::size_t budget);

}  // namespace trainbench::report::history
