#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <set>
#include <tuple>

#include "report/history/store/run_id.hpp"
#include "report/history/store/run_record.hpp"
#include "src/base/errors.hpp"
#include "src/base/json.hpp"
#include "src/profile/trace.hpp"

namespace trainbench::report::history {
namespace {

constexpr int kFormat = 1;
constexpr int kMostExitCode = 255;
constexpr std::string_view kValuesMember = "\"values\":[";

/// Text that came from git, or from a file of another program, may be no UTF-8, and no JSON then.
json::string text_value(std::string_view text) {
  return json::string(profile::mended_utf8(text));
}

json::object run_head(const RunRecord& record) {
  json::object commit{{"hash", text_value(record.commit.hash)},
                      {"subject", text_value(record.commit.subject)}};
  if (record.commit.number) commit["number"] = *record.commit.number;
  json::object machine;
  for (const auto& [name, value] : record.machine)
    machine[profile::mended_utf8(name)] = profile::mended_utf8(value);
  return {
      {"id", text_value(record.id)},         {"started", text_value(record.started)},
      {"branch", text_value(record.branch)}, {"commit", std::move(commit)},
      {"exit_code", record.exit_code},       {"machine_fingerprint", text_value(record.machine_fingerprint)},
      {"machine", std::move(machine)}};
}

json::object series_object(const RunSeries& series) {
  return {{"benchmark", text_value(series.benchmark)},
          {"metric", text_value(series.metric)},
          {"measurement_fingerprint", text_value(series.measurement_fingerprint)},
          {"values", json::array(series.values.begin(), series.values.end())}};
}

json::object failure_object(const RunFailure& failure) {
  return {{"benchmark", text_value(failure.benchmark)},
          {"status", text_value(failure.status)},
          {"reason", text_value(failure.reason)}};
}

InputError wrong_line(const std::string& sentence) {
  return InputError(sentence, ExitCode::unreadable);
}

std::string required_text(const json::object& object, std::string_view key) {
  auto text = string_at(object, key);
  if (!text) throw wrong_line(fmt::format("'{}' is missing or no text", key));
  return std::move(*text);
}

/// The numbers of the line's last "values", to the bit: Boost.JSON 1.81 reads some numbers of 17 digits as a
/// neighbour. Empty where they stand in any other way than run_file_text writes them.
std::vector<double> exact_values(std::string_view line) {
  const std::size_t member = line.rfind(kValuesMember);
  if (member == std::string_view::npos) return {};
  std::vector<double> values;
  const char* const last = line.data() + line.size();
  for (const char* next = line.data() + member + kValuesMember.size(); next < last; ++next) {
    double value = 0;
    const auto [end, error] = std::from_chars(next, last, value);
    if (error != std::errc() || end == last) return {};
    values.push_back(value);
    if (*end == ']') return values;
    if (*end != ',') return {};
    next = end;
  }
  return {};
}

std::vector<double> values_from(const json::object& object, std::string_view line) {
  const json::array* array = array_at(object, "values");
  if (array == nullptr || array->empty()) throw wrong_line("'values' is missing or empty");
  std::vector<double> values;
  values.reserve(array->size());
  for (const json::value& value : *array) {
    if (!value.is_number()) throw wrong_line("a value is no number");
    values.push_back(value.to_number<double>());
    if (!std::isfinite(values.back())) throw wrong_line("a value is beyond a double's range");
  }
  std::vector<double> exact = exact_values(line);
  return exact.size() == values.size() ? exact : values;
}

CommitPlace commit_from(const json::object& run) {
  const json::object* object = object_at(run, "commit");
  if (object == nullptr) throw wrong_line("'commit' is missing or no object");
  CommitPlace commit{.hash = required_text(*object, "hash"),
                     .subject = string_at(*object, "subject").value_or(""),
                     .number = std::nullopt};
  if (const json::value* number = object->if_contains("number")) {
    if (!number->is_int64()) throw wrong_line("the commit's 'number' is no whole number");
    commit.number = number->get_int64();
  }
  return commit;
}

RunRecord record_from_head(const json::object& line) {
  const double format = number_at(line, "history").value_or(0);
  if (format > kFormat) {
    throw wrong_line(fmt::format("its format is {}, newer than this program's {}: use a newer bench-report",
                                 format, kFormat));
  }
  const json::object* run = object_at(line, "run");
  if (format < 1 || run == nullptr) throw wrong_line("it is no run of a history");
  RunRecord record;
  record.id = required_text(*run, "id");
  if (!is_run_id(record.id)) throw wrong_line(fmt::format("'{}' cannot be a run's id", record.id));
  record.started = required_text(*run, "started");
  record.branch = required_text(*run, "branch");
  record.commit = commit_from(*run);
  const double exit_code = number_at(*run, "exit_code").value_or(0);
  if (!(exit_code >= 0 && exit_code <= kMostExitCode)) throw wrong_line("'exit_code' is none");
  record.exit_code = static_cast<int>(exit_code);
  record.machine_fingerprint = required_text(*run, "machine_fingerprint");
  if (const json::object* machine = object_at(*run, "machine")) record.machine = facts_from_json(*machine);
  return record;
}

class RunFileReader {
 public:
  explicit RunFileReader(std::string_view text) : text_(text) {}

