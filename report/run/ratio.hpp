#pragma once

#include <span>
#include <string>

#include "report/run/series.hpp"
#include "src/stats/rank_tests.hpp"

namespace trainbench::report {

/// Of intervals that are shown, and that rank two experiments.
inline constexpr double kConfidence = 0.95;
/// Of intervals that must lie within or outside a zone: two one-sided tests at 5 % each (Schuirmann 1987).
/// Three repetitions a side are the fewest that have one.
inline constexpr double kZoneConfidence = 0.90;

/// The relative difference of throughputs that does not matter.
inline constexpr double kThroughputZone = 0.03;

/// Values that make no difference, both edges included.
struct Zone {
  double lower = 0;
  double upper = 0;
};

/// Where an interval lies, seen from a zone.
enum class Place { inside, below, above, across };
Place place_of(double lower, double upper, const Zone& zone);

/// The values of `contender` over those of `baseline`; nothing where one has none, or one that is not
/// positive.
std::optional<stats::RatioEstimate> ratio_of(const Series& baseline, const Series& contender,
                                             const Measure& measure, double confidence);

/// "1.90x (1.88x to 1.92x)", or the ratio alone where it has no interval.
std::string format_ratio(const stats::RatioEstimate& estimate);

/// "98.6 % [97.9, 99.4]", or the percentage alone where there is no interval.
std::string format_share(const stats::RatioEstimate& estimate);

/// How much less than the baseline: "2.6 % less (2.4 % to 2.8 %)", "4.0 % more (...)".
std::string format_saving(const stats::RatioEstimate& estimate);

}  // namespace trainbench::report
