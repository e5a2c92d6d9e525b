#include "src/stats/energy_statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace trainbench::stats {
namespace {

constexpr double kThreeDecimals = 0.0015;  // what numpy calls three decimals

std::vector<double> range(int begin, int end, int step = 1) {
  std::vector<double> values;
  for (int value = begin; value < end; value += step) values.push_back(value);
  return values;
}

void expect_energy(const std::vector<double>& x, const std::vector<double>& y,
                   const EnergyStatistics& wanted) {
  const auto found = energy_statistics(x, y);
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->e, wanted.e, kThreeDecimals);
  EXPECT_NEAR(found->t, wanted.t, kThreeDecimals);
  EXPECT_NEAR(found->h, wanted.h, kThreeDecimals);
}

TEST(EnergyStatistics, MeetTheReferenceOfMongoDB) {
  expect_energy(range(1, 100), range(1, 105), {.e = 0.160, .t = 8.136, .h = 0.002});
  expect_energy(range(1, 100), range(10000, 13000, 14), {.e = 21859.691, .t = 1481794.709, .h = 0.954});
  expect_energy(range(1, 300), range(1000, 5000, 10), {.e = 4257.009, .t = 728381.015, .h = 0.748});
  expect_energy(range(300, 500), range(400, 900, 11), {.e = 268.352, .t = 10035.943, .h = 0.532});
}

TEST(EnergyStatistics, OfSingleValuesAreTwiceTheirDistance) {
  const auto found = energy_statistics(std::vector<double>{1}, std::vector<double>{4});
  EXPECT_EQ(found->e, 6);
  EXPECT_EQ(found->t, 3);
  EXPECT_EQ(found->h, 1);
}

TEST(EnergyStatistics, OfASampleAndItselfAreZero) {
  expect_energy(range(10, 70), range(10, 70), {});
  expect_energy({5, 5, 5}, {5, 5}, {});
}

TEST(EnergyStatistics, DoNotDependOnOrderShiftOrSide) {
  const std::vector<double> x = {3, 1, 2, 8};
  const std::vector<double> y = {7, 5, 6};
  const auto found = energy_statistics(x, y);
  const auto swapped = energy_statistics(y, x);
  const auto shifted =
      energy_statistics(std::vector<double>{101, 102, 103, 108}, std::vector<double>{105, 106, 107});
  EXPECT_NEAR(found->e, swapped->e, 1e-12);
  EXPECT_NEAR(found->e, shifted->e, 1e-12);
  EXPECT_NEAR(found->h, shifted->h, 1e-12);
}

TEST(EnergyStatistics, OfNothingOrANonFiniteValueAreNothing) {
  EXPECT_FALSE(energy_statistics({}, range(1, 5)));
  EXPECT_FALSE(energy_statistics(range(1, 5), {}));
  EXPECT_FALSE(energy_statistics(range(1, 5), std::vector<double>{std::numeric_limits<double>::quiet_NaN()}));
}

}  // namespace
}  // namespace trainbench::stats
