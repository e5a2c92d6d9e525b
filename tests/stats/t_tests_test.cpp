#include "src/stats/t_tests.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/stats/reference_samples.hpp"

namespace trainbench::stats {
namespace {

const Sample kOtavaBefore = {1.00, 1.02, 1.05, .95, .98};
const Sample kOtavaAfter = {.80, .82, .85, .79, .77};

Moments log_moments(Sample sample) {
  for (double& value : sample) value = std::log(value);
  return *moments(sample);
}

TEST(Moments, MeetROnSampleA) {
  const Moments a = *moments(kA);
  EXPECT_NEAR(std::sqrt(a.variance), 0.8966605, 5e-8);
  EXPECT_NEAR(std::sqrt(a.variance) / a.mean, 0.008911354, 5e-10);
}

TEST(Moments, OfLessThanTwoValuesOrNonFiniteOnesAreNothing) {
  EXPECT_FALSE(moments({}));
  EXPECT_FALSE(moments(Sample{1}));
  EXPECT_FALSE(moments(Sample{1, std::numeric_limits<double>::infinity()}));
}

TEST(WelchTTest, MeetsROnLogarithms) {
  const auto test = welch_t_test(log_moments(kA), log_moments(kB), 0.95);
  EXPECT_NEAR(test->t, 5.77748062730, 1e-10);
  EXPECT_NEAR(test->degrees_of_freedom, 17.1401422008, 1e-9);
  EXPECT_NEAR(test->p_two_sided, 2.15973621742e-05, 1e-15);
  EXPECT_NEAR(std::exp(test->difference), 1.02641507083, 1e-11);
  EXPECT_NEAR(std::exp(test->interval.lower), 1.01669494192, 1e-11);
  EXPECT_NEAR(std::exp(test->interval.upper), 1.03622812918, 1e-11);
}

TEST(StudentTTest, IsThePooledOneAndNoWelch) {
  EXPECT_NEAR(student_t_test(log_moments(kA), log_moments(kB), 0.95)->p_two_sided, 1.78327100475e-05, 1e-15);
}

TEST(TTests, MeetScipysExample) {
  const Moments males = *moments(Sample{19, 22, 16, 29, 24});
  const Moments females = *moments(Sample{20, 11, 17, 12});
  const auto student = student_t_test(females, males, 0.95);
  EXPECT_NEAR(student->t, 2.239334696520584, 1e-12);
  EXPECT_NEAR(student->p_two_sided, 0.06013688219, 1e-10);
  EXPECT_NEAR(welch_t_test(females, males, 0.95)->p_two_sided, 0.05675092592, 1e-10);
}

TEST(TTests, DifferFromOtavasOnlyByItsVarianceOverN) {
  const Moments before = *moments(kOtavaBefore);
  const Moments after = *moments(kOtavaAfter);
  EXPECT_NEAR(student_t_test(before, after, 0.95)->p_two_sided, 2.02498e-05, 5e-11);
  EXPECT_NEAR(welch_t_test(before, after, 0.95)->p_two_sided, 2.71405e-05, 5e-11);
  const auto over_n = [](Moments sample) {
    sample.variance *= static_cast<double>(sample.n - 1) / static_cast<double>(sample.n);
    return sample;
  };
  EXPECT_NEAR(student_t_test(over_n(before), over_n(after), 0.95)->p_two_sided, 8.8679e-06, 5e-11);
}

TEST(PairedTTest, MeetsROnLogarithms) {
  Sample d;
  for (std::size_t i = 0; i < kA.size(); ++i) d.push_back(std::log(kB[i]) - std::log(kA[i]));
  const auto test = paired_t_test(*moments(d), 0.95);
  EXPECT_NEAR(test->t, 6.09283131367, 1e-10);
  EXPECT_EQ(test->degrees_of_freedom, 9);
  EXPECT_NEAR(test->p_two_sided, 1.80811023183e-04, 1e-14);
  EXPECT_NEAR(std::exp(test->interval.lower), 1.01652716574, 1e-11);
  EXPECT_NEAR(std::exp(test->interval.upper), 1.03639915698, 1e-11);
}

TEST(TTests, OfValuesThatAllAgreeAreNothing) {
  const Moments same = *moments(Sample{5, 5, 5});
  EXPECT_FALSE(welch_t_test(same, same, 0.95));
  EXPECT_FALSE(student_t_test(same, same, 0.95));
  EXPECT_FALSE(paired_t_test(same, 0.95));
}

TEST(FiellerRatio, MeetsKaliberaAndJones) {
  const auto ratio = fieller_ratio(*moments(kA), *moments(kB), 0.95);
  EXPECT_NEAR(ratio->ratio, 1.02643609620, 1e-11);
  EXPECT_NEAR(ratio->interval->lower, 1.01598592548, 1e-11);
  EXPECT_NEAR(ratio->interval->upper, 1.03696969506, 1e-11);
}

TEST(FiellerRatio, OfABaselineAroundZeroIsNothing) {
  EXPECT_FALSE(fieller_ratio(*moments(Sample{-1, 1, 0.5}), *moments(kB), 0.95));
}

TEST(PredictionInterval, MeetsBenchersTThreshold) {
  const Interval interval = prediction_interval({.mean = 100, .variance = 100, .n = 25}, 2 * 0.977 - 1);
  EXPECT_NEAR(interval.lower, 78.54, 0.005);
  EXPECT_NEAR(interval.upper, 121.46, 0.005);
}

}  // namespace
}  // namespace trainbench::stats
