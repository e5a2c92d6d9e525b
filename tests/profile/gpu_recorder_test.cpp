#include "src/profile/gpu_recorder.hpp"

#include <ATen/cuda/CUDAContextLight.h>
#include <ATen/cuda/Sleep.h>
#include <ATen/record_function.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tuple>

#include "src/base/errors.hpp"
#include "src/base/files.hpp"
#include "src/gpu/device.hpp"
#include "src/gpu/driver.hpp"
#include "src/gpu/graph.hpp"
#include "src/model/work.hpp"
#include "src/profile/attribution.hpp"
#include "src/profile/convolution_work.hpp"
#include "src/profile/cupti_session.hpp"
#include "src/profile/device_time.hpp"
#include "src/profile/kernel_names.hpp"
#include "src/profile/profile_file.hpp"
#include "tests/profile/device_groupings.hpp"
#include "tests/profile/resnet_step.hpp"

// What only a GPU can show. One process records once, so that all tests look at one recording: 200 kernels of
// some 1 ms, then eager steps of ResNet-18, then as many replays of the same step from a CUDA graph, then as
// many eager steps of a batch that the GPU is busy with throughout, then one in each of the other formats.
namespace trainbench::profile {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr std::int64_t kBatch = 128;
constexpr std::int64_t kBusyBatch = 512;
constexpr int kSteps = 5;  // of each kind
constexpr int kSpins = 200;
constexpr std::array kFormats = {StepFormat{.bfloat16 = true}, StepFormat{.channels_last = true},
                                 StepFormat{.bfloat16 = true, .channels_last = true}};
constexpr std::int64_t kSpinCycles = 1'700'000;

struct Recorded {
  Profile profile;
  std::vector<OperatorPlace> places;
  double spin_seconds = 0;  // by CUDA events
  double busy_steps_seconds = 0;
  std::string second_refused;  // what a second subscriber is told
};

std::string refusal_of_a_second_session() {
  try {
    CuptiSession(CuptiApi{}, {}).open();
  } catch (const EnvironmentError& error) {
    return error.what();
  }
  return "";
}

void record_steps(CpuRecorder& cpu, const std::function<void()>& step) {
  for (int i = 0; i < kSteps; ++i) {
    cpu.begin_step();
    step();
    cpu.end_step();
  }
}

double spin() {
  gpu::StepClock clock(2);
  RECORD_USER_SCOPE("spin");
  clock.mark();
  for (int i = 0; i < kSpins; ++i) at::cuda::sleep(kSpinCycles);
  clock.mark();
  return clock.take_intervals().at(0);
}

/// Seconds by CUDA events of kSteps recorded steps.
double record_timed_steps(CpuRecorder& cpu, ResnetStep& step) {
  gpu::StepClock clock(2);
  clock.mark();
  record_steps(cpu, [&] { step.run(&cpu); });
  clock.mark();
  return clock.take_intervals().at(0);
}

/// The nets that are trained, each with three steps behind it.
struct Steps {
  explicit Steps(CpuRecorder& cpu) {
    for (const StepFormat& format : kFormats)
      formats.push_back(std::make_unique<ResnetStep>(kBatch, Stem::cifar, at::kCUDA, format));
    NamedParameters parameters;
    for (ResnetStep* one : all()) {
      for (int i = 0; i < 3; ++i) one->run(&cpu);
      for (auto& named : one->parameters()) parameters.push_back(std::move(named));
    }
    cpu.set_net(std::move(parameters), {});
  }
  std::vector<ResnetStep*> all() {
    std::vector<ResnetStep*> steps = {&step, &busy_step};
    for (const auto& format : formats) steps.push_back(format.get());
    return steps;
  }

