#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trainbench::report {

/// `raw` so that GitHub's markdown shows it as it is, on one line, in a table's cell or a sentence: no
/// emphasis, code, link, HTML, formula or cell border comes out of it.
std::string escape_markdown(std::string_view raw);

/// A path as the target of a link: what would end it is given by its byte's number.
std::string link_target(std::string_view path);

enum class Align { left, right };

struct Column {
  std::string title;
  Align align = Align::right;
};

/// A table of GitHub's markdown, padded so that it also reads as plain text. Titles and cells are taken as
/// plain text and escaped.
class MarkdownTable {
 public:
  explicit MarkdownTable(std::vector<Column> columns);

  /// Throws std::logic_error where there are not as many cells as columns.
  void add_row(const std::vector<std::string>& cells);
  bool empty() const { return rows_.empty(); }
  /// The table and a newline behind its last row.
  std::string str() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace trainbench::report
