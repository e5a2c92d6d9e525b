#include "src/profile/recorder.hpp"

#include <ATen/Parallel.h>
#include <ATen/ops/_nested_tensor_from_tensor_list.h>
#include <ATen/ops/add.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/relu.h>
#include <ATen/record_function.h>
#include <c10/core/Allocator.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/profiler_legacy.h>

#include <algorithm>
#include <array>
#include <map>
#include <thread>

#include "src/model/work.hpp"
#include "src/profile/attribution.hpp"
#include "src/profile/closure.hpp"
#include "src/profile/convolution_work.hpp"
#include "src/profile/memory.hpp"
#include "src/profile/other_profiler.hpp"
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

/// A step that is not recorded, then two that are.
Profile two_recorded_steps(CpuRecorder& recorder, ResnetStep& step) {
  step.run(&recorder);
  recorder.start();
  for (int i = 0; i < 2; ++i) {
    recorder.begin_step();
    step.run(&recorder);
    recorder.end_step();
  }
  return recorder.finish();
}

/// Two recorded steps of a net that was made behind its recorder.
Profile recorded_from_the_start() {
  CpuRecorder recorder({.inputs = false});
  ResnetStep step(2, Stem::cifar);
  recorder.set_net(step.parameters(), step.buffers());
  return two_recorded_steps(recorder, step);
}

TEST(CpuRecorder, MadeBeforeTheNetHearsOfAllItsTensorsAndKnowsItsOwn) {
  const Profile profile = recorded_from_the_start();
  std::int64_t weights = 0;
  std::int64_t made_before = 0;
  for (const AllocationRecord& record : profile.allocations) {
    EXPECT_NE(record.time.begin_ns, window_of(profile).begin_ns) << "a block that was not heard of";
    if (record.time.end_ns != kStillLive) continue;
    weights += record.memory_class == MemoryClass::weights ? record.bytes : 0;
    made_before += record.memory_class == MemoryClass::setup ? record.bytes : 0;
  }
  constexpr std::int64_t kParameters = 11173962;
  constexpr std::int64_t kStatistics = 2 * 4800;  // the batch norms' channels
  constexpr std::int64_t kCounters = 20 * 8;      // of batches, int64
  EXPECT_EQ(weights, 4 * (kParameters + kStatistics) + kCounters);
  EXPECT_EQ(made_before, 2 * 3 * 32 * 32 * 4 + 2 * 8) << "images and labels";
}

TEST(CpuRecorder, IsToldOfTheNetBeforeItIsStarted) {
  CpuRecorder recorder;
  recorder.start();
  EXPECT_THROW(recorder.set_net({}, {}), std::logic_error);
}

/// A device's allocator reports as c10's does: the block, and all that is allocated with it.
TEST(CpuRecorder, KeepsWhatADevicesAllocatorCountsAndNotTheHosts) {
  CpuRecorder recorder;
  recorder.start();
  recorder.begin_step();
  std::array<char, 2> blocks{};
  const c10::Device device(c10::kCUDA, 0);
  c10::reportMemoryUsageToProfiler(&blocks[0], 512, 1512, 4096, device);
  c10::reportMemoryUsageToProfiler(&blocks[1], 256, 1768, 4096, device);
  c10::reportMemoryUsageToProfiler(&blocks[1], -256, 1512, 4096, device);
  const at::Tensor on_host = at::ones({64});
  recorder.end_step();
  const Profile profile = recorder.finish();
  const std::vector<MemoryPeak> peaks = memory_peaks(profile, attribute(profile));
  ASSERT_EQ(peaks.size(), 2U);
  EXPECT_EQ(peaks[0].device, kHostMemory);
  for (const MemoryRow& row : peaks[0].rows) EXPECT_TRUE(row.heard_of);
  EXPECT_EQ(peaks[1].bytes, 1768);
  ASSERT_EQ(peaks[1].rows.size(), 2U);
  EXPECT_FALSE(peaks[1].rows[0].heard_of);
  EXPECT_EQ(peaks[1].rows[0].bytes, 1000);
}

/// In every format that a step may have.
class EveryFormat : public testing::TestWithParam<StepFormat> {
 protected:
  static Profile recorded_step() {
    ResnetStep step(4, Stem::cifar, at::kCPU, GetParam());
    CpuRecorder recorder({.parameters = step.parameters(), .buffers = step.buffers()});
    return two_recorded_steps(recorder, step);
  }
};

TEST_P(EveryFormat, HasItsConvolutionsMatchedAndInLayersAndTheStemWithoutAGradientOfTheImages) {
  const Profile profile = recorded_step();
  const std::vector<OperatorPlace> places = attribute(profile);
  EXPECT_EQ(profile.losses.total(), 0);
  const Steadiness steadiness = steadiness_of(profile);
  EXPECT_TRUE(steadiness.steady) << change_of(steadiness);
  const BackwardMatch match = match_of_backward(profile, places);
  EXPECT_EQ(match.matched, match.nodes);
  EXPECT_EQ(named(profile, "ConvolutionBackward0").size(), 2U * 20);
  const std::vector<ConvolutionWork> work = convolution_work(profile, places);
  EXPECT_EQ(work.size(), 20U);
  for (const ConvolutionWork& row : work) {
    EXPECT_EQ(row.calls, 2) << row.layer;
    EXPECT_EQ(row.backward_flops, (row.layer == "conv1" ? 1 : 2) * row.forward_flops) << row.layer;
  }
  const std::string type = GetParam().bfloat16 ? "bfloat16[" : "float32[";
  for (const OperatorRecord* record : named(profile, "aten::convolution"))
    EXPECT_THAT(profile.names.text(record->inputs), testing::StartsWith(type));
}

INSTANTIATE_TEST_SUITE_P(CpuRecorder, EveryFormat,
                         testing::Values(StepFormat{}, StepFormat{.bfloat16 = true},
                                         StepFormat{.channels_last = true},
                                         StepFormat{.bfloat16 = true, .channels_last = true}));

TEST(OtherProfiler, IsPytorchsAndNotOurOwnMemoryHook) {
  EXPECT_FALSE(pytorch_profiler_is_on());
  {
    const CpuRecorder recorder;
    EXPECT_FALSE(pytorch_profiler_is_on());
  }
  using namespace torch::autograd::profiler;
  enableProfilerLegacy(torch::profiler::impl::ProfilerConfig(torch::profiler::impl::ProfilerState::CPU));
  EXPECT_TRUE(pytorch_profiler_is_on());
  disableProfilerLegacy();
  EXPECT_FALSE(pytorch_profiler_is_on());
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

TEST(CpuRecorder, RecordsWithoutInputsWhatWorksOnTensorsWithoutSizes) {
  const at::Tensor nested = at::_nested_tensor_from_tensor_list({at::ones({2}), at::ones({3})});
  CpuRecorder recorder;
  recorder.start();
  recorder.begin_step();
  {
    RECORD_USER_SCOPE("around");
    at::relu(nested);
    at::add(at::ones({2}), at::ones({2}));
  }
  recorder.end_step();
  const Profile profile = recorder.finish();
  EXPECT_EQ(profile.losses.total(), 0);
  const auto relus = named(profile, "aten::relu");
  const auto adds = named(profile, "aten::add");
  ASSERT_FALSE(relus.empty());
  ASSERT_EQ(adds.size(), 1U);
  EXPECT_EQ(profile.names.text(relus[0]->inputs), "");
  EXPECT_EQ(adds[0]->parent, relus[0]->parent) << "the stack is whole";
  EXPECT_NE(adds[0]->parent, kNone);
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
