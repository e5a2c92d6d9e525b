#include "report/compare/claim.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report/compare/comparison_format.hpp"
#include "report/text/format.hpp"
#include "report/text/markdown.hpp"
#include "src/base/json.hpp"
#include "src/stats/signed_rank.hpp"

namespace trainbench::report {
namespace {

constexpr double kSignificant = 0.01;
constexpr double kAccuracySignificant = 0.05;
constexpr std::array<std::string_view, 3> kSpeeds = {"images_per_second", "step_time_ms", "real_time"};

const ComparedRow* find_row(const Comparison& comparison, std::string_view benchmark,
                            std::string_view metric) {
  const auto found =
      std::find_if(comparison.rows.begin(), comparison.rows.end(), [&](const ComparedRow& row) {
        return row.benchmark == benchmark && row.metric == metric && row.evidence;
      });
  return found == comparison.rows.end() ? nullptr : &*found;
}

/// Pairs' log ratios, positive where the contender is faster.
std::vector<double> gains(const ComparedRow& row) {
  const double sign = row.metric == kSpeeds[0] ? 1 : -1;
  std::vector<double> result;
  for (std::size_t i = 0; i < row.samples.baseline.size(); ++i)
    result.push_back(sign * (std::log(row.samples.contender[i]) - std::log(row.samples.baseline[i])));
  return result;
}

void judge_accuracy(const ComparedRow* row, ClaimedBenchmark& claimed) {
  if (row == nullptr) {
    claimed.accuracy = "it reports no test accuracy";
    return;
  }
  std::vector<double> beyond_zone;  // negative where the loss of accuracy lies within the zone
  for (std::size_t i = 0; i < row->samples.baseline.size(); ++i)
    beyond_zone.push_back(row->samples.baseline[i] - row->samples.contender[i] - row->evidence->zone);
  const double p = stats::signed_rank(beyond_zone)->p_less;
  claimed.accuracy_kept = p <= kAccuracySignificant;
  claimed.accuracy = fmt::format("accuracy {} within {:.2f} points of the baseline's (p {:.4f})",
                                 claimed.accuracy_kept ? "is" : "is not shown to be", row->evidence->zone, p);
}

std::optional<ClaimedBenchmark> claimed_by(const Comparison& comparison, const std::string& benchmark) {
  for (const std::string_view metric : kSpeeds) {
    const ComparedRow* row = find_row(comparison, benchmark, metric);
    if (row == nullptr) continue;
    const std::vector<double> pairs = gains(*row);
    const auto test = stats::signed_rank(pairs);
    ClaimedBenchmark claimed;
    claimed.benchmark = benchmark;
    claimed.metric = metric;
    claimed.num_pairs = pairs.size();
    claimed.faster_by = stats::walsh_shift(pairs, kConfidence)->shift;
    claimed.p = test->p_greater;
    claimed.p_slower = test->p_less;
    judge_accuracy(find_row(comparison, benchmark, "test_accuracy"), claimed);
    return claimed;
  }
  return std::nullopt;
}

ExitCode code_of(const ClaimedBenchmark& one) {
  if (one.p < kSignificant && one.accuracy_kept) return ExitCode::ok;
  return one.p_slower < kSignificant ? ExitCode::regressed : ExitCode::inconclusive;
}

std::string gain_text(const ClaimedBenchmark& one) {
  return fmt::format("{:+.2f} %", 100 * std::expm1(one.faster_by));
}

/// What stands in the claim's way, or beside it.
std::vector<std::string> remarks_of(const Comparison& comparison) {
  std::vector<std::string> remarks;
  for (const std::string& problem : comparison.problems) remarks.push_back("Could not be read: " + problem);
  for (const std::string& warning : comparison.warnings) remarks.push_back("Warning: " + warning);
  for (const ComparedRow& row : comparison.rows) {
    if (row.verdict != Verdict::invalid && row.verdict != Verdict::missing) continue;
    remarks.push_back(
        fmt::format("{} {} {}: {}", to_string(*row.verdict), row.benchmark, metric_title(row), row.reason));
  }
  return remarks;
}

}  // namespace

Claim judge_claim(const Comparison& comparison) {
  Claim claim;
  claim.remarks = remarks_of(comparison);
  std::string last;
  for (const ComparedRow& row : comparison.rows) {
    if (row.benchmark == last) continue;
    last = row.benchmark;
    if (auto claimed = claimed_by(comparison, row.benchmark)) claim.benchmarks.push_back(std::move(*claimed));
  }
  if (!claim.benchmarks.empty()) claim.exit_code = ExitCode::ok;
  for (const ClaimedBenchmark& one : claim.benchmarks)
    claim.exit_code = more_severe(claim.exit_code, code_of(one));
  for (const ComparedRow& row : comparison.rows) {
    // Speed that was bought with accuracy is no speed, whatever the gate makes of it.
    const bool less_accurate = row.metric == "test_accuracy" && row.verdict == Verdict::regressed;
    if (less_accurate) claim.exit_code = more_severe(claim.exit_code, ExitCode::regressed);
    if (row.gated && row.verdict == Verdict::invalid)
      claim.exit_code = more_severe(claim.exit_code, ExitCode::invalid);
    if (row.gated && row.verdict == Verdict::missing)
      claim.exit_code = more_severe(claim.exit_code, ExitCode::missing);
  }
  if (!comparison.problems.empty()) claim.exit_code = more_severe(claim.exit_code, ExitCode::unreadable);
  return claim;
}

std::string headline(const Claim& claim) {
  const auto shown = std::count_if(claim.benchmarks.begin(), claim.benchmarks.end(),
                                   [](const ClaimedBenchmark& one) { return code_of(one) == ExitCode::ok; });
  if (claim.exit_code == ExitCode::ok) {
    return fmt::format(
        "CLAIM HOLDS: the contender is faster in all of {} benchmarks (one-sided exact p < 0.01).",
        claim.benchmarks.size());
  }
  return fmt::format(
      "CLAIM {}: the contender is shown to be faster in {} of {} benchmarks (one-sided exact p < 0.01).",
      claim.exit_code == ExitCode::inconclusive ? "NOT SHOWN" : "FAILS", shown, claim.benchmarks.size());
}

std::string claim_markdown(const Claim& claim) {
  MarkdownTable table({{"Benchmark", Align::left},
                       {"Metric", Align::left},
                       {"Pairs"},
                       {"Faster by"},
                       {"p"},
                       {"Accuracy", Align::left}});
  for (const ClaimedBenchmark& one : claim.benchmarks) {
    table.add_row({one.benchmark, one.metric, fmt::format("{}", one.num_pairs), gain_text(one),
                   fmt::format("{:.3g}", one.p), one.accuracy});
  }
  std::string text =
      fmt::format("# Claim: the contender is faster\n\n**{}**\n\n", escape_markdown(headline(claim)));
  for (const std::string& remark : claim.remarks) text += fmt::format("- {}\n", escape_markdown(remark));
  return text + (claim.remarks.empty() ? "" : "\n") + table.str();
}

std::string claim_text(const Claim& claim) {
  std::string text = headline(claim) + "\n";
  for (const std::string& remark : claim.remarks) text += on_one_line(remark) + "\n";
  for (const ClaimedBenchmark& one : claim.benchmarks) {
    text += fmt::format("{} {} faster by {}, p {:.3g}, n {}; {}\n", one.benchmark, one.metric, gain_text(one),
                        one.p, one.num_pairs, one.accuracy);
  }
  return text;
}

std::string claim_json(const Claim& claim) {
  json::array rows;
  for (const ClaimedBenchmark& one : claim.benchmarks) {
    rows.push_back(json::object{{"benchmark", one.benchmark},
                                {"metric", one.metric},
                                {"pairs", one.num_pairs},
                                {"faster_by_shift", one.faster_by},
                                {"p", one.p},
                                {"accuracy_kept", one.accuracy_kept},
                                {"accuracy", one.accuracy}});
  }
  return to_json_line(json::object{{"claim", 1},
                                   {"headline", headline(claim)},
                                   {"exit_code", static_cast<int>(claim.exit_code)},
                                   {"remarks", json::array(claim.remarks.begin(), claim.remarks.end())},
                                   {"benchmarks", std::move(rows)}}) +
         "\n";
}

}  // namespace trainbench::report
