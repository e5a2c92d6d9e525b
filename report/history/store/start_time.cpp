#include "report/history/store/start_time.hpp"

#include <fmt/format.h>

#include <chrono>

#include "report/compare/policy.hpp"

namespace trainbench::report::history {
namespace {

constexpr std::size_t kIsoDayLength = 10;     // YYYY-MM-DD
constexpr std::size_t kIsoSecondLength = 19;  // YYYY-MM-DDTHH:MM:SS

/// The digits at [begin, begin + size) as a number; nothing where another character is among them.
std::optional<int> digits_at(std::string_view text, std::size_t begin, std::size_t size) {
  if (text.size() < begin + size) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(begin, size)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::optional<std::chrono::seconds> time_of_day(std::string_view text) {
  const auto hour = digits_at(text, 0, 2);
  const auto minute = digits_at(text, 3, 2);
  const auto second = digits_at(text, 6, 2);
  if (!hour || !minute || !second || text[2] != ':' || text[5] != ':') return std::nullopt;
  if (*hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

/// "", "Z", "+01:00", "-0130" or "+01".
std::optional<std::chrono::minutes> offset_from(std::string_view text) {
  if (text.empty() || text == "Z" || text == "z") return std::chrono::minutes(0);
  const bool west = text.front() == '-';
  if (!west && text.front() != '+') return std::nullopt;
  const std::size_t minute_at = text.size() > 3 && text[3] == ':' ? 4 : 3;
  const auto hour = digits_at(text, 1, 2);
  const auto minute = text.size() == 3 ? 0 : digits_at(text, minute_at, 2);
  if (!hour || !minute || (text.size() != 3 && text.size() != minute_at + 2)) return std::nullopt;
  const std::chrono::minutes east = std::chrono::hours(*hour) + std::chrono::minutes(*minute);
  return west ? -east : east;
}

std::string_view behind_fraction(std::string_view text) {
  if (text.empty() || (text.front() != '.' && text.front() != ',')) return text;
  const std::size_t end = text.find_first_not_of("0123456789", 1);
  return end == std::string_view::npos ? std::string_view() : text.substr(end);
}

}  // namespace

std::optional<std::string> utc_of(std::string_view text) {
  if (text.size() < kIsoSecondLength || !is_day(text.substr(0, kIsoDayLength))) return std::nullopt;
  if (text[kIsoDayLength] != 'T' && text[kIsoDayLength] != ' ') return std::nullopt;
  const auto time = time_of_day(text.substr(kIsoDayLength + 1, kIsoSecondLength - kIsoDayLength - 1));
  const auto offset = offset_from(behind_fraction(text.substr(kIsoSecondLength)));
  if (!time || !offset) return std::nullopt;
  const std::chrono::year_month_day day(std::chrono::year(*digits_at(text, 0, 4)),
                                        std::chrono::month(static_cast<unsigned>(*digits_at(text, 5, 2))),
                                        std::chrono::day(static_cast<unsigned>(*digits_at(text, 8, 2))));
  const std::chrono::sys_seconds instant = std::chrono::sys_days(day) + *time - *offset;
  const auto midnight = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day utc_day(midnight);
  const std::chrono::hh_mm_ss<std::chrono::seconds> utc_time(instant - midnight);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(utc_day.year()),
                     static_cast<unsigned>(utc_day.month()), static_cast<unsigned>(utc_day.day()),
                     utc_time.hours().count(), utc_time.minutes().count(), utc_time.seconds().count());
}

}  // namespace trainbench::report::history
