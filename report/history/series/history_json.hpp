#pragma once

#include "report/history/series/history_changes.hpp"
#include "src/base/json.hpp"

namespace trainbench::report::history {

// What is unknown is absent.

/// {"run", "started", "commit", "subject", "number"}
json::object point_json(const Point& point);
/// {"benchmark", "metric", "branch", "machine", "measurement", "gated"}
json::object key_json(const SeriesKey& key, const MetricRule& rule);
/// {"direction", "before", "after", "p", "tentative", "by_mark_alone", "last_before", "first_after", "mark"}
json::object change_json(const ListedChange& one);
/// {"median", "low", "high"}
json::object segment_json(const Segment& segment);

}  // namespace trainbench::report::history
