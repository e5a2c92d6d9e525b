#include "src/stats/multiplicity.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace trainbench::stats {
namespace {

using PValues = std::vector<double>;

void expect_near(const PValues& actual, const PValues& expected, double tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) EXPECT_NEAR(actual[i], expected[i], tolerance) << i;
}

TEST(BenjaminiHochberg, MeetsRsPAdjust) {
  expect_near(benjamini_hochberg(PValues{.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240,
                                         .4262, .5719, .6528, .7590, 1}),
              {.0015, .003, .0095, .035625, .0603, .063857143, .063857143, .0645, .0765, .486, .581181818,
               .714875, .753230769, .813214286, 1},
              5e-10);
  expect_near(benjamini_hochberg(PValues{.01, .04, .03, .005, .8}), {.025, .05, .05, .025, .8}, 1e-15);
}

TEST(BenjaminiYekutieli, MeetsRsPAdjust) {
  expect_near(benjamini_yekutieli(PValues{.01, .04, .03, .005, .8}),
              {.0570833, .1141667, .1141667, .0570833, 1}, 5e-8);
}

TEST(Holm, MeetsRsPAdjust) {
  expect_near(holm(PValues{.01, .04, .03, .005, .8}), {.04, .09, .09, .025, .8}, 1e-15);
}

TEST(Adjustments, OfNoneAndOneChangeNothing) {
  for (const auto& adjust : {benjamini_hochberg, benjamini_yekutieli, holm}) {
    EXPECT_TRUE(adjust(PValues{}).empty());
    EXPECT_EQ(adjust(PValues{0.03}), PValues{0.03});
  }
}

TEST(Adjustments, NeverLowerAPValueAndKeepTheOrder) {
  const PValues raw = {0.9, 0.001, 0.02, 0.02, 0.5, 0.0004};
  for (const auto& adjust : {benjamini_hochberg, benjamini_yekutieli, holm}) {
    const PValues adjusted = adjust(raw);
    for (std::size_t i = 0; i < raw.size(); ++i) {
      EXPECT_GE(adjusted[i], raw[i]);
      EXPECT_LE(adjusted[i], 1);
      for (std::size_t j = 0; j < raw.size(); ++j) {
        if (raw[i] >= raw[j]) continue;
        EXPECT_LE(adjusted[i], adjusted[j]);
      }
    }
  }
}

}  // namespace
}  // namespace trainbench::stats
