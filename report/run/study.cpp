#include "report/run/study.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace trainbench::report {
namespace {

constexpr std::array kExperiments = {
    StudyExperiment{kExp1, 128, 19, 180, 43, std::nullopt},
    StudyExperiment{kExp2, 128, 7.6, 380, 65, std::nullopt},
    StudyExperiment{kExp3, 128, 2.0, 5200, 66, 950},
    StudyExperiment{kExp5, 256, 1.8, 6800, 66, 925},
};

// The study trained for five epochs and tested on the whole test set.
constexpr std::string_view kEpochs = "5";
constexpr std::string_view kTestImages = "10000";

}  // namespace

std::span<const StudyExperiment> study_experiments() noexcept {
  return kExperiments;
}

const StudyExperiment* study_experiment(std::string_view family) noexcept {
  const auto* found = std::find_if(kExperiments.begin(), kExperiments.end(),
                                   [&](const StudyExperiment& one) { return one.family == family; });
  return found == kExperiments.end() ? nullptr : found;
}

const StudyExperiment* study_experiment(const Series& series) {
  const StudyExperiment* experiment = study_experiment(series.name.family);
  return experiment != nullptr && has_batch(series, experiment->batch) ? experiment : nullptr;
}

bool has_batch(const Series& series, std::int64_t batch) {
  return std::any_of(series.name.arguments.begin(), series.name.arguments.end(), [&](const Argument& one) {
    return one.name == "batch" && one.value == fmt::format("{}", batch);
  });
}

bool is_of_study(std::string_view family) noexcept {
  return family == kExp4 || study_experiment(family) != nullptr;
}

std::string comparable_with_study(const ReportInput& input, const Series& series) {
  const std::string& preset = input.runs[series.run].preset;
  if (preset != "full") return fmt::format("no: preset {}", preset.empty() ? "unknown" : preset);
  const std::string data_set = fact_of(series, "data_set");
  if (data_set != "cifar10") return fmt::format("no: data set {}", data_set);
  const std::string epochs = fact_of(series, "epochs");
  const std::string length = fact_of(series, "length");
  if (length != fmt::format("{} epochs", epochs == "unknown" ? kEpochs : epochs))
    return fmt::format("no: trained for {}", length);
  const std::vector<double> extrapolated = values_of(series, {Quantity::metric, "epoch_extrapolated"});
  if (std::any_of(extrapolated.begin(), extrapolated.end(), [](double value) { return value != 0; }))
    return "no: epoch time extrapolated";
  if (extrapolated.empty()) return "no: unknown whether whole epochs ran";
  const std::string test_images = fact_of(series, "test_images");
  if (test_images != kTestImages) return fmt::format("no: test images {}", test_images);
  const std::string injected = injected_into(series);
  return injected.empty() ? "yes" : fmt::format("no: injected {}", injected);
}

}  // namespace trainbench::report
