#include "report/results/foreign_json.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "src/base/errors.hpp"

namespace trainbench::report {
namespace {

json::value parsed(std::string_view text, std::string_view source) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // a byte order mark of an editor
  return parse_json(text, fmt::format("'{}'", source));
}

std::optional<double> number_in(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

ForeignJson::ForeignJson(std::string_view text, std::string_view source, std::string_view program,
                         std::string_view way_out)
    : source_(source), program_(program), way_out_(way_out), value_(parsed(text, source)) {
  if (!value_.is_object()) refuse("it is no JSON object");
}

const json::array& ForeignJson::array(const json::object& object, std::string_view key,
                                      std::string_view where) const {
  const json::array* found = array_at(object, key);
  if (found == nullptr) refuse(fmt::format("{} has no list '{}'", where, key));
  return *found;
}

const json::object& ForeignJson::object(const json::value& value, std::string_view where) const {
  if (!value.is_object()) refuse(fmt::format("{} is no JSON object", where));
  return value.get_object();
}

std::string ForeignJson::text(const json::object& object, std::string_view key,
                              std::string_view where) const {
  auto found = string_at(object, key);
  if (!found) refuse(fmt::format("{} has no text '{}'", where, key));
  return *std::move(found);
}

void ForeignJson::refuse(std::string_view what) const {
  throw InputError(fmt::format("'{}' is not a result of {}: {}. {}", source_, program_, what, way_out_),
                   ExitCode::unreadable);
}

std::optional<double> finite_number(const json::value* value) {
  if (value == nullptr) return std::nullopt;
  std::optional<double> number;
  if (value->is_number()) number = value->to_number<double>();
  if (value->is_string()) number = number_in(value->get_string());
  return number && std::isfinite(*number) ? number : std::nullopt;
}

std::string scalar_text(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_bool()) return value.get_bool() ? "yes" : "no";
  if (value.is_number()) return fmt::format("{}", value.to_number<double>());
  return "";
}

void take_real_time(std::optional<double> seconds, std::string_view name, Row& row) {
  row.real_seconds = seconds;
  if (seconds) return;
  row.status = CaseStatus::failed;
  row.reason = fmt::format("it has no finite {}", name);
}

}  // namespace trainbench::report
