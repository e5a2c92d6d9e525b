#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace trainbench::report::history {

/// An ISO 8601 time as UTC: "2026-01-02T03:04:05.5+01:00" is "2026-01-02T02:04:05Z". Parts of a second are
/// dropped, a time without an offset is taken as UTC, and a space may stand for the T. Nothing for other
/// text.
std::optional<std::string> utc_of(std::string_view text);

}  // namespace trainbench::report::history
