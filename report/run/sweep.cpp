#include "report/run/sweep.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "report/text/format.hpp"

namespace trainbench::report {
namespace {

constexpr std::string_view kAxis = "batch";
constexpr std::size_t kFewestBatches = 3;

std::optional<std::int64_t> batch_of(const Series& series) {
  for (const Argument& argument : series.name.arguments) {
    if (argument.name != kAxis) continue;
    std::int64_t batch = 0;
    const char* end = argument.value.data() + argument.value.size();
    const auto [stop, error] = std::from_chars(argument.value.data(), end, batch);
    if (error == std::errc() && stop == end && batch > 0) return batch;
  }
  return std::nullopt;
}

std::string other_arguments(const Series& series) {
  std::string text;
  for (const Argument& argument : series.name.arguments) {
    if (argument.name != kAxis) text += fmt::format("/{}:{}", argument.name, argument.value);
  }
  return text;
}

bool any_has(const std::vector<SweepPoint>& points, const Measure& measure) {
  return std::any_of(points.begin(), points.end(), [&](const SweepPoint& point) {
    return estimate_of(*point.series, measure).has_value();
  });
}

template <std::size_t count>
std::optional<Measure> first_that_any_has(const std::vector<SweepPoint>& points,
                                          const std::array<const char*, count>& names) {
  for (const char* name : names) {
    const Measure measure{Quantity::metric, name};
    if (any_has(points, measure)) return measure;
  }
  return std::nullopt;
}

/// Nothing for a median that is not a positive number: such a point is no result.
std::optional<double> throughput_of(const Sweep& sweep, const SweepPoint& point) {
  const auto estimate = estimate_of(*point.series, sweep.throughput);
  if (!estimate || !std::isfinite(estimate->median) || estimate->median <= 0) return std::nullopt;
  return estimate->median;
}

std::optional<std::size_t> best_of(const Sweep& sweep) {
  std::optional<std::size_t> best;
  double most = 0;
  for (std::size_t i = 0; i < sweep.points.size(); ++i) {
    const auto throughput = throughput_of(sweep, sweep.points[i]);
    if (!throughput || *throughput <= most) continue;
    most = *throughput;
    best = i;
  }
  return best;
}

Standing standing_of(const stats::RatioEstimate& of_best) {
  const double lower = of_best.interval ? of_best.interval->lower : of_best.ratio;
  const double upper = of_best.interval ? of_best.interval->upper : of_best.ratio;
  switch (place_of(lower, upper, {1 - kThroughputZone, 1 / (1 - kThroughputZone)})) {
    case Place::inside:
      return Standing::equivalent;
    case Place::below:
      return Standing::slower;
    case Place::above:
    case Place::across:
      break;
  }
  return Standing::undecided;
}

void rank(Sweep& sweep) {
  sweep.best = best_of(sweep);
  if (!sweep.best) return;
  const Series& best = *sweep.points[*sweep.best].series;
  for (std::size_t i = 0; i < sweep.points.size(); ++i) {
    SweepPoint& point = sweep.points[i];
    if (!throughput_of(sweep, point)) continue;
    if (i == *sweep.best) {
      point.standing = Standing::best;
    } else if ((point.of_best = ratio_of(best, *point.series, sweep.throughput, kZoneConfidence))) {
      point.standing = standing_of(*point.of_best);
    }
  }
  const auto has_result = [](const SweepPoint& point) { return point.standing != Standing::no_result; };
  if (std::count_if(sweep.points.begin(), sweep.points.end(), has_result) < 2) return;
  const auto spot = std::find_if(sweep.points.begin(), sweep.points.end(), [](const SweepPoint& point) {
    return point.standing == Standing::best || point.standing == Standing::equivalent;
  });
  sweep.sweet_spot = static_cast<std::size_t>(spot - sweep.points.begin());
}

std::string memory_clause(const Sweep& sweep, const SweepPoint& spot, const SweepPoint& best) {
  if (!sweep.memory) return "";
  const auto own = estimate_of(*spot.series, *sweep.memory);
  const auto other = estimate_of(*best.series, *sweep.memory);
  if (!own || !other || other->median <= 0) return "";
  return fmt::format(" at {} % of its memory", format_fixed(100 * own->median / other->median, 0));
}

/// "batch 128 (97.1 % [95.5, 98.6])", of all points of a kind that stand before `end`.
std::vector<std::string> named(const Sweep& sweep, std::size_t end, Standing standing) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < end; ++i) {
    const SweepPoint& point = sweep.points[i];
    if (point.standing == standing)
      names.push_back(fmt::format("batch {} ({})", point.batch, format_share(*point.of_best)));
  }
  return names;
}

