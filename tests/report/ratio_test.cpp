#include "report/run/ratio.hpp"

#include <gtest/gtest.h>

namespace trainbench::report {
namespace {

TEST(PlaceOf, TellsAnIntervalInsideAZoneFromOneBeyondAndOneAcross) {
  const Zone zone{0.97, 1.03};
  EXPECT_EQ(place_of(0.97, 1.03, zone), Place::inside);
  EXPECT_EQ(place_of(0.90, 0.969, zone), Place::below);
  EXPECT_EQ(place_of(1.031, 1.10, zone), Place::above);
  EXPECT_EQ(place_of(0.96, 0.98, zone), Place::across);
  EXPECT_EQ(place_of(1.02, 1.04, zone), Place::across);
  EXPECT_EQ(place_of(0.90, 1.10, zone), Place::across);
}

TEST(FormatSaving, TurnsTheIntervalWithTheSign) {
  const stats::Interval below{.lower = 0.60, .upper = 0.70, .achieved_confidence = 0.9};
  EXPECT_EQ(format_saving({.ratio = 0.65, .interval = below}), "35.0 % less (30.0 % to 40.0 %)");
  const stats::Interval above{.lower = 1.01, .upper = 1.04, .achieved_confidence = 0.9};
  EXPECT_EQ(format_saving({.ratio = 1.02, .interval = above}), "2.0 % more (1.0 % to 4.0 %)");
  const stats::Interval across{.lower = 0.99, .upper = 1.04, .achieved_confidence = 0.9};
  EXPECT_EQ(format_saving({.ratio = 1.02, .interval = across}), "2.0 % more (-1.0 % to 4.0 %)");
  EXPECT_EQ(format_saving({.ratio = 0.65, .interval = std::nullopt}), "35.0 % less");
}

TEST(FormatShare, ShowsTheIntervalInBrackets) {
  const stats::Interval interval{.lower = 0.979, .upper = 0.994, .achieved_confidence = 0.9};
  EXPECT_EQ(format_share({.ratio = 0.986, .interval = interval}), "98.6 % [97.9, 99.4]");
  EXPECT_EQ(format_share({.ratio = 0.986, .interval = std::nullopt}), "98.6 %");
}

}  // namespace
}  // namespace trainbench::report
