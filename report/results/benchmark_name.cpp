#include "report/results/benchmark_name.hpp"

#include <fnmatch.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace trainbench::report {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t slash = text.find('/');
    parts.push_back(text.substr(0, slash));
    if (slash == std::string_view::npos) return parts;
    text.remove_prefix(slash + 1);
  }
}

bool says_how_often(std::string_view part) {
  constexpr std::array<std::string_view, 4> kPrefixes = {
      "iterations:", "repeats:", "min_time:", "min_warmup_time:"};
  return std::any_of(kPrefixes.begin(), kPrefixes.end(), [&](std::string_view prefix) {
    return part.size() > prefix.size() && part.starts_with(prefix) && is_digit(part[prefix.size()]);
  });
}

bool is_number(std::string_view part) {
  if (part.starts_with('-')) part.remove_prefix(1);
  return !part.empty() && std::all_of(part.begin(), part.end(), is_digit);
}

std::optional<Argument> named_argument(std::string_view part) {
  for (const std::string_view kind : {"real_time", "process_time", "manual_time"}) {
    if (part == kind) return Argument{"time", std::string(kind.substr(0, kind.find('_')))};
  }
  const std::size_t colon = part.find(':');
  // "std::sort" and the like are names, not arguments.
  const bool scope = colon != std::string_view::npos && part.substr(colon).starts_with("::");
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == part.size() || scope) return std::nullopt;
  return Argument{std::string(part.substr(0, colon)), std::string(part.substr(colon + 1))};
}

/// Takes the digits that `text` starts with; leading zeros are no part of the result.
std::string_view take_number(std::string_view& text) {
  std::size_t size = 0;
  while (size < text.size() && is_digit(text[size])) ++size;
  std::string_view digits = text.substr(0, size);
  text.remove_prefix(size);
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), size));
  return digits;
}

/// Up to the number or character that differs: names of one family share most of their length.
void skip_common_start(std::string_view& a, std::string_view& b) {
  const auto differ = std::mismatch(
      a.begin(), a.begin() + static_cast<std::ptrdiff_t>(std::min(a.size(), b.size())), b.begin());
  auto size = static_cast<std::size_t>(differ.first - a.begin());
  while (size > 0 && is_digit(a[size - 1])) --size;
  a.remove_prefix(size);
  b.remove_prefix(size);
}

}  // namespace

std::string canonical_name(std::string_view run_name) {
  std::string name;
  for (const std::string_view part : split(run_name)) {
    if (!name.empty() && says_how_often(part)) continue;
    if (!name.empty()) name += '/';
    name += part;
  }
  return name;
}

std::string canonical_own_name(std::string_view run_name) {
  std::string name = canonical_name(run_name);
  constexpr std::string_view kManual = "/manual_time";
  if (name.ends_with(kManual)) name.resize(name.size() - kManual.size());
  return name;
}

BenchmarkName parse_benchmark_name(std::string_view canonical) {
  BenchmarkName name;
  int unnamed = 0;
  bool first = true;
  for (const std::string_view part : split(canonical)) {
    const auto argument = first ? std::nullopt : named_argument(part);
    if (first) {
      name.family = part;
    } else if (argument) {
      name.arguments.push_back(*argument);
    } else if (name.arguments.empty() && !is_number(part)) {
      name.family += fmt::format("/{}", part);
    } else {
      name.arguments.push_back({fmt::format("arg{}", ++unnamed), std::string(part)});
    }
    first = false;
  }
  return name;
}

bool fits_pattern(const std::string& pattern, const std::string& name) {
  return pattern == name || ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

std::strong_ordering natural_order(std::string_view a, std::string_view b) {
  skip_common_start(a, b);
  while (!a.empty() && !b.empty()) {
    if (is_digit(a[0]) && is_digit(b[0])) {
      const std::string_view x = take_number(a);
      const std::string_view y = take_number(b);
      if (x.size() != y.size()) return x.size() <=> y.size();
      if (x != y) return x <=> y;
    } else {
      if (a[0] != b[0]) return a[0] <=> b[0];
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
  }
  return a.size() <=> b.size();
}

}  // namespace trainbench::report
