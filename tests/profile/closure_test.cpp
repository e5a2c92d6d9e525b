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
}

}  // namespace
}  // namespace trainbench::profile
