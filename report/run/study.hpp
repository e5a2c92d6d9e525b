#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "report/run/sections.hpp"

namespace trainbench::report {

/// What the Python study that this program succeeds measured in one of its experiments, on a machine that it
/// does not name; every figure is rounded there.
struct StudyExperiment {
  std::string_view family;  // of the same experiment here
  std::int64_t batch = 0;   // its batch here
  double epoch_time_s = 0;
  double images_per_second = 0;
  double accuracy_percent = 0;
  std::optional<double> gpu_memory_mb;
};

std::span<const StudyExperiment> study_experiments() noexcept;
/// Nothing (nullptr) where the family is none of the study's.
const StudyExperiment* study_experiment(std::string_view family) noexcept;

bool has_batch(const Series& series, std::int64_t batch);

inline constexpr std::string_view kExp1 = "Exp1_CPU_1T";
inline constexpr std::string_view kExp2 = "Exp2_CPU_NT";
inline constexpr std::string_view kExp3 = "Exp3_GPU_FP32";
inline constexpr std::string_view kExp4 = "Exp4_GPU_AMP_Sweep";
inline constexpr std::string_view kExp5 = "Exp5_GPU_AMP";

/// Nothing where the series is not at the experiment's batch: another one is another experiment.
const StudyExperiment* study_experiment(const Series& series);

/// True for the study's five experiments.
bool is_of_study(std::string_view family) noexcept;

/// "yes" where all of the study's conditions hold, else "no: " and the first that does not: a preset alone
/// says nothing once --epochs=1 stands beside it.
std::string comparable_with_study(const ReportInput& input, const Series& series);

}  // namespace trainbench::report
