#include "report/compare/policy.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "report/results/benchmark_name.hpp"

namespace trainbench::report {
namespace {

// A change of 3 % is what a quiet machine tells apart in ten processes.
constexpr double kTimeZone = 0.03;

void apply(const RuleChanges& changes, std::string_view metric, MetricRule& rule) {
  const auto found = changes.find(std::string(metric));
  if (found == changes.end()) return;
  const RuleChange& change = found->second;
  rule.better = change.better.value_or(rule.better);
  rule.kind = change.kind.value_or(rule.kind);
  rule.gated = change.gated.value_or(rule.gated);
  rule.relative_zone = change.relative_zone.value_or(rule.relative_zone);
  rule.absolute_zone = change.absolute_zone.value_or(rule.absolute_zone);
}

Kind kind_of(const MetricInfo& info) {
  if (info.unit == "%") return Kind::proportion;
  if (info.unit == "ms" || info.unit == "s") return Kind::time;
  if (info.unit.ends_with("/s")) return Kind::rate;
  const bool counts = info.relative_zone == 0 && info.absolute_zone == 0;
  return counts && (info.gated || info.better != Better::neither) ? Kind::exact : Kind::amount;
}

}  // namespace

std::string_view to_string(Kind kind) noexcept {
  switch (kind) {
    case Kind::time:
      return "time";
    case Kind::amount:
      return "amount";
    case Kind::rate:
      return "rate";
    case Kind::exact:
      return "exact";
    case Kind::proportion:
      return "proportion";
  }
  return "";
}

std::string_view to_string(Better better) noexcept {
  switch (better) {
    case Better::lower:
      return "lower";
    case Better::higher:
      return "higher";
    case Better::neither:
      return "neither";
  }
  return "";
}

bool is_judged(const MetricRule& rule) noexcept {
  return rule.better != Better::neither || (rule.gated && rule.kind == Kind::exact);
}

MetricRule default_rule(std::string_view metric) {
  if (metric == "real_time" || metric == "cpu_time") {
    return {.better = Better::lower,
            .kind = Kind::time,
            .gated = metric == "real_time",
            .relative_zone = kTimeZone};
  }
  if (metric == "items_per_second" || metric == "bytes_per_second")
    return {.better = Better::higher, .kind = Kind::rate, .relative_zone = kTimeZone};
  const MetricInfo* info = find_metric(metric);
  if (info == nullptr) return {};
  return {.better = info->better,
          .kind = kind_of(*info),
          .gated = info->gated,
          .relative_zone = info->relative_zone,
          .absolute_zone = info->absolute_zone};
}

MetricRule rule_of(const Policy& policy, std::string_view benchmark, std::string_view metric) {
  MetricRule rule = default_rule(metric);
  apply(policy.metrics, metric, rule);
  for (const auto& [pattern, changes] : policy.benchmarks) {
    if (fits_pattern(pattern, std::string(benchmark))) apply(changes, metric, rule);
  }
  return rule;
}

const Accepted* find_accepted(const Policy& policy, std::string_view benchmark, std::string_view metric,
                              std::string_view today) {
  const Accepted* last = nullptr;
  // The last one: a regression accepted again replaces what was said before.
  for (auto entry = policy.accepted.rbegin(); entry != policy.accepted.rend(); ++entry) {
    if (entry->metric != metric || !fits_pattern(entry->benchmark, std::string(benchmark))) continue;
    if (entry->until >= today) return &*entry;
    if (last == nullptr) last = &*entry;
  }
  return last;
}

bool is_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto number = [&](std::size_t begin, std::size_t size) {
    int value = -1;
    const char* last = text.data() + begin + size;
    const auto [end, error] = std::from_chars(text.data() + begin, last, value);
    return error == std::errc() && end == last ? value : -1;
  };
  const int year = number(0, 4);
  const int month = number(5, 2);
  const int day = number(8, 2);
  if (year < 0 || month < 0 || day < 0) return false;
  return std::chrono::year_month_day(std::chrono::year(year),
                                     std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day)))
      .ok();
}

}  // namespace trainbench::report
