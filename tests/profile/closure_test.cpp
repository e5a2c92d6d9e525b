#include "src/profile/closure.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/profile/intervals.hpp"
#include "tests/profile/small_profile.hpp"

namespace trainbench::profile {
namespace {

std::int64_t sum_of(const std::vector<HostRow>& rows) {
  std::int64_t sum = 0;
  for (const HostRow& row : rows) sum += row.self_ns;
  return sum;
}

const HostRow* find(const std::vector<HostRow>& rows, StepPhase phase, const std::string& name) {
  for (const HostRow& row : rows) {
    if (row.phase == phase && row.name == name) return &row;
  }
  return nullptr;
}

TEST(HostRows, SumToTheWindowAndNameWhatNoOperatorCovers) {
  const Profile profile = small_step();
  const std::vector<HostRow> rows = host_rows(profile, attribute(profile));
  EXPECT_EQ(sum_of(rows), 1000);
  ASSERT_NE(find(rows, StepPhase::load, "(outside operators)"), nullptr);
  EXPECT_EQ(find(rows, StepPhase::load, "(outside operators)")->self_ns, 90);
  EXPECT_EQ(find(rows, StepPhase::none, "(between phases)")->self_ns, 10);
  EXPECT_EQ(find(rows, StepPhase::optimizer, "(outside operators)")->self_ns, 50);
  // 450 less the nodes' 20, 60, 230 and 20.
  EXPECT_EQ(find(rows, StepPhase::backward, "(outside operators)")->self_ns, 120);
  EXPECT_EQ(covered_ns(rows), 1000 - 90 - 10 - 50 - 120 - 150 - 20);
}

TEST(HostRows, SeparatesTheEnginesOwnWorkFromItsNodes) {
  const Profile profile = small_step();
  const std::vector<HostRow> rows = host_rows(profile, attribute(profile));
  const HostRow* engine = find(rows, StepPhase::backward, "ConvolutionBackward0 (engine)");
  ASSERT_NE(engine, nullptr);
  // The wrapper is 230 long, its node 198; the sum of gradients is inside the wrapper.
  EXPECT_EQ(engine->self_ns, 32);
  EXPECT_EQ(find(rows, StepPhase::backward, "aten::convolution_backward")->self_ns, 180);
}

TEST(HostRows, SayWhereAnotherThreadWorksMeanwhile) {
  Profile profile = small_step();
  profile.threads.push_back({.name = "autograd", .system_id = 2});
  profile.operators.push_back({.name = profile.names.id("aten::mm"), .thread = 1, .time = {860, 890}});
  const std::vector<HostRow> rows = host_rows(profile, attribute(profile));
  EXPECT_EQ(sum_of(rows), 1000);
  EXPECT_EQ(find(rows, StepPhase::backward, "(another thread works)")->self_ns, 30);
  EXPECT_EQ(find(rows, StepPhase::backward, "(outside operators)")->self_ns, 90);
}

TEST(HostRows, CountCallsThatTookNoTime) {
  Profile profile = small_step();
  const NameId name = profile.names.id("aten::alias");
  profile.operators.push_back({.name = name, .time = {970, 970}});
  profile.operators.push_back({.name = name, .time = {1000, 1000}});
  const std::vector<HostRow> rows = host_rows(profile, attribute(profile));
  ASSERT_NE(find(rows, StepPhase::optimizer, "aten::alias"), nullptr);
  EXPECT_EQ(find(rows, StepPhase::optimizer, "aten::alias")->calls, 1)
      << "the other begins behind the window";
  EXPECT_EQ(sum_of(rows), 1000);
}

TEST(HostRows, SumToTheWindowOfAnyProfile) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Numbers numbers(seed);
    ProfileBuilder build;
    build.profile.threads.push_back({.name = "other", .system_id = 2});
    std::int64_t now = 0;
    for (int i = 0; i < 30; ++i) {
      now += numbers.below(6);
      const std::int64_t end = now + numbers.below(20);
      const Index parent = build.op("op" + std::to_string(numbers.below(5)), now, end);
      if (end - now > 4) build.op("child", now + 1, now + 3, parent);
      now = end;
    }
    build.step(numbers.below(40), 60 + numbers.below(100));
    for (std::int64_t begin = numbers.below(30), i = 0; i < 4; ++i) {
      const std::int64_t end = begin + numbers.below(50);
      build.phase(kStepPhases[static_cast<std::size_t>(i)], begin, end);
      begin = end + numbers.below(5);
    }
    const Span window = window_of(build.profile);
    ASSERT_EQ(sum_of(host_rows(build.profile, attribute(build.profile))), window.length()) << seed;
  }
}

