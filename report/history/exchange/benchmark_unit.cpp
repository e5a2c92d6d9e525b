#include "report/history/exchange/benchmark_unit.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace trainbench::report::history {
namespace {

constexpr std::string_view kPer = " per ";

constexpr std::array<std::pair<std::string_view, double>, 22> kTimes = {{
    {"ps", 1e-12},          {"psec", 1e-12},      {"picoseconds", 1e-12}, {"ns", 1e-9},
    {"nsec", 1e-9},         {"nanosecond", 1e-9}, {"nanoseconds", 1e-9},  {"us", 1e-6},
    {"usec", 1e-6},         {"\u00b5s", 1e-6},    {"\u03bcs", 1e-6},      {"microsecond", 1e-6},
    {"microseconds", 1e-6}, {"ms", 1e-3},         {"msec", 1e-3},         {"millisecond", 1e-3},
    {"milliseconds", 1e-3}, {"s", 1.0},           {"sec", 1.0},           {"secs", 1.0},
    {"second", 1.0},        {"seconds", 1.0},
}};

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

/// What a character that is no letter or digit becomes in a metric's name.
std::string_view spelt(char c) {
  if (c == '/') return "_per_";
  if (c == '%') return "_percent_";
  return "_";
}

bool is_of_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

}  // namespace

std::optional<double> seconds_of_unit(std::string_view unit) {
  const std::string lower = in_lower_case(unit);
  const std::size_t end = std::min(lower.find('/'), lower.find(kPer));
  const std::string_view time = trimmed(std::string_view(lower).substr(0, end));
  const auto* const found =
      std::find_if(kTimes.begin(), kTimes.end(), [&](const auto& one) { return one.first == time; });
  if (found == kTimes.end()) return std::nullopt;
  return found->second;
}

std::string metric_of_unit(std::string_view unit) {
  std::string name;
  for (const char c : in_lower_case(unit)) {
    const std::string_view part = is_of_name(c) ? std::string_view(&c, 1) : spelt(c);
    for (const char letter : part) {
      if (letter != '_' || (!name.empty() && name.back() != '_')) name += letter;
    }
  }
  while (name.ends_with('_')) name.pop_back();
  if (name.empty()) return "value";
  return name == "real_time" || name == "cpu_time" ? "value_" + name : name;
}

}  // namespace trainbench::report::history
