#include "report/profile/profile_kineto.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/profile/profile_trace_events.hpp"
#include "src/base/errors.hpp"
#include "src/profile/attribution.hpp"
#include "src/profile/closure.hpp"
#include "src/profile/profile_file.hpp"
#include "src/profile/trace.hpp"
#include "tests/profile/small_profile.hpp"

namespace trainbench::report {
namespace {

using profile::kNone;
using profile::OperatorRecord;
using profile::Profile;
using profile::StepPhase;
using testing::HasSubstr;

std::string slice(const std::string& category, const std::string& name, double begin_us, double length_us,
                  const std::string& arguments = "", int thread = 1) {
  return fmt::format(
      R"({{"ph": "X", "cat": "{}", "name": "{}", "pid": 9, "tid": {}, "ts": {:.3f}, "dur": {:.3f}, "args": {{{}}}}})",
      category, name, thread, begin_us, length_us, arguments);
}

std::string trace_of(const std::vector<std::string>& events) {
  return fmt::format(
      "{{\"schemaVersion\": 1, \"deviceProperties\": [{{}}], \"traceEvents\": [{}],\n\"traceName\": \"x\"}}",
      fmt::join(events, ",\n"));
}

/// A step as Kineto writes it on a GPU.
std::string training_trace() {
  return trace_of({
      slice("user_annotation", "ProfilerStep#3", 0, 1000),
      slice("user_annotation", "enumerate(DataLoader)#Iter.__next__", 1, 40),
      slice("cpu_op", "aten::conv2d", 100, 100,
            R"("External id": 1, "Sequence number": 5, "Fwd thread id": 0)"),
      slice(
          "cpu_op", "aten::convolution", 110, 80,
          R"("External id": 2, "Sequence number": 5, "Fwd thread id": 0, "Input Dims": [[2, 3, 8, 8], [64, 3, 3, 3], [], [[1]]], "Input type": ["float", "float", "", "ScalarList"])"),
      slice("cuda_runtime", "cudaLaunchKernel", 120, 10, R"("External id": 2, "correlation": 77)"),
      slice("cpu_op", "autograd::engine::evaluate_function: ConvolutionBackward0", 300, 200,
            R"("External id": 3)", 2),
      slice("cpu_op", "ConvolutionBackward0", 310, 100,
            R"("External id": 4, "Sequence number": 5, "Fwd thread id": 1)", 2),
      slice("user_annotation", "Optimizer.step#SGD.step", 600, 100),
      slice(
          "kernel", "void foo<1>(int)", 400, 50,
          R"("External id": 2, "device": 0, "stream": 7, "correlation": 77, "grid": [1, 2, 3], "block": [32, 1, 1])"),
      slice("gpu_memcpy", "Memcpy HtoD (Pageable -> Device)", 460, 5,
            R"("device": 0, "stream": 7, "bytes": 640)"),
      R"({"ph": "s", "cat": "ac2g", "name": "ac2g", "id": 77, "pid": 9, "tid": 1, "ts": 120})",
      R"({"ph": "M", "name": "process_name", "pid": 9, "args": {"name": "python"}})",
  });
}

const OperatorRecord& find(const Profile& profile, const std::string& name) {
  for (const OperatorRecord& record : profile.operators) {
    if (profile.names.text(record.name) == name) return record;
  }
  throw std::logic_error("no operator " + name);
}

std::string sentence_of(const std::string& text) {
  try {
    profile_from_trace(text, "'t.json'", "t");
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), ExitCode::unreadable);
    return error.what();
  }
  return "read";
}

TEST(ProfileFromTrace, FindsOperatorsLaunchesStepsAndPhases) {
  const Profile profile = profile_from_trace(training_trace(), "t", "resnet");
  EXPECT_EQ(profile.benchmark, "resnet");
  EXPECT_EQ(profile.recorded_by, "Kineto");
  ASSERT_EQ(profile.steps.size(), 1U);
  EXPECT_EQ(profile.steps[0], (profile::Span{0, 1000000}));
  const OperatorRecord& convolution = find(profile, "aten::convolution");
  EXPECT_EQ(convolution.parent, 0);
  EXPECT_EQ(convolution.time, (profile::Span{110000, 190000}));
  EXPECT_EQ(profile.names.text(convolution.inputs), "float32[2,3,8,8] float32[64,3,3,3]");
  ASSERT_EQ(profile.gpu.size(), 2U);
  ASSERT_NE(profile.gpu[0].launch, kNone);
  EXPECT_EQ(profile.launches[0].time.begin_ns, 120000);
  EXPECT_EQ(profile.operators[static_cast<std::size_t>(profile.gpu[0].caller)].time, convolution.time);
  EXPECT_EQ(profile.names.text(profile.gpu[0].geometry), "grid 1x2x3 block 32x1x1");
  EXPECT_TRUE(profile.gpu[1].pageable);
  EXPECT_EQ(profile.gpu[1].bytes, 640);
  EXPECT_EQ(profile.losses.unattributed, 1) << "the copy has no operator";
  std::vector<StepPhase> phases;
  for (const profile::PhaseRecord& phase : profile.phases) phases.push_back(phase.phase);
  EXPECT_THAT(phases, testing::ElementsAre(StepPhase::load, StepPhase::forward, StepPhase::backward,
                                           StepPhase::optimizer));
}

