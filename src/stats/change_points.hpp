#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace trainbench::stats {

struct ChangePointOptions {
  double p = 1e-3;  // a split is kept where Welch's t-test says at most this
  double zone = 0;  // the smallest difference of means that matters, in the values' unit
  // Points that every segment needs, at least 3; the last one, to which more are to come, needs 3.
  std::size_t min_segment = 5;
};

struct ChangePoint {
  std::size_t index = 0;  // 0-based, of the first point after the change
  double before = 0;      // means of the segments on both sides
  double after = 0;
  double p = 1;
  bool tentative = false;  // fewer than three points follow
};

/// Where the mean of a series changes: E-divisive's statistic (Matteson and James 2014) with a significance
/// test by Welch's t and splitting in windows followed by merging (Fleming and others 2023, "Hunter"), and
/// these additions: variances are inflated by (1 + r) / (1 - r) where the residuals' lag-1 autocorrelation r
/// exceeds 0.3; segments must be separated (probability of superiority at least 0.8) and further apart than
/// the zone; a second detector (an L1-penalised least-absolute-deviations path, Potts functional) must place
/// a change within three points; a value that stands alone further than ten ranges of its four nearest from
/// them is tested as if it stood there. Ascending. Values must be finite (std::logic_error): take logarithms
/// of positive ones before.
std::vector<ChangePoint> find_change_points(std::span<const double> values,
                                            const ChangePointOptions& options = {});

}  // namespace trainbench::stats