  ResnetStep step{kBatch, Stem::cifar, at::kCUDA};
  ResnetStep busy_step{kBusyBatch, Stem::cifar, at::kCUDA};
  std::vector<std::unique_ptr<ResnetStep>> formats;
};

Recorded record() {
  Recorded recorded;
  GpuRecorder recorder({.verify = true});
  recorded.second_refused = refusal_of_a_second_session();
  gpu::open_device(0);
  CpuRecorder cpu({.memory = false});
  Steps steps(cpu);
  cpu.start();
  gpu::CapturedWork captured([&] { steps.step.run(&cpu); });
  recorder.start();
  recorded.spin_seconds = spin();
  record_steps(cpu, [&] { steps.step.run(&cpu); });
  record_steps(cpu, [&] { captured.launch(); });
  recorded.busy_steps_seconds = record_timed_steps(cpu, steps.busy_step);
  for (const std::unique_ptr<ResnetStep>& format : steps.formats) {
    cpu.begin_step();
    format->run(&cpu);
    cpu.end_step();
  }
  recorder.pause();
  cpu.pause();
  recorded.profile = cpu.finish();
  recorder.finish_into(recorded.profile);
  recorded.profile.benchmark = "gpu_recorder_test";
  recorded.places = attribute(recorded.profile);
  if (const char* folder = std::getenv("TRAINBENCH_PROFILE_DIR"))
    write_file_atomically(std::string(folder) + "/gpu_recorder.json", profile_to_json(recorded.profile));
  return recorded;
}

/// Dense floating-point operations per second that the current device's arithmetic units can do at their
/// highest clock: per multiprocessor and cycle, 2 for each FP32 core, and those of the tensor cores in TF32
/// (NVIDIA, whitepapers of the A100 and the H100).
struct PeakFlops {
  double fp32 = 0;
  double tf32 = 0;
};

std::optional<PeakFlops> peak_flops() {
  const cudaDeviceProp& device = *at::cuda::getCurrentDeviceProperties();
  int kilohertz = 0;
  if (cudaDeviceGetAttribute(&kilohertz, cudaDevAttrClockRate, 0) != cudaSuccess) return std::nullopt;
  const double cycles = 1e3 * kilohertz * device.multiProcessorCount;
  if (device.major == 8 && device.minor == 0) return PeakFlops{.fp32 = 128 * cycles, .tf32 = 1024 * cycles};
  if (device.major == 9) return PeakFlops{.fp32 = 256 * cycles, .tf32 = 2048 * cycles};
  return std::nullopt;
}

/// What a layer's convolution took on the device.
struct LayerTime {
  std::int64_t ns = 0;
  bool on_tensor_cores = false;
  bool by_winograd = false;  // which does with fewer operations than are counted
};

class GpuRecorderTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = gpu::reason_without_gpu(gpu::driver_state(), 0))
      GTEST_SKIP() << "no CUDA device: " << *reason;
    static const Recorded once = record();
    recorded_ = &once;
  }

  const Recorded& recorded() const { return *recorded_; }
  const Profile& profile() const { return recorded_->profile; }
  const std::string& operator_name(const GpuRecord& record) const {
    return profile().names.text(profile().operators.at(static_cast<std::size_t>(record.caller)).name);
  }
  const OperatorPlace& place(const GpuRecord& record) const {
    return recorded_->places.at(static_cast<std::size_t>(record.caller));
  }
  /// What the launches of step `i` did: kSteps eager ones, as many replays, as many of the larger batch, one
  /// of each of kFormats.
  std::vector<const GpuRecord*> records_of(int i) const {
    const Span& step = profile().steps.at(static_cast<std::size_t>(i));
    std::vector<const GpuRecord*> records;
    for (const GpuRecord& record : profile().gpu) {
      if (record.launch == kNone) continue;
      const std::int64_t at = profile().launches[static_cast<std::size_t>(record.launch)].time.begin_ns;
      if (at >= step.begin_ns && at < step.end_ns) records.push_back(&record);
    }
    return records;
  }
  /// Of a step: how often each (phase, layer, operator, kind of record) occurs.
  std::map<std::tuple<StepPhase, std::string, std::string, GpuKind>, int> work_of(int i) const {
    std::map<std::tuple<StepPhase, std::string, std::string, GpuKind>, int> work;
    for (const GpuRecord* record : records_of(i))
      ++work[{place(*record).phase, place(*record).layer, operator_name(*record), record->kind}];
    return work;
  }
  std::int64_t device_ns_of(int i) const {
    std::int64_t sum = 0;
    for (const GpuRecord* record : records_of(i)) sum += record->time.length();
    return sum;
  }
  /// How often a step launches each kernel in each layer.
  std::map<std::pair<std::string, std::string>, int> kernels_of(int i) const {
    std::map<std::pair<std::string, std::string>, int> kernels;
    for (const GpuRecord* record : records_of(i)) {
      if (record->kind == GpuKind::kernel)
        ++kernels[{place(*record).layer, profile().names.text(record->name)}];
    }
    return kernels;
  }
  /// Layers with a kernel in aten::convolution_backward, and in a convolution of the forward pass, of step
  /// `i`.
  std::pair<std::set<std::string>, std::set<std::string>> convolution_layers(int i) const {
    std::pair<std::set<std::string>, std::set<std::string>> layers;
    for (const GpuRecord* record : records_of(i)) {
      if (record->kind != GpuKind::kernel) continue;
      const OperatorPlace& place = this->place(*record);
      const std::string& name = operator_name(*record);
      if (name == "aten::convolution_backward") layers.first.insert(place.layer);
      if (place.phase == StepPhase::forward && name.find("convolution") != std::string::npos)
        layers.second.insert(place.layer);
    }
    return layers;
  }

  /// Of the convolutions of the steps with the larger batch, by layer: each has forward and backward kernels.
  std::map<std::string, LayerTime> convolution_times() const {
    std::map<std::string, LayerTime> times;
    for (int i = 2 * kSteps; i < 3 * kSteps; ++i) {
      for (const GpuRecord* record : records_of(i)) {
        if (record->kind != GpuKind::kernel ||
            operator_name(*record).find("convolution") == std::string::npos)
          continue;
        const std::string& kernel = profile().names.text(record->name);
        LayerTime& time = times[place(*record).layer];
        time.ns += record->time.length();
        time.on_tensor_cores |= tensor_cores_of(kernel) != TensorCores::no;
        time.by_winograd |= kernel.find("winograd") != std::string::npos;
      }
    }
    return times;
  }

 private:
  const Recorded* recorded_ = nullptr;
};

