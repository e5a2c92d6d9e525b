#include "report/results/benchmark_name.hpp"

#include <gtest/gtest.h>

namespace trainbench::report {
namespace {

using Arguments = std::vector<Argument>;

TEST(CanonicalName, LosesWhatSaysHowOftenItRan) {
  EXPECT_EQ(canonical_name("BM_x/8/iterations:10/repeats:3/real_time/threads:2"),
            "BM_x/8/real_time/threads:2");
  EXPECT_EQ(canonical_name("BM_x/min_time:0.010/min_warmup_time:1.5"), "BM_x");
}

TEST(CanonicalName, KeepsArgumentsThatOnlyLookAlike) {
  EXPECT_EQ(canonical_name("BM_x/iterations_per_step:10/repeats:many"),
            "BM_x/iterations_per_step:10/repeats:many");
  EXPECT_EQ(canonical_name(""), "");
}

TEST(ParseBenchmarkName, TellsFamilyAndArgumentsApart) {
  const BenchmarkName named = parse_benchmark_name("Exp2_CPU_NT/batch:128/threads:2");
  EXPECT_EQ(named.family, "Exp2_CPU_NT");
  EXPECT_EQ(named.arguments, (Arguments{{"batch", "128"}, {"threads", "2"}}));
  const BenchmarkName numbered = parse_benchmark_name("BM_x/8/-1/process_time");
  EXPECT_EQ(numbered.family, "BM_x");
  EXPECT_EQ(numbered.arguments, (Arguments{{"arg1", "8"}, {"arg2", "-1"}, {"time", "process"}}));
}

TEST(ParseBenchmarkName, LeavesSlashesAndScopesInTheFamily) {
  EXPECT_EQ(parse_benchmark_name("conv/3x3/forward/8").family, "conv/3x3/forward");
  EXPECT_EQ(parse_benchmark_name("suite/std::sort").family, "suite/std::sort");
  EXPECT_EQ(parse_benchmark_name("8").family, "8");
}

TEST(NaturalOrder, ComparesRunsOfDigitsAsNumbers) {
  EXPECT_TRUE(natural_order("batch:16", "batch:128") < 0);
  EXPECT_TRUE(natural_order("batch:128", "batch:16") > 0);
  EXPECT_TRUE(natural_order("batch:12", "batch:128") < 0);
  EXPECT_TRUE(natural_order("a", "a") == 0);
  EXPECT_TRUE(natural_order("a", "a1") < 0);
  EXPECT_TRUE(natural_order("", "a") < 0);
  EXPECT_TRUE(natural_order("a01/x", "a1/x") == 0);
  EXPECT_TRUE(natural_order("a1/9", "a01/10") < 0);
  EXPECT_TRUE(natural_order("a99999999999999999998", "a99999999999999999999") < 0);
}

}  // namespace
}  // namespace trainbench::report
