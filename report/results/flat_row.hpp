#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trainbench::report {

/// The members of one row of Google Benchmark, in the file's order and with repeated names kept: a counter
/// called "real_time" stands a second time, behind the time itself, and a DOM would keep the counter as the
/// time.
struct FlatRow {
  std::vector<std::pair<std::string, double>> numbers;
  std::vector<std::pair<std::string, std::string>> texts;
  std::vector<std::pair<std::string, bool>> flags;
};

/// Nested values are left out; NaN, Infinity and numbers beyond a double's range too.
/// Nothing where `text` is not one JSON object.
std::optional<FlatRow> parse_flat_row(std::string_view text);

/// The first of the name, or nothing.
template <typename Value>
const Value* first_of(const std::vector<std::pair<std::string, Value>>& members, std::string_view name) {
  for (const auto& [key, value] : members) {
    if (key == name) return &value;
  }
  return nullptr;
}

}  // namespace trainbench::report
