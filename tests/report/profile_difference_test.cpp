#include "report/profile/profile_difference.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/profile/small_profile.hpp"

namespace trainbench::report {
namespace {

using profile::Index;
using profile::Profile;
using profile::ProfileBuilder;
using profile::StepPhase;
using testing::HasSubstr;

Profile step_with(std::int64_t convolution_us, const std::string& implementation) {
  ProfileBuilder build;
  const std::int64_t end = convolution_us * 1000;
  build.step(0, end + 100000);
  build.phase(StepPhase::backward, 0, end + 100000);
  const Index op = build.op("aten::convolution_backward", 0, end);
  build.at(op).layer = build.profile.names.id("layer4.0.conv1");
  build.at(op).implementation = build.profile.names.id(implementation);
  return build.profile;
}

TEST(RenderDifference, NamesTheLargestPartAndClosesWithoutResidual) {
  const std::string text = render_difference(std::vector<Profile>{step_with(8500, "weights jit:avx512_core")},
                                             std::vector<Profile>{step_with(94000, "weights x64:gemm:jit")});
  EXPECT_THAT(text,
              HasSubstr("8.600 ms to 94.10 ms a step: 994.2 % slower; the largest part, +94.0000 ms, is "
                        "aten::convolution_backward of layer4.0.conv1"));
  EXPECT_THAT(text, HasSubstr("Step: +85.5000 ms. Rows: +85.5000 ms. Residual: 0.0000 ms."));
  EXPECT_THAT(text, HasSubstr("weights jit:avx512_core gave way to weights x64:gemm:jit, +85.5000 ms"));
  EXPECT_THAT(text, HasSubstr("No intervals: they need five processes on both sides."));
}

TEST(RenderDifference, FoldsWhatNoiseCannotTellFromZero) {
  std::vector<Profile> a;
  std::vector<Profile> b;
  for (int i = 0; i < 5; ++i) {
    a.push_back(step_with(100 + i, "jit"));
    b.push_back(step_with(101 + (4 - i), "jit"));
  }
  const std::string text = render_difference(a, b);
  EXPECT_THAT(text, HasSubstr("no single row is beyond noise."));
  EXPECT_THAT(text, HasSubstr("rows that noise cannot tell from zero)"));
  EXPECT_THAT(text, HasSubstr("Residual: 0.0000 ms."));
}

TEST(RenderDifference, SaysFirstWhichSideIsNotTheWhole) {
  std::vector<Profile> a = {step_with(100, "jit")};
  std::vector<Profile> b = {step_with(101, "jit")};
  EXPECT_THAT(render_difference(a, b), testing::Not(HasSubstr("> ")));
  a[0].losses.dropped = 7;
  b[0].steps.push_back({b[0].steps[0].end_ns, b[0].steps[0].end_ns + 10});
  const std::string text = render_difference(a, b);
  EXPECT_THAT(text,
              HasSubstr("> **The baseline lost records: the tables below are not the whole** (dropped 7"));
  EXPECT_THAT(text, HasSubstr("> The contender is not steady: Repetition 0: step 1 calls"));
  EXPECT_LT(text.find("> **The baseline"), text.find("a step: "));
}

}  // namespace
}  // namespace trainbench::report
