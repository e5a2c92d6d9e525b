#include "src/profile/correlate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "src/profile/device_time.hpp"
#include "tests/profile/small_profile.hpp"

namespace trainbench::profile {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using NodeEvent = GraphNodeEvent::Kind;

/// A recording by hand over the profile of small_step: operator i has the token i + 1.
class CorrelateTest : public testing::Test {
 protected:
  CorrelateTest() : profile_(small_step()) { recording_.windows.push_back({0, 1000}); }

  Index op(const std::string& name) const {
    for (std::size_t i = 0; i < profile_.operators.size(); ++i) {
      if (profile_.names.text(profile_.operators[i].name) == name) return static_cast<Index>(i);
    }
    throw std::logic_error(name + " is not in the step");
  }
  OperatorToken token(const std::string& name) const { return static_cast<OperatorToken>(op(name)) + 1; }

  void launch(std::uint32_t correlation, Span time, OperatorToken caller, std::int64_t thread = 1) {
    recording_.launches.push_back({.api = recording_.names.id("cuLaunchKernel"),
                                   .system_thread = thread,
                                   .time = time,
                                   .caller = caller,
                                   .correlation = correlation});
  }
  GpuRecord& record(const std::string& name, std::uint32_t correlation, Span time, std::uint64_t node = 0) {
    return recording_.gpu.emplace_back(GpuRecord{.name = recording_.names.id(name),
                                                 .stream = 7,
                                                 .time = time,
                                                 .correlation = correlation,
                                                 .graph_node = node});
  }
  void node(NodeEvent kind, std::uint64_t id, std::int64_t time, std::uint64_t original_or_caller,
            std::uint32_t correlation = 0) {
    GraphNodeEvent event{.kind = kind, .node = id, .correlation = correlation, .time_ns = time};
    (kind == NodeEvent::cloned ? event.original : event.caller) = original_or_caller;
    recording_.nodes.push_back(event);
  }
  void mark(std::uint32_t correlation, OperatorToken caller) {
    recording_.verified = true;
    recording_.marks.push_back({correlation, caller});
  }

  void correlate_all() {
    correlate(
        recording_, [](OperatorToken token) { return static_cast<Index>(token) - 1; }, profile_);
  }
  std::vector<std::string> callers() const {
    std::vector<std::string> names;
    for (const GpuRecord& gpu : profile_.gpu) {
      names.push_back(
          gpu.caller == kNone
              ? "none"
              : profile_.names.text(profile_.operators[static_cast<std::size_t>(gpu.caller)].name));
    }
    return names;
  }

