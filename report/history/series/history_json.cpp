#include "report/history/series/history_json.hpp"

namespace trainbench::report::history {

json::object point_json(const Point& point) {
  json::object object{{"run", point.run_id}, {"started", point.started}};
  if (!point.commit.hash.empty()) object["commit"] = point.commit.hash;
  if (!point.commit.subject.empty()) object["subject"] = point.commit.subject;
  if (point.commit.number) object["number"] = *point.commit.number;
  return object;
}

json::object key_json(const SeriesKey& key, const MetricRule& rule) {
  json::object object{{"benchmark", key.benchmark}, {"metric", key.metric}, {"branch", key.branch}};
  if (!key.machine_fingerprint.empty()) object["machine"] = key.machine_fingerprint;
  if (!key.measurement_fingerprint.empty()) object["measurement"] = key.measurement_fingerprint;
  object["gated"] = rule.gated;
  return object;
}

json::object change_json(const ListedChange& one) {
  json::object object{{"direction", to_string(one.change.direction)},
                      {"before", one.change.before},
                      {"after", one.change.after},
                      {"p", one.change.p},
                      {"tentative", one.change.tentative},
                      {"by_mark_alone", one.change.by_mark_alone},
                      {"last_before", point_json(one.last_before)},
                      {"first_after", point_json(one.first_after)}};
  if (one.change.mark) {
    object["mark"] = {
        {"kind", one.change.mark->kind}, {"reason", one.change.mark->reason}, {"day", one.change.mark->day}};
  }
  return object;
}

json::object segment_json(const Segment& segment) {
  return {{"median", segment.median}, {"low", segment.low}, {"high", segment.high}};
}

}  // namespace trainbench::report::history
