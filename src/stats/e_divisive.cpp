#include "src/stats/e_divisive.hpp"

#include <cmath>

namespace trainbench::stats {

DistanceSums::DistanceSums(std::span<const double> window)
    : stride_(window.size() + 1), sums_(stride_ * stride_, 0.0) {
  for (std::size_t i = 0; i < window.size(); ++i) {
    double row = 0;
    for (std::size_t k = 0; k < window.size(); ++k) {
      row += std::abs(window[i] - window[k]);
      sums_[(i + 1) * stride_ + k + 1] = sums_[i * stride_ + k + 1] + row;
    }
  }
}

double DistanceSums::block(std::size_t row_begin, std::size_t row_end, std::size_t begin,
                           std::size_t end) const {
  return sums_[row_end * stride_ + end] - sums_[row_begin * stride_ + end] -
         sums_[row_end * stride_ + begin] + sums_[row_begin * stride_ + begin];
}

double DistanceSums::q(std::size_t begin, std::size_t split, std::size_t end) const {
  const auto n = static_cast<double>(split - begin);
  const auto m = static_cast<double>(end - split);
  double q = 2 / (n + m) * block(begin, split, split, end);
  // A block of a stretch against itself holds every pair twice.
  if (n > 1) q -= m / ((n + m) * (n - 1)) * block(begin, split, begin, split);
  if (m > 1) q -= n / ((n + m) * (m - 1)) * block(split, end, split, end);
  return q;
}

std::optional<DivisiveSplit> best_divisive_split(const DistanceSums& distances, std::size_t begin,
                                                 std::size_t last, std::size_t min_points) {
  DivisiveSplit best;
  for (std::size_t index = begin + min_points; index + min_points <= last; ++index) {
    for (std::size_t end = index + min_points; end <= last; ++end) {
      const double q = distances.q(begin, index, end);
      if (q > best.q) best = {.index = index, .end = end, .q = q};
    }
  }
  if (!(best.q > 0)) return std::nullopt;
  return best;
}

}  // namespace trainbench::stats
