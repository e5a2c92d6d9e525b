#include "src/profile/recorder.hpp"

#include <ATen/Parallel.h>
#include <ATen/ops/add.h>
#include <ATen/ops/ones.h>
#include <ATen/record_function.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <thread>

#include "src/model/work.hpp"
#include "src/profile/attribution.hpp"
#include "src/profile/closure.hpp"
#include "src/profile/convolution_work.hpp"
#include "src/profile/memory.hpp"
#include "src/profile/profile_file.hpp"
#include "tests/profile/resnet_step.hpp"

namespace trainbench::profile {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kBatch = 16;  // below, LibTorch takes its own code for some 1x1 convolutions
constexpr int kSteps = 3;

/// Three recorded steps, recorded once for all tests.
const Profile& recorded() {
  static const Profile profile = [] {
    at::set_num_threads(1);
    ResnetStep step(kBatch, Stem::imagenet);
    CpuRecorder recorder({.parameters = step.parameters(), .inputs = false});
    for (int i = 0; i < 2; ++i) step.run(&recorder);
    recorder.start();
    for (int i = 0; i < kSteps; ++i) {
      recorder.begin_step();
      step.run(&recorder);
      recorder.end_step();
    }
    recorder.pause();
    Profile result = recorder.finish();
    describe_operators(result, step.parameters(), [&] { step.run(); });
    return result;
  }();
  return profile;
}

std::vector<const OperatorRecord*> named(const Profile& profile, const std::string& name) {
  std::vector<const OperatorRecord*> records;
  for (const OperatorRecord& record : profile.operators) {
    if (profile.names.text(record.name) == name) records.push_back(&record);
  }
  return records;
}

TEST(CpuRecorder, MatchesEveryBackwardNodeOfAResnetStepToItsForwardOperator) {
  const std::vector<OperatorPlace> places = attribute(recorded());
  const BackwardMatch match = match_of_backward(recorded(), places);
  EXPECT_EQ(match.nodes, 72 * kSteps);
  EXPECT_EQ(match.matched, match.nodes);
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (recorded().names.text(recorded().operators[i].name) != "ConvolutionBackward0") continue;
    const OperatorRecord& forward = recorded().operators[static_cast<std::size_t>(places[i].forward)];
    EXPECT_EQ(recorded().names.text(forward.name), "aten::convolution");
  }
}

TEST(CpuRecorder, ClosesTheStepExactly) {
  const std::vector<OperatorPlace> places = attribute(recorded());
  const std::vector<HostRow> rows = host_rows(recorded(), places);
  std::int64_t sum = 0;
  for (const HostRow& row : rows) sum += row.self_ns;
  EXPECT_EQ(sum, window_of(recorded()).length());
  std::int64_t depth_0 = 0;
  for (std::size_t i = 0; i < places.size(); ++i)
    depth_0 += places[i].depth == 0 && recorded().operators[i].thread == 0 ? places[i].total_ns : 0;
  EXPECT_EQ(covered_ns(rows), depth_0);
  const double coverage = static_cast<double>(depth_0) / static_cast<double>(window_of(recorded()).length());
  RecordProperty("coverage", std::to_string(coverage));
  EXPECT_GT(coverage, 0.9) << "of a small batch; the figure of batch 128 is recorder_cost's";
}

TEST(CpuRecorder, SeesTheSameOperatorsInEveryStep) {
  const Steadiness steadiness = steadiness_of(recorded());
  EXPECT_TRUE(steadiness.steady) << steadiness.operator_name;
  EXPECT_GT(steadiness.operators_per_step, 1500);
}

TEST(CpuRecorder, GivesEveryConvolutionItsLayerAndItsWork) {
  const std::vector<ConvolutionWork> work = convolution_work(recorded(), attribute(recorded()));
  std::map<std::string, ConvolutionWork> by_layer;
  for (const ConvolutionWork& row : work) by_layer[row.layer] = row;
  const std::vector<ConvolutionShape> shapes = convolutions_of(Stem::imagenet);
  EXPECT_EQ(by_layer.size(), shapes.size());
  for (const ConvolutionShape& shape : shapes) {
    const double flops = 2 * forward_macs(shape).nominal * kBatch * kSteps;
    const double gradients = shape.name == "conv1" ? 1 : 2;  // nobody needs the images' gradient
    EXPECT_EQ(by_layer[shape.name].calls, kSteps) << shape.name;
    EXPECT_EQ(by_layer[shape.name].forward_flops, flops) << shape.name;
    EXPECT_EQ(by_layer[shape.name].backward_flops, gradients * flops) << shape.name;
  }
}

