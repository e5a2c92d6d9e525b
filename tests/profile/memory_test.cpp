#include "src/profile/memory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/profile/small_profile.hpp"

namespace trainbench::profile {
namespace {

MemoryEvent event(std::uint64_t address, std::int64_t bytes, std::int64_t time, Index caller = kNone) {
  return {.address = address, .bytes = bytes, .time_ns = time, .caller = caller};
}

MemoryClass class_of(std::int64_t begin, std::int64_t end) {
  const Profile profile = small_step();
  std::vector<MemoryEvent> events = {event(1, 8, begin)};
  if (end != kStillLive) events.push_back(event(1, -8, end));
  return lives_of(events, {}, profile).at(0).memory_class;
}

TEST(Lives, PairAllocationsWithReleasesAtTheSameAddress) {
  const std::vector<AllocationRecord> lives = lives_of(
      {event(1, 64, 100), event(2, 32, 110), event(1, -64, 120), event(1, 16, 130), event(9, -8, 140)}, {},
      small_step());
  ASSERT_EQ(lives.size(), 3U);
  EXPECT_EQ(lives[0].time, (Span{100, 120}));
  EXPECT_EQ(lives[1].time, (Span{110, kStillLive}));
  EXPECT_EQ(lives[2].bytes, 16);
}

TEST(Lives, EndWhereTheirAddressIsGivenAgain) {
  const std::vector<AllocationRecord> lives =
      lives_of({event(1, 64, 100), event(1, 32, 150), event(1, -32, 170)}, {}, small_step());
  ASSERT_EQ(lives.size(), 2U);
  EXPECT_EQ(lives[0].time, (Span{100, 150}));
  EXPECT_EQ(lives[1].time, (Span{150, 170}));
}

TEST(Lives, AreClassedByWhereTheyBeginAndWhatTheyOutlive) {
  EXPECT_EQ(class_of(-50, kStillLive), MemoryClass::setup);
  EXPECT_EQ(class_of(-50, -40), MemoryClass::workspace);
  EXPECT_EQ(class_of(10, 95), MemoryClass::inputs);
  EXPECT_EQ(class_of(150, 700), MemoryClass::activations);
  EXPECT_EQ(class_of(150, 160), MemoryClass::workspace);
  EXPECT_EQ(class_of(700, 710), MemoryClass::workspace);
  EXPECT_EQ(class_of(920, kStillLive), MemoryClass::optimizer_state);
  EXPECT_EQ(class_of(920, 990), MemoryClass::workspace);
}

TEST(Lives, TakeTheClassOfAKnownBlockAtItsTimeOnly) {
  const std::vector<MemoryEvent> events = {event(1, 64, 700), event(1, -64, 800), event(1, 64, 850)};
  const std::vector<AllocationRecord> lives = lives_of(
      events, {{.address = 1, .time_ns = 1000, .memory_class = MemoryClass::gradients}}, small_step());
  EXPECT_EQ(lives[0].memory_class, MemoryClass::workspace);
  EXPECT_EQ(lives[1].memory_class, MemoryClass::gradients);
}

TEST(Lives, CountAKnownBlockThatNoEventToldOfOnce) {
  const std::vector<KnownBlock> known = {{.address = 9, .bytes = 400, .time_ns = 500},
                                         {.address = 9, .bytes = 400, .time_ns = 1000}};
  const std::vector<AllocationRecord> lives = lives_of({}, known, small_step());
  ASSERT_EQ(lives.size(), 1U);
  EXPECT_EQ(lives[0].bytes, 400);
  EXPECT_EQ(lives[0].memory_class, MemoryClass::weights);
  EXPECT_EQ(lives[0].time, (Span{0, kStillLive}));
}

std::int64_t brute_force_peak(const Profile& profile, const Span& window) {
  std::int64_t peak = 0;
  for (std::int64_t t = window.begin_ns; t < window.end_ns; ++t) {
    std::int64_t live = 0;
    for (const AllocationRecord& record : profile.allocations) {
      if (record.time.begin_ns <= t && t < record.time.end_ns) live += record.bytes;
    }
    peak = std::max(peak, live);
  }
  return peak;
}

TEST(MemoryPeak, IsTheLargestMomentAndItsRowsSumToIt) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Numbers numbers(seed);
    Profile profile = small_step();
    for (int i = 0; i < 40; ++i) {
      const std::int64_t begin = numbers.below(1100) - 50;
      profile.allocations.push_back(
          {.bytes = 1 + numbers.below(1000),
           .time = {begin, numbers.below(5) == 0 ? kStillLive : begin + numbers.below(300)},
           .caller =
               static_cast<Index>(numbers.below(static_cast<std::int64_t>(profile.operators.size()) + 1)) -
               1});
    }
    const std::vector<MemoryPeak> peaks = memory_peaks(profile, attribute(profile));
    ASSERT_EQ(peaks.size(), 1U);
    ASSERT_EQ(peaks[0].bytes, brute_force_peak(profile, window_of(profile))) << seed;
    std::int64_t sum = 0;
    for (const MemoryRow& row : peaks[0].rows) sum += row.bytes;
    ASSERT_EQ(sum, peaks[0].bytes) << seed;
  }
}

