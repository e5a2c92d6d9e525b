#include "report/run/study_claims.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/run/study.hpp"

namespace trainbench::report {
namespace {

using testing::HasSubstr;

enum Index {
  speed_up,
  memory,
  sweet_spot,
  same_accuracy,
  accuracy_exp1,
  accuracy_exp2,
  accuracy_exp3,
  accuracy_exp5
};

/// A run of preset full over the whole set, as the study's was.
struct Study {
  ResultSet run;

  Study() { run.preset = "full"; }

  void add(const std::string& benchmark, const std::string& metric, const std::vector<double>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      Row& row = row_of(benchmark, i);
      row.metrics[metric] = values[i];
    }
  }

  void skip(const std::string& benchmark, const std::string& reason) {
    Row& row = run.rows.emplace_back();
    row.benchmark = benchmark;
    row.status = CaseStatus::skipped;
    row.reason = reason;
  }

  StudyClaim claim(Index which) const {
    const std::vector<ResultSet> runs = {run};
    const std::vector<Series> series = group_series(runs);
    return claims_of({.runs = runs, .series = series}, 0).at(which);
  }

 private:
  Row& row_of(const std::string& benchmark, std::size_t repetition) {
    std::size_t seen = 0;
    for (Row& row : run.rows) {
      if (row.benchmark == benchmark && seen++ == repetition) return row;
    }
    Row& row = run.rows.emplace_back();
    row.benchmark = benchmark;
    row.metrics["epoch_extrapolated"] = 0;
    row.measurement = {{"data_set", "cifar10"}, {"length", "5 epochs"}, {"test_images", "10000"}};
    return row;
  }
};

const std::string kCpu = "Exp1_CPU_1T/batch:128";
const std::string kFp32 = "Exp3_GPU_FP32/batch:128";
const std::string kAmp = "Exp5_GPU_AMP/batch:256";

StudyClaim speed_up_of(const std::vector<double>& cpu, const std::vector<double>& amp) {
  Study study;
  study.add(kCpu, "images_per_second", cpu);
  study.add(kAmp, "images_per_second", amp);
  return study.claim(speed_up);
}

TEST(SpeedUpClaim, IsConfirmedWithinATenthOfTheStudys) {
  const StudyClaim claim = speed_up_of({100, 100, 100}, {3400, 3500, 3600});
  EXPECT_EQ(claim.verdict, ClaimVerdict::confirmed);
  EXPECT_EQ(claim.figure, "35x");
  EXPECT_EQ(claim.measured, "35.00x (34.00x to 36.00x)");
  EXPECT_EQ(claim.reason, "");
}

TEST(SpeedUpClaim, IsCorrectedWithTheMeasuredFigure) {
  const StudyClaim claim = speed_up_of({100, 100, 100}, {61000, 62000, 63000});
  EXPECT_EQ(claim.verdict, ClaimVerdict::corrected);
  EXPECT_EQ(claim.measured, "620.00x (610.00x to 630.00x)");
  EXPECT_EQ(speed_up_of({100, 100, 100}, {900, 1000, 1100}).verdict, ClaimVerdict::corrected);
}

TEST(SpeedUpClaim, IsNotJudgedWhereTheNoiseCrossesTheEdge) {
  const StudyClaim claim = speed_up_of({100, 100, 100}, {3000, 3500, 4000});
  EXPECT_EQ(claim.verdict, ClaimVerdict::not_judged);
  EXPECT_EQ(claim.reason, "the interval crosses an edge of 31.50x to 38.50x");
}

TEST(SpeedUpClaim, IsNotJudgedFromTooFewRepetitions) {
  const StudyClaim claim = speed_up_of({100, 100}, {62000, 62000, 62000});
  EXPECT_EQ(claim.verdict, ClaimVerdict::not_judged);
  EXPECT_EQ(claim.measured, "620.00x");
  EXPECT_EQ(claim.reason, "too few repetitions for a 90 % interval");
}

TEST(SpeedUpClaim, IsNotMeasuredWithoutTheRows) {
  Study study;
  study.add(kCpu, "images_per_second", {100, 100, 100});
  EXPECT_EQ(study.claim(speed_up).verdict, ClaimVerdict::not_measured);
  EXPECT_EQ(study.claim(speed_up).reason, "the run has no row Exp5_GPU_AMP/batch:256");
  study.skip(kAmp, "no CUDA device (driver: none)");
  EXPECT_EQ(study.claim(speed_up).reason, kAmp + " skipped: no CUDA device (driver: none)");
  EXPECT_EQ(study.claim(speed_up).measured, "");
}

TEST(SpeedUpClaim, IsNotJudgedUnderAnInjectedFault) {
  Study study;
  study.add(kCpu, "images_per_second", {100, 100, 100});
  study.add(kAmp, "images_per_second", {3500, 3500, 3500});
  ASSERT_EQ(study.claim(speed_up).verdict, ClaimVerdict::confirmed);
  study.run.rows[0].injected = "slow:20";
  EXPECT_EQ(study.claim(speed_up).verdict, ClaimVerdict::not_judged);
  EXPECT_EQ(study.claim(speed_up).reason, "a fault was injected: slow:20");
}

StudyClaim memory_of(const std::string& amp, const std::vector<double>& mib) {
  Study study;
  study.add(kFp32, "gpu_peak_allocated_mib", {1000, 1000, 1000});
  study.add(amp, "gpu_peak_allocated_mib", mib);
  return study.claim(memory);
}

TEST(MemoryClaim, ComparesTheSameBatchOnly) {
  const StudyClaim claim = memory_of("Exp4_GPU_AMP_Sweep/batch:128", {970, 975, 980});
  EXPECT_EQ(claim.verdict, ClaimVerdict::confirmed);
  EXPECT_EQ(claim.measured, "2.5 % less (2.0 % to 3.0 %)");
  EXPECT_EQ(memory_of("Exp4_GPU_AMP_Sweep/batch:128", {600, 600, 600}).verdict, ClaimVerdict::corrected);
  EXPECT_EQ(memory_of("Exp4_GPU_AMP_Sweep/batch:128", {1100, 1100, 1100}).measured,
            "10.0 % more (10.0 % to 10.0 %)");
  const StudyClaim other = memory_of("Exp4_GPU_AMP_Sweep/batch:256", {970, 975, 980});
  EXPECT_EQ(other.verdict, ClaimVerdict::not_measured);
  EXPECT_EQ(other.reason, "the run has no row Exp4_GPU_AMP_Sweep/batch:128");
}

StudyClaim sweep_of(const std::vector<std::pair<int, std::vector<double>>>& batches) {
  Study study;
  for (const auto& [batch, values] : batches) {
    const std::string name = fmt::format("Exp4_GPU_AMP_Sweep/batch:{}", batch);
    values.empty() ? study.skip(name, "OOM") : study.add(name, "images_per_second", values);
  }
  return study.claim(sweet_spot);
}

TEST(SweetSpotClaim, IsConfirmedWhereNoSmallerBatchCanBe) {
  const StudyClaim claim =
      sweep_of({{128, {80, 80, 80}}, {256, {99, 99, 99}}, {512, {100, 100, 100}}, {1024, {}}});
  EXPECT_EQ(claim.verdict, ClaimVerdict::confirmed);
  EXPECT_THAT(claim.measured, HasSubstr("sweet spot batch 256: 99.0 % [99.0, 99.0] of the best (512)"));
}

TEST(SweetSpotClaim, IsCorrectedByASmallerOrALargerBatch) {
  EXPECT_EQ(sweep_of({{128, {99, 99, 99}}, {256, {99, 99, 99}}, {512, {100, 100, 100}}}).verdict,
            ClaimVerdict::corrected);
  EXPECT_EQ(sweep_of({{128, {50, 50, 50}}, {256, {80, 80, 80}}, {512, {100, 100, 100}}}).verdict,
            ClaimVerdict::corrected);
}

TEST(SweetSpotClaim, IsNotJudgedWhereTheNoiseLeavesItOpen) {
  EXPECT_EQ(sweep_of({{128, {90, 97, 99}}, {256, {99, 99, 99}}, {512, {100, 100, 100}}}).verdict,
            ClaimVerdict::not_judged);
  EXPECT_EQ(sweep_of({{128, {50, 50, 50}}, {256, {90, 97, 99}}, {512, {100, 100, 100}}}).verdict,
            ClaimVerdict::not_judged);
  EXPECT_EQ(sweep_of({{128, {50}}, {256, {99}}, {512, {100}}}).verdict, ClaimVerdict::not_judged);
}

TEST(SweetSpotClaim, IsNotJudgedWithoutBatchesOnBothSides) {
  const std::string reason = "the sweep lacks results of batches on both sides of 256";
  EXPECT_EQ(sweep_of({{64, {1, 1, 1}}, {128, {2, 2, 2}}, {256, {3, 3, 3}}}).reason, reason);
  EXPECT_EQ(sweep_of({{256, {3, 3, 3}}, {512, {2, 2, 2}}, {1024, {1, 1, 1}}}).reason, reason);
  EXPECT_EQ(sweep_of({{128, {}}, {256, {3, 3, 3}}, {512, {}}}).reason, reason);
  const StudyClaim failed = sweep_of({{64, {1, 1, 1}}, {128, {}}, {256, {3, 3, 3}}, {512, {3, 3, 3}}});
  EXPECT_EQ(failed.verdict, ClaimVerdict::not_judged);
  EXPECT_EQ(failed.reason, "the rows do not settle every batch up to it");
  // Where 512 does not fit, 256 may still be shown to be the best.
  EXPECT_EQ(sweep_of({{128, {1, 1, 1}}, {256, {3, 3, 3}}, {512, {}}}).verdict, ClaimVerdict::confirmed);
}

TEST(SweetSpotClaim, IsNotMeasuredWithoutBatch256) {
  EXPECT_EQ(sweep_of({{64, {1}}, {128, {1}}, {512, {1}}}).reason, "the sweep has no batch 256");
  const StudyClaim gone = sweep_of({{64, {1}}, {128, {1}}, {256, {}}});
  EXPECT_EQ(gone.verdict, ClaimVerdict::not_measured);
  EXPECT_EQ(gone.reason, "skipped: OOM");
  EXPECT_EQ(sweep_of({{256, {1}}}).reason, "the run has fewer than three batch sizes of it");
}

TEST(AccuracyClaims, AreHeldAgainstWholeTrainingsOnly) {
  Study study;
  study.add(kCpu, "test_accuracy", {42, 43, 44});
  study.add(kFp32, "test_accuracy", {69.9, 70, 70.1});
  // 43 +- 2.92 / sqrt(3).
  EXPECT_EQ(study.claim(accuracy_exp1).measured, "43.00 % (41.31 to 44.69)");
  EXPECT_EQ(study.claim(accuracy_exp1).verdict, ClaimVerdict::confirmed);
  EXPECT_EQ(study.claim(accuracy_exp3).verdict, ClaimVerdict::corrected);
  EXPECT_EQ(study.claim(accuracy_exp2).verdict, ClaimVerdict::not_measured);
  study.run.preset = "quick";
  EXPECT_EQ(study.claim(accuracy_exp1).reason, "preset quick");
  study.run.preset = "full";
  study.run.rows[0].measurement["data_set"] = "cifar10-mini";
  study.run.rows[1].measurement["data_set"] = "cifar10-mini";
  study.run.rows[2].measurement["data_set"] = "cifar10-mini";
  EXPECT_EQ(study.claim(accuracy_exp1).reason, "data set cifar10-mini");
}

TEST(SameAccuracyClaim, AsksWhetherTheDifferenceLiesWithinAPoint) {
  const auto of = [](const std::vector<double>& amp) {
    Study study;
    study.add(kFp32, "test_accuracy", {69, 69, 69});
    study.add(kAmp, "test_accuracy", amp);
    return study.claim(same_accuracy);
  };
  EXPECT_EQ(of({68.5, 69, 69.5}).verdict, ClaimVerdict::confirmed);
  EXPECT_EQ(of({68.5, 69, 69.5}).measured, "0.00 points (-0.50 to 0.50)");
  EXPECT_EQ(of({60, 61, 62}).verdict, ClaimVerdict::corrected);
  EXPECT_EQ(of({67, 69, 71}).verdict, ClaimVerdict::not_judged);
}

}  // namespace
}  // namespace trainbench::report