TEST_F(GpuRecorderTest, IsAvailableWhereThereIsAGpu) {
  EXPECT_EQ(reason_without_gpu_recorder(), "");
}

TEST_F(GpuRecorderTest, ASecondSubscriberIsToldThatWeHoldCupti) {
  EXPECT_THAT(recorded().second_refused, HasSubstr("trainbench"));
  EXPECT_THAT(recorded().second_refused, HasSubstr("answered 39"));
}

TEST_F(GpuRecorderTest, LosesNothing) {
  const Losses& losses = profile().losses;
  EXPECT_THAT((std::vector{losses.dropped, losses.untimed, losses.unattributed, losses.truncated}),
              ElementsAre(0, 0, 0, 0));
  EXPECT_FALSE(profile().gpu.empty());
}

TEST_F(GpuRecorderTest, CountsSpinKernelsAndTimesThemAsEventsDo) {
  std::vector<Span> spins;
  for (const GpuRecord& record : profile().gpu) {
    if (record.caller != kNone && operator_name(record) == "spin") spins.push_back(record.time);
  }
  ASSERT_THAT(spins, SizeIs(kSpins));
  const auto busy = static_cast<double>(measure(union_of(spins))) * 1e-9;
  EXPECT_NEAR(busy, recorded().spin_seconds, 0.01 * recorded().spin_seconds);
  EXPECT_LE(busy, 1.002 * recorded().spin_seconds);
}

TEST_F(GpuRecorderTest, AGpuThatHasWorkThroughoutIsBusyForAsLongAsEventsSay) {
  std::vector<Span> busy;
  for (int i = 2 * kSteps; i < 3 * kSteps; ++i) {
    for (const GpuRecord* record : records_of(i)) busy.push_back(record->time);
  }
  const double share = static_cast<double>(measure(union_of(busy))) * 1e-9 / recorded().busy_steps_seconds;
  EXPECT_GE(share, 0.93);
  EXPECT_LE(share, 1.01);
}

TEST_F(GpuRecorderTest, TwoMechanismsAttributeEveryRecordAlike) {
  ASSERT_TRUE(profile().double_entry.has_value());
  EXPECT_EQ(profile().double_entry->records, std::ssize(profile().gpu));
  EXPECT_EQ(profile().double_entry->alike, profile().double_entry->records);
}

TEST_F(GpuRecorderTest, BusyAndIdleCloseToTheWindowAndEveryTableToTheRecords) {
  const DeviceTime time = device_time(profile(), 0);
  const Span window = window_of(profile());
  EXPECT_EQ(time.busy_ns + time.idle_ns(), window.length());
  expect_groupings_conserve(profile(), recorded().places);
}

TEST_F(GpuRecorderTest, EveryConvolutionHasKernelsForwardAndBackwardInItsLayer) {
  constexpr int kOthers = static_cast<int>(kFormats.size());
  for (const int i : {0, kSteps, 2 * kSteps, 3 * kSteps, 3 * kSteps + kOthers - 1}) {
    const auto [backward, forward] = convolution_layers(i);
    EXPECT_THAT(forward, SizeIs(20)) << "step " << i;
    EXPECT_EQ(backward, forward) << "step " << i;
  }
}

