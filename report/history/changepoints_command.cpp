#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "report/program/commands.hpp"
#include "report/program/output.hpp"
#include "report/program/program.hpp"
#include "report/text/format.hpp"
#include "src/base/files.hpp"
#include "src/stats/change_points.hpp"

namespace trainbench::report {
namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr std::size_t kLongestQuote = 60;

struct ChangepointsArguments {
  std::string file;
  double p = 1e-3;
  double zone = 0;
  long min_segment = 3;  // a negative one is to be named, not wrapped
  bool logarithms = false;
};

void declare(CLI::App& app, ChangepointsArguments& arguments) {
  app.add_option(
         "FILE", arguments.file,
         "A number, or x,y of which y counts, on each line; blank lines and lines that start with # are "
         "skipped; '-' is standard input")
      ->required();
  app.add_option("--p", arguments.p, "Largest p of a change, above 0 and below 1 (default: 0.001)")
      ->type_name("NUMBER");
  app.add_option("--zone", arguments.zone,
                 "Smallest difference of means that matters; with --log a fraction, so that 0.03 is 3 % "
                 "(default: 0)")
      ->type_name("NUMBER");
  app.add_option("--min_segment", arguments.min_segment,
                 "Fewest points between two changes, from 3 (default: 3); the last 3 are always enough")
      ->type_name("N");
  app.add_flag("--log", arguments.logarithms, "Compare ratios: take logarithms of the numbers, all positive");
}

void check_flags(const ChangepointsArguments& arguments) {
  if (!(arguments.p > 0 && arguments.p < 1))
    throw InputError(fmt::format("--p={} is no probability above 0 and below 1. {}", arguments.p, kTryHelp));
  if (!(arguments.zone >= 0 && std::isfinite(arguments.zone)))
    throw InputError(fmt::format("--zone={} is no difference from 0. {}", arguments.zone, kTryHelp));
  if (arguments.min_segment < 3) {
    throw InputError(
        fmt::format("--min_segment={} is too short to tell a change from an outlier: give 3 or more. {}",
                    arguments.min_segment, kTryHelp));
  }
}

std::string_view without_blanks(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// The whole of `text` as a finite number.
std::optional<double> number_from(std::string_view text) {
  text = without_blanks(text);
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::optional<double> value_of_line(std::string_view line) {
  const std::size_t comma = line.find(',');
  if (comma == std::string_view::npos) return number_from(line);
  if (!number_from(line.substr(0, comma))) return std::nullopt;
  return number_from(line.substr(comma + 1));
}

[[noreturn]] void refuse_line(const std::string& source, std::size_t number, std::string_view line,
                              std::string_view reason) {
  const bool cut = line.size() > kLongestQuote;
  throw InputError(fmt::format("Line {} of '{}' {}: '{}{}'.", number, source, reason,
                               on_one_line(line.substr(0, kLongestQuote)), cut ? "..." : ""),
                   ExitCode::unreadable);
}

std::vector<double> values_of_text(std::string_view text, const std::string& source, bool logarithms) {
  std::vector<double> values;
  for (std::size_t begin = 0, number = 1; begin < text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = without_blanks(text.substr(begin, end - begin));
    begin = end + 1;
    if (line.empty() || line.front() == '#') continue;
    const auto value = value_of_line(line);
    if (!value) refuse_line(source, number, line, "is neither a number nor two as 'x,y'");
    if (logarithms && !(*value > 0)) refuse_line(source, number, line, "has no logarithm, leave --log out");
    values.push_back(logarithms ? std::log(*value) : *value);
  }
  if (values.empty()) {
    throw InputError(fmt::format("'{}' holds no number: give one, or x,y, on each line.", source),
                     ExitCode::unreadable);
  }
  return values;
}

ExitCode print_change_points(const ChangepointsArguments& arguments) {
  check_flags(arguments);
  const bool piped = arguments.file == "-";
  const std::string text = read_file(piped ? "/dev/stdin" : arguments.file);
  const std::vector<double> values =
      values_of_text(text, piped ? "standard input" : arguments.file, arguments.logarithms);
  const stats::ChangePointOptions options{
      .p = arguments.p,
      .zone = arguments.logarithms ? std::log1p(arguments.zone) : arguments.zone,
      .min_segment = static_cast<std::size_t>(arguments.min_segment)};
  std::string answer;
  for (const stats::ChangePoint& point : stats::find_change_points(values, options))
    answer += fmt::format("{}\n", point.index);
  print(answer);
  return ExitCode::ok;
}

}  // namespace

int run_changepoints(int argc, const char* const* argv) {
  CLI::App app(
      "Finds where the mean of a series of numbers changes: the 0-based index of the first point after each "
      "change, one a line.",
      "bench-report changepoints");
  ChangepointsArguments arguments;
  declare(app, arguments);
  return run_program(app, argc, argv, [&] { return print_change_points(arguments); });
}

}  // namespace trainbench::report