TEST(Steadiness, NamesTheFirstStepThatDiffersAndAnOperatorInIt) {
  ProfileBuilder build;
  for (int step = 0; step < 3; ++step) {
    const std::int64_t begin = 100 * step;
    build.step(begin, begin + 100);
    build.op("aten::mm", begin + 10, begin + 20);
    build.op("aten::add", begin + 30, begin + 40);
  }
  EXPECT_TRUE(steadiness_of(build.profile).steady);
  EXPECT_EQ(steadiness_of(build.profile).operators_per_step, 2);
  build.op("aten::sum", 250, 260);
  const Steadiness unsteady = steadiness_of(build.profile);
  EXPECT_FALSE(unsteady.steady);
  EXPECT_EQ(unsteady.first_unlike, 2U);
  EXPECT_EQ(unsteady.operator_name, "aten::sum");
  EXPECT_EQ(unsteady.kernel, "");
  EXPECT_EQ(unsteady.operators, 7);
}

/// Three steps, each of an operator that launches `kernels` of its own, by step.
ProfileBuilder three_steps_on_a_gpu(const std::vector<std::string>& kernels,
                                    const std::string& last_geometry) {
  ProfileBuilder build;
  for (std::size_t step = 0; step < kernels.size(); ++step) {
    const auto begin = static_cast<std::int64_t>(100 * step);
    build.step(begin, begin + 100);
    const Index op = build.op("aten::mm", begin + 10, begin + 20);
    // It begins behind the step that launched it.
    GpuRecord& record =
        build.kernel(kernels[step], begin + 130, begin + 150, build.launch(begin + 11, begin + 12, op));
    record.geometry = build.profile.names.id(step + 1 == kernels.size() ? last_geometry : "grid 1");
  }
  return build;
}

TEST(Steadiness, NamesAKernelThatAStepLaunchesInstead) {
  EXPECT_TRUE(steadiness_of(three_steps_on_a_gpu({"a", "a", "a"}, "grid 1").profile).steady);
  const Steadiness other = steadiness_of(three_steps_on_a_gpu({"a", "b", "a"}, "grid 1").profile);
  EXPECT_FALSE(other.steady);
  EXPECT_EQ(other.first_unlike, 1U);
  EXPECT_EQ(other.operator_name, "aten::mm");
  EXPECT_THAT(other.kernel, testing::AnyOf("a", "b"));
  EXPECT_FALSE(steadiness_of(three_steps_on_a_gpu({"a", "a", "a"}, "grid 2").profile).steady);
}

TEST(Steadiness, LeavesOutThreadsThatKeepNoStepAndCountsBackwardNodes) {
  ProfileBuilder build;
  build.profile.threads.push_back({.name = "loader", .system_id = 2});
  for (const std::int64_t begin : {0, 100}) {
    build.step(begin, begin + 100);
    build.op("aten::mm", begin + 10, begin + 20);
  }
  build.at(build.op("aten::empty", 30, 40)).thread = 1;
  EXPECT_TRUE(steadiness_of(build.profile).steady);
  EXPECT_EQ(steadiness_of(build.profile).operators_per_step, 1);
  const Index node = build.backward("MmBackward0", 150, 160, -1);
  for (const Index index : {build.at(node).parent, node}) build.at(index).thread = 1;
  EXPECT_EQ(steadiness_of(build.profile).operator_name, "autograd::engine::evaluate_function: MmBackward0");
}

}  // namespace
}  // namespace trainbench::profile