TEST_F(GpuRecorderTest, EveryStepHas20ConvolutionNodesAndNoneAsksForTheImagesGradient) {
  const std::size_t calls = profile().operators.size();
  std::map<std::string, int> nodes;
  for (std::size_t i = 0; i < calls; ++i) {
    const OperatorRecord& record = profile().operators[i];
    const Span& first = profile().steps.front();
    if (profile().names.text(record.name) != "ConvolutionBackward0" || !begins_in(first, record.time))
      continue;
    const OperatorPlace& place = recorded().places[i];
    ++nodes[place.layer];
    ASSERT_NE(place.forward, kNone);
    EXPECT_EQ(recorded().places[at(place.forward)].layer, place.layer);
  }
  EXPECT_THAT(nodes, SizeIs(20));
  for (const auto& [layer, count] : nodes) EXPECT_EQ(count, 1) << layer;
  for (const ConvolutionWork& row : convolution_work(profile(), recorded().places))
    EXPECT_EQ(row.backward_flops, (row.layer == "conv1" ? 1 : 2) * row.forward_flops) << row.layer;
  for (const GpuRecord& record : profile().gpu) {
    if (record.caller == kNone || place(record).layer != "conv1" ||
        operator_name(record) != "aten::convolution_backward")
      continue;
    EXPECT_THAT(profile().names.text(record.name), testing::Not(HasSubstr("dgrad")));
  }
}

TEST_F(GpuRecorderTest, EagerStepsLaunchAlikeAndReplaysHaveTheSameRecords) {
  const std::size_t eager = records_of(0).size();
  const std::size_t replayed = records_of(kSteps).size();
  EXPECT_GT(eager, 0U);
  EXPECT_GT(replayed, 0U);
  for (int i = 1; i < kSteps; ++i) {
    EXPECT_EQ(records_of(i).size(), eager) << "eager step " << i;
    EXPECT_EQ(records_of(kSteps + i).size(), replayed) << "replay " << i;
  }
}

TEST_F(GpuRecorderTest, AReplayDoesWhatTheEagerStepDidLayerByLayer) {
  for (const GpuRecord* record : records_of(kSteps)) EXPECT_NE(record->graph_node, 0U);
  EXPECT_EQ(work_of(kSteps), work_of(1));
}

TEST_F(GpuRecorderTest, AReplayRunsTheKernelsOfTheEagerStepAndTakesTheGpuAsLong) {
  EXPECT_EQ(kernels_of(kSteps), kernels_of(1));
  std::int64_t eager = 0;
  std::int64_t replayed = 0;
  for (int i = 0; i < kSteps; ++i) {
    eager += device_ns_of(i);
    replayed += device_ns_of(kSteps + i);
  }
  EXPECT_NEAR(static_cast<double>(replayed), static_cast<double>(eager), 0.05 * static_cast<double>(eager));
}

TEST_F(GpuRecorderTest, HardlyAnyKernelBeginsBeforeItsLaunch) {
  constexpr std::int64_t kSkewNs = 2000;
  std::int64_t early = 0;
  for (const GpuRecord& record : profile().gpu) {
    ASSERT_NE(record.launch, kNone);
    const Span& launch = profile().launches[static_cast<std::size_t>(record.launch)].time;
    early += record.time.begin_ns < launch.begin_ns - kSkewNs ? 1 : 0;
  }
  EXPECT_LE(static_cast<double>(early), 0.001 * static_cast<double>(profile().gpu.size()));
}

TEST_F(GpuRecorderTest, NoConvolutionIsFasterThanTheArithmeticOfTheDevice) {
  const std::optional<PeakFlops> peak = peak_flops();
  if (!peak) GTEST_SKIP() << "the peak of this compute capability is not known here";
  std::map<std::string, LayerTime> times = convolution_times();
  for (const ConvolutionShape& shape : convolutions_of(Stem::cifar)) {
    const LayerTime& time = times[shape.name];
    ASSERT_GT(time.ns, 0) << shape.name;
    if (time.by_winograd) continue;
    const double passes = shape.name == "conv1" ? 2 : 3;  // nobody needs the images' gradient
    const double flops = passes * 2 * forward_macs(shape).nominal * kBusyBatch * kSteps;
    EXPECT_LE(flops / (1e-9 * static_cast<double>(time.ns)),
              1.02 * (time.on_tensor_cores ? peak->tf32 : peak->fp32))
        << shape.name;
  }
}

}  // namespace
}  // namespace trainbench::profile
