#include "src/stats/generalised_esd.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <vector>

namespace trainbench::stats {
namespace {

// Rosner 1983, as NIST's handbook gives them (1.3.5.17.3).
const std::vector<double> kRosner = {-0.25, 0.68, 0.94, 1.15, 1.20, 1.26, 1.26, 1.34, 1.38, 1.43, 1.49,
                                     1.49,  1.55, 1.56, 1.58, 1.65, 1.69, 1.70, 1.76, 1.77, 1.81, 1.91,
                                     1.94,  1.96, 1.99, 2.06, 2.09, 2.10, 2.14, 2.15, 2.23, 2.24, 2.26,
                                     2.35,  2.37, 2.40, 2.47, 2.54, 2.62, 2.64, 2.90, 2.92, 2.92, 2.93,
                                     3.21,  3.26, 3.30, 3.59, 3.68, 4.30, 4.64, 5.34, 5.42, 6.01};

TEST(GeneralisedEsd, MeetsNistOnRosnersData) {
  constexpr std::array kR = {3.118, 2.942, 3.179, 2.810, 2.815, 2.848, 2.279, 2.310, 2.101, 2.067};
  constexpr std::array kLambda = {3.158, 3.151, 3.143, 3.136, 3.128, 3.120, 3.111, 3.103, 3.094, 3.085};
  const GeneralisedEsd esd = generalised_esd(kRosner, 10, 0.05);
  ASSERT_EQ(esd.steps.size(), 10);
  for (std::size_t i = 0; i < kR.size(); ++i) {
    EXPECT_NEAR(esd.steps[i].r, kR[i], 0.001) << i;
    EXPECT_NEAR(esd.steps[i].lambda, kLambda[i], 0.001) << i;
  }
  EXPECT_EQ(esd.num_outliers, 3);
  EXPECT_EQ(esd.steps[0].index, 53);
  EXPECT_EQ(esd.steps[1].index, 52);
  EXPECT_EQ(esd.steps[2].index, 51);
}

TEST(GeneralisedEsd, SeesOutliersThatHideEachOther) {
  // The first of three lies within what one outlier must exceed; the third step tells.
  const GeneralisedEsd one = generalised_esd(kRosner, 1, 0.05);
  EXPECT_EQ(one.steps.size(), 1);
  EXPECT_EQ(one.num_outliers, 0);
}

TEST(GeneralisedEsd, DoesNotDependOnOrderShiftOrScale) {
  std::vector<double> turned;
  for (auto value = kRosner.rbegin(); value != kRosner.rend(); ++value) turned.push_back(1000 - 10 * *value);
  const GeneralisedEsd esd = generalised_esd(turned, 10, 0.05);
  EXPECT_EQ(esd.num_outliers, 3);
  EXPECT_EQ(esd.steps[0].index, 0);
  EXPECT_NEAR(esd.steps[2].r, 3.179, 0.001);
}

TEST(GeneralisedEsd, StopsWhereNothingIsLeftToTell) {
  EXPECT_TRUE(generalised_esd({}, 3, 0.05).steps.empty());
  EXPECT_TRUE(generalised_esd(std::vector<double>{1, 2, 9}, 3, 0.05).steps.empty());
  EXPECT_TRUE(generalised_esd(std::vector<double>(20, 0.1), 3, 0.05).steps.empty());
  std::vector<double> one_differs(20, 0.1);
  one_differs[7] = 5;
  const GeneralisedEsd esd = generalised_esd(one_differs, 3, 0.05);
  ASSERT_EQ(esd.steps.size(), 1);
  EXPECT_EQ(esd.num_outliers, 1);
  EXPECT_EQ(esd.steps[0].index, 7);
  one_differs[0] = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(generalised_esd(one_differs, 3, 0.05).steps.empty());
}

}  // namespace
}  // namespace trainbench::stats
