#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace trainbench::stats {

/// The distances |x_i - x_k| within a window, summed so that the statistic of two neighbouring stretches
/// takes constant time. O(w^2) time and memory: for windows, not for a whole history. Values are finite.
class DistanceSums {
 public:
  explicit DistanceSums(std::span<const double> window);

  /// E-divisive's statistic of the n points of [begin, split) against the m of [split, end), both not empty
  /// (Matteson and James 2014): 2 / (n + m) sum |x - y| - 2m / ((n + m)(n - 1)) sum_{i<k} |x_i - x_k|
  /// - 2n / ((n + m)(m - 1)) sum_{i<k} |y_i - y_k|. A single point has no distance within.
  double q(std::size_t begin, std::size_t split, std::size_t end) const;

 private:
  double block(std::size_t row_begin, std::size_t row_end, std::size_t begin, std::size_t end) const;

  std::size_t stride_;
  std::vector<double> sums_;  // [i, k]: over the distances of the first i points to the first k
};

/// The best split of a stretch: between [begin, index) and [index, end), whatever follows.
struct DivisiveSplit {
  std::size_t index = 0;
  std::size_t end = 0;
  double q = 0;
};

/// Of all splits of [begin, last) and all ends up to `last`, with at least `min_points` on both sides, that
/// with the largest q; the first of equal ones. Nothing where none is above 0.
std::optional<DivisiveSplit> best_divisive_split(const DistanceSums& distances, std::size_t begin,
                                                 std::size_t last, std::size_t min_points);

}  // namespace trainbench::stats
