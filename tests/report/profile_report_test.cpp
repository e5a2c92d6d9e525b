#include "report/profile/profile_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/profile/small_profile.hpp"

namespace trainbench::report {
namespace {

using profile::GpuRecord;
using profile::Index;
using profile::Profile;
using profile::ProfileBuilder;
using profile::StepPhase;
using testing::HasSubstr;
using testing::Not;

/// A step of one ms with the GPU busy for `busy_ns` behind one launch that ends at `launched_ns`.
Profile gpu_step(std::int64_t launched_ns, std::int64_t busy_ns) {
  ProfileBuilder build;
  build.step(0, 1000000);
  build.phase(StepPhase::load, 0, 10);
  const Index op = build.op("aten::mm", 20, launched_ns + 10);
  build.kernel("sm80_xmma_gemm_f16f16_f16f32_f32_tn_n", launched_ns, launched_ns + busy_ns,
               build.launch(30, launched_ns, op));
  return build.profile;
}

TEST(RenderProfile, BeginsWithTheVerdict) {
  const std::vector<Profile> profiles = {profile::small_step()};
  const std::string text = render_profile(profiles, {});
  EXPECT_THAT(text, testing::StartsWith("# Profile of Exp1_CPU_1T/batch:128\n\n**CPU-bound: "
                                        "aten::convolution_backward takes 18.0 % of the step"));
  for (const char* heading : {"## Operators", "## Layers", "## Phases"})
    EXPECT_THAT(text, HasSubstr(heading));
  EXPECT_THAT(text, Not(HasSubstr("## Kernels")));
  EXPECT_THAT(text, HasSubstr("3 of 3 backward nodes have their forward operator"));
}

TEST(RenderProfile, ClosesOperatorsToTheWholeStep) {
  const std::vector<Profile> profiles = {profile::small_step(), profile::small_step()};
  const std::string text = render_profile(profiles, {});
  EXPECT_THAT(text, HasSubstr("= 0.001 ms of 0.001 ms (100.0 %)"));
  EXPECT_THAT(text, HasSubstr("2 steps of 2 processes"));
}

TEST(RenderProfile, SumsUpRowsBeyondTheLimit) {
  const std::vector<Profile> profiles = {profile::small_step()};
  EXPECT_THAT(render_profile(profiles, {.max_rows = 3}), HasSubstr("smaller rows)"));
  EXPECT_THAT(render_profile(profiles, {.max_rows = std::nullopt}), Not(HasSubstr("smaller rows)")));
}

TEST(RenderProfile, PutsABannerOnWhatLostRecords) {
  std::vector<Profile> profiles = {profile::small_step()};
  EXPECT_THAT(render_profile(profiles, {}), Not(HasSubstr("lost records")));
  profiles[0].losses.dropped = 7;
  EXPECT_THAT(render_profile(profiles, {}),
              HasSubstr("lost records: the tables below are not the whole** (dropped 7"));
}

TEST(RenderProfile, SaysHowManyRecordsTwoMechanismsAttributedAlike) {
  std::vector<Profile> profiles = {profile::small_step(), profile::small_step(), profile::small_step()};
  EXPECT_THAT(render_profile(profiles, {}), Not(HasSubstr("attributed alike")));
  profiles[0].double_entry = profile::DoubleEntry{.records = 1200, .alike = 1200};
  profiles[2].double_entry = profile::DoubleEntry{.records = 1212, .alike = 1211};
  EXPECT_THAT(render_profile(profiles, {}),
              HasSubstr("2411 of 2412 GPU records attributed alike by two mechanisms."));
}

TEST(RenderProfile, SaysThatStepsWereNotAlike) {
  ProfileBuilder build;
  build.step(0, 100);
  build.step(100, 200);
  build.op("aten::mm", 10, 20);
  const std::vector<Profile> profiles = {build.profile};
  EXPECT_THAT(render_profile(profiles, {}), HasSubstr("Not steady: Repetition 0: step 1 calls 'aten::mm'"));
}

TEST(RenderProfile, ShowsMemoryByClassAndOwner) {
  std::vector<Profile> profiles = {profile::small_step()};
  profiles[0].allocations.push_back(
      {.bytes = 3 << 20, .time = {130, 700}, .caller = 2, .memory_class = profile::MemoryClass::activations});
  const std::string text = render_profile(profiles, {});
  EXPECT_THAT(text, HasSubstr("## Memory at the peak, host"));
  EXPECT_THAT(text, testing::ContainsRegex(
                        "layer1.0.conv1 +\\| aten::mkldnn_convolution +\\| activations +\\| +1 \\| 3.00"));
}

TEST(RenderProfile, ClosesMemoryWithWhatWasNotHeardOf) {
  std::vector<Profile> profiles = {profile::small_step()};
  profiles[0].allocations.push_back(
      {.bytes = 3 << 20, .time = {130, 700}, .device = 0, .caller = 2, .total_bytes = 5 << 20});
  const std::string text = render_profile(profiles, {});
  EXPECT_THAT(text, testing::ContainsRegex("\\| \\(not heard of\\) +\\| 2.00 \\|\n\\| \\(sum\\) +\\| 5.00"));
  EXPECT_THAT(text, testing::ContainsRegex("\\(not heard of\\) +\\| [^\n]*\\| +2.00 \\|"));
  profiles[0].allocations.back().total_bytes = 3 << 20;
  EXPECT_THAT(render_profile(profiles, {}), Not(HasSubstr("(not heard of)")));
}

TEST(RenderProfile, SaysWhichLibcuptiRecorded) {
  std::vector<Profile> profiles = {profile::small_step()};
  profiles[0].recorder = {{"libcupti", "/lib/libcupti.so.13"}, {"libcupti_version", "13.0 update 1"}};
  EXPECT_THAT(render_profile(profiles, {}),
              HasSubstr("recorded by trainbench with libcupti 13.0 update 1 ('/lib/libcupti.so.13'): "));
}

TEST(ProfileVerdict, TellsWhatBoundsAGpuStep) {
  const auto verdict = [](const Profile& profile) { return profile_verdict(std::vector<Profile>{profile}); };
  EXPECT_THAT(verdict(gpu_step(1000, 990000)), HasSubstr("GPU-bound: the GPU is busy 99.0 % of the step."));
  EXPECT_THAT(verdict(gpu_step(620000, 380000)),
              HasSubstr("launch-bound: the GPU waits for the host 62.0 % of the step."));
  Profile input = gpu_step(620000, 380000);
  input.phases[0].time.end_ns = 500000;
  EXPECT_THAT(verdict(input), HasSubstr("input-bound: the GPU waits for the next batch 62.0 %"));
}

TEST(RenderProfile, OfAGpuStepHasItsTimeByCauseAndItsKernels) {
  const std::vector<Profile> profiles = {gpu_step(620000, 380000)};
  const std::string text = render_profile(profiles, {});
  EXPECT_THAT(text, testing::ContainsRegex("\\(sum\\) +\\| +1.000 \\| 100.0 %"));
  EXPECT_THAT(text, HasSubstr("100.0 % ran on tensor cores by their names"));
}

TEST(RenderProfile, OfAGpuStepHasItsLaunchesAndWhatCanBeCounted) {
  ProfileBuilder build;
  build.profile = gpu_step(620000, 380000);
  build.at(0).layer = build.profile.names.id("layer1.0.conv1");
  build.profile.syncs.push_back({.time = {900000, 990000}});
  const std::vector<Profile> profiles = {build.profile};
  const std::string text = render_profile(profiles, {});
  EXPECT_THAT(text, HasSubstr("Per step: operators 1, kernel launches 1, waits of the host for the GPU 1; "
                              "kernel set "));
  EXPECT_THAT(text, HasSubstr("## Launches"));
  EXPECT_THAT(text, HasSubstr("All calls together: 0.620 ms a step. Calls whose work has not begun: 0 in the "
                              "median, none for 100.0 % of the step."));
  EXPECT_THAT(text,
              testing::ContainsRegex("aten::mm +\\| none +\\| +1 \\| +619.97 \\| +0.00 \\| +380.00 \\|"));
  EXPECT_THAT(text, testing::ContainsRegex("aten::mm +\\| none +\\| layer1.0.conv1 +\\| +1 \\|"));
  EXPECT_THAT(text, testing::ContainsRegex("Total ms +\\| Launches/step +\\| GPU ms +\\| Allocated MiB"));
  EXPECT_THAT(text, testing::ContainsRegex("aten::mm +\\| +1 \\|.*\\| +1 \\| +0.380 \\|"));
}

TEST(RenderProfile, KeepsWhatAGraphReplaysApartFromOtherThreads) {
  ProfileBuilder build;
  build.op("aten::captured", 10, 20);
  build.op("cudaGraphLaunch", 1010, 1030);
  build.step(1000, 3000);
  build.profile.training_steps = 8;
  GpuRecord& record = build.kernel("k", 1100, 1900, build.launch(1015, 1025, 1));
  record.caller = 0;
  record.graph_node = 5;
  const std::string text = render_profile(std::vector<Profile>{build.profile}, {});
  EXPECT_THAT(text, Not(HasSubstr("On other threads")));
  EXPECT_THAT(text, HasSubstr("Captured in a CUDA graph before these steps, and replayed:"));
  EXPECT_THAT(text, testing::ContainsRegex("aten::captured +\\| +0.1 \\| +0.000 \\|"));
  EXPECT_THAT(text, HasSubstr("8 steps of 1 process,"));
  EXPECT_THAT(text, HasSubstr("250.0 ns a step under the recorder"));
}

TEST(RenderProfile, DistrustsWhatTwoMechanismsAttributedUnlike) {
  std::vector<Profile> profiles = {profile::small_step()};
  profiles[0].double_entry = profile::DoubleEntry{.records = 12, .alike = 12};
  EXPECT_THAT(render_profile(profiles, {}), Not(HasSubstr("not to be trusted")));
  profiles[0].double_entry->alike = 11;
  EXPECT_THAT(
      render_profile(profiles, {}),
      HasSubstr("> **This profile is not to be trusted:** two mechanisms attributed 1 of 12 GPU records "
                "unlike."));
}

TEST(RenderProfile, EscapesTheNameOfItsChart) {
  const std::vector<Profile> profiles = {profile::small_step()};
  EXPECT_THAT(render_profile(profiles, {.chart_link = "a (b)-step.svg"}),
              HasSubstr("](a%20%28b%29-step.svg)"));
}

TEST(RenderStepBar, DrawsPartsThatFillTheBar) {
  const std::string svg = render_step_bar(std::vector<Profile>{profile::small_step()});
  EXPECT_THAT(svg, testing::EndsWith("</svg>\n"));
  EXPECT_THAT(svg, HasSubstr("backward: aten::convolution_backward 0.000 ms (18.0 %)"));
  double sum = 0;
  for (std::size_t at = svg.find("class=\"part\""); at != std::string::npos;
       at = svg.find("class=\"part\"", at + 1))
    sum += std::stod(svg.substr(svg.find("width=\"", at) + 7));
  EXPECT_NEAR(sum, 960 - 32, 0.2);
}

}  // namespace
}  // namespace trainbench::report
