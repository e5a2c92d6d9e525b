#include <fmt/format.h>

#include <cmath>

#include "report/charts/svg.hpp"
#include "report/compare/comparison_format.hpp"
#include "report/compare/explain.hpp"
#include "report/compare/family_means.hpp"
#include "report/compare/render_comparison.hpp"
#include "report/text/format.hpp"
#include "src/base/json.hpp"

namespace trainbench::report {
namespace {

json::array numbers(const std::vector<double>& values) {
  return json::array(values.begin(), values.end());
}

void set_finite(json::object& object, std::string_view key, double value) {
  if (std::isfinite(value)) object[key] = value;
}

json::object to_json(const ComparedRow& row) {
  json::object object{{"benchmark", row.benchmark}};
  if (!row.metric.empty()) {
    object["metric"] = row.metric;
    object["kind"] = to_string(row.rule.kind);
    object["better"] = to_string(row.rule.better);
    object["relative_zone"] = row.rule.relative_zone;
    object["absolute_zone"] = row.rule.absolute_zone;
    object["baseline"] = numbers(row.samples.baseline);
    object["contender"] = numbers(row.samples.contender);
  }
  object["gated"] = row.gated;
  if (row.verdict) object["verdict"] = to_string(*row.verdict);
  if (row.strong) object["strong"] = true;
  if (!row.reason.empty()) object["reason"] = row.reason;
  if (row.let_pass) object["accepted_until"] = row.accepted->until;
  if (row.smallest_detectable) set_finite(object, "smallest_detectable_shift", *row.smallest_detectable);
  if (!row.evidence) return object;
  object["paired"] = row.evidence->paired;
  object["scale"] = row.evidence->in_logs ? "log ratio" : "difference";
  set_finite(object, "worse_by_shift", row.evidence->shift);
  if (row.evidence->interval) {
    set_finite(object, "shift_lower", row.evidence->interval->lower);
    set_finite(object, "shift_upper", row.evidence->interval->upper);
    object["confidence"] = row.evidence->interval->achieved_confidence;
  }
  if (row.evidence->t_interval) {
    set_finite(object, "t_shift_lower", row.evidence->t_interval->lower);
    set_finite(object, "t_shift_upper", row.evidence->t_interval->upper);
  }
  object["zone_shift"] = row.evidence->zone;
  object["p"] = row.evidence->p;
  if (row.verdict) object["adjusted_p"] = row.adjusted_p;
  object["separation"] = row.evidence->separation;
  object["equivalence_p"] = row.evidence->equivalence_p;
  return object;
}

json::array texts(const std::vector<std::string>& sentences) {
  return json::array(sentences.begin(), sentences.end());
}

json::object measurements_of(const Comparison& comparison) {
  json::object all;
  for (const auto& [benchmark, facts] : comparison.measurements) {
    if (facts.baseline.empty() && facts.contender.empty()) continue;
    all[benchmark] = {{"baseline", trainbench::to_json(facts.baseline)},
                      {"baseline_fingerprint", fingerprint(facts.baseline)},
                      {"contender", trainbench::to_json(facts.contender)},
                      {"contender_fingerprint", fingerprint(facts.contender)}};
  }
  return all;
}

/// "failure", "error", "skipped", or empty for a pass.
std::string_view element_of(const ComparedRow& row) {
  switch (*row.verdict) {
    case Verdict::invalid:
      return row.gated ? "error" : "skipped";
    case Verdict::missing:
    case Verdict::regressed:
      return row.gated ? "failure" : "skipped";
    case Verdict::inconclusive:
    case Verdict::underpowered:
    case Verdict::added:
      return "skipped";
    case Verdict::improved:
    case Verdict::equivalent:
      return "";
  }
  return "";
}

std::string line_of(const ComparedRow& row) {
  std::string line = fmt::format("{} {} {}", verdict_text(row), row.benchmark, metric_title(row));
  for (const std::string& part : {change_text(row), interval_text(row)}) {
    if (!part.empty()) line += " " + part;
  }
  if (const std::string p = p_text(row); !p.empty())
    line += fmt::format(", p {}, could see {}", p, detectable_text(row));
  if (const std::string n = sizes_text(row); !n.empty()) line += fmt::format(", n {}", n);
  if (!row.reason.empty()) line += fmt::format(": {}", row.reason);
  if (!row.gated) line += " (not gated)";
  return line;
}

}  // namespace

std::string comparison_json(const Comparison& comparison) {
  json::array rows;
  for (const ComparedRow& row : comparison.rows) rows.push_back(to_json(row));
  json::array explanations;
  for (const Explanation& one : comparison.explanations) explanations.push_back(explanation_json(one));
  const json::object object{{"comparison", 1},
                            {"headline", headline(comparison)},
                            {"exit_code", static_cast<int>(comparison.exit_code)},
                            {"paired", comparison.paired},
                            {"informational", comparison.informational},
                            {"alpha", comparison.alpha},
                            {"family", comparison.family},
                            {"policy", comparison.policy_source},
                            {"problems", texts(comparison.problems)},
                            {"warnings", texts(comparison.warnings)},
                            {"notes", texts(comparison.notes)},
                            {"baseline_machine", trainbench::to_json(comparison.baseline_machine)},
                            {"contender_machine", trainbench::to_json(comparison.contender_machine)},
                            {"measurements", measurements_of(comparison)},
                            {"explanations", std::move(explanations)},
                            {"means", family_means_json(comparison)},
                            {"rows", std::move(rows)}};
  return to_json_line(object) + "\n";
}

std::string comparison_text(const Comparison& comparison) {
  std::string text = headline(comparison) + "\n";
  for (const std::string& problem : comparison.problems)
    text += fmt::format("Could not be read: {}\n", on_one_line(problem));
  for (const std::string& warning : comparison.warnings)
    text += fmt::format("Warning: {}\n", on_one_line(warning));
  for (const std::string& note : comparison.notes) text += fmt::format("Note: {}\n", on_one_line(note));
  for (const bool gated : {true, false}) {
    for (const Verdict verdict :
         {Verdict::invalid, Verdict::missing, Verdict::regressed, Verdict::improved, Verdict::inconclusive,
          Verdict::underpowered, Verdict::equivalent, Verdict::added}) {
      for (const ComparedRow& row : comparison.rows) {
        if (row.gated == gated && row.verdict == verdict) text += on_one_line(line_of(row)) + "\n";
      }
    }
  }
  text += family_means_text(comparison);
  for (const Explanation& explanation : comparison.explanations)
    text += on_one_line(explanation_text(explanation)) + "\n";
  return text;
}

std::string comparison_junit(const Comparison& comparison) {
  std::string cases;
  std::map<std::string_view, std::size_t> counts;
  std::size_t num_cases = comparison.problems.size();
  counts["error"] = comparison.problems.size();
  for (std::size_t i = 0; i < comparison.problems.size(); ++i) {
    cases += fmt::format(
        "    <testcase classname=\"results\" name=\"file {}\">\n      <error message=\"Could not be read: "
        "{}\"/>\n    </testcase>\n",
        i + 1, svg::escape(on_one_line(comparison.problems[i])));
  }
  for (const ComparedRow& row : comparison.rows) {
    if (!row.verdict) continue;
    ++num_cases;
    const std::string_view element = element_of(row);
    ++counts[element];
    const std::string start =
        fmt::format("    <testcase classname=\"{}\" name=\"{}\"", svg::escape(row.benchmark),
                    svg::escape(row.metric.empty() ? "benchmark" : row.metric));
    cases += element.empty() ? start + "/>\n"
                             : fmt::format("{}>\n      <{} message=\"{}\"/>\n    </testcase>\n", start,
                                           element, svg::escape(line_of(row)));
  }
  std::string remarks;
  for (const auto* sentences : {&comparison.warnings, &comparison.notes}) {
    for (const std::string& sentence : *sentences) remarks += svg::escape(on_one_line(sentence)) + "\n";
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"bench-report compare\" "
      "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n{}    <system-out>{}</system-out>\n  "
      "</testsuite>\n</testsuites>\n",
      num_cases, counts["failure"], counts["error"], counts["skipped"], cases, remarks);
}

}  // namespace trainbench::report