TEST(CpuRecorder, GivesWhatFollowsALayerTheBlockAndKeepsPhasesApart) {
  const std::vector<OperatorPlace> places = attribute(recorded());
  std::map<std::string, int> relus;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::string& name = recorded().names.text(recorded().operators[i].name);
    if (name == "aten::relu_" && places[i].total_ns > 0) ++relus[places[i].layer];
    if (name.find("Backward0") != std::string::npos) {
      EXPECT_EQ(places[i].phase, StepPhase::backward) << name;
    }
    if (name == "aten::cross_entropy_loss") {
      EXPECT_EQ(places[i].phase, StepPhase::loss);
    }
  }
  EXPECT_EQ(relus["layer1.0"], 2 * kSteps);
  EXPECT_EQ(relus["layer4.1"], 2 * kSteps);
}

TEST(CpuRecorder, NamesTheImplementationOfEveryConvolution) {
  const auto forward = named(recorded(), "aten::mkldnn_convolution");
  ASSERT_EQ(forward.size(), 20U * kSteps);
  for (const OperatorRecord* record : forward) {
    const std::string& text = recorded().names.text(record->implementation);
    EXPECT_THAT(text,
                testing::AnyOf(HasSubstr("jit"), HasSubstr("brg"), HasSubstr("gemm"), HasSubstr("ref")));
  }
  const auto backward = named(recorded(), "aten::convolution_backward");
  ASSERT_EQ(backward.size(), 20U * kSteps);
  for (std::size_t i = 0; i < backward.size(); ++i) {
    const std::string& text = recorded().names.text(backward[i]->implementation);
    EXPECT_THAT(text, HasSubstr("weights "));
    const bool is_stem = i % 20 == 19;
    EXPECT_EQ(text.find("data ") == std::string::npos, is_stem) << text;
  }
}

TEST(CpuRecorder, ClassesMemoryAndItsRowsSumToThePeak) {
  const std::vector<MemoryPeak> peaks = memory_peaks(recorded(), attribute(recorded()));
  ASSERT_EQ(peaks.size(), 1U);
  std::map<MemoryClass, std::int64_t> bytes;
  std::int64_t sum = 0;
  for (const MemoryRow& row : peaks[0].rows) {
    bytes[row.memory_class] += row.bytes;
    sum += row.bytes;
  }
  EXPECT_EQ(sum, peaks[0].bytes);
  constexpr std::int64_t kParameterBytes = 11181642 * 4;
  EXPECT_GE(bytes[MemoryClass::weights], kParameterBytes);
  EXPECT_LT(bytes[MemoryClass::weights], kParameterBytes * 102 / 100) << "and the running statistics";
  EXPECT_GE(bytes[MemoryClass::optimizer_state], kParameterBytes) << "a momentum for each parameter";
  // Every convolution's output is needed by its batch norm; the first is the largest. The peak of so small a
  // batch lies behind the backward pass, where they are gone.
  std::int64_t activations = 0;
  for (const AllocationRecord& record : recorded().allocations)
    activations += record.memory_class == MemoryClass::activations ? record.bytes : 0;
  EXPECT_GT(activations, kSteps * std::int64_t{16} * 64 * 16 * 16 * 4);
}

TEST(CpuRecorder, CountsTheGradientsOfTheLastStepWhole) {
  std::int64_t gradients = 0;
  const Span last = recorded().steps.back();
  for (const AllocationRecord& record : recorded().allocations) {
    if (record.memory_class == MemoryClass::gradients && record.time.end_ns > last.end_ns)
      gradients += record.bytes;
  }
  EXPECT_EQ(gradients, std::int64_t{11181642} * 4);
}

TEST(CpuRecorder, ComesBackFromItsFile) {
  const std::string text = profile_to_json(recorded());
  EXPECT_EQ(profile_to_json(profile_from_json(text, "p")), text);
}

TEST(CpuRecorder, RecordsOperatorsOfOtherThreadsAndUsersScopes) {
  CpuRecorder recorder;
  recorder.start();
  recorder.begin_step();
  {
    RECORD_USER_SCOPE("layer9");
    at::add(at::ones({2}), at::ones({2}));
  }
  std::thread([] { at::add(at::ones({2}), at::ones({2})); }).join();
  recorder.end_step();
  const Profile profile = recorder.finish();
  const auto adds = named(profile, "aten::add");
  ASSERT_EQ(adds.size(), 2U);
  EXPECT_EQ(adds[0]->thread, 0);
  EXPECT_EQ(adds[1]->thread, 1);
  EXPECT_EQ(profile.names.text(adds[0]->inputs).substr(0, 10), "float32[2]");
  const auto place = attribute(profile)[static_cast<std::size_t>(adds[0] - profile.operators.data())];
  EXPECT_EQ(place.layer, "layer9");
}

TEST(CpuRecorder, RefusesASecondOneAndLeavesNothingBehind) {
  {
    const CpuRecorder first;
    EXPECT_THROW(CpuRecorder(), std::logic_error);
  }
  CpuRecorder second;
  at::ones({2});
  EXPECT_TRUE(second.finish().operators.empty()) << "it was not started";
}

}  // namespace
}  // namespace trainbench::profile
