#include "src/stats/change_points.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "src/stats/autocorrelation.hpp"
#include "src/stats/change_candidates.hpp"
#include "src/stats/least_deviations.hpp"
#include "src/stats/mean_step.hpp"
#include "src/stats/rank_tests.hpp"
#include "src/stats/summary.hpp"

namespace trainbench::stats {
namespace {

constexpr double kWeakFactor = 10;  // candidates may be that much less significant: merging decides
constexpr double kSmallestSeparation = 0.8;
constexpr std::size_t kVoteReach = 3;
constexpr std::size_t kMoveReach = 10;
constexpr int kMostMoves = 3;
constexpr std::size_t kNearest = 4;
constexpr double kGlitchReach = 10;

struct Trial {
  ChangePoint point;
  bool holds = false;
};

/// The candidates of a series on their way to its change points: tested, merged, moved and voted on.
class ChangeSearch {
 public:
  ChangeSearch(std::span<const double> values, const ChangePointOptions& options)
      : values_(values), options_(options) {
    options_.min_segment = std::max(options.min_segment, kFewestPoints);
    for (const std::size_t index : change_candidates(values, kWeakFactor * options.p))
      trials_.push_back({.point = {.index = index}});
  }

  std::vector<ChangePoint> run() {
    do {
      settle();
      move();
      settle();
    } while (drop_unvoted());
    std::vector<ChangePoint> points;
    for (const Trial& trial : trials_) points.push_back(trial.point);
    return points;
  }

 private:
  std::size_t begin_of(std::size_t i) const { return i == 0 ? 0 : trials_[i - 1].point.index; }
  std::size_t end_of(std::size_t i) const {
    return i + 1 == trials_.size() ? values_.size() : trials_[i + 1].point.index;
  }
  std::size_t fewest_after(std::size_t i) const {
    return i + 1 == trials_.size() ? kFewestPoints : options_.min_segment;
  }
  std::span<const double> before(std::size_t i) const {
    return values_.subspan(begin_of(i), trials_[i].point.index - begin_of(i));
  }
  std::span<const double> after(std::size_t i) const {
    return values_.subspan(trials_[i].point.index, end_of(i) - trials_[i].point.index);
  }

  /// Drops what does not hold until all do. What is left is tested against the noise that it leaves, which
  /// only grows as changes are dropped.
  void settle() {
    std::size_t num_before = 0;
    do {
      num_before = trials_.size();
      learn_noise();
      for (std::size_t i = 0; i < trials_.size(); ++i) test(i);
      merge();
    } while (trials_.size() < num_before);
  }

  void learn_noise() {
    std::vector<double> residuals;
    residuals.reserve(values_.size());
    double squares = 0;
    for (std::size_t i = 0; i <= trials_.size(); ++i) {
      const std::size_t begin = begin_of(i);
      const std::size_t end = i == trials_.size() ? values_.size() : trials_[i].point.index;
      const auto segment = values_.subspan(begin, end - begin);
      const double mean = exact_moments(segment).mean;
      for (const double value : segment) {
        residuals.push_back(value - mean);
        squares += (value - mean) * (value - mean);
      }
    }
    const std::size_t num_means = trials_.size() + 1;
    noise_.inflation = variance_inflation(unbiased_autocorrelation(residuals, num_means));
    noise_.variance = squares / static_cast<double>(values_.size() - num_means);
  }

  void test(std::size_t i) {
    Trial& trial = trials_[i];
    const Moments left = exact_moments(before(i));
    const Moments right = exact_moments(after(i));
    trial.point.before = left.mean;
    trial.point.after = right.mean;
    trial.point.p = step_p(left, right, noise_);
    trial.holds = left.n >= options_.min_segment && right.n >= fewest_after(i) &&
                  trial.point.p <= options_.p && std::abs(right.mean - left.mean) > options_.zone &&
                  is_separated(i);
  }

  bool is_separated(std::size_t i) const {
    const double superiority = *probability_of_superiority(before(i), after(i));
    return std::max(superiority, 1 - superiority) >= kSmallestSeparation;
  }

  /// The least significant of those that fail goes first: what it kept apart may hold together.
  void merge() {
    for (;;) {
      auto worst = trials_.end();
      for (auto trial = trials_.begin(); trial != trials_.end(); ++trial) {
        if (!trial->holds && (worst == trials_.end() || trial->point.p > worst->point.p)) worst = trial;
      }
      if (worst == trials_.end()) return;
      const auto next = static_cast<std::size_t>(trials_.erase(worst) - trials_.begin());
      if (next > 0) test(next - 1);
      if (next < trials_.size()) test(next);
    }
  }

