#pragma once

#include <string>
#include <vector>

namespace trainbench::report::history {

/// The unit that all values of a series are shown in: a value times `factor` is in `unit`, which may be
/// empty.
struct DisplayUnit {
  double factor = 1;
  std::string unit;
};

/// Of times, the largest of s, ms, µs, ns in which `largest` is at least 1, but a metric of the registry
/// keeps its unit down to a tenth of it.
DisplayUnit display_unit_of(const std::string& metric, double largest);

/// What an axis shows.
struct ValueRange {
  double low = 0;
  double high = 1;  // above low

  /// 0 at low, 1 at high, and no further.
  double share_of(double value) const;
};

struct ValueTick {
  double value = 0;
  std::string label;
};

/// Ticks within the range at multiples of 1, 2 or 5 times a power of ten, no closer than `most` of them would
/// lie: at least one and at most `most` + 1, with as many decimals as tell them apart.
std::vector<ValueTick> ticks_in(const ValueRange& range, int most);

}  // namespace trainbench::report::history
