#include "src/profile/waterfall.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/errors.hpp"
#include "tests/profile/small_profile.hpp"

namespace trainbench::profile {
namespace {

/// Steps of random operators, with or without kernels.
Profile random_steps(std::uint64_t seed, bool with_gpu) {
  Numbers numbers(seed);
  ProfileBuilder build;
  std::int64_t now = 0;
  for (std::int64_t steps = 1 + numbers.below(4); steps > 0; --steps) {
    const std::int64_t begin = now;
    for (int i = 0; i < 6; ++i) {
      now += numbers.below(30);
      const std::int64_t end = now + 1 + numbers.below(100);
      const Index op = build.op("op" + std::to_string(numbers.below(3)), now, end);
      build.at(op).layer = build.profile.names.id("layer" + std::to_string(numbers.below(2)));
      build.at(op).implementation = build.profile.names.id("jit" + std::to_string(numbers.below(2)));
      if (with_gpu) {
        const std::int64_t start = now + numbers.below(200);
        build.kernel("k" + std::to_string(numbers.below(3)), start, start + numbers.below(80),
                     build.launch(now, end, op));
      }
      now = end;
    }
    now += 1 + numbers.below(10);
    build.step(begin, now);
    build.phase(StepPhase::forward, begin, begin + (now - begin) / 2);
  }
  return build.profile;
}

Profile step_with(std::int64_t convolution_ns, const std::string& implementation, int calls = 1) {
  ProfileBuilder build;
  std::int64_t now = 0;
  build.phase(StepPhase::forward, 0, 10000);
  for (int i = 0; i < calls; ++i) {
    const Index op = build.op("aten::convolution", now, now + convolution_ns);
    build.at(op).layer = build.profile.names.id("conv1");
    build.at(op).implementation = build.profile.names.id(implementation);
    now += convolution_ns;
  }
  build.op("aten::relu", now, now + 50);
  build.step(0, now + 100);
  return build.profile;
}

const WaterfallRow* find(const Waterfall& waterfall, const std::string& name) {
  for (const WaterfallRow& row : waterfall.rows) {
    if (row.key.operator_name == name) return &row;
  }
  return nullptr;
}

TEST(Waterfall, RowsSumToTheDifferenceExactly) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const bool with_gpu = seed % 2 == 1;
    std::vector<Profile> a;
    std::vector<Profile> b;
    for (std::uint64_t i = 0; i < 1 + seed % 3; ++i) {
      a.push_back(random_steps(10 * seed + i, with_gpu));
      b.push_back(random_steps(10 * seed + 5 + i, with_gpu));
    }
    const Waterfall result = waterfall(a, b);
    ASSERT_EQ(result.clockwork, with_gpu ? Clockwork::device : Clockwork::host);
    std::int64_t sum = 0;
    for (const WaterfallRow& row : result.rows) {
      ASSERT_EQ(row.by_calls + row.by_duration, row.change) << seed;
      sum += row.change;
    }
    ASSERT_EQ(sum, result.change) << seed;
    const double difference = result.contender_step_ns - result.baseline_step_ns;
    ASSERT_NEAR(static_cast<double>(result.change) / static_cast<double>(result.denominator), difference,
                1e-6);
  }
}

TEST(Waterfall, OfAProfileWithItselfIsZeroInEveryRow) {
  const std::vector<Profile> a = {random_steps(3, false)};
  for (const WaterfallRow& row : waterfall(a, a).rows) EXPECT_EQ(row.change, 0);
}

TEST(Waterfall, SeparatesMoreCallsFromLongerCalls) {
  const std::vector<Profile> a = {step_with(200, "jit", 2)};
  const std::vector<Profile> more = {step_with(200, "jit", 3)};
  const std::vector<Profile> longer = {step_with(300, "jit", 2)};
  const Waterfall by_calls = waterfall(a, more);
  EXPECT_EQ(find(by_calls, "aten::convolution")->by_calls, 200);
  EXPECT_EQ(find(by_calls, "aten::convolution")->by_duration, 0);
  const Waterfall by_duration = waterfall(a, longer);
  EXPECT_EQ(find(by_duration, "aten::convolution")->by_calls, 0);
  EXPECT_EQ(find(by_duration, "aten::convolution")->by_duration, 200);
}

