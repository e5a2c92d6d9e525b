#pragma once

#include <string>

#include "report/history/series/analysed_series.hpp"

namespace trainbench::report::history {

/// One SVG file of one series in commit order, readable on light and dark pages: a point with its whisker
/// from the lowest to the highest process of a run, a band with the median of each segment and where 95 % of
/// runs lie, a sign at each change (a cross for worse, a tick for better, a diamond for moved; hollow while
/// it is tentative), a flag where a human said something, a ring around each outlier, and hashes of commits
/// as far as they have room. `machine` is the machine's name. The same series gives the same bytes.
///
/// The axis of y shows the points that are no outliers; what lies further away than these are apart is drawn
/// at its edge.
std::string history_svg(const AnalysedSeries& series, const std::string& machine);

}  // namespace trainbench::report::history
