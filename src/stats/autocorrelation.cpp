#include "src/stats/autocorrelation.hpp"

#include <algorithm>

namespace trainbench::stats {
namespace {

constexpr double kLargestAutocorrelation = 0.95;
constexpr double kSmallestAutocorrelation = 0.3;

}  // namespace

double lag1_autocorrelation(std::span<const double> residuals) {
  double products = 0;
  double squares = 0;
  for (std::size_t i = 0; i < residuals.size(); ++i) {
    squares += residuals[i] * residuals[i];
    if (i > 0) products += residuals[i - 1] * residuals[i];
  }
  return squares > 0 ? products / squares : 0;
}

double unbiased_autocorrelation(std::span<const double> residuals, std::size_t num_means) {
  if (residuals.empty()) return 0;
  const double r = lag1_autocorrelation(residuals);
  const auto n = static_cast<double>(residuals.size());
  const double bias = (static_cast<double>(num_means) * (1 + r) + 3 * r) / n;
  return std::min(kLargestAutocorrelation, r + bias);
}

double variance_inflation(double r) {
  return r > kSmallestAutocorrelation ? (1 + r) / (1 - r) : 1;
}

}  // namespace trainbench::stats
