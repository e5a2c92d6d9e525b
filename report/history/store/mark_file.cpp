#include "report/history/store/mark_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "report/compare/policy.hpp"
#include "src/base/errors.hpp"
#include "src/base/hash.hpp"
#include "src/base/json.hpp"
#include "src/profile/trace.hpp"

namespace trainbench::report::history {
namespace {

constexpr int kMarkFormat = 1;

InputError no_mark(std::string_view source, const std::string& reason) {
  return InputError(fmt::format("{} is no mark of a history: {}.", source, reason), ExitCode::unreadable);
}

}  // namespace

std::string mark_file_text(const Mark& mark) {
  json::object object{{"mark", kMarkFormat}};
  const auto add = [&](const char* name, const std::string& text) {
    object[name] = profile::mended_utf8(text);
  };
  add("benchmark", mark.benchmark);
  add("metric", mark.metric);
  add("commit", mark.commit);
  add("kind", mark.kind);
  add("reason", mark.reason);
  add("day", mark.day);
  return to_json_line(object) + "\n";
}

std::string mark_file_name(std::string_view text) {
  Hash64 hash;
  hash.update(text);
  return hash.hex() + ".json";
}

bool is_mark_kind(std::string_view kind) {
  return kind == "expected" || kind == "acknowledged" || kind == "fixed";
}

bool says_run(std::string_view text, std::string_view run_id, const CommitPlace& commit) {
  const std::size_t digits = std::min(text.size(), commit.hash.size());
  return text == run_id ||
         (digits >= kFewestMarkDigits && text.compare(0, digits, commit.hash, 0, digits) == 0);
}

Mark parse_mark_file(std::string_view text, std::string_view source) {
  const json::value value = parse_json(text, source);
  const json::object* object = value.if_object();
  const double format = object == nullptr ? 0 : number_at(*object, "mark").value_or(0);
  if (format < 1) throw no_mark(source, "its member 'mark' is missing");
  if (format > kMarkFormat) {
    throw no_mark(source,
                  fmt::format("its format is {}, newer than this program's {}: use a newer bench-report",
                              format, kMarkFormat));
  }
  const auto text_at = [&](const char* name) {
    auto member = string_at(*object, name);
    if (!member || member->empty()) throw no_mark(source, fmt::format("'{}' is missing or empty", name));
    return std::move(*member);
  };
  Mark mark{.benchmark = text_at("benchmark"),
            .metric = text_at("metric"),
            .commit = text_at("commit"),
            .kind = text_at("kind"),
            .reason = text_at("reason"),
            .day = text_at("day")};
  if (!is_mark_kind(mark.kind)) throw no_mark(source, fmt::format("its kind '{}' is unknown", mark.kind));
  if (!is_day(mark.day)) throw no_mark(source, fmt::format("'{}' is no day", mark.day));
  return mark;
}

}  // namespace trainbench::report::history