  RunRecord read() {
    while (begin_ < text_.size()) {
      const std::size_t newline = text_.find('\n', begin_);
      if (newline == std::string_view::npos) throw wrong_line("it is half-written: its last line is cut off");
      if (ended_) throw wrong_line("it goes on behind its end");
      take(text_.substr(begin_, newline - begin_));
      ++num_lines_;
      begin_ = newline + 1;
    }
    if (num_lines_ == 0) throw wrong_line("it is empty");
    if (!ended_) throw wrong_line("it is half-written: its last line, the end, is missing");
    return std::move(record_);
  }

  std::int64_t line_number() const { return num_lines_ + 1; }

 private:
  void take(std::string_view line) {
    const json::value value = parse_json(line, "it");
    if (!value.is_object()) throw wrong_line("it is no object");
    const json::object& object = value.get_object();
    if (num_lines_ == 0) {
      record_ = record_from_head(object);
    } else if (const json::object* series = object_at(object, "series")) {
      take_series(*series, line);
    } else if (const json::object* failure = object_at(object, "failure")) {
      record_.failures.push_back({.benchmark = required_text(*failure, "benchmark"),
                                  .status = required_text(*failure, "status"),
                                  .reason = required_text(*failure, "reason")});
    } else if (const auto end = number_at(object, "end")) {
      if (*end != static_cast<double>(num_lines_))
        throw wrong_line(fmt::format("lines are missing: it says {}, there are {}", *end, num_lines_));
      ended_ = true;
    }
  }

  void take_series(const json::object& object, std::string_view line) {
    RunSeries series{.benchmark = required_text(object, "benchmark"),
                     .metric = required_text(object, "metric"),
                     .measurement_fingerprint = required_text(object, "measurement_fingerprint"),
                     .values = values_from(object, line)};
    if (!seen_.emplace(series.benchmark, series.metric, series.measurement_fingerprint).second) {
      throw wrong_line(
          fmt::format("the metric '{}' of '{}' is in it twice", series.metric, series.benchmark));
    }
    record_.series.push_back(std::move(series));
  }

  std::string_view text_;
  std::size_t begin_ = 0;
  std::int64_t num_lines_ = 0;
  bool ended_ = false;
  RunRecord record_;
  std::set<std::tuple<std::string, std::string, std::string>> seen_;
};

}  // namespace

std::string run_file_text(const RunRecord& record) {
  std::string text = to_json_line(json::object{{"history", kFormat}, {"run", run_head(record)}}) + "\n";
  for (const RunSeries& series : record.series)
    text += to_json_line(json::object{{"series", series_object(series)}}) + "\n";
  for (const RunFailure& failure : record.failures)
    text += to_json_line(json::object{{"failure", failure_object(failure)}}) + "\n";
  return text + fmt::format("{{\"end\":{}}}\n", 1 + record.series.size() + record.failures.size());
}

RunRecord parse_run_file(std::string_view text, std::string_view source) {
  RunFileReader reader(text);
  try {
    return reader.read();
  } catch (const InputError& error) {
    std::string reason = error.what();
    if (reason.ends_with('.')) reason.pop_back();
    throw InputError(fmt::format("{} is not a whole file of a history: line {}: {}.", source,
                                 reader.line_number(), reason),
                     ExitCode::unreadable);
  }
}

}  // namespace trainbench::report::history