TEST(MemoryPeak, NamesOperatorLayerAndPhaseOfWhatIsLive) {
  Profile profile = small_step();
  profile.allocations.push_back(
      {.bytes = 100, .time = {-5, kStillLive}, .memory_class = MemoryClass::weights});
  profile.allocations.push_back(
      {.bytes = 50, .time = {130, 700}, .caller = 2, .memory_class = MemoryClass::activations});
  const MemoryPeak peak = memory_peaks(profile, attribute(profile)).at(0);
  EXPECT_EQ(peak.bytes, 150);
  EXPECT_EQ(peak.time_ns, 130);
  ASSERT_EQ(peak.rows.size(), 2U);
  EXPECT_EQ(peak.rows[0].operator_name, "");
  EXPECT_EQ(peak.rows[1].operator_name, "aten::mkldnn_convolution");
  EXPECT_EQ(peak.rows[1].layer, "layer1.0.conv1");
  EXPECT_EQ(peak.rows[1].phase, StepPhase::forward);
}

std::int64_t unheard_in(const MemoryPeak& peak) {
  std::int64_t sum = 0;
  std::int64_t unheard = 0;
  for (const MemoryRow& row : peak.rows) {
    sum += row.bytes;
    if (!row.heard_of) unheard += row.bytes;
  }
  EXPECT_EQ(sum, peak.bytes) << "the rows close";
  return unheard;
}

TEST(MemoryPeak, IsTheAllocatorsAndARowSaysWhatWasNotHeardOf) {
  Profile profile = small_step();
  profile.allocations.push_back({.bytes = 100, .time = {-5, kStillLive}, .device = 0, .total_bytes = 1100});
  profile.allocations.push_back({.bytes = 50, .time = {130, 300}, .device = 0, .total_bytes = 1150});
  // Somebody else gave 900 of the 1000 back before.
  profile.allocations.push_back({.bytes = 60, .time = {200, 300}, .device = 0, .total_bytes = 310});
  const MemoryPeak peak = memory_peaks(profile, attribute(profile)).at(0);
  EXPECT_EQ(peak.time_ns, 130);
  EXPECT_EQ(peak.bytes, 1150);
  EXPECT_EQ(unheard_in(peak), 1000);
}

TEST(MemoryPeak, OfBlocksWhoseReleaseWasNotHeardOfIsLess) {
  Profile profile = small_step();
  profile.allocations.push_back({.bytes = 400, .time = {-5, kStillLive}, .device = 0, .total_bytes = 400});
  profile.allocations.push_back({.bytes = 50, .time = {130, 300}, .device = 0, .total_bytes = 50});
  profile.allocations.push_back({.bytes = 500, .time = {140, 300}, .device = 0, .total_bytes = 550});
  const MemoryPeak peak = memory_peaks(profile, attribute(profile)).at(0);
  EXPECT_EQ(peak.bytes, 550);
  EXPECT_EQ(unheard_in(peak), -400);
}

TEST(MemoryPeak, WithoutTheAllocatorsWordHasNothingUnheardOf) {
  Profile profile = small_step();
  profile.allocations.push_back({.bytes = 50, .time = {130, 300}});
  EXPECT_EQ(unheard_in(memory_peaks(profile, attribute(profile)).at(0)), 0);
}

TEST(MemoryPeak, OfAReplayedGraphIsLookedForFromItsCaptureOn) {
  Profile profile = small_step();
  profile.steps = {{2000, 3000}};  // the step before is the captured one
  profile.allocations.push_back({.bytes = 70, .time = {120, 300}, .device = 0});
  profile.allocations.push_back({.bytes = 5, .time = {2100, 2200}, .device = 0});
  profile.allocations.push_back({.bytes = 900, .time = {-90, -80}, .device = 0});
  EXPECT_EQ(memory_peaks(profile, attribute(profile)).at(0).bytes, 5) << "nothing is replayed";
  profile.gpu.push_back({.time = {2010, 2020}, .caller = 2, .graph_node = 1});
  const MemoryPeak peak = memory_peaks(profile, attribute(profile)).at(0);
  EXPECT_EQ(peak.bytes, 70);
  EXPECT_EQ(peak.time_ns, 120);
}

TEST(MemoryPeak, IsOneForEachDevice) {
  Profile profile = small_step();
  profile.allocations.push_back({.bytes = 100, .time = {10, 20}, .device = kHostMemory});
  profile.allocations.push_back({.bytes = 7, .time = {10, 20}, .device = 0});
  const std::vector<MemoryPeak> peaks = memory_peaks(profile, attribute(profile));
  ASSERT_EQ(peaks.size(), 2U);
  EXPECT_EQ(peaks[0].bytes, 100);
  EXPECT_EQ(peaks[1].device, 0);
  EXPECT_EQ(peaks[1].bytes, 7);
}

TEST(BytesAllocated, AreThoseOfTheWindow) {
  Profile profile = small_step();
  profile.allocations.push_back({.bytes = 100, .time = {-10, 20}});
  profile.allocations.push_back({.bytes = 30, .time = {130, 140}, .caller = 2});
  profile.allocations.push_back({.bytes = 12, .time = {150, 160}, .caller = 2});
  EXPECT_THAT(bytes_allocated(profile, attribute(profile)),
              testing::ElementsAre(testing::Pair("aten::mkldnn_convolution", 42)));
}

}  // namespace
}  // namespace trainbench::profile