  /// To where two medians fit best: a candidate stands where a window's split was best.
  void move() {
    bool moved = true;
    for (int round = 0; moved && round < kMostMoves; ++round) {
      moved = false;
      for (std::size_t i = 0; i < trials_.size(); ++i) {
        const std::size_t best = best_place(i);
        moved = moved || best != trials_[i].point.index;
        trials_[i].point.index = best;
      }
    }
  }

  std::size_t best_place(std::size_t i) const {
    const std::size_t here = trials_[i].point.index;
    const std::size_t first = std::max(begin_of(i) + options_.min_segment, here - std::min(here, kMoveReach));
    const std::size_t last = std::min(end_of(i) - fewest_after(i), here + kMoveReach);
    const double low = *median(before(i));
    const double high = *median(after(i));
    const auto distance = [&](std::size_t place) { return place > here ? place - here : here - place; };
    std::size_t best = first;
    double deviation = 0;  // more than with the step at `first`
    double least = 0;
    for (std::size_t place = first + 1; place <= last; ++place) {
      deviation += std::abs(values_[place - 1] - low) - std::abs(values_[place - 1] - high);
      if (deviation < least || (deviation == least && distance(place) < distance(best))) {
        least = deviation;
        best = place;
      }
    }
    return best;
  }

  bool drop_unvoted() {
    if (trials_.empty()) return false;
    if (!votes_) votes_ = least_deviations_steps_in_windows(values_, kFewestPoints);
    return std::erase_if(trials_, [&](const Trial& trial) {
             return std::none_of(votes_->begin(), votes_->end(), [&](std::size_t vote) {
               const std::size_t index = trial.point.index;
               return std::max(vote, index) - std::min(vote, index) <= kVoteReach;
             });
           }) > 0;
  }

  std::span<const double> values_;
  ChangePointOptions options_;
  std::vector<Trial> trials_;  // ascending, at least one point between two
  StepNoise noise_;
  std::optional<std::vector<std::size_t>> votes_;  // of the second detector, once asked
};

/// The power of two that is next above the spread of the values: divided by it, no square overflows, and none
/// that matters underflows. 0 where all are equal.
int exponent_of_spread(std::span<const double> values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  const double half = *most / 2 - *least / 2;
  return half > 0 ? std::ilogb(half) + 2 : 0;
}

/// Brings a value that stands alone to at most ten times the range of its four nearest beyond it: one glitch
/// of a hundred standard deviations would swell the variance of its whole segment and hide a change there.
/// Three values of a new level are among each other's nearest, and stay.
std::vector<double> without_glitches(std::span<const double> values) {
  std::vector<double> limited(values.begin(), values.end());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t begin = std::min(i - std::min<std::size_t>(i, 2), values.size() - kNearest - 1);
    double least = std::numeric_limits<double>::infinity();
    double most = -least;
    for (std::size_t k = begin; k <= begin + kNearest; ++k) {
      if (k == i) continue;
      least = std::min(least, values[k]);
      most = std::max(most, values[k]);
    }
    const double reach = kGlitchReach * (most - least);
    if (reach > 0) limited[i] = std::clamp(values[i], least - reach, most + reach);
  }
  return limited;
}

double mean_between(std::span<const double> values, std::size_t begin, std::size_t end) {
  return exact_moments(values.subspan(begin, end - begin)).mean;
}

}  // namespace

std::vector<ChangePoint> find_change_points(std::span<const double> values,
                                            const ChangePointOptions& options) {
  if (!std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); }))
    throw std::logic_error("A series with a value that is not finite has no change points.");
  if (values.size() < 2 * kFewestPoints) return {};
  const int exponent = exponent_of_spread(values);
  std::vector<double> scaled(values.begin(), values.end());
  for (double& value : scaled) value = std::ldexp(value, -exponent);
  ChangePointOptions scaled_options = options;
  scaled_options.zone = std::ldexp(options.zone, -exponent);
  const std::vector<double> limited = without_glitches(scaled);
  std::vector<ChangePoint> points = ChangeSearch(limited, scaled_options).run();
  for (std::size_t i = 0; i < points.size(); ++i) {
    ChangePoint& point = points[i];
    const std::size_t begin = i == 0 ? 0 : points[i - 1].index;
    const std::size_t end = i + 1 == points.size() ? values.size() : points[i + 1].index;
    point.before = std::ldexp(mean_between(scaled, begin, point.index), exponent);
    point.after = std::ldexp(mean_between(scaled, point.index, end), exponent);
    point.tentative = values.size() - point.index <= kFewestPoints;
  }
  return points;
}

}  // namespace trainbench::stats