TEST(Waterfall, NamesTheImplementationThatTookAnothersPlace) {
  const std::vector<Profile> a = {step_with(200, "jit:avx512_core")};
  const std::vector<Profile> b = {step_with(900, "gemm:jit")};
  const Waterfall result = waterfall(a, b);
  ASSERT_EQ(result.substitutions.size(), 1U);
  EXPECT_EQ(result.substitutions[0].from.kernel, "jit:avx512_core");
  EXPECT_EQ(result.substitutions[0].to.kernel, "gemm:jit");
  EXPECT_EQ(result.substitutions[0].to.layer, "conv1");
  EXPECT_EQ(result.substitutions[0].change, 700);
  EXPECT_TRUE(waterfall(a, a).substitutions.empty());
}

TEST(Waterfall, HasIntervalsFromFiveProcessesASideAndFindsWhatIsBeyondNoise) {
  std::vector<Profile> a;
  std::vector<Profile> b;
  for (int i = 0; i < 5; ++i) {
    a.push_back(step_with(200 + i, "jit"));
    b.push_back(step_with(300 + i, "jit"));
  }
  const Waterfall result = waterfall(a, b);
  const WaterfallRow* convolution = find(result, "aten::convolution");
  ASSERT_TRUE(convolution->interval);
  EXPECT_FALSE(convolution->is_noise());
  EXPECT_LE(convolution->interval->lower, 100);
  EXPECT_GE(convolution->interval->upper, 100);
  EXPECT_TRUE(find(result, "aten::relu")->is_noise());
  a.pop_back();
  EXPECT_FALSE(find(waterfall(a, b), "aten::convolution")->interval);
}

TEST(Waterfall, IsPerTrainingStepWhereALaunchHoldsSeveral) {
  std::vector<Profile> a = {step_with(200, "jit", 2)};
  std::vector<Profile> b = {step_with(300, "jit", 2)};
  a[0].training_steps = b[0].training_steps = 8;
  const Waterfall result = waterfall(a, b);
  EXPECT_EQ(result.baseline_step_ns, 500.0 / 8);
  EXPECT_EQ(static_cast<double>(result.change) / static_cast<double>(result.denominator), 200.0 / 8);
  b[0].training_steps = 0;
  EXPECT_EQ(unlikeness(a[0], b[0]), "the number of recorded steps is 8 and 1");
}

TEST(Waterfall, RefusesWhatExactSumsCannotHold) {
  Profile profile = step_with(200, "jit");
  profile.steps = {{0, std::int64_t{1} << 50}};
  profile.training_steps = 1 << 20;
  const std::vector<Profile> a = {profile};
  EXPECT_THROW(waterfall(a, a), InputError);
}

TEST(Unlikeness, NamesTheFirstThingThatDiffers) {
  Profile a = small_step();
  a.measurement = {{"batch", "128"}, {"threads", "1"}};
  a.machine = {{"cpu", "A"}};
  EXPECT_EQ(unlikeness(a, a), std::nullopt);
  Profile b = a;
  b.measurement["batch"] = "64";
  EXPECT_EQ(unlikeness(a, b), "the measurement's 'batch' is '128' and '64'");
  b = a;
  b.measurement.erase("threads");
  EXPECT_EQ(unlikeness(a, b), "the measurement's 'threads' is '1' and 'unknown'");
  b = a;
  b.machine["cpu"] = "B";
  EXPECT_EQ(unlikeness(a, b), "the machine's 'cpu' is 'A' and 'B'");
  b = a;
  b.steps.push_back({1000, 2000});
  EXPECT_EQ(unlikeness(a, b), "the number of recorded steps is 1 and 2");
  b = a;
  b.benchmark = "Exp2";
  EXPECT_THAT(*unlikeness(a, b), testing::HasSubstr("Exp2"));
}

}  // namespace
}  // namespace trainbench::profile