  Profile profile_;
  GpuRecording recording_;
};

TEST_F(CorrelateTest, ARecordBelongsToItsLaunchAndTheInnermostOperator) {
  launch(1, {130, 140}, token("aten::mkldnn_convolution"));
  launch(2, {210, 215}, token("aten::relu_"));
  record("relu", 2, {300, 320});
  record("gemm", 1, {150, 290});
  correlate_all();
  ASSERT_THAT(profile_.launches, SizeIs(2));
  EXPECT_EQ(profile_.names.text(profile_.launches[0].api), "cuLaunchKernel");
  EXPECT_EQ(profile_.launches[0].thread, 0);
  EXPECT_THAT(callers(), ElementsAre("aten::mkldnn_convolution", "aten::relu_"));
  EXPECT_EQ(profile_.names.text(profile_.gpu[0].name), "gemm") << "in the order of time";
  EXPECT_EQ(profile_.gpu[0].launch, 0);
  EXPECT_EQ(profile_.losses.total(), 0);
  EXPECT_FALSE(profile_.double_entry.has_value());
}

TEST_F(CorrelateTest, AnInnerCallsCorrelationIdFindsTheOuterLaunch) {
  launch(5, {130, 140}, token("aten::relu_"));
  recording_.aliases.push_back({6, 5});
  recording_.aliases.push_back({7, 99});  // of a launch that was not kept
  record("copy", 6, {150, 160}).kind = GpuKind::copy;
  correlate_all();
  EXPECT_THAT(callers(), ElementsAre("aten::relu_"));
  EXPECT_EQ(profile_.gpu[0].launch, 0);
}

TEST_F(CorrelateTest, AThreadThatRanNoOperatorIsAdded) {
  launch(1, {10, 20}, 0, 555);
  record("copy", 1, {30, 40});
  launch(2, {21, 22}, 0, 555);
  correlate_all();
  ASSERT_THAT(profile_.threads, SizeIs(2));
  EXPECT_EQ(profile_.threads[1].system_id, 555);
  EXPECT_EQ(profile_.launches[0].thread, 1);
  EXPECT_EQ(profile_.launches[1].thread, 1);
}

TEST_F(CorrelateTest, WhatHasNoLaunchNoOperatorOrALostOneIsCounted) {
  launch(1, {130, 140}, 0);
  recording_.launches.push_back({.time = {141, 142}, .correlation = 2});
  recording_.launches.back().system_thread = 1;
  record("launched outside operators", 1, {150, 160});
  record("launched by nobody", 77, {170, 180});
  correlate_all();
  EXPECT_THAT(callers(), ElementsAre("none", "none"));
  EXPECT_EQ(profile_.losses.unattributed, 2);
  EXPECT_EQ(profile_.gpu[0].launch, 0);
  EXPECT_EQ(profile_.gpu[1].launch, kNone);
}

TEST_F(CorrelateTest, WhatWasLaunchedInAWindowMayRunBehindIt) {
  recording_.windows = {{100, 200}};
  launch(1, {190, 195}, token("aten::relu_"));
  record("k", 1, {205, 210});
  correlate_all();
  EXPECT_THAT(callers(), ElementsAre("aten::relu_"));
}

TEST_F(CorrelateTest, RecordsOfNoLaunchOutsideTheWindowsAreLeftOutUncounted) {
  recording_.windows = {{100, 200}, {400, 500}};
  for (const std::int64_t begin : {99, 100, 199, 200, 399, 400, 500}) record("k", 9, {begin, begin + 1});
  recording_.overheads = {
      {.time = {50, 100}}, {.time = {50, 101}}, {.time = {250, 300}}, {.time = {499, 900}}};
  recording_.syncs = {{.time = {199, 210}}, {.time = {200, 210}}};
  correlate_all();
  EXPECT_THAT(profile_.gpu, SizeIs(3));
  EXPECT_EQ(profile_.losses.unattributed, 3);
  EXPECT_THAT(profile_.overheads, SizeIs(2));
  EXPECT_THAT(profile_.syncs, SizeIs(1));
}

TEST_F(CorrelateTest, OneCorrelationIdOnTwoDevicesIsOneLaunch) {
  launch(1, {130, 140}, token("aten::relu_"));
  record("k", 1, {150, 160});
  record("k", 1, {150, 170}).device = 1;
  correlate_all();
  EXPECT_THAT(callers(), ElementsAre("aten::relu_", "aten::relu_"));
  EXPECT_EQ(profile_.gpu[1].launch, 0);
}

TEST_F(CorrelateTest, AnOverheadWithALaunchsIdClaimsNoneOfItsTime) {
  launch(1, {130, 140}, token("aten::relu_"));
  record("k", 1, {150, 160});
  recording_.overheads.push_back({.name = recording_.names.id("lazy function loading"), .time = {135, 149}});
  correlate_all();
  ASSERT_THAT(profile_.gpu, SizeIs(1));
  EXPECT_EQ(profile_.names.text(profile_.overheads[0].name), "lazy function loading");
  const DeviceTime time = device_time(profile_, 0);
  EXPECT_EQ(time.busy_ns, 10);
  EXPECT_EQ(time.busy_ns + time.idle_ns(), 1000);
}

TEST_F(CorrelateTest, TheRecordersLossesAreAddedToTheProfiles) {
  recording_.dropped = 7;
  recording_.untimed = 5;
  recording_.truncated = 3;
  correlate_all();
  EXPECT_EQ(profile_.losses.dropped, 7);
  EXPECT_EQ(profile_.losses.untimed, 5);
  EXPECT_EQ(profile_.losses.truncated, 3);
}

/// A captured step: kernel, copy and set, cloned into an executable graph.
class CorrelateGraphTest : public CorrelateTest {
 protected:
  CorrelateGraphTest() {
    node(NodeEvent::created, 100, -90, token("aten::mkldnn_convolution"), 1);
    node(NodeEvent::created, 101, -80, token("aten::relu_"), 2);
    node(NodeEvent::created, 102, -70, token("aten::convolution_backward"), 3);
    for (const std::uint64_t id : {100U, 101U, 102U}) node(NodeEvent::cloned, id + 100, -50, id);
    // LibTorch destroys the graph once it has the executable one.
    for (const std::uint64_t id : {100U, 101U, 102U}) node(NodeEvent::destroyed, id, -40, 0);
  }

