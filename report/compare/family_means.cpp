#include "report/compare/family_means.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>

#include "report/compare/comparison_format.hpp"
#include "report/results/benchmark_name.hpp"
#include "report/text/format.hpp"
#include "report/text/markdown.hpp"
#include "src/stats/signed_rank.hpp"

namespace trainbench::report {
namespace {

constexpr std::size_t kMostMeans = 20;

using Rows = std::vector<const ComparedRow*>;
using Groups = std::map<std::pair<std::string, std::string>, Rows>;  // by metric and family

bool has_ratio(const ComparedRow& row) {
  return row.verdict && row.evidence && row.evidence->in_logs && row.rule.gated;
}

/// Each process's mean logarithm over the rows.
std::vector<double> mean_logs(const Rows& rows, std::vector<double> Samples::*side) {
  std::vector<double> means((rows.front()->samples.*side).size(), 0.0);
  for (const ComparedRow* row : rows) {
    for (std::size_t i = 0; i < means.size(); ++i)
      means[i] += std::log((row->samples.*side)[i]) / static_cast<double>(rows.size());
  }
  return means;
}

/// Leaves out the rows of other processes than those of the row that has most.
Rows of_most_processes(const Rows& rows) {
  const auto sizes = [](const ComparedRow* row) {
    return std::pair(row->samples.baseline.size(), row->samples.contender.size());
  };
  const Samples& most = (*std::max_element(rows.begin(), rows.end(), [&](const auto* a, const auto* b) {
                          return sizes(a) < sizes(b);
                        }))->samples;
  Rows kept;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(kept), [&](const ComparedRow* row) {
    return row->samples.baseline_keys == most.baseline_keys &&
           row->samples.contender_keys == most.contender_keys;
  });
  return kept;
}

std::optional<FamilyMean> mean_of(const std::string& metric, const std::string& family, const Rows& all) {
  const Rows rows = of_most_processes(all);
  if (rows.size() < 2) return std::nullopt;
  const std::vector<double> before = mean_logs(rows, &Samples::baseline);
  std::vector<double> after = mean_logs(rows, &Samples::contender);
  std::optional<stats::ShiftEstimate> shift;
  if (rows.front()->evidence->paired) {
    for (std::size_t i = 0; i < after.size(); ++i) after[i] -= before[i];
    shift = stats::walsh_shift(after, kConfidence);
  } else {
    shift = stats::hodges_lehmann(before, after, kConfidence);
  }
  if (!shift) return std::nullopt;
  return FamilyMean{.family = family,
                    .metric = metric,
                    .num_benchmarks = rows.size(),
                    .num_left_out = all.size() - rows.size(),
                    .log_ratio = *shift};
}

std::string title_of_metric(const FamilyMean& mean) {
  ComparedRow row;
  row.metric = mean.metric;
  return metric_title(row);
}

std::string percent(double log_ratio) {
  const double value = 100 * std::expm1(log_ratio);
  return fmt::format("{:+.2f} %", std::abs(value) < 0.005 ? 0.0 : value);
}

std::string interval_of(const FamilyMean& mean) {
  const auto& interval = mean.log_ratio.interval;
  return interval ? fmt::format("[{}, {}]", percent(interval->lower), percent(interval->upper))
                  : std::string(kNoValue);
}

}  // namespace

std::vector<FamilyMean> family_means(const Comparison& comparison) {
  Groups groups;
  Groups of_all;
  for (const ComparedRow& row : comparison.rows) {
    if (!has_ratio(row)) continue;
    groups[{row.metric, parse_benchmark_name(row.benchmark).family}].push_back(&row);
    of_all[{row.metric, ""}].push_back(&row);
  }
  for (const auto& [key, rows] : of_all) {
    const std::string& metric = key.first;
    const auto same_metric = [&metric](const auto& group) { return group.first.first == metric; };
    if (std::count_if(groups.begin(), groups.end(), same_metric) > 1) groups[key] = rows;
  }
  std::vector<FamilyMean> means;
  for (const auto& [key, rows] : groups) {
    if (auto mean = mean_of(key.first, key.second, rows)) means.push_back(*std::move(mean));
  }
  std::stable_sort(means.begin(), means.end(), [](const FamilyMean& a, const FamilyMean& b) {
    if (a.family.empty() != b.family.empty()) return a.family.empty();
    return !a.family.empty() && std::abs(a.log_ratio.shift) > std::abs(b.log_ratio.shift);
  });
  return means;
}

std::string family_means_markdown(const Comparison& comparison) {
  const std::vector<FamilyMean> means = family_means(comparison);
  if (means.empty()) return "";
  MarkdownTable table(
      {{"Family", Align::left}, {"Metric", Align::left}, {"Benchmarks"}, {"Change"}, {"95 % interval"}});
  for (std::size_t i = 0; i < std::min(means.size(), kMostMeans); ++i) {
    const FamilyMean& mean = means[i];
    const std::size_t of = mean.num_benchmarks + mean.num_left_out;
    table.add_row(
        {mean.family.empty() ? "(all)" : mean.family, title_of_metric(mean),
         mean.num_left_out == 0 ? fmt::format("{}", of) : fmt::format("{} of {}", mean.num_benchmarks, of),
         percent(mean.log_ratio.shift), interval_of(mean)});
  }
  std::string more;
  if (means.size() > kMostMeans)
    more = fmt::format("\n{} further families changed less.\n", means.size() - kMostMeans);
  return fmt::format("\n## Geometric means\n\n{}{}", table.str(), more);
}

std::string family_means_text(const Comparison& comparison) {
  std::string text;
  const std::vector<FamilyMean> means = family_means(comparison);
  std::set<std::string> over_all;  // metrics of several families, which have a mean over all
  for (const FamilyMean& mean : means) {
    if (mean.family.empty()) over_all.insert(mean.metric);
  }
  for (const FamilyMean& mean : means) {
    if (!mean.family.empty() && over_all.contains(mean.metric)) continue;
    text += fmt::format("Geometric mean of {} benchmarks, {}: {} {}\n", mean.num_benchmarks,
                        title_of_metric(mean), percent(mean.log_ratio.shift), interval_of(mean));
  }
  return text;
}

json::array family_means_json(const Comparison& comparison) {
  json::array list;
  for (const FamilyMean& mean : family_means(comparison)) {
    json::object object{
        {"metric", mean.metric}, {"benchmarks", mean.num_benchmarks}, {"log_ratio", mean.log_ratio.shift}};
    if (!mean.family.empty()) object["family"] = mean.family;
    if (mean.log_ratio.interval) {
      object["log_ratio_lower"] = mean.log_ratio.interval->lower;
      object["log_ratio_upper"] = mean.log_ratio.interval->upper;
    }
    list.push_back(std::move(object));
  }
  return list;
}

}  // namespace trainbench::report
