#include "src/stats/least_deviations.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "src/stats/autocorrelation.hpp"
#include "src/stats/summary.hpp"

namespace trainbench::stats {
namespace {

constexpr std::size_t kPottsWindow = 100;
constexpr std::size_t kPottsWindowStep = 50;
constexpr double kPathRatio = 0.75;
constexpr int kPathLength = 60;  // down to 3e-8 of the first: small steps beside large ones
constexpr double kPenaltyOfStep = 4;

/// sum |x - median| of every stretch.
class StretchDeviations {
 public:
  explicit StretchDeviations(std::span<const double> values)
      : stride_(values.size() + 1), sums_(stride_ * stride_, 0.0) {
    std::vector<double> sorted;
    for (std::size_t begin = 0; begin < values.size(); ++begin) {
      sorted.clear();
      double sum = 0;
      for (std::size_t end = begin; end < values.size(); ++end) {
        const double value = values[end];
        // Any centre between the two middle values is a median, and stays one when a value comes between.
        if (!sorted.empty()) {
          const double low = sorted[(sorted.size() - 1) / 2];
          const double high = sorted[sorted.size() / 2];
          sum += std::abs(value - std::clamp(value, low, high));
        }
        sorted.insert(std::upper_bound(sorted.begin(), sorted.end(), value), value);
        sums_[begin * stride_ + end + 1] = sum;
      }
    }
  }

  double of(std::size_t begin, std::size_t end) const { return sums_[begin * stride_ + end]; }
  std::size_t size() const { return stride_ - 1; }

 private:
  std::size_t stride_;
  std::vector<double> sums_;
};

struct PottsFit {
  std::vector<std::size_t> steps;
  double deviation = 0;
};

PottsFit potts_fit(const StretchDeviations& deviations, double penalty, std::size_t min_points) {
  const std::size_t n = deviations.size();
  std::vector<double> least(n + 1, std::numeric_limits<double>::infinity());
  std::vector<std::size_t> previous(n + 1, 0);
  least[0] = 0;
  for (std::size_t end = min_points; end <= n; ++end) {
    for (std::size_t begin = 0; begin + min_points <= end; ++begin) {
      const double sum = least[begin] + penalty + deviations.of(begin, end);
      if (sum < least[end]) {
        least[end] = sum;
        previous[end] = begin;
      }
    }
  }
  PottsFit fit;
  for (std::size_t end = n; end > 0; end = previous[end]) {
    fit.deviation += deviations.of(previous[end], end);
    if (previous[end] > 0) fit.steps.push_back(previous[end]);
  }
  std::reverse(fit.steps.begin(), fit.steps.end());
  return fit;
}

/// The points that the fit's residuals are worth.
double effective_points(std::span<const double> values, const PottsFit& fit) {
  std::vector<double> residuals;
  residuals.reserve(values.size());
  for (std::size_t i = 0; i <= fit.steps.size(); ++i) {
    const std::size_t begin = i == 0 ? 0 : fit.steps[i - 1];
    const std::size_t end = i == fit.steps.size() ? values.size() : fit.steps[i];
    const auto piece = values.subspan(begin, end - begin);
    const double level = *median(piece);
    for (const double value : piece) residuals.push_back(value - level);
  }
  const double r = unbiased_autocorrelation(residuals, fit.steps.size() + 1);
  return static_cast<double>(values.size()) / std::cbrt(variance_inflation(r));
}

bool is_better(std::span<const double> values, const PottsFit& fit, const PottsFit& best) {
  if (fit.steps.size() == best.steps.size()) return false;
  const double more_steps = static_cast<double>(fit.steps.size()) - static_cast<double>(best.steps.size());
  const double price = kPenaltyOfStep * more_steps * std::log(static_cast<double>(values.size()));
  return effective_points(values, fit) * std::log(fit.deviation / best.deviation) + price < 0;
}

}  // namespace

std::vector<std::size_t> least_deviations_steps(std::span<const double> values, std::size_t min_points) {
  if (values.size() < 2 * min_points || min_points == 0) return {};
  const StretchDeviations deviations(values);
  // A penalty of the whole deviation allows no step.
  double penalty = deviations.of(0, values.size());
  PottsFit best{.steps = {}, .deviation = penalty};
  for (int i = 0; i < kPathLength && best.deviation > 0; ++i) {
    penalty *= kPathRatio;
    PottsFit fit = potts_fit(deviations, penalty, min_points);
    if (is_better(values, fit, best)) best = std::move(fit);
  }
  return best.steps;
}

std::vector<std::size_t> least_deviations_steps_in_windows(std::span<const double> values,
                                                           std::size_t min_points) {
  std::vector<std::size_t> all;
  const std::size_t window = std::min(kPottsWindow, values.size());
  for (std::size_t next = 0;; next += kPottsWindowStep) {
    const std::size_t begin = std::min(next, values.size() - window);
    for (const std::size_t step : least_deviations_steps(values.subspan(begin, window), min_points))
      all.push_back(begin + step);
    if (begin + window == values.size()) break;
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

}  // namespace trainbench::stats
