#include "src/stats/equivalence.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/stats/reference_samples.hpp"

namespace trainbench::stats {
namespace {

Sample logarithms(Sample sample) {
  for (double& value : sample) value = std::log(value);
  return sample;
}

const Sample kLogA = logarithms(kA);
const Sample kLogB = logarithms(kB);

TEST(Equivalence, WithinFivePercentMeetsR) {
  EXPECT_NEAR(*equivalence_p(kLogA, kLogB, {.lower = std::log(0.95), .upper = std::log(1.05)}),
              1.02838338132e-04, 1e-14);
}

TEST(Equivalence, IsNotShownWhereTheZoneIsNarrowerThanTheShift) {
  EXPECT_GT(*equivalence_p(kLogA, kLogB, {.lower = -0.02, .upper = 0.02}), 0.5);
}

TEST(Equivalence, OfPairsThatDoNotDifferIsAsSureAsTheirNumberAllows) {
  EXPECT_NEAR(*equivalence_p(Sample(10, 0.0), {.lower = -0.03, .upper = 0.03}), 1.0 / 1024, 1e-15);
  EXPECT_NEAR(*equivalence_p(Sample(2, 0.0), {.lower = -0.03, .upper = 0.03}), 0.25, 1e-15);
}

TEST(Equivalence, OfPairsTurnsWithTheZone) {
  const Sample d = {0.01, 0.02, -0.01, 0.015, 0.005, 0.012, 0.022, -0.003};
  Sample opposite;
  for (const double x : d) opposite.push_back(-x);
  EXPECT_NEAR(*equivalence_p(d, {.lower = -0.01, .upper = 0.03}),
              *equivalence_p(opposite, {.lower = -0.03, .upper = 0.01}), 1e-15);
}

TEST(Equivalence, GrowsSurerWithAWiderZone) {
  double last = 1;
  for (const double zone : {0.01, 0.02, 0.03, 0.05, 0.1}) {
    const double p = *equivalence_p(kLogA, kLogB, {.lower = -zone, .upper = zone});
    EXPECT_LE(p, last);
    last = p;
  }
  EXPECT_LT(last, 1e-4);
}

TEST(Equivalence, OfNothingIsNothing) {
  EXPECT_FALSE(equivalence_p({}, kB, {-1, 1}));
  EXPECT_FALSE(equivalence_p(Sample{}, {-1, 1}));
}

}  // namespace
}  // namespace trainbench::stats
