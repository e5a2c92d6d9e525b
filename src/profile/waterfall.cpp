#include "src/profile/waterfall.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "src/base/errors.hpp"
#include "src/profile/attribution.hpp"
#include "src/profile/closure.hpp"
#include "src/profile/device_time.hpp"
#include "src/profile/intervals.hpp"

namespace trainbench::profile {
namespace {

constexpr std::size_t kFewestProcesses = 5;

void add(Shares& shares, const ShareKey& key, std::int64_t calls, std::int64_t ns) {
  Share& share = shares.rows[key];
  share.calls += calls;
  share.ns += ns;
}

void add_host(const Profile& profile, Shares& shares) {
  const std::vector<OperatorPlace> places = attribute(profile);
  for (std::size_t i = 0; i < profile.operators.size(); ++i) {
    const OperatorRecord& record = profile.operators[i];
    if (record.thread != profile.main_thread || !places[i].in_window) continue;
    add(shares,
        {.phase = places[i].phase,
         .layer = places[i].layer,
         .operator_name = display_name(profile, places, static_cast<Index>(i)),
         .kernel = profile.names.text(record.implementation),
         .shape = profile.names.text(record.inputs)},
        1, places[i].self_ns);
  }
  for (const HostRow& row : host_rows(profile, places)) {
    if (!row.is_operator) add(shares, {.phase = row.phase, .operator_name = row.name}, 0, row.self_ns);
  }
}

void add_records(const Profile& profile, Index device, Shares& shares) {
  const std::vector<OperatorPlace> places = attribute(profile);
  const Span window = window_of(profile);
  std::map<NameId, std::string> short_names;
  for (const GpuRecord& record : profile.gpu) {
    const std::int64_t length = clipped(record.time, window).length();
    if (record.device != device || length == 0) continue;
    std::string& kernel = short_names[record.name];
    if (kernel.empty()) kernel = short_kernel_name(profile.names.text(record.name));
    ShareKey key{.kernel = kernel, .shape = profile.names.text(record.geometry)};
    if (record.caller != kNone) {
      const OperatorPlace& place = places[static_cast<std::size_t>(record.caller)];
      key.phase = place.phase;
      key.layer = place.layer;
      key.operator_name = display_name(profile, places, record.caller);
    }
    add(shares, key, 1, length);
  }
}

void add_device(const Profile& profile, Shares& shares) {
  const Index device = devices_of(profile).front();
  add_records(profile, device, shares);
  std::int64_t durations = 0;
  for (const auto& [key, share] : shares.rows) durations += share.ns;
  const DeviceTime time = device_time(profile, device);
  const std::pair<const char*, std::int64_t> rows[] = {
      {"(at once)", time.busy_ns - durations},
      {"(idle: host-bound)", time.host_bound_ns},
      {"(idle: launch latency)", time.launch_latency_ns},
      {"(idle: back to back)", time.back_to_back_ns},
      {"(idle: dependency or synchronisation)", time.dependency_ns},
      {"(idle: recording)", time.recording_ns},
      {"(idle: launch unknown)", time.unknown_ns},
      {"(idle: behind the last record)", time.drained_ns},
  };
  for (const auto& [name, ns] : rows) {
    if (ns != 0) add(shares, {.operator_name = name}, 0, ns);
  }
}

Shares sum_of(const std::vector<Shares>& processes) {
  Shares sum;
  for (const Shares& process : processes) {
    sum.window_ns += process.window_ns;
    sum.steps += process.steps;
    for (const auto& [key, share] : process.rows) add(sum, key, share.calls, share.ns);
  }
  return sum;
}

Share share_of(const Shares& shares, const ShareKey& key) {
  const auto found = shares.rows.find(key);
  return found == shares.rows.end() ? Share{} : found->second;
}

std::vector<double> per_step(const std::vector<Shares>& processes, const ShareKey& key) {
  std::vector<double> values;
  values.reserve(processes.size());
  for (const Shares& process : processes)
    values.push_back(static_cast<double>(share_of(process, key).ns) / static_cast<double>(process.steps));
  return values;
}

/// Whole numbers throughout; what rounding leaves goes to the duration, so that the two sum to the change.
void split_change(WaterfallRow& row, std::int64_t baseline_steps, std::int64_t contender_steps) {
  row.change = row.contender.ns * baseline_steps - row.baseline.ns * contender_steps;
  const std::int64_t calls = row.contender.calls * baseline_steps - row.baseline.calls * contender_steps;
  const Share& known = row.baseline.calls > 0 ? row.baseline : row.contender;
  if (known.calls > 0) {
    const double each = static_cast<double>(known.ns) / static_cast<double>(known.calls);
    row.by_calls = std::llround(each * static_cast<double>(calls));
  }
  // Where one side has none, all of it is calls.
  if (row.baseline.calls == 0 || row.contender.calls == 0) row.by_calls = calls == 0 ? 0 : row.change;
  row.by_duration = row.change - row.by_calls;
}

std::vector<Substitution> substitutions_in(const std::vector<WaterfallRow>& rows) {
  using SharePlace = std::tuple<StepPhase, std::string, std::string>;
  std::map<SharePlace, std::pair<std::vector<const WaterfallRow*>, std::vector<const WaterfallRow*>>> places;
  for (const WaterfallRow& row : rows) {
    if (row.key.kernel.empty()) continue;
    auto& [gone, come] = places[{row.key.phase, row.key.layer, row.key.operator_name}];
    if (row.contender.calls == 0) gone.push_back(&row);
    if (row.baseline.calls == 0) come.push_back(&row);
  }
  std::vector<Substitution> result;
  for (const auto& [place, pair] : places) {
    const auto& [gone, come] = pair;
    // More than one on both sides: which took whose place, nothing tells.
    if (gone.size() != 1 || come.size() != 1 || gone[0]->key.kernel == come[0]->key.kernel) continue;
    result.push_back({gone[0]->key, come[0]->key, gone[0]->change + come[0]->change});
  }
  std::stable_sort(result.begin(), result.end(), [](const Substitution& a, const Substitution& b) {
    return std::abs(a.change) > std::abs(b.change);
  });
  return result;
}

/// Every sum below is of products of one side's times or calls and the other's steps.
void require_exact(const Shares& a, const Shares& b) {
  const auto most_of = [](const Shares& shares) {
    auto ns = static_cast<double>(std::abs(shares.window_ns));
    double calls = 0;
    for (const auto& [key, share] : shares.rows) {
      ns += std::abs(static_cast<double>(share.ns));
      calls += static_cast<double>(share.calls);
    }
    return std::max({ns, calls, static_cast<double>(shares.steps)});
  };
  constexpr double kMost = 0x1p61;
  if (std::max(most_of(a) * static_cast<double>(b.steps), most_of(b) * static_cast<double>(a.steps)) < kMost)
    return;
  throw InputError(
      fmt::format("The profiles hold {} and {} steps of {:g} and {:g} s in all: too much for exact "
                  "sums. Compare fewer of them.",
                  a.steps, b.steps, 1e-9 * static_cast<double>(a.window_ns),
                  1e-9 * static_cast<double>(b.window_ns)),
      ExitCode::not_comparable);
}

Shares without_places(const Shares& shares) {
  Shares coarse{.rows = {}, .window_ns = shares.window_ns, .steps = shares.steps};
  for (const auto& [key, share] : shares.rows) {
    const ShareKey place{.phase = key.phase,
                         .layer = "",
                         .operator_name = key.operator_name,
                         .kernel = key.kernel,
                         .shape = ""};
    add(coarse, place, share.calls, share.ns);
  }
  return coarse;
}

std::vector<Shares> all_shares(std::span<const Profile> profiles, Clockwork clockwork, Detail detail) {
  std::vector<Shares> shares;
  shares.reserve(profiles.size());
  for (const Profile& profile : profiles) {
    shares.push_back(shares_of(profile, clockwork));
    if (detail == Detail::operators) shares.back() = without_places(shares.back());
  }
  return shares;
}

std::optional<std::string> first_difference(const char* kind, const Facts& a, const Facts& b) {
  std::set<std::string> names;
  for (const auto& [name, value] : a) names.insert(name);
  for (const auto& [name, value] : b) names.insert(name);
  for (const std::string& name : names) {
    const std::string value_a = fact_or_unknown(a, name);
    const std::string value_b = fact_or_unknown(b, name);
    if (value_a != value_b) return fmt::format("{} '{}' is '{}' and '{}'", kind, name, value_a, value_b);
  }
  return std::nullopt;
}

}  // namespace

Shares shares_of(const Profile& profile, Clockwork clockwork) {
  Shares shares;
  shares.window_ns = window_of(profile).length();
  shares.steps = training_steps_of(profile);
  clockwork == Clockwork::device ? add_device(profile, shares) : add_host(profile, shares);
  return shares;
}

bool WaterfallRow::is_noise() const {
  return interval && interval->lower <= 0 && interval->upper >= 0;
}

Waterfall waterfall(std::span<const Profile> baseline, std::span<const Profile> contender, Detail detail) {
  if (baseline.empty() || contender.empty())
    throw std::logic_error("A waterfall needs profiles on both sides.");
  const auto has_gpu = [](const Profile& profile) { return !profile.gpu.empty(); };
  Waterfall result{.baseline_processes = baseline.size(), .contender_processes = contender.size()};
  if (std::all_of(baseline.begin(), baseline.end(), has_gpu) &&
      std::all_of(contender.begin(), contender.end(), has_gpu))
    result.clockwork = Clockwork::device;
  const std::vector<Shares> of_baseline = all_shares(baseline, result.clockwork, detail);
  const std::vector<Shares> of_contender = all_shares(contender, result.clockwork, detail);
  const Shares a = sum_of(of_baseline);
  const Shares b = sum_of(of_contender);
  require_exact(a, b);
  result.denominator = a.steps * b.steps;
  result.change = b.window_ns * a.steps - a.window_ns * b.steps;
  result.baseline_step_ns = static_cast<double>(a.window_ns) / static_cast<double>(a.steps);
  result.contender_step_ns = static_cast<double>(b.window_ns) / static_cast<double>(b.steps);
  std::set<ShareKey> keys;
  for (const auto& [key, share] : a.rows) keys.insert(key);
  for (const auto& [key, share] : b.rows) keys.insert(key);
  const bool enough = std::min(baseline.size(), contender.size()) >= kFewestProcesses;
  for (const ShareKey& key : keys) {
    WaterfallRow row{.key = key, .baseline = share_of(a, key), .contender = share_of(b, key)};
    split_change(row, a.steps, b.steps);
    if (enough) {
      const auto shift = stats::hodges_lehmann(per_step(of_baseline, key), per_step(of_contender, key), 0.95);
      if (shift) row.interval = shift->interval;
    }
    result.rows.push_back(std::move(row));
  }
  std::stable_sort(result.rows.begin(), result.rows.end(), [](const WaterfallRow& x, const WaterfallRow& y) {
    return std::abs(x.change) > std::abs(y.change);
  });
  result.substitutions = substitutions_in(result.rows);
  return result;
}

std::optional<std::string> unlikeness(const Profile& a, const Profile& b) {
  if (a.benchmark != b.benchmark)
    return fmt::format("the benchmark is '{}' and '{}'", a.benchmark, b.benchmark);
  if (a.recorded_by != b.recorded_by)
    return fmt::format("the recorder is '{}' and '{}'", a.recorded_by, b.recorded_by);
  if (training_steps_of(a) != training_steps_of(b)) {
    return fmt::format("the number of recorded steps is {} and {}", training_steps_of(a),
                       training_steps_of(b));
  }
  if (auto fact = first_difference("the machine's", a.machine, b.machine)) return fact;
  return first_difference("the measurement's", a.measurement, b.measurement);
}

}  // namespace trainbench::profile
