#include "src/measure/case_result.hpp"

#include <fmt/format.h>

#include "src/base/errors.hpp"

namespace trainbench {
namespace {

InputError missing(std::string_view key, std::string_view kind) {
  return InputError(fmt::format("A case of the journal has no {} '{}'.", kind, key), ExitCode::unreadable);
}

std::string required_string(const json::object& object, std::string_view key) {
  const auto value = string_at(object, key);
  if (!value) throw missing(key, "text");
  return *value;
}

double required_number(const json::object& object, std::string_view key) {
  const auto value = number_at(object, key);
  if (!value) throw missing(key, "number");
  return *value;
}

/// Not through a double, which holds whole numbers to 2^53 only.
std::uint64_t required_seed(const json::object& object) {
  const json::value* value = object.if_contains("seed");
  json::error_code error;
  const std::uint64_t seed = value == nullptr ? 0 : value->to_number<std::uint64_t>(error);
  if (value == nullptr || error) throw missing("seed", "number");
  return seed;
}

CaseStatus status_from(const std::string& word) {
  for (const CaseStatus status : {CaseStatus::ok, CaseStatus::failed, CaseStatus::skipped}) {
    if (word == to_string(status)) return status;
  }
  throw InputError(fmt::format("A case of the journal has the unknown status '{}'.", word),
                   ExitCode::unreadable);
}

json::object to_json(const EpochRecord& record) {
  return {{"epoch", record.epoch},
          {"mean_loss", record.mean_loss},
          {"test_accuracy", record.test_accuracy},
          {"seconds", record.seconds}};
}

EpochRecord epoch_from_json(const json::object& object) {
  return {.epoch = static_cast<int>(required_number(object, "epoch")),
          .mean_loss = required_number(object, "mean_loss"),
          .test_accuracy = required_number(object, "test_accuracy"),
          .seconds = required_number(object, "seconds")};
}

void read_lists(const json::object& object, CaseResult& result) {
  if (const json::array* steps = array_at(object, "step_seconds")) {
    for (const json::value& step : *steps) {
      if (step.is_number()) result.step_seconds.push_back(step.to_number<double>());
    }
  }
  if (const json::array* epochs = array_at(object, "epochs")) {
    for (const json::value& epoch : *epochs) {
      if (epoch.is_object()) result.epochs.push_back(epoch_from_json(epoch.get_object()));
    }
  }
  if (const json::array* warnings = array_at(object, "warnings")) {
    for (const json::value& warning : *warnings) {
      if (warning.is_string()) result.warnings.emplace_back(warning.get_string());
    }
  }
}

}  // namespace

std::string_view to_string(CaseStatus status) noexcept {
  switch (status) {
    case CaseStatus::ok:
      return "ok";
    case CaseStatus::failed:
      return "failed";
    case CaseStatus::skipped:
      return "skipped";
  }
  return "";
}

json::object to_json(const CaseResult& result) {
  json::object metrics;
  for (const auto& [name, value] : result.metrics) metrics[name] = value;
  json::array epochs;
  for (const EpochRecord& record : result.epochs) epochs.push_back(to_json(record));
  json::object object{{"benchmark", result.benchmark},
                      {"repetition", result.repetition},
                      {"seed", result.seed},
                      {"status", to_string(result.status)},
                      {"reason", result.reason},
                      {"window_seconds", result.window_seconds},
                      {"step_seconds", json::array(result.step_seconds.begin(), result.step_seconds.end())},
                      {"metrics", metrics},
                      {"measurement", to_json(result.measurement)},
                      {"measurement_fingerprint", result.measurement_fingerprint()},
                      {"epochs", epochs},
                      {"warnings", json::array(result.warnings.begin(), result.warnings.end())}};
  if (!result.noted.empty()) object["noted"] = to_json(result.noted);
  if (!result.injected.empty()) object["injected"] = result.injected;
  return object;
}

CaseResult case_result_from_json(const json::object& object) {
  CaseResult result;
  result.benchmark = required_string(object, "benchmark");
  result.repetition = static_cast<int>(required_number(object, "repetition"));
  result.seed = required_seed(object);
  result.status = status_from(required_string(object, "status"));
  result.reason = string_at(object, "reason").value_or("");
  result.window_seconds = number_at(object, "window_seconds").value_or(0);
  result.injected = string_at(object, "injected").value_or("");
  if (const json::object* metrics = object_at(object, "metrics")) {
    for (const auto& member : *metrics) {
      if (member.value().is_number()) result.metrics[member.key()] = member.value().to_number<double>();
    }
  }
  if (const json::object* facts = object_at(object, "measurement"))
    result.measurement = facts_from_json(*facts);
  if (const json::object* facts = object_at(object, "noted")) result.noted = facts_from_json(*facts);
  read_lists(object, result);
  return result;
}

}  // namespace trainbench
