#include "src/profile/launch_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "src/profile/clock.hpp"

namespace trainbench::profile {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class LaunchLogTest : public testing::Test {
 protected:
  void SetUp() override { log_.keep_launches(true); }

  void launch(std::uint32_t correlation, OperatorToken caller = 1) {
    log_.enter("cuLaunchKernel", correlation, caller);
    log_.exit();
  }
  GpuRecording recording() {
    GpuRecording recording;
    log_.copy_to(recording);
    return recording;
  }

  LaunchLog log_;
};

TEST_F(LaunchLogTest, ALaunchHasItsNameThreadTimeCallerAndCorrelation) {
  const std::int64_t before = monotonic_ns();
  launch(17, 42);
  const GpuRecording found = recording();
  ASSERT_THAT(found.launches, SizeIs(1));
  const RecordedLaunch& launch = found.launches[0];
  EXPECT_EQ(found.names.text(launch.api), "cuLaunchKernel");
  EXPECT_EQ(launch.correlation, 17U);
  EXPECT_EQ(launch.caller, 42U);
  EXPECT_GE(launch.time.begin_ns, before);
  EXPECT_GE(launch.time.length(), 0);
  EXPECT_LE(launch.time.end_ns, monotonic_ns());
  EXPECT_GT(launch.system_thread, 0);
}

TEST_F(LaunchLogTest, ACallInsideAnotherIsPartOfIt) {
  log_.enter("cudaLaunchKernel", 5, 42);
  log_.enter("cuLaunchKernelEx", 5, 42);
  log_.exit();
  log_.exit();
  const GpuRecording found = recording();
  ASSERT_THAT(found.launches, SizeIs(1));
  EXPECT_EQ(found.names.text(found.launches[0].api), "cudaLaunchKernel");
  EXPECT_THAT(found.aliases, IsEmpty()) << "both have one correlation id";
}

TEST_F(LaunchLogTest, AnInnerCallsOtherCorrelationIdLeadsToTheOuterOne) {
  log_.enter("cudaMemcpyAsync", 5, 42);
  log_.enter("cuMemcpyHtoDAsync_v2", 6, 42);
  log_.exit();
  log_.exit();
  launch(7);
  const GpuRecording found = recording();
  ASSERT_THAT(found.launches, SizeIs(2));
  ASSERT_THAT(found.aliases, SizeIs(1));
  EXPECT_EQ(found.aliases[0].inner, 6U);
  EXPECT_EQ(found.aliases[0].outer, 5U);
}

TEST_F(LaunchLogTest, KeepsWhatBeginsWhileItIsToldTo) {
  log_.keep_launches(false);
  launch(1);
  log_.enter("cuLaunchKernel", 2, 1);
  log_.keep_launches(true);
  log_.exit();
  launch(3);
  log_.keep_launches(false);
  launch(4);
  const GpuRecording found = recording();
  ASSERT_THAT(found.launches, SizeIs(1));
  EXPECT_EQ(found.launches[0].correlation, 3U);
}

TEST_F(LaunchLogTest, AnEndWithoutABeginIsOfACallThatNobodyHeard) {
  log_.exit();
  launch(1);
  EXPECT_THAT(recording().launches, SizeIs(1));
}

TEST_F(LaunchLogTest, ACallThatMakesANodeIsACaptureAndNoLaunch) {
  log_.enter("cuLaunchKernel", 8, 42);
  log_.node_created(100, 42);
  log_.exit();
  launch(9);
  const GpuRecording found = recording();
  ASSERT_THAT(found.launches, SizeIs(1));
  EXPECT_EQ(found.launches[0].correlation, 9U);
  ASSERT_THAT(found.nodes, SizeIs(1));
  EXPECT_EQ(found.nodes[0].node, 100U);
  EXPECT_EQ(found.nodes[0].caller, 42U);
  EXPECT_EQ(found.nodes[0].correlation, 8U);
}

TEST_F(LaunchLogTest, NodesAreHeardOfWhileNoLaunchIsKeptAndStandInTheirOrder) {
  log_.keep_launches(false);
  log_.node_created(100, 42);
  log_.node_cloned(200, 100);
  log_.node_destroyed(100);
  const GpuRecording found = recording();
  ASSERT_THAT(found.nodes, SizeIs(3));
  EXPECT_EQ(found.nodes[0].correlation, 0U) << "outside of a call";
  EXPECT_EQ(found.nodes[1].kind, GraphNodeEvent::Kind::cloned);
  EXPECT_EQ(found.nodes[1].original, 100U);
  EXPECT_EQ(found.nodes[2].kind, GraphNodeEvent::Kind::destroyed);
  EXPECT_LE(found.nodes[0].time_ns, found.nodes[2].time_ns);
}

TEST_F(LaunchLogTest, EachThreadHasItsOwnCallsAndTheLogIsReadWhileTheyGoOn) {
  log_.enter("cuLaunchKernel", 1, 42);
  std::thread other([&] {
    for (std::uint32_t i = 0; i < 1000; ++i) launch(100 + i);
  });
  recording();
  other.join();
  log_.exit();
  const GpuRecording found = recording();
  ASSERT_THAT(found.launches, SizeIs(1001));
  EXPECT_NE(found.launches.front().system_thread, found.launches.back().system_thread);
}

TEST_F(LaunchLogTest, ALogDoesNotTakeAnotherOnesCalls) {
  launch(1);
  LaunchLog second;
  second.keep_launches(true);
  second.enter("cuLaunchKernel", 2, 1);
  second.exit();
  GpuRecording found;
  second.copy_to(found);
  ASSERT_THAT(found.launches, SizeIs(1));
  EXPECT_EQ(found.launches[0].correlation, 2U);
  EXPECT_THAT(recording().launches, SizeIs(1));
}

}  // namespace
}  // namespace trainbench::profile
