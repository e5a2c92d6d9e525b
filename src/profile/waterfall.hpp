#pragma once

#include <compare>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "src/profile/records.hpp"
#include "src/stats/rank_tests.hpp"

namespace trainbench::profile {

/// What a piece of the step's time belongs to. Parts that do not apply are empty.
struct ShareKey {
  StepPhase phase = StepPhase::none;
  std::string layer;
  std::string operator_name;  // in parentheses: what no operator covers
  std::string kernel;         // of a GPU profile the kernel, else the implementation
  std::string shape;
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes the comparison's own 0 for a pointer
  auto operator<=>(const ShareKey&) const = default;
};
struct Share {
  std::int64_t calls = 0;
  std::int64_t ns = 0;
};

/// The window of one profile, cut into shares that sum to it exactly. With GPU records: each kernel's, copy's
/// and set's time, less what ran at once with others ("(at once)", negative), and idle time by cause.
/// Without: operators' self times on the main thread, and what lies outside operators.
struct Shares {
  std::map<ShareKey, Share> rows;
  std::int64_t window_ns = 0;
  std::int64_t steps = 0;  // training steps, at least 1
};
enum class Clockwork { host, device };
Shares shares_of(const Profile& profile, Clockwork clockwork);

/// How much of the difference of step times one key makes. Exact: a time per step is a fraction with the
/// denominator `Waterfall::denominator`, of which these are the numerators.
struct WaterfallRow {
  ShareKey key;
  Share baseline;  // over all processes
  Share contender;
  std::int64_t change = 0;       // = by_calls + by_duration
  std::int64_t by_calls = 0;     // more or fewer calls, each as long as the baseline's
  std::int64_t by_duration = 0;  // longer or shorter calls
  /// Of the change in ns per step, at 95 %, from the processes' own steps; absent below five on a side.
  std::optional<stats::Interval> interval;
  /// The interval is there and holds 0.
  bool is_noise() const;
};

/// One kernel or implementation of an operator in a layer gave way to another.
struct Substitution {
  ShareKey from;
  ShareKey to;
  std::int64_t change = 0;
};

struct Waterfall {
  std::int64_t denominator = 1;
  std::int64_t change = 0;  // contender's step less the baseline's: the sum of the rows
  double baseline_step_ns = 0;
  double contender_step_ns = 0;
  std::size_t baseline_processes = 0;
  std::size_t contender_processes = 0;
  Clockwork clockwork = Clockwork::host;
  std::vector<WaterfallRow> rows;  // largest change in either direction first
  std::vector<Substitution> substitutions;
};

/// How finely the step is cut: `shapes` by the whole ShareKey, `operators` by phase, operator and kernel.
enum class Detail { shapes, operators };

/// From the baseline's time per step to the contender's, over all processes of each. On the device where
/// every profile has GPU records. Throws std::logic_error where a side is empty, InputError
/// (`not_comparable`) where the sides hold more time or steps than exact sums can.
Waterfall waterfall(std::span<const Profile> baseline, std::span<const Profile> contender,
                    Detail detail = Detail::shapes);

/// The first thing that makes two profiles unlike: benchmark, recorder, a fact of measurement or machine, the
/// number of steps. Nothing where they are alike.
std::optional<std::string> unlikeness(const Profile& a, const Profile& b);

}  // namespace trainbench::profile