std::string memory_event(double at_us, int address, int bytes, int device_type = 0, int thread = 1) {
  return fmt::format(
      R"({{"ph": "i", "cat": "cpu_instant_event", "s": "t", "name": "[memory]", "pid": 9, "tid": {}, "ts": {:.3f}, )"
      R"("args": {{"Bytes": {}, "Addr": {}, "Device Id": {}, "Device Type": {}}}}})",
      thread, at_us, bytes, address, device_type == 0 ? -1 : 2, device_type);
}

TEST(ProfileFromTrace, FindsAllocationsAndTheirOperators) {
  const Profile profile = profile_from_trace(
      trace_of({slice("cpu_op", "outer", 0, 100), slice("cpu_op", "inner", 10, 20),
                slice("cpu_op", "elsewhere", 0, 100, "", 2), memory_event(15, 1, 64),
                memory_event(50, 1, -64), memory_event(40, 2, 32, 1), memory_event(200, 3, 16),
                R"({"ph": "i", "cat": "x", "name": "other", "pid": 9, "tid": 1, "ts": 4})"}),
      "t", "t");
  ASSERT_EQ(profile.allocations.size(), 3U);
  EXPECT_EQ(profile.allocations[0].time, (profile::Span{15000, 50000}));
  EXPECT_EQ(profile.allocations[0].device, profile::kHostMemory);
  EXPECT_EQ(profile.allocations[0].caller, 1);
  EXPECT_EQ(profile.allocations[1].device, 2);
  EXPECT_EQ(profile.allocations[1].caller, 0) << "the inner one is over";
  EXPECT_EQ(profile.allocations[2].caller, kNone);
}

TEST(ProfileFromTrace, NamesTheGpusOfTheTrace) {
  const auto machine_of = [](const std::string& devices) {
    return profile_from_trace("{\"deviceProperties\": " + devices + ", \"traceEvents\": [" +
                                  slice("cpu_op", "a", 0, 1) + "]}",
                              "t", "t")
        .machine;
  };
  EXPECT_EQ(machine_of(R"([{"id": 0, "name": "NVIDIA H100"}, {"id": 1, "name": "NVIDIA H100"}])"),
            (Facts{{"gpu", "NVIDIA H100"}}));
  EXPECT_TRUE(machine_of("[{}]").empty());
  EXPECT_TRUE(machine_of("3").empty());
  EXPECT_TRUE(machine_of(R"(["\q"])").empty());
}

TEST(ProfileFromTrace, GivesBackwardNodesTheirForwardOperators) {
  const Profile profile = profile_from_trace(training_trace(), "t", "t");
  const std::vector<profile::OperatorPlace> places = attribute(profile);
  const profile::BackwardMatch match = match_of_backward(profile, places);
  EXPECT_EQ(match.nodes, 1);
  EXPECT_EQ(match.matched, 1);
}

TEST(ProfileFromTrace, ReadsBackWhatOurOwnWriterWrote) {
  profile::ProfileBuilder build;
  build.profile = profile::small_step();
  build.at(1).inputs = build.profile.names.id("float32[2,3]");
  build.kernel("k", 300, 350, build.launch(130, 140, 2));
  const Profile read = profile_from_trace(trace_json(build.profile), "t", build.profile.benchmark);
  ASSERT_EQ(read.operators.size(), build.profile.operators.size() + 5) << "phases come back as annotations";
  const std::vector<profile::HostRow> rows = host_rows(read, attribute(read));
  std::int64_t sum = 0;
  for (const profile::HostRow& row : rows) sum += row.self_ns;
  EXPECT_EQ(sum, 1000);
  EXPECT_EQ(find(read, "aten::convolution_backward").time, (profile::Span{610, 790}));
  EXPECT_EQ(read.names.text(find(read, "aten::convolution").inputs), "float32[2,3]");
  EXPECT_EQ(match_of_backward(read, attribute(read)).matched, 3);
  EXPECT_EQ(read.gpu.at(0).launch, 0);
}

TEST(ProfileFromTrace, CutsWhatRoundingLetsOverlap) {
  const Profile profile = profile_from_trace(
      trace_of({slice("cpu_op", "outer", 0, 10), slice("cpu_op", "inner", 5, 5.002)}), "t", "t");
  EXPECT_EQ(profile.operators[1].parent, 0);
  EXPECT_EQ(profile.operators[1].time.end_ns, 10000);
}

