#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "report/history/series/series_analysis.hpp"

namespace trainbench::report::history {

/// A series with what is said of it. It has at least one point.
struct AnalysedSeries {
  SeriesHistory history;
  MetricRule rule;
  SeriesAnalysis analysis;
};

/// The keys of the series that are asked for. Throws InputError (`usage`) with the nearest names where a name
/// or pattern of the filter fits nothing that the history has; an empty history has no key, and needs none.
std::vector<SeriesKey> keys_of(const Store& store, const SeriesFilter& filter);

AnalysedSeries analysed(const Store& store, const SeriesKey& key, const MetricRule& rule,
                        std::span<const Mark> marks);

/// Calls `look` with each series of `keys` whose rule `takes`, one after the other: none is kept.
void for_each_series(const Store& store, std::span<const SeriesKey> keys, const Policy& policy,
                     const std::function<bool(const MetricRule&)>& takes,
                     const std::function<void(const AnalysedSeries&)>& look);

/// A regression that nobody has marked: the newest change of the series is one for the worse, found and no
/// longer tentative, or its last points lie beyond what is stable.
bool has_regressed(const SeriesAnalysis& analysis) noexcept;

/// Names of machines by fingerprint: the processor, the GPU if there is one, and the fingerprint's beginning.
/// What cannot be read is named by its fingerprint alone.
std::map<std::string, std::string> names_of_machines(const Store& store, std::span<const RunSummary> runs);

}  // namespace trainbench::report::history
