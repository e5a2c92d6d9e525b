#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "report/history/series/series_analysis.hpp"

namespace trainbench::report::history {

// How commands and pages name what stands in a history. None of these texts is escaped.

/// The metric's heading, and a value with its unit: real_time and cpu_time are seconds.
std::string title_of_metric(const std::string& metric);
std::string text_of_value(const std::string& metric, double value);

/// From `before` to `after` with a sign: a percentage of positive times, amounts and rates, points or the
/// unit's difference of others, the difference and its percentage of counts.
std::string text_of_difference(const std::string& metric, const MetricRule& rule, double before,
                               double after);

/// What tells of a commit in a column: the first 10 digits of its hash, or the run's id where that is not
/// known.
std::string name_of_commit(const Point& point);
/// The same with 7 digits, at most 10 characters: for the ticks of a chart.
std::string short_name_of_commit(const Point& point);
/// "2026-11-25" of a run's start; what does not begin with a day, as it is.
std::string day_of(std::string_view started);

/// "lower is better", "higher is better", or nothing.
std::string_view text_of_preference(Better better);

/// "✗ worse", "✓ better", "◆ moved".
std::string text_of_direction(Direction direction);
/// "tentative", and what a human said: "expected: the larger arena". Empty for neither.
std::string state_of(const SeriesChange& change);
/// Where the change lies: "after 0123456789", and with more than one commit between the two runs "one of 3
/// commits after 0123456789".
std::string text_of_origin(const Point& last_before, const Point& first_after);

/// At most `most` characters of UTF-8, the last of them "…" where something was left out.
std::string shortened(std::string_view text, std::size_t most);

/// "< 0.0001", "0.0123"; "–" of a change that a mark alone has made.
std::string text_of_p(const SeriesChange& change);

/// "1 run", "3 runs".
std::string counted(std::size_t count, std::string_view singular, std::string_view plural);

/// "- Could not be read: ..." for each problem, escaped, at most 20.
std::string problems_markdown(std::span<const std::string> problems);
/// The same as lines of text.
std::string problems_text(std::span<const std::string> problems);

/// The text of the most rows, up to `num_rows`, with which `render` stays within `room` bytes; empty where it
/// does not even without a row. `render` must not get shorter with more rows.
std::string with_rows_that_fit(std::size_t num_rows, std::size_t room,
                               const std::function<std::string(std::size_t)>& render);

}  // namespace trainbench::report::history
