#include "report/run/ratio.hpp"

#include <fmt/format.h>

#include <cmath>

#include "report/text/format.hpp"

namespace trainbench::report {

Place place_of(double lower, double upper, const Zone& zone) {
  if (upper < zone.lower) return Place::below;
  if (lower > zone.upper) return Place::above;
  return lower >= zone.lower && upper <= zone.upper ? Place::inside : Place::across;
}

std::optional<stats::RatioEstimate> ratio_of(const Series& baseline, const Series& contender,
                                             const Measure& measure, double confidence) {
  return stats::hodges_lehmann_ratio(values_of(baseline, measure), values_of(contender, measure), confidence);
}

std::string format_ratio(const stats::RatioEstimate& estimate) {
  std::string text = format_ratio(estimate.ratio);
  if (!estimate.interval) return text;
  return fmt::format("{} ({} to {})", text, format_ratio(estimate.interval->lower),
                     format_ratio(estimate.interval->upper));
}

std::string format_share(const stats::RatioEstimate& estimate) {
  std::string text = format_percent(estimate.ratio);
  if (!estimate.interval) return text;
  return fmt::format("{} [{}, {}]", text, format_fixed(estimate.interval->lower * 100, 1),
                     format_fixed(estimate.interval->upper * 100, 1));
}

std::string format_saving(const stats::RatioEstimate& estimate) {
  const bool less = estimate.ratio <= 1;
  const double sign = less ? 1 : -1;
  std::string text =
      fmt::format("{} {}", format_percent(std::abs(1 - estimate.ratio)), less ? "less" : "more");
  if (!estimate.interval) return text;
  const double from = sign * (1 - (less ? estimate.interval->upper : estimate.interval->lower));
  const double to = sign * (1 - (less ? estimate.interval->lower : estimate.interval->upper));
  return fmt::format("{} ({} to {})", text, format_percent(from), format_percent(to));
}

}  // namespace trainbench::report