  void replay(std::uint32_t correlation, std::int64_t begin) {
    launch(correlation, {begin, begin + 5}, 0);
    record("gemm", correlation, {begin + 10, begin + 40}, 200);
    record("Memcpy DtoD", correlation, {begin + 50, begin + 60}, 201).kind = GpuKind::copy;
    record("Memset", correlation, {begin + 60, begin + 61}, 202).kind = GpuKind::set;
  }
};

TEST_F(CorrelateGraphTest, EachReplaysKernelsCopiesAndSetsBelongToWhatWasCaptured) {
  for (const std::uint32_t i : {0U, 1U, 2U}) replay(10 + i, 100 + 100 * std::int64_t{i});
  correlate_all();
  ASSERT_THAT(profile_.gpu, SizeIs(9));
  for (std::size_t i = 0; i < 9; ++i) EXPECT_EQ(profile_.gpu[i].launch, static_cast<Index>(i / 3));
  const std::vector<std::string> step = {"aten::mkldnn_convolution", "aten::relu_",
                                         "aten::convolution_backward"};
  std::vector<std::string> expected;
  for (int i = 0; i < 3; ++i) expected.insert(expected.end(), step.begin(), step.end());
  EXPECT_EQ(callers(), expected);
  EXPECT_EQ(profile_.losses.unattributed, 0);
}

TEST_F(CorrelateGraphTest, TheLaunchersOperatorClaimsNothingOfTheGraph) {
  launch(10, {100, 105}, token("aten::add_"));
  record("gemm", 10, {110, 140}, 200);
  record("of a node that nobody saw", 10, {150, 160}, 999);
  correlate_all();
  EXPECT_THAT(callers(), ElementsAre("aten::mkldnn_convolution", "none"));
  EXPECT_EQ(profile_.losses.unattributed, 1);
}

TEST_F(CorrelateGraphTest, ACloneOfACloneIsFollowed) {
  node(NodeEvent::cloned, 300, -30, 200);
  node(NodeEvent::destroyed, 200, -20, 0);
  launch(10, {100, 105}, 0);
  record("gemm", 10, {110, 140}, 300);
  correlate_all();
  EXPECT_THAT(callers(), ElementsAre("aten::mkldnn_convolution"));
}

TEST_F(CorrelateGraphTest, AnIdThatServesAgainIsTheNodeOfItsTime) {
  launch(10, {100, 105}, 0);
  record("before", 10, {210, 220}, 200);  // runs when the id has its next life already
  node(NodeEvent::destroyed, 200, 150, 0);
  launch(11, {160, 165}, 0);
  record("between", 11, {221, 230}, 200);
  node(NodeEvent::created, 200, 200, token("aten::relu_"));
  launch(12, {205, 208}, 0);
  record("after", 12, {231, 240}, 200);
  correlate_all();
  EXPECT_THAT(callers(), ElementsAre("aten::mkldnn_convolution", "none", "aten::relu_"));
}

TEST_F(CorrelateGraphTest, WithoutItsLaunchANodeIsFoundByTheRecordsTime) {
  record("gemm", 10, {110, 140}, 200);
  correlate_all();
  EXPECT_THAT(callers(), ElementsAre("aten::mkldnn_convolution"));
  EXPECT_EQ(profile_.gpu[0].launch, kNone);
}

TEST_F(CorrelateGraphTest, ACloneOfAnUnknownNodeAndANodeOutsideOperatorsHaveNoOperator) {
  node(NodeEvent::cloned, 400, -30, 12345);
  node(NodeEvent::created, 401, -30, 0);
  launch(10, {100, 105}, 0);
  record("a", 10, {110, 120}, 400);
  record("b", 10, {120, 130}, 401);
  correlate_all();
  EXPECT_EQ(profile_.losses.unattributed, 2);
}

TEST_F(CorrelateGraphTest, BothMechanismsAgreeOnEagerAndCapturedWork) {
  mark(1, token("aten::mkldnn_convolution"));
  mark(2, token("aten::relu_"));
  mark(3, token("aten::convolution_backward"));
  mark(10, 0);
  mark(20, token("aten::add_"));
  replay(10, 100);
  launch(20, {920, 925}, token("aten::add_"));
  record("add", 20, {930, 940});
  correlate_all();
  EXPECT_EQ(profile_.double_entry, (DoubleEntry{.records = 4, .alike = 4}));
}

TEST_F(CorrelateGraphTest, AContradictionAMissingMarkAndTwiceNothingAreNotAlike) {
  mark(1, token("aten::relu_"));  // the stack of operators said mkldnn_convolution
  mark(2, token("aten::relu_"));
  replay(10, 100);  // and nothing marks node 202's capture
  launch(20, {920, 925}, 0);
  mark(20, 0);
  record("outside operators by both", 20, {930, 940});
  correlate_all();
  EXPECT_EQ(profile_.double_entry, (DoubleEntry{.records = 4, .alike = 1}));
}

TEST_F(CorrelateTest, AVerifiedRecordingOfNothingSaysSo) {
  recording_.verified = true;
  correlate_all();
  EXPECT_EQ(profile_.double_entry, DoubleEntry{});
}

/// Random steps: what the callbacks and what CUPTI's stack say of one and the same calls.
TEST_F(CorrelateTest, RandomWorkIsAttributedAlikeAndItsTimeIsConserved) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    profile_ = small_step();
    recording_ = {};
    recording_.windows.push_back({0, 1000});
    recording_.verified = true;
    Numbers numbers(seed);
    std::int64_t sum = 0;
    const auto operators = static_cast<std::int64_t>(profile_.operators.size());
    for (std::uint32_t i = 1; i <= 100; ++i) {
      const auto caller = static_cast<OperatorToken>(1 + numbers.below(operators));
      const std::int64_t begin = numbers.below(900);
      const bool captured = numbers.below(2) == 0;
      launch(i, {begin, begin + 1}, captured ? 0 : caller);
      if (captured) {
        node(NodeEvent::created, 1000 + i, -20, caller, 500 + i);
        node(NodeEvent::cloned, 2000 + i, -10, 1000 + i);
        node(NodeEvent::destroyed, 1000 + i, -5, 0);
      }
      mark(captured ? 500 + i : i, caller);
      record("k", i, {begin + 2, begin + 3 + numbers.below(50)}, captured ? 2000 + i : 0);
      sum += recording_.gpu.back().time.length();
    }
    std::reverse(recording_.gpu.begin(), recording_.gpu.end());
    correlate_all();
    EXPECT_EQ(profile_.double_entry, (DoubleEntry{.records = 100, .alike = 100})) << seed;
    std::int64_t by_rows = 0;
    for (const KernelRow& row : kernel_rows(profile_, attribute(profile_))) by_rows += row.time_ns;
    EXPECT_EQ(by_rows, sum) << seed;
  }
}

}  // namespace
}  // namespace trainbench::profile
