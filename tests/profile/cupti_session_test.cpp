#include "src/profile/cupti_session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "src/base/errors.hpp"
#include "src/profile/clock.hpp"
#include "tests/profile/fake_cupti.hpp"

namespace trainbench::profile {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

thread_local OperatorToken open_operator = 0;

OperatorToken innermost() noexcept {
  return open_operator;
}

class CuptiSessionTest : public testing::Test {
 protected:
  CuptiOptions options_{.innermost_operator = innermost, .buffer_bytes = 4096, .most_buffers = 8};
  FakeCupti fake_;

  CuptiSession session() { return CuptiSession(FakeCupti::api(), options_); }
  void TearDown() override { open_operator = 0; }

  /// One buffer of one kernel that began now, in the next flush.
  void give_kernel(std::uint32_t correlation, std::uint64_t node = 0) {
    const auto now = static_cast<std::uint64_t>(monotonic_ns());
    fake_.flushed.push_back({RecordBytes().add(kernel_record("k", now, now + 10, correlation, node))});
  }
  std::string fault_of(const std::function<void()>& work) {
    try {
      work();
    } catch (const EnvironmentError& error) {
      return error.what();
    }
    return "no error";
  }
  /// The calls from the first that is `begin` on.
  std::vector<std::string> calls_from(const std::string& begin) const {
    return {std::find(fake_.calls.begin(), fake_.calls.end(), begin), fake_.calls.end()};
  }
};

TEST_F(CuptiSessionTest, SubscribesFirstSetsTheClockBeforeAnyKindAndListensToLaunchesAndNodes) {
  CuptiSession session = this->session();
  session.open();
  ASSERT_GE(fake_.calls.size(), 8U);
  const std::vector<std::string> first(fake_.calls.begin(), fake_.calls.begin() + 6);
  EXPECT_THAT(first, ElementsAre("device count", "version", "subscribe", "attribute 5", "clock", "buffers"));
  for (const char* call : {"enable 6:1", "enable 3:13", "enable 3:20", "enable 3:14", "enable 1:307",
                           "enable 1:514", "enable 1:652", "enable 2:505", "enable 2:211", "enable 2:41"}) {
    EXPECT_EQ(fake_.count(call), 1U) << call;
  }
  EXPECT_EQ(fake_.count("enable 1:115"), 0U) << "cuLaunch went with CUDA 4";
  EXPECT_THAT(fake_.calls, Not(Contains(HasSubstr("kind"))));
  session.start();
  EXPECT_THAT(calls_from("enable kind 10"), ElementsAre("enable kind 10", "enable kind 1", "enable kind 2",
                                                        "enable kind 17", "enable kind 38", "synchronize"));
}

TEST_F(CuptiSessionTest, AfterAGpuThatFailedAtTheStartEveryCallSaysSo) {
  CuptiSession session = this->session();
  session.open();
  fake_.synchronize_answer = cudaErrorIllegalAddress;
  const std::string fault = fault_of([&] { session.start(); });
  EXPECT_THAT(fault, HasSubstr("The GPU failed while it was recorded"));
  session.pause();
  EXPECT_EQ(fault_of([&] { session.finish(); }), fault);
}

TEST_F(CuptiSessionTest, ItsClockIsTheOperatorsAndItsBuffersAreZeroed) {
  CuptiSession session = this->session();
  session.open();
  const std::int64_t before = monotonic_ns();
  const auto now = static_cast<std::int64_t>(fake_.clock());
  EXPECT_GE(now, before);
  EXPECT_LE(now, monotonic_ns());
  std::uint8_t* buffer = nullptr;
  std::size_t size = 0;
  std::size_t most = 7;
  fake_.request(&buffer, &size, &most);
  ASSERT_EQ(size, 4096U);
  EXPECT_EQ(most, 0U) << "as many records as fit";
  EXPECT_TRUE(std::all_of(buffer, buffer + size, [](std::uint8_t byte) { return byte == 0; }));
}

TEST_F(CuptiSessionTest, GraphTraceIsNeverOn) {
  CuptiSession session = this->session();
  session.open();
  session.start();
  EXPECT_THAT(fake_.calls, Not(Contains("enable kind " + std::to_string(CUPTI_ACTIVITY_KIND_GRAPH_TRACE))));
}

TEST_F(CuptiSessionTest, WithoutADriverNothingOfCuptiIsCalledAndTheReasonStays) {
  fake_.device_answer = cudaErrorNoDevice;
  CuptiSession session = this->session();
  const std::string reason = fault_of([&] { session.open(); });
  EXPECT_THAT(reason, HasSubstr("no NVIDIA driver or GPU"));
  EXPECT_EQ(fault_of([&] { session.start(); }), reason);
  EXPECT_EQ(fault_of([&] { session.finish(); }), reason);
  EXPECT_THAT(fake_.calls, ElementsAre("device count"));
}

TEST_F(CuptiSessionTest, ARefusedSubscriptionNamesTheHolderAndLeavesNothingOn) {
  fake_.failing["subscribe"] = CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED;
  fake_.holder = "CUPTI for Nsight Systems";
  CuptiSession session = this->session();
  EXPECT_THAT(fault_of([&] { session.open(); }), HasSubstr("taken by 'CUPTI for Nsight Systems'"));
  EXPECT_THAT(fake_.calls, ElementsAre("device count", "version", "subscribe"));
}

TEST_F(CuptiSessionTest, AKindThatIsRefusedTakesBackTheKindsAndCallbacksBeforeIt) {
  fake_.failing["enable kind 2"] = CUPTI_ERROR_INSUFFICIENT_PRIVILEGES;
  CuptiSession session = this->session();
  session.open();
  EXPECT_THAT(fault_of([&] { session.start(); }), HasSubstr("ERR_NVGPUCTRPERM"));
  const std::vector<std::string> after = calls_from("enable kind 2");
  ASSERT_GE(after.size(), 4U);
  EXPECT_EQ(after[1], "disable kind 1");
  EXPECT_EQ(after[2], "disable kind 10");
  EXPECT_EQ(after.back(), "unsubscribe");
  const auto enabled = std::count_if(fake_.calls.begin(), fake_.calls.end(),
                                     [](const std::string& call) { return call.starts_with("enable "); });
  const auto disabled = std::count_if(fake_.calls.begin(), fake_.calls.end(),
                                      [](const std::string& call) { return call.starts_with("disable "); });
  EXPECT_EQ(enabled - 1, disabled);
  const std::size_t calls = fake_.calls.size();
  EXPECT_THAT(fault_of([&] { session.start(); }), HasSubstr("ERR_NVGPUCTRPERM"));
  EXPECT_EQ(fake_.calls.size(), calls) << "no call after the failure";
}

TEST_F(CuptiSessionTest, StartedTwiceOrUnopenedOrFinishedTwiceIsOurOwnFault) {
  CuptiSession session = this->session();
  EXPECT_THROW(session.start(), std::logic_error);
  session.open();
  session.open();
  EXPECT_EQ(fake_.count("subscribe"), 1U);
  session.start();
  EXPECT_THROW(session.start(), std::logic_error);
  give_kernel(1);
  session.finish();
  EXPECT_THROW(session.finish(), std::logic_error);
  EXPECT_THROW(session.start(), std::logic_error);
}

TEST_F(CuptiSessionTest, ALaunchCarriesTheOperatorThatIsOpenOnItsThread) {
  CuptiSession session = this->session();
  session.open();
  session.start();
  open_operator = 42;
  fake_.enter("cudaLaunchKernel", 7);
  open_operator = 43;  // of something inside the call, which is not the caller
  fake_.launch("cuLaunchKernel", 7);
  fake_.exit("cudaLaunchKernel", 7);
  give_kernel(7);
  const GpuRecording recording = session.finish();
  ASSERT_THAT(recording.launches, SizeIs(1));
  EXPECT_EQ(recording.names.text(recording.launches[0].api), "cudaLaunchKernel");
  EXPECT_EQ(recording.launches[0].caller, 42U);
  EXPECT_EQ(recording.launches[0].correlation, 7U);
  ASSERT_THAT(recording.gpu, SizeIs(1));
  EXPECT_EQ(recording.gpu[0].correlation, 7U);
}

TEST_F(CuptiSessionTest, AGraphCapturedBeforeTheStartIsKnownByItsOperators) {
  int original = 0;
  int clone = 0;
  fake_.node_ids = {{&original, 100}, {&clone, 200}};
  CuptiSession session = this->session();
  session.open();
  open_operator = 42;
  fake_.enter("cuLaunchKernel", 3);
  fake_.node(CUPTI_CBID_RESOURCE_GRAPHNODE_CREATED, &original);
  fake_.exit("cuLaunchKernel", 3);
  open_operator = 0;
  fake_.node(CUPTI_CBID_RESOURCE_GRAPHNODE_CLONED, &clone, &original);
  fake_.node(CUPTI_CBID_RESOURCE_GRAPHNODE_DESTROY_STARTING, &original);
  session.start();
  fake_.launch("cuGraphLaunch", 9);
  give_kernel(9, 200);
  const GpuRecording recording = session.finish();
  ASSERT_THAT(recording.launches, SizeIs(1));
  EXPECT_EQ(recording.launches[0].correlation, 9U);
  ASSERT_THAT(recording.nodes, SizeIs(3));
  EXPECT_EQ(recording.nodes[0].node, 100U);
  EXPECT_EQ(recording.nodes[0].caller, 42U);
  EXPECT_EQ(recording.nodes[0].correlation, 3U);
  EXPECT_EQ(recording.nodes[1].node, 200U);
  EXPECT_EQ(recording.nodes[1].original, 100U);
  EXPECT_EQ(recording.truncated, 0);
}

TEST_F(CuptiSessionTest, ANodeWithoutAnIdIsALoss) {
  CuptiSession session = this->session();
  session.open();
  int unknown = 0;
  fake_.node(CUPTI_CBID_RESOURCE_GRAPHNODE_CREATED, &unknown);
  session.start();
  give_kernel(1);
  EXPECT_EQ(session.finish().truncated, 1);
}

TEST_F(CuptiSessionTest, FlushesUntilEachLaunchHasARecordThenOnceByForce) {
  CuptiSession session = this->session();
  session.open();
  session.start();
  fake_.launch("cuLaunchKernel", 1);
  fake_.launch("cuLaunchKernel", 2);
  give_kernel(2);
  fake_.flushed.push_back({});
  give_kernel(1);
  give_kernel(3);  // only force brings this one
  session.pause();
  const GpuRecording recording = session.finish();
  EXPECT_THAT(recording.gpu, SizeIs(3));
  EXPECT_EQ(fake_.count("flush 0"), 3U);
  EXPECT_EQ(fake_.count("flush 1"), 1U);
  const std::vector<std::string> after = calls_from("flush 0");
  EXPECT_EQ(after[3], "flush 1");
  EXPECT_EQ(after[4], "dropped");
  EXPECT_EQ(after[5], "disable kind 38");
  EXPECT_EQ(after.back(), "unsubscribe");
}

TEST_F(CuptiSessionTest, AskingForRecordsThatNeverComeHasAnEnd) {
  CuptiSession session = this->session();
  session.open();
  session.start();
  fake_.launch("cudaMemcpy", 1);  // within the host: no record
  fake_.launch("cuLaunchKernel", 2);
  give_kernel(2);
  EXPECT_THAT(session.finish().gpu, SizeIs(1));
  EXPECT_EQ(fake_.count("flush 0"), 100U);
}

TEST_F(CuptiSessionTest, WindowsWaitForTheDeviceAtBothEnds) {
  CuptiSession session = this->session();
  session.open();
  session.start();
  session.pause();
  session.pause();
  fake_.launch("cuLaunchKernel", 1);
  session.start();
  session.pause();
  EXPECT_EQ(fake_.count("synchronize"), 4U);
  EXPECT_EQ(fake_.count("enable kind 10"), 1U);
  give_kernel(2);
  const GpuRecording recording = session.finish();
  ASSERT_THAT(recording.windows, SizeIs(2));
  EXPECT_LE(recording.windows[0].begin_ns, recording.windows[0].end_ns);
  EXPECT_LE(recording.windows[0].end_ns, recording.windows[1].begin_ns);
  EXPECT_LT(recording.windows[1].end_ns, INT64_MAX);
  EXPECT_THAT(recording.launches, IsEmpty()) << "launched between the windows";
}

TEST_F(CuptiSessionTest, WhatCuptiDroppedAndWhatWeRefusedIsCounted) {
  options_.most_buffers = 2;
  fake_.dropped = 5;
  CuptiSession session = this->session();
  session.open();
  session.start();
  const auto now = static_cast<std::uint64_t>(monotonic_ns());
  const RecordBytes one = RecordBytes().add(kernel_record("k", now, now + 10, 1));
  RecordBytes torn = one;
  torn.bytes.resize(torn.bytes.size() + 216);
  fake_.flushed.push_back({one, torn, one, one});
  const GpuRecording recording = session.finish();
  EXPECT_THAT(recording.gpu, SizeIs(2));
  EXPECT_EQ(recording.truncated, 2);
  EXPECT_EQ(recording.dropped, 5 + 1);
}

TEST_F(CuptiSessionTest, VerifyingSwitchesMarksOnBeforeAnyCaptureAndKeepsThem) {
  options_.verify = true;
  CuptiSession session = this->session();
  session.open();
  EXPECT_THAT(calls_from("enable kind 39"), ElementsAre("enable kind 39", "enable kind 4", "enable kind 5"));
  session.start();
  give_kernel(1);
  fake_.flushed.back().push_back(RecordBytes().add(mark_record(1, 42)));
  const GpuRecording recording = session.finish();
  EXPECT_TRUE(recording.verified);
  ASSERT_THAT(recording.marks, SizeIs(1));
  EXPECT_EQ(recording.marks[0].caller, 42U);
}

TEST_F(CuptiSessionTest, ItsStackOfOperatorsIsCuptisAndACallThatFailsIsALoss) {
  options_.verify = true;
  CuptiSession session = this->session();
  session.open();
  session.start();
  session.push_operator(42);
  session.push_operator(43);
  session.pop_operator();
  EXPECT_THAT(calls_from("push 42"), ElementsAre("push 42", "push 43", "pop"));
  fake_.failing["push 44"] = CUPTI_ERROR_OUT_OF_MEMORY;
  session.push_operator(44);
  fake_.failing["pop"] = CUPTI_ERROR_QUEUE_EMPTY;
  session.pop_operator();
  give_kernel(1);
  EXPECT_EQ(session.finish().truncated, 2);
}

TEST_F(CuptiSessionTest, ARecordingWithoutARecordIsAFailureAndNotAnEmptyProfile) {
  CuptiSession session = this->session();
  session.open();
  session.start();
  fake_.launch("cuLaunchKernel", 1);
  EXPECT_THAT(fault_of([&] { session.finish(); }),
              HasSubstr("gave no record of the GPU's work, of which 1 launches were seen"));
  EXPECT_EQ(fake_.calls.back(), "unsubscribe");
}

TEST_F(CuptiSessionTest, SaysWhatCuptiSaidWhenItDied) {
  CuptiSession session = this->session();
  session.open();
  session.start();
  fake_.die("device lost");
  give_kernel(1);
  EXPECT_THAT(fault_of([&] { session.finish(); }),
              HasSubstr("CUPTI stopped while it recorded the GPU: device"));
}

TEST_F(CuptiSessionTest, AFlushThatFailsTakesAllBackAndSaysWhy) {
  fake_.failing["flush 0"] = CUPTI_ERROR_OUT_OF_MEMORY;
  CuptiSession session = this->session();
  session.open();
  session.start();
  EXPECT_THAT(fault_of([&] { session.finish(); }), HasSubstr("cuptiActivityFlushAll answered 8"));
  EXPECT_EQ(fake_.calls.back(), "unsubscribe");
}

TEST_F(CuptiSessionTest, AnAbandonedSessionSwitchesEverythingOff) {
  {
    CuptiSession session = this->session();
    session.open();
    session.start();
  }
  EXPECT_EQ(fake_.calls.back(), "unsubscribe");
  std::uint8_t* buffer = nullptr;
  std::size_t size = 1;
  std::size_t most = 1;
  fake_.request(&buffer, &size, &most);
  EXPECT_EQ(buffer, nullptr);
  EXPECT_EQ(size, 0U);
}

}  // namespace
}  // namespace trainbench::profile
