#include "src/stats/change_points.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>
#include <vector>

namespace trainbench::stats {
namespace {

using Indices = std::vector<std::size_t>;

Indices indices_of(std::span<const double> values, const ChangePointOptions& options = {}) {
  Indices indices;
  for (const ChangePoint& point : find_change_points(values, options)) indices.push_back(point.index);
  return indices;
}

struct Piece {
  std::size_t length = 0;
  double level = 0;
};

/// Levels with normal noise.
std::vector<double> noisy(const std::vector<Piece>& pieces, double deviation, unsigned seed = 1) {
  std::mt19937_64 generator(seed);
  std::normal_distribution<double> normal;
  std::vector<double> values;
  for (const Piece& piece : pieces) {
    for (std::size_t i = 0; i < piece.length; ++i)
      values.push_back(piece.level + deviation * normal(generator));
  }
  return values;
}

TEST(ChangePoints, OfEDivisivesReferenceAreFiveAndEight) {
  const std::vector<double> values = {0.3,  2.4, 1.5,   -0.9,  -0.5,  99.7,  98.3,
                                      99.1, 149, 149.7, 149.5, 149.1, 148.8, 150};
  const auto points = find_change_points(values, {.min_segment = 3});
  ASSERT_EQ(points.size(), 2);
  EXPECT_EQ(points[0].index, 5);
  EXPECT_EQ(points[1].index, 8);
  EXPECT_NEAR(points[0].before, 0.56, 1e-12);
  EXPECT_NEAR(points[0].after, 297.1 / 3, 1e-12);
  EXPECT_EQ(points[1].before, points[0].after);
  EXPECT_LT(points[0].p, 1e-3);
  EXPECT_LT(points[1].p, 1e-3);
  EXPECT_FALSE(points[1].tentative);
}

TEST(ChangePoints, OfNothingAndOfFewPointsAreNone) {
  EXPECT_TRUE(find_change_points({}).empty());
  EXPECT_TRUE(find_change_points(std::vector<double>{1}).empty());
  EXPECT_TRUE(find_change_points(std::vector<double>{1, 2}).empty());
  EXPECT_TRUE(find_change_points(std::vector<double>{1, 1, 1, 2, 2}).empty());
}

TEST(ChangePoints, OfAConstantSeriesAreNone) {
  EXPECT_TRUE(find_change_points(std::vector<double>(200, 0.1)).empty());
  EXPECT_TRUE(find_change_points(std::vector<double>(200, 0.0)).empty());
}

TEST(ChangePoints, OfOneOutlierAreNone) {
  for (const std::size_t place : {0U, 1U, 30U, 58U, 59U}) {
    std::vector<double> values(60, 5.0);
    values[place] = 500;
    EXPECT_TRUE(indices_of(values).empty()) << place;
    values = noisy({{60, 100}}, 1);
    values[place] += 30;
    EXPECT_TRUE(indices_of(values).empty()) << place;
  }
}

TEST(ChangePoints, AreNotHiddenByOneGlitch) {
  for (const double glitch : {8.0, 100.0, 1e6}) {
    auto values = noisy({{60, 100}, {40, 104}}, 1);
    values[20] += glitch;
    const auto points = find_change_points(values);
    ASSERT_EQ(points.size(), 1) << glitch;
    EXPECT_NEAR(static_cast<double>(points[0].index), 60, 1);
    EXPECT_NEAR(points[0].before, 100 + glitch / 60, 0.5 + 1e-9 * glitch);
  }
}

TEST(ChangePoints, OfTwoValuesThatAlternateAreNone) {
  std::vector<double> values(100);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = i % 2 == 0 ? 1 : 2;
  EXPECT_TRUE(indices_of(values).empty());
}

TEST(ChangePoints, OfATimerThatKnowsTwoValuesAreRare) {
  std::mt19937_64 generator(1);
  int with_a_change = 0;
  for (int i = 0; i < 100; ++i) {
    std::vector<double> values(100);
    for (double& value : values) value = generator() % 2 == 0 ? 10 : 11;
    with_a_change += indices_of(values).empty() ? 0 : 1;
  }
  EXPECT_LE(with_a_change, 5);
}

TEST(ChangePoints, OfStepsWithoutNoiseAreExact) {
  for (const std::size_t place : {5U, 20U, 50U, 77U, 97U})
    EXPECT_EQ(indices_of(noisy({{place, 1}, {100 - place, 2}}, 0)), Indices{place});
  EXPECT_EQ(indices_of(noisy({{40, 3}, {5, 9}, {55, 3}, {100, 2.9}}, 0)), (Indices{40, 45, 100}));
}

TEST(ChangePoints, OfAStepAreCertainWithoutNoise) {
  const auto points = find_change_points(noisy({{10, 1}, {10, 2}}, 0));
  ASSERT_EQ(points.size(), 1);
  EXPECT_EQ(points[0].before, 1);
  EXPECT_EQ(points[0].after, 2);
  EXPECT_EQ(points[0].p, 0);
}

TEST(ChangePoints, AreTentativeUntilThreePointsFollow) {
  for (const std::size_t length : {1U, 2U}) EXPECT_TRUE(indices_of(noisy({{20, 1}, {length, 2}}, 0)).empty());
  for (const std::size_t length : {3U, 4U, 5U}) {
    const auto points = find_change_points(noisy({{20, 1}, {length, 2}}, 0));
    ASSERT_EQ(points.size(), 1) << length;
    EXPECT_EQ(points[0].tentative, length == 3) << length;
  }
}

TEST(ChangePoints, KeepTheShortestSegmentAskedFor) {
  const auto values = noisy({{20, 1}, {4, 2}, {30, 1}}, 0);
  EXPECT_EQ(indices_of(values, {.min_segment = 4}), (Indices{20, 24}));
  EXPECT_TRUE(indices_of(values).empty());
  EXPECT_EQ(indices_of(noisy({{4, 1}, {30, 2}}, 0), {.min_segment = 0}), Indices{4});
  EXPECT_TRUE(indices_of(noisy({{4, 1}, {30, 2}}, 0)).empty());
}

TEST(ChangePoints, AreFurtherApartThanTheZone) {
  const auto values = noisy({{50, 100}, {50, 110}}, 1);
  EXPECT_EQ(indices_of(values, {.zone = 8}), Indices{50});
  EXPECT_TRUE(indices_of(values, {.zone = 12}).empty());
  EXPECT_TRUE(indices_of(noisy({{50, 100}, {50, 110}}, 0), {.zone = 10}).empty());
}

TEST(ChangePoints, AreAsSignificantAsAskedFor) {
  const auto values = noisy({{7, 100}, {7, 104}}, 1);
  const auto points = find_change_points(values, {.p = 0.01});
  ASSERT_EQ(points.size(), 1);
  EXPECT_TRUE(find_change_points(values, {.p = points[0].p / 2}).empty());
}

TEST(ChangePoints, GoBothWays) {
  const auto points = find_change_points(noisy({{40, 100}, {40, 105}, {40, 98}}, 1));
  ASSERT_EQ(points.size(), 2);
  EXPECT_LT(points[0].before, points[0].after);
  EXPECT_GT(points[1].before, points[1].after);
  EXPECT_NEAR(static_cast<double>(points[0].index), 40, 2);
  EXPECT_NEAR(static_cast<double>(points[1].index), 80, 2);
}

TEST(ChangePoints, DoNotDependOnShiftAndScale) {
  const auto values = noisy({{33, 10}, {51, 13}, {70, 8}, {3, 20}}, 1);
  const Indices indices = indices_of(values);
  ASSERT_GE(indices.size(), 2);
  for (const double scale : {-1.0, 1e-200, 0.125, 1e6, 1e200}) {
    std::vector<double> other;
    for (const double value : values) other.push_back(scale * value);
    EXPECT_EQ(indices_of(other), indices) << scale;
  }
  std::vector<double> shifted;
  for (const double value : values) shifted.push_back(value + 1e6);
  EXPECT_EQ(indices_of(shifted), indices);
}

TEST(ChangePoints, OfClearStepsAreTheSameBackwards) {
  auto values = noisy({{30, 10}, {25, 20}, {45, 5}}, 1);
  EXPECT_EQ(indices_of(values), (Indices{30, 55}));
  std::reverse(values.begin(), values.end());
  EXPECT_EQ(indices_of(values), (Indices{45, 70}));
}

TEST(ChangePoints, OfNoiseThatWandersAreNotItsExcursions) {
  std::mt19937_64 generator(3);
  std::normal_distribution<double> normal;
  int with_a_change = 0;
  for (int i = 0; i < 100; ++i) {
    std::vector<double> values;
    double value = 0;
    for (int k = 0; k < 120; ++k) {
      value = 0.7 * value + normal(generator);
      if (k >= 20) values.push_back(value);
    }
    with_a_change += indices_of(values).empty() ? 0 : 1;
  }
  EXPECT_LE(with_a_change, 8);
}

TEST(ChangePoints, OfLongSeriesAreFoundAll) {
  std::vector<Piece> pieces;
  Indices places;
  for (std::size_t i = 0; i < 20; ++i) {
    pieces.push_back({.length = 100 + 7 * i, .level = i % 2 == 0 ? 100.0 : 112.0});
    places.push_back((places.empty() ? 0 : places.back()) + pieces.back().length);
  }
  places.pop_back();
  const Indices found = indices_of(noisy(pieces, 1));
  EXPECT_EQ(found, places);
}

TEST(ChangePoints, OfNonFiniteValuesAreOurOwnFault) {
  EXPECT_THROW(find_change_points(std::vector<double>{1, std::nan(""), 3}), std::logic_error);
  EXPECT_THROW(find_change_points(std::vector<double>{std::numeric_limits<double>::infinity()}),
               std::logic_error);
}

}  // namespace
}  // namespace trainbench::stats
