#include <ATen/Parallel.h>
#include <ATen/record_function.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <tuple>

#include "src/base/errors.hpp"
#include "src/profile/attribution.hpp"
#include "src/profile/clock.hpp"
#include "src/profile/correlate.hpp"
#include "src/profile/cupti_session.hpp"
#include "src/profile/gpu_recorder.hpp"
#include "src/profile/recorder_log.hpp"
#include "tests/profile/device_groupings.hpp"
#include "tests/profile/fake_cupti.hpp"
#include "tests/profile/resnet_step.hpp"

// Real operators of LibTorch on the CPU, a scripted device beside them: all that lies between a launch and
// the profile, without a GPU.
namespace trainbench::profile {
namespace {

using testing::SizeIs;

/// A device on which every operator launches one kernel, and the stack of operators that CUPTI would keep.
/// While it captures, a launch makes a node instead.
class ScriptedDevice {
 public:
  explicit ScriptedDevice(FakeCupti& cupti) : cupti_(cupti) { current() = this; }
  ~ScriptedDevice() { current() = nullptr; }
  ScriptedDevice(const ScriptedDevice&) = delete;
  ScriptedDevice& operator=(const ScriptedDevice&) = delete;

  bool capturing = false;
  std::vector<std::string> launched;  // by the name of the operator that did
  std::vector<std::string> captured;

  void replay() {
    const std::uint32_t correlation = ++correlations_;
    cupti_.launch("cuGraphLaunch", correlation);
    for (const char& node : nodes_) give_kernel(correlation, cupti_.node_ids.at(&node) + kClone);
  }
  void clone_graph() {
    for (const char& node : nodes_) {
      clones_.emplace_back();
      cupti_.node_ids[&clones_.back()] = cupti_.node_ids.at(&node) + kClone;
      cupti_.node(CUPTI_CBID_RESOURCE_GRAPHNODE_CLONED, &clones_.back(), &node);
      cupti_.node(CUPTI_CBID_RESOURCE_GRAPHNODE_DESTROY_STARTING, &node);
    }
  }
  void finish() { cupti_.flushed.push_back({records_}); }

  static void push(std::uint64_t operator_number) noexcept { stack().push_back(operator_number); }
  static void pop() noexcept { stack().pop_back(); }

  /// Called behind the recorder's own callback, at the begin of each operator.
  static std::unique_ptr<at::ObserverContext> on_operator(const at::RecordFunction& function) {
    if (current() != nullptr) current()->launch_in(function.name());
    return nullptr;
  }

 private:
  static constexpr std::uint64_t kClone = 1'000'000;
  static ScriptedDevice*& current() {
    static ScriptedDevice* device = nullptr;
    return device;
  }
  static std::vector<std::uint64_t>& stack() {
    thread_local std::vector<std::uint64_t> stack;
    return stack;
  }

  void launch_in(const char* name) {
    const std::lock_guard lock(mutex_);
    const std::uint32_t correlation = ++correlations_;
    cupti_.enter("cuLaunchKernel", correlation);
    if (capturing) {
      nodes_.emplace_back();
      cupti_.node_ids[&nodes_.back()] = nodes_.size();
      cupti_.node(CUPTI_CBID_RESOURCE_GRAPHNODE_CREATED, &nodes_.back());
      captured.emplace_back(name);
    } else {
      give_kernel(correlation, 0);
      launched.emplace_back(name);
    }
    cupti_.exit("cuLaunchKernel", correlation);
    records_.add(mark_record(correlation, stack().empty() ? 0 : stack().back()));
  }

  void give_kernel(std::uint32_t correlation, std::uint64_t node) {
    const auto now = static_cast<std::uint64_t>(monotonic_ns());
    records_.add(kernel_record("k", now, now + 1 + correlation % 7, correlation, node));
  }

  FakeCupti& cupti_;
  std::mutex mutex_;
  std::uint32_t correlations_ = 0;
  RecordBytes records_;
  std::deque<char> nodes_;
  std::deque<char> clones_;
};

constexpr OperatorFollower kCuptiStack = {ScriptedDevice::push, ScriptedDevice::pop};

class GpuPipelineTest : public testing::Test {
 protected:
  GpuPipelineTest() {
    at::set_num_threads(1);
    session_.open();
    set_follower(&kCuptiStack);
  }
  ~GpuPipelineTest() override { set_follower(nullptr); }

  void record_operators() {
    recorder_.start();
    device_calls_ =
        at::addGlobalCallback(at::RecordFunctionCallback(ScriptedDevice::on_operator)
                                  .scopes({at::RecordScope::FUNCTION, at::RecordScope::BACKWARD_FUNCTION}));
  }
  void pause_operators() {
    at::removeCallback(device_calls_);
    recorder_.pause();
  }
  void run_step() {
    recorder_.begin_step();
    step_.run(&recorder_);
    recorder_.end_step();
  }
  Profile finish() {
    device_.finish();
    Profile profile = recorder_.finish();
    correlate(session_.finish(), place_in_profile, profile);
    return profile;
  }
  static std::vector<std::string> callers(const Profile& profile) {
    std::vector<std::string> names;
    for (const GpuRecord& gpu : profile.gpu) {
      names.push_back(gpu.caller == kNone
                          ? "none"
                          : profile.names.text(profile.operators[static_cast<std::size_t>(gpu.caller)].name));
    }
    return names;
  }

