#include "report/text/markdown.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>

#include "report/text/format.hpp"

namespace trainbench::report {
namespace {

// A column with one long reason must not push every row of the table to that width.
constexpr std::size_t kWidestPadding = 60;

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

/// Characters, not bytes.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string padded(const std::string& cell, std::size_t width, Align align) {
  const std::size_t used = width_of(cell);
  const std::string space(width > used ? width - used : 0, ' ');
  return align == Align::left ? cell + space : space + cell;
}

void append_row(std::string& out, const std::vector<std::string>& cells) {
  out += '|';
  for (const std::string& cell : cells) out += fmt::format(" {} |", cell);
  out += '\n';
}

}  // namespace

std::string escape_markdown(std::string_view raw) {
  const std::string text = without_direction_controls(raw);
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '&') {
      result += "&amp;";
    } else if (c == '<') {
      result += "&lt;";
    } else if (c == '>') {
      result += "&gt;";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      result += ' ';
    } else if (c == '_') {
      // Inside a word it is no emphasis; most names are full of them and stay readable in the source.
      const bool inside = i > 0 && is_word(text[i - 1]) && i + 1 < text.size() && is_word(text[i + 1]);
      result += inside ? "_" : "\\_";
    } else {
      if (std::string_view("\\`*|[]~$").find(c) != std::string_view::npos) result += '\\';
      result += c;
    }
  }
  return result;
}

std::string link_target(std::string_view path) {
  std::string result;
  for (const char c : path) {
    if (std::string_view(" ()<>\"`\\%#?").find(c) != std::string_view::npos ||
        static_cast<unsigned char>(c) < 0x20) {
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      result += c;
    }
  }
  return result;
}

MarkdownTable::MarkdownTable(std::vector<Column> columns) : columns_(std::move(columns)) {
  for (Column& column : columns_) column.title = escape_markdown(column.title);
}

void MarkdownTable::add_row(const std::vector<std::string>& cells) {
  if (cells.size() != columns_.size()) {
    throw std::logic_error(
        fmt::format("A table of {} columns was given a row of {} cells.", columns_.size(), cells.size()));
  }
  std::vector<std::string>& row = rows_.emplace_back();
  for (const std::string& cell : cells) row.push_back(escape_markdown(cell));
}

std::string MarkdownTable::str() const {
  std::vector<std::string> titles;
  std::vector<std::string> rule;
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = std::max<std::size_t>(3, width_of(columns_[i].title));
    for (const auto& row : rows_) width = std::max(width, width_of(row[i]));
    widths.push_back(std::min(width, std::max(kWidestPadding, width_of(columns_[i].title))));
    const bool left = columns_[i].align == Align::left;
    titles.push_back(padded(columns_[i].title, widths[i], columns_[i].align));
    std::string& line = rule.emplace_back(widths[i], '-');
    (left ? line.front() : line.back()) = ':';
  }
  std::string out;
  append_row(out, titles);
  append_row(out, rule);
  for (const auto& row : rows_) {
    std::vector<std::string> cells;
    for (std::size_t i = 0; i < row.size(); ++i)
      cells.push_back(padded(row[i], widths[i], columns_[i].align));
    append_row(out, cells);
  }
  return out;
}

}  // namespace trainbench::report