std::string result_sentence(const Sweep& sweep) {
  const SweepPoint& spot = sweep.points[*sweep.sweet_spot];
  const SweepPoint& best = sweep.points[*sweep.best];
  if (&spot != &best) {
    return fmt::format("sweet spot batch {}: {} of the best ({}){}.", spot.batch, format_share(*spot.of_best),
                       best.batch, memory_clause(sweep, spot, best));
  }
  const std::string_view reason = *sweep.best == 0 ? "the smallest and the best"
                                                   : "the best, and no smaller one is shown to be within 3 %";
  return fmt::format("sweet spot batch {}: {}.", best.batch, reason);
}

/// Where the best is the largest batch, one beyond it may be better still.
std::string edge_sentence(const Sweep& sweep) {
  if (*sweep.best + 1 != sweep.points.size()) return "";
  return " The best is the largest batch of the sweep: larger ones may be faster.";
}

}  // namespace

std::vector<Sweep> find_sweeps(std::span<const Series> series, std::size_t num_runs) {
  std::map<std::tuple<std::string_view, std::string, std::size_t>, std::vector<SweepPoint>> groups;
  std::vector<Sweep> sweeps;
  for (const auto& family : group_families(series)) {
    groups.clear();
    for (const Series& one : family) {
      if (const auto batch = batch_of(one))
        groups[{one.name.family, other_arguments(one), one.run}].push_back({.batch = *batch, .series = &one});
    }
    for (auto& [key, points] : groups) {
      const auto& [name, others, run] = key;
      std::stable_sort(points.begin(), points.end(),
                       [](const SweepPoint& a, const SweepPoint& b) { return a.batch < b.batch; });
      std::set<std::int64_t> batches;
      for (const SweepPoint& point : points) batches.insert(point.batch);
      const auto throughput = first_that_any_has(points, std::array{"images_per_second", "items_per_second"});
      if (batches.size() < kFewestBatches || !throughput) continue;
      Sweep& sweep = sweeps.emplace_back();
      sweep.label = fmt::format("{}{}{}", num_runs > 1 ? fmt::format("run {}: ", run + 1) : "", name, others);
      sweep.run = run;
      sweep.family = name;
      sweep.throughput = *throughput;
      sweep.memory = first_that_any_has(points, std::array{"gpu_peak_allocated_mib", "gpu_peak_reserved_mib",
                                                           "gpu_process_mib", "peak_rss_mib"});
      sweep.points = std::move(points);
      rank(sweep);
    }
  }
  return sweeps;
}

std::string sweet_spot_sentences(const Sweep& sweep) {
  if (!sweep.best) return "no batch has a throughput above 0.";
  if (!sweep.sweet_spot) {
    return fmt::format("only batch {} has a result: there is nothing to compare it with.",
                       sweep.points[*sweep.best].batch);
  }
  std::string text = result_sentence(sweep) + edge_sentence(sweep);
  const auto undecided = named(sweep, *sweep.sweet_spot, Standing::undecided);
  if (!undecided.empty()) {
    text += fmt::format(
        " The noise does not tell whether a smaller one is within 3 % too: {}; raise "
        "--benchmark_repetitions.",
        fmt::join(undecided, ", "));
  }
  const bool by_medians = std::any_of(sweep.points.begin(), sweep.points.end(),
                                      [](const SweepPoint& point) { return point.by_medians(); });
  if (by_medians) {
    text +=
        " There are too few repetitions for a 90 % interval, so medians alone decided: raise "
        "--benchmark_repetitions.";
  }
  return text;
}

}  // namespace trainbench::report
