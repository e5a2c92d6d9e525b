#include "src/harness/case_request.hpp"

#include <fmt/format.h>

#include "src/base/errors.hpp"

namespace trainbench {
namespace {

std::int64_t integer_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_number()) {
    throw InputError(fmt::format("The worker's request has no number '{}'.", key));
  }
  return value->to_number<std::int64_t>();
}

json::object profile_request_to_json(const ProfileRequest& profile) {
  return {{"file", profile.file},
          {"gpu", profile.gpu},
          {"verify", profile.verify},
          {"steps", profile.steps},
          {"machine", to_json(profile.machine)}};
}

ProfileRequest profile_request_from_json(const json::object& object) {
  const auto is_true = [&object](std::string_view key) {
    const json::value* value = object.if_contains(key);
    return value != nullptr && value->is_bool() && value->get_bool();
  };
  const json::object* machine = object_at(object, "machine");
  return {.file = string_at(object, "file").value_or(""),
          .gpu = is_true("gpu"),
          .verify = is_true("verify"),
          .steps = integer_at(object, "steps"),
          .machine = machine == nullptr ? Facts{} : facts_from_json(*machine)};
}

}  // namespace

std::int64_t CaseRequest::axis_or(const std::string& name, std::int64_t otherwise) const {
  const auto found = axes.find(name);
  return found == axes.end() ? otherwise : found->second;
}

json::object to_json(const CaseRequest& request) {
  json::object axes;
  for (const auto& [name, value] : request.axes) axes[name] = value;
  json::object object{{"benchmark", request.benchmark},
                      {"experiment", request.experiment},
                      {"axes", axes},
                      {"repetition", request.repetition},
                      {"seed", request.seed},
                      {"warmup_steps", request.warmup_steps},
                      {"steps", request.steps},
                      {"epochs", request.epochs},
                      {"evaluation_images", request.evaluation_images},
                      {"gpu", request.gpu},
                      {"preset", request.preset},
                      {"data", request.data},
                      {"inject", request.inject}};
  if (request.profile) object["profile"] = profile_request_to_json(*request.profile);
  return object;
}

CaseRequest case_request_from_json(std::string_view text) {
  const json::value value = parse_json(text, "The worker's request");
  if (!value.is_object()) throw InputError("The worker's request is not a JSON object.");
  const json::object& object = value.get_object();
  CaseRequest request;
  request.benchmark = string_at(object, "benchmark").value_or("");
  request.experiment = string_at(object, "experiment").value_or("");
  if (const json::object* axes = object_at(object, "axes")) {
    for (const auto& member : *axes) request.axes[member.key()] = member.value().to_number<std::int64_t>();
  }
  request.repetition = static_cast<int>(integer_at(object, "repetition"));
  request.seed = static_cast<std::uint64_t>(integer_at(object, "seed"));
  request.warmup_steps = integer_at(object, "warmup_steps");
  request.steps = integer_at(object, "steps");
  request.epochs = static_cast<int>(integer_at(object, "epochs"));
  request.evaluation_images = integer_at(object, "evaluation_images");
  request.gpu = static_cast<int>(integer_at(object, "gpu"));
  request.preset = string_at(object, "preset").value_or("");
  request.data = string_at(object, "data").value_or("");
  request.inject = string_at(object, "inject").value_or("");
  if (const json::object* profile = object_at(object, "profile"))
    request.profile = profile_request_from_json(*profile);
  return request;
}

}  // namespace trainbench
