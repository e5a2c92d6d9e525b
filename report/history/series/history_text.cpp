#include "report/history/series/history_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/run/series.hpp"
#include "report/text/format.hpp"
#include "report/text/markdown.hpp"

namespace trainbench::report::history {
namespace {

constexpr std::size_t kHashDigits = 10;
constexpr std::size_t kShortHashDigits = 7;
constexpr std::size_t kLongestShortName = 10;
constexpr std::size_t kMostProblems = 20;
constexpr std::size_t kLongestProblem = 500;
constexpr std::size_t kFewestRowBytes = 16;  // of a table's row with its bars and blanks

Measure measure_named(const std::string& metric) {
  if (metric == "real_time") return {Quantity::real_time, ""};
  if (metric == "cpu_time") return {Quantity::cpu_time, ""};
  return {Quantity::metric, metric};
}

bool is_positive_kind(Kind kind) {
  return kind == Kind::time || kind == Kind::amount || kind == Kind::rate;
}

/// At most `most` characters of UTF-8.
std::string first_characters(std::string_view text, std::size_t most) {
  std::size_t end = 0;
  for (std::size_t count = 0; end < text.size(); ++end) {
    const bool starts = (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U;
    if (starts && ++count > most) break;
  }
  return std::string(text.substr(0, end));
}

std::string percent_text(double before, double after) {
  double percent = 100 * (after / before - 1);
  if (std::abs(percent) < 0.005) percent = 0;  // no sign that means nothing
  return std::abs(percent) >= 1e6 ? fmt::format("{:+.3g} %", percent) : fmt::format("{:+.2f} %", percent);
}

std::string signed_value_text(const std::string& metric, double difference) {
  const MetricInfo* info = find_metric(metric);
  const std::string_view sign = difference < 0 ? "-" : "+";
  if (info != nullptr && info->unit == "%") return fmt::format("{}{:.2f} points", sign, std::abs(difference));
  return fmt::format("{}{}", sign, text_of_value(metric, std::abs(difference)));
}

}  // namespace

std::string title_of_metric(const std::string& metric) {
  return title_of(measure_named(metric));
}

std::string text_of_value(const std::string& metric, double value) {
  return format_value(measure_named(metric), value);
}

std::string text_of_difference(const std::string& metric, const MetricRule& rule, double before,
                               double after) {
  if (before == after) return "none";
  if (is_positive_kind(rule.kind) && before > 0 && after >= 0) return percent_text(before, after);
  const std::string difference = signed_value_text(metric, after - before);
  const bool with_percent = rule.kind == Kind::exact && before > 0;
  return with_percent ? fmt::format("{} ({})", difference, percent_text(before, after)) : difference;
}

std::string name_of_commit(const Point& point) {
  return point.commit.hash.empty() ? point.run_id : first_characters(point.commit.hash, kHashDigits);
}

std::string short_name_of_commit(const Point& point) {
  return point.commit.hash.empty() ? first_characters(point.run_id, kLongestShortName)
                                   : first_characters(point.commit.hash, kShortHashDigits);
}

std::string day_of(std::string_view started) {
  constexpr std::size_t kDayLength = 10;
  return std::string(is_day(started.substr(0, kDayLength)) ? started.substr(0, kDayLength) : started);
}

std::string_view text_of_preference(Better better) {
  switch (better) {
    case Better::lower:
      return "lower is better";
    case Better::higher:
      return "higher is better";
    case Better::neither:
      return "";
  }
  return "";
}

std::string text_of_direction(Direction direction) {
  switch (direction) {
    case Direction::worse:
      return "✗ worse";
    case Direction::better:
      return "✓ better";
    case Direction::moved:
      return "◆ moved";
  }
  return "";
}

std::string state_of(const SeriesChange& change) {
  std::string text = change.tentative ? "tentative" : "";
  if (!change.mark) return text;
  if (!text.empty()) text += "; ";
  text += change.mark->kind;
  return change.mark->reason.empty() ? text : fmt::format("{}: {}", text, change.mark->reason);
}

std::string text_of_origin(const Point& last_before, const Point& first_after) {
  std::string after = fmt::format("after {}", name_of_commit(last_before));
  if (!last_before.commit.number || !first_after.commit.number) return after;
  const std::int64_t between = *first_after.commit.number - *last_before.commit.number;
  return between > 1 ? fmt::format("one of {} commits {}", between, after) : after;
}

std::string shortened(std::string_view text, std::size_t most) {
  std::string whole = first_characters(text, most);
  return whole.size() == text.size() ? whole : first_characters(text, most - 1) + "…";
}

std::string text_of_p(const SeriesChange& change) {
  if (change.by_mark_alone) return std::string(kNoValue);
  return change.p < 0.0001 ? "< 0.0001" : fmt::format("{:.4f}", change.p);
}

std::string counted(std::size_t count, std::string_view singular, std::string_view plural) {
  return fmt::format("{} {}", format_fixed(static_cast<double>(count), 0), count == 1 ? singular : plural);
}

std::string problems_markdown(std::span<const std::string> problems) {
  std::string text;
  for (std::size_t i = 0; i < std::min(problems.size(), kMostProblems); ++i) {
    text +=
        fmt::format("- Could not be read: {}\n", escape_markdown(shortened(problems[i], kLongestProblem)));
  }
  if (problems.size() > kMostProblems)
    text += fmt::format("- and {} more could not be read.\n", problems.size() - kMostProblems);
  return text;
}

std::string problems_text(std::span<const std::string> problems) {
  std::string text;
  for (const std::string& problem : problems)
    text += fmt::format("Could not be read: {}\n", on_one_line(problem));
  return text;
}

std::string with_rows_that_fit(std::size_t num_rows, std::size_t room,
                               const std::function<std::string(std::size_t)>& render) {
  const std::size_t most = room / kFewestRowBytes;
  if (num_rows <= most) {
    if (std::string all = render(num_rows); all.size() <= room) return all;
  }
  std::size_t fits = 0;
  std::size_t too_many = std::min(num_rows, most + 1);
  while (too_many - fits > 1) {
    const std::size_t middle = (fits + too_many) / 2;
    (render(middle).size() <= room ? fits : too_many) = middle;
  }
  std::string text = render(fits);
  return text.size() <= room ? text : "";
}

}  // namespace trainbench::report::history