  FakeCupti cupti_;
  ScriptedDevice device_{cupti_};
  CuptiSession session_{FakeCupti::api(), {.innermost_operator = innermost_operator, .verify = true}};
  ResnetStep step_{2, Stem::cifar};
  CpuRecorder recorder_{{.parameters = step_.parameters(), .memory = false}};
  at::CallbackHandle device_calls_ = 0;
};

TEST_F(GpuPipelineTest, EveryOperatorsKernelIsItsOwnAndBothMechanismsSaySo) {
  record_operators();
  session_.start();
  run_step();
  run_step();
  session_.pause();
  pause_operators();
  const Profile profile = finish();
  EXPECT_GT(device_.launched.size(), 1000U);
  EXPECT_EQ(callers(profile), device_.launched);
  EXPECT_EQ(profile.losses.total(), 0);
  const auto count = static_cast<std::int64_t>(device_.launched.size());
  EXPECT_EQ(profile.double_entry, (DoubleEntry{.records = count, .alike = count}));
  expect_groupings_conserve(profile, attribute(profile));
}

TEST_F(GpuPipelineTest, AReplayedStepHasTheLayersAndPhasesOfItsCapture) {
  record_operators();
  device_.capturing = true;
  step_.run(&recorder_);
  device_.capturing = false;
  device_.clone_graph();
  session_.start();
  for (int i = 0; i < 3; ++i) {
    recorder_.begin_step();
    device_.replay();
    recorder_.end_step();
  }
  session_.pause();
  pause_operators();
  const Profile profile = finish();
  const std::size_t nodes = device_.captured.size();
  ASSERT_THAT(profile.gpu, SizeIs(3 * nodes));
  ASSERT_THAT(profile.launches, SizeIs(3));
  const std::vector<std::string> found = callers(profile);
  const std::vector<OperatorPlace> places = attribute(profile);
  std::map<std::pair<StepPhase, std::string>, int> convolutions;
  for (std::size_t i = 0; i < found.size(); ++i) {
    ASSERT_EQ(found[i], device_.captured[i % nodes]) << i;
    EXPECT_EQ(profile.gpu[i].launch, static_cast<Index>(i / nodes));
    const OperatorPlace& place = places[static_cast<std::size_t>(profile.gpu[i].caller)];
    if (found[i] == "aten::convolution" || found[i] == "aten::convolution_backward")
      ++convolutions[{place.phase, place.layer}];
  }
  EXPECT_THAT(convolutions, SizeIs(40)) << "20 layers forward and backward";
  for (const auto& [key, count] : convolutions) EXPECT_EQ(count, 3) << key.second;
  EXPECT_EQ(convolutions.count({StepPhase::backward, "layer1.0.conv1"}), 1U);
  expect_groupings_conserve(profile, places);
  const auto records = static_cast<std::int64_t>(profile.gpu.size());
  EXPECT_EQ(profile.double_entry, (DoubleEntry{.records = records, .alike = records}));
}

/// What the launches of a step did, by phase, layer and operator.
std::map<std::tuple<StepPhase, std::string, std::string>, int> work_of_step(const Profile& profile,
                                                                            const Span& step) {
  const std::vector<OperatorPlace> places = attribute(profile);
  std::map<std::tuple<StepPhase, std::string, std::string>, int> work;
  for (const GpuRecord& record : profile.gpu) {
    const std::int64_t launched_ns = profile.launches.at(at(record.launch)).time.begin_ns;
    if (launched_ns < step.begin_ns || launched_ns >= step.end_ns) continue;
    const OperatorPlace& place = places.at(at(record.caller));
    ++work[{place.phase, place.layer, profile.names.text(profile.operators[at(record.caller)].name)}];
  }
  return work;
}

TEST_F(GpuPipelineTest, AReplayDoesWhatTheEagerStepDidLayerByLayer) {
  step_.run();  // the first one makes the momenta
  record_operators();
  device_.capturing = true;
  step_.run(&recorder_);
  device_.capturing = false;
  device_.clone_graph();
  session_.start();
  run_step();
  recorder_.begin_step();
  device_.replay();
  recorder_.end_step();
  session_.pause();
  pause_operators();
  const Profile profile = finish();
  const auto eager = work_of_step(profile, profile.steps.at(0));
  EXPECT_GT(eager.size(), 200U);
  EXPECT_EQ(work_of_step(profile, profile.steps.at(1)), eager);
  expect_groupings_conserve(profile, attribute(profile));
}

TEST_F(GpuPipelineTest, OutsideOperatorsThereIsNone) {
  EXPECT_EQ(innermost_operator(), 0U);
  record_operators();
  EXPECT_EQ(innermost_operator(), 0U);
  EXPECT_EQ(place_in_profile(0), kNone);
  EXPECT_EQ(place_in_profile(std::uint64_t{1} << 60), kNone);
  pause_operators();
}

TEST(GpuRecorder, WithoutADriverGivesTheReasonAndMakesNoProfile) {
  const std::string reason = reason_without_gpu_recorder();
  if (reason.empty()) GTEST_SKIP() << "there is a GPU";
  EXPECT_THAT(reason, testing::StartsWith("no "));
  EXPECT_THAT(reason, testing::HasSubstr("cudaGetDeviceCount"));
  try {
    GpuRecorder recorder;
    FAIL() << "there is nothing to record";
  } catch (const EnvironmentError& error) {
    EXPECT_EQ(error.what(), reason);
  }
}

}  // namespace
}  // namespace trainbench::profile
