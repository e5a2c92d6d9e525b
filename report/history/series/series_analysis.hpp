#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "report/compare/policy.hpp"
#include "report/history/store/store.hpp"

namespace trainbench::report::history {

/// Points [begin, end) between two changes.
struct Segment {
  std::size_t begin = 0;
  std::size_t end = 0;
  double median = 0;
  // 2.5 % and 97.5 % prediction limits of one more point, without the outliers; the extremes of fewer than 3.
  double low = 0;
  double high = 0;
};

/// So many last points must lie beyond the limits for a series to be called worse: none alone.
inline constexpr std::size_t kWorseningPoints = 2;

enum class Direction { worse, better, moved };  // moved: neither direction of the metric is better

std::string_view to_string(Direction direction) noexcept;

struct SeriesChange {
  std::size_t index = 0;  // of the first point after it; at least 1
  double before = 0;      // medians of the segments on both sides, in the metric's unit
  double after = 0;
  double p = 1;
  Direction direction = Direction::moved;
  bool tentative = false;      // fewer than three points follow
  std::optional<Mark> mark;    // what a human said of it
  bool by_mark_alone = false;  // split by an "expected" mark, not found by the test
};

struct SeriesAnalysis {
  std::vector<Segment> segments;  // in order, together all points
  std::vector<SeriesChange> changes;
  std::vector<std::size_t> outliers;  // indices, by GESD of the residuals
  /// The segment that a new result is to be compared with: the last one that is as good as the stable one
  /// before it, or that a marked change led to. A run whose regression nobody marked never becomes the
  /// baseline.
  std::size_t stable_segment = 0;
  /// The last two or more points lie beyond the stable segment's prediction limit on the worse side.
  bool worsening = false;
};

/// Pure: the same series, rule and marks give the same analysis. An empty series has no segment.
SeriesAnalysis analyse(const SeriesHistory& series, const MetricRule& rule, std::span<const Mark> marks);

/// Whether the mark speaks of this series, and the point that it names.
std::optional<std::size_t> marked_point(const SeriesHistory& series, const Mark& mark);

}  // namespace trainbench::report::history
