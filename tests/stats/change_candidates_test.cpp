#include "src/stats/change_candidates.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace trainbench::stats {
namespace {

using Indices = std::vector<std::size_t>;

TEST(ChangeCandidates, OfAStepAreItsPlaceInWhicheverWindow) {
  for (const std::size_t place : {3U, 24U, 25U, 26U, 49U, 50U, 51U, 75U, 117U}) {
    std::vector<double> values(120, 1.0);
    for (std::size_t i = place; i < values.size(); ++i) values[i] = 2;
    EXPECT_EQ(change_candidates(values, 0.01), Indices{place});
  }
}

TEST(ChangeCandidates, HoldBothEndsOfABump) {
  std::vector<double> values(60, 1.0);
  for (std::size_t i = 20; i < 26; ++i) values[i] = 2;
  EXPECT_EQ(change_candidates(values, 0.01), (Indices{20, 26}));
}

TEST(ChangeCandidates, OfSeriesTooShortOrConstantAreNone) {
  EXPECT_TRUE(change_candidates({}, 0.01).empty());
  EXPECT_TRUE(change_candidates(std::vector<double>{1, 1, 1, 2, 2}, 0.01).empty());
  EXPECT_TRUE(change_candidates(std::vector<double>(100, 0.1), 0.01).empty());
}

}  // namespace
}  // namespace trainbench::stats