TEST(ProfileFromTrace, KeepsWorkThatTookNoTimeAndCountsWorkWithoutTimes) {
  const Profile profile = profile_from_trace(
      trace_of({slice("cpu_op", "aten::alias", 5, 0), slice("cpu_op", "aten::mm", 5, 10),
                slice("kernel", "k", 20, 0),
                R"({"ph": "X", "cat": "kernel", "name": "k", "pid": 9, "tid": 1, "ts": 30})"}),
      "t", "t");
  EXPECT_EQ(profile.losses.untimed, 1);
  const std::vector<profile::HostRow> rows = host_rows(profile, attribute(profile));
  const auto alias = std::find_if(rows.begin(), rows.end(),
                                  [](const profile::HostRow& row) { return row.name == "aten::alias"; });
  ASSERT_NE(alias, rows.end());
  EXPECT_EQ(alias->calls, 1);
}

TEST(ProfileFromTrace, LetsABrokenTextCostThatTextAlone) {
  const Profile profile = profile_from_trace(
      trace_of({slice("cpu_op", R"(bad \q escape)", 0, 1), slice("cpu_op", "tab\t and \\u00e9", 2, 1),
                slice("cpu_op", "aten::mm", 4, 1,
                      R"("Input Dims": [[2, "\q"]], "Input type": ["float"], "Concrete Inputs": ["\q"])")}),
      "t", "t");
  EXPECT_EQ(find(profile, R"(bad \q escape)").time.begin_ns, 0);
  EXPECT_EQ(profile.operators.size(), 3U);
  EXPECT_EQ(find(profile, "aten::mm").inputs, profile::kNoName);
}

TEST(ProfileFromTrace, RefusesTimesThatCannotBeCounted) {
  std::vector<std::string> events = {slice("cpu_op", "a", 0, 1)};
  for (int i = 0; i < 40; ++i) events.push_back(slice("overhead", "o", 0, 2e15));
  EXPECT_THAT(sentence_of(trace_of(events)), HasSubstr("add up to more than a recording can hold"));
  events = {slice("cpu_op", "a", 0, 1),
            R"({"ph": "X", "cat": "cpu_op", "name": "b", "ts": 1e300, "dur": 1e300})"};
  EXPECT_EQ(sentence_of(trace_of(events)), "read");
}

TEST(ProfileFromTrace, TakesABareListOfEvents) {
  EXPECT_EQ(profile_from_trace("[" + slice("cpu_op", "a", 0, 1) + "]", "t", "t").operators.size(), 1U);
}

TEST(ProfileFromTrace, SaysWhatIsWrongWithAFile) {
  const std::string trace = training_trace();
  for (std::size_t length = 1; length < trace.size(); length += 37) {
    const std::string sentence = sentence_of(trace.substr(0, length));
    EXPECT_THAT(sentence, testing::AnyOf(HasSubstr("cut off at byte"), HasSubstr("is no trace"))) << length;
  }
  EXPECT_THAT(sentence_of("{\"traceEvents\": []}"),
              HasSubstr("is a trace without operators (category 'cpu_op')"));
  EXPECT_THAT(sentence_of("{\"a\": 1}"), HasSubstr("it has no 'traceEvents'"));
  EXPECT_THAT(sentence_of("{\"traceEvents\": 3}"), HasSubstr("is no trace: byte"));
  EXPECT_THAT(sentence_of("{\"traceEvents\": [3]}"), HasSubstr("is no trace: byte"));
}

TEST(IsTrace, LooksForTheListOfEvents) {
  EXPECT_TRUE(is_trace(training_trace()));
  EXPECT_TRUE(is_trace("[" + slice("cpu_op", "a", 0, 1) + "]"));
  EXPECT_FALSE(is_trace(profile_to_json(profile::small_step())));
  EXPECT_FALSE(is_trace(""));
}

TEST(Nanoseconds, AreExactForTimesSince1970) {
  EXPECT_EQ(nanoseconds_from("1700000000123456.789"), 1700000000123456789);
  EXPECT_EQ(nanoseconds_from("12"), 12000);
  EXPECT_EQ(nanoseconds_from("0.5"), 500);
  EXPECT_EQ(nanoseconds_from("0.1239"), 123);
  EXPECT_EQ(nanoseconds_from("1.5e3"), 1500000);
  EXPECT_EQ(nanoseconds_from("x"), 0);
  EXPECT_EQ(nanoseconds_from("1e300"), 0);
  EXPECT_EQ(nanoseconds_from("-1e300"), 0);
  EXPECT_EQ(nanoseconds_from("9223372036854775807"), 0);
}

TEST(InputsFrom, TellsWhichGradientsAConvolutionWasAskedFor) {
  EXPECT_EQ(
      inputs_from(
          R"({"Input Dims": [[2, 4]], "Input type": ["c10::BFloat16"], "Concrete Inputs": ["", "[True, False, True]"]})"),
      "bfloat16[2,4] outputs(1,0,1)");
  EXPECT_EQ(inputs_from("{}"), "");
}

}  // namespace
}  // namespace trainbench::report
