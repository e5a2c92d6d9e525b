#include "src/stats/e_divisive.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace trainbench::stats {
namespace {

const std::vector<double> kThreeLevels = {0.3,  2.4, 1.5,   -0.9,  -0.5,  99.7,  98.3,
                                          99.1, 149, 149.7, 149.5, 149.1, 148.8, 150};

TEST(EDivisive, MeetsTheReferenceOfMongoDB) {
  const DistanceSums distances(kThreeLevels);
  EXPECT_NEAR(distances.q(0, 5, 14), 761.2821428571428, 1e-9);
  EXPECT_NEAR(distances.q(0, 5, 8), 364.3, 1e-9);
  EXPECT_NEAR(distances.q(0, 8, 14), 581.7959183673468, 1e-9);
  EXPECT_NEAR(distances.q(0, 1, 2), 2.1, 1e-12);
}

TEST(EDivisive, SplitsTheReferenceAtFiveAndThenAtEight) {
  const DistanceSums distances(kThreeLevels);
  const auto first = best_divisive_split(distances, 0, 14, 1);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->index, 5);
  EXPECT_EQ(first->end, 14);
  EXPECT_NEAR(first->q, 761.2821428571428, 1e-9);
  const auto second = best_divisive_split(distances, 5, 14, 1);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->index, 8);
  EXPECT_NEAR(second->q, 198.2666666667, 1e-9);
}

TEST(EDivisive, OfTheSameStretchesTurnedIsTheSame) {
  const std::vector<double> turned(kThreeLevels.rbegin(), kThreeLevels.rend());
  EXPECT_NEAR(DistanceSums(turned).q(0, 9, 14), 761.2821428571428, 1e-9);
}

TEST(EDivisive, GrowsWithTheScaleAndNotWithAShift) {
  std::vector<double> other;
  for (const double value : kThreeLevels) other.push_back(4 * value - 1000);
  EXPECT_NEAR(DistanceSums(other).q(0, 5, 14), 4 * 761.2821428571428, 1e-8);
}

TEST(EDivisive, OfEqualValuesHasNoSplit) {
  EXPECT_FALSE(best_divisive_split(DistanceSums(std::vector<double>(10, 0.1)), 0, 10, 1));
  EXPECT_FALSE(best_divisive_split(DistanceSums(std::vector<double>{1, 2}), 0, 2, 3));
  EXPECT_FALSE(best_divisive_split(DistanceSums({}), 0, 0, 1));
}

}  // namespace
}  // namespace trainbench::stats
