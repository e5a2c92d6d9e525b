#include "report/read_google_benchmark.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report/benchmark_name.hpp"
#include "report/flat_row.hpp"
#include "report/json_scanner.hpp"
#include "src/base/errors.hpp"

namespace trainbench::report {
namespace {

constexpr std::string_view kWayOut = "Give a file written with --benchmark_out=FILE.";
// 1.7.1 has no skipped rows: bench writes one as an error whose message starts like this.
constexpr std::string_view kSkipPrefix = "SKIPPED: ";

InputError unreadable(const std::string& sentence) {
  return InputError(sentence, ExitCode::unreadable);
}

bool is_built_in_number(std::string_view key) {
  constexpr std::array<std::string_view, 9> kKeys = {"family_index", "per_family_instance_index",
                                                     "repetitions",  "repetition_index",
                                                     "threads",      "iterations",
                                                     "real_time",    "cpu_time",
                                                     "rms"};
  return std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end();
}

std::string text_or_empty(const FlatRow& flat, std::string_view key) {
  const std::string* text = first_of(flat.texts, key);
  return text == nullptr ? std::string() : *text;
}

bool flag(const FlatRow& flat, std::string_view key) {
  const bool* value = first_of(flat.flags, key);
  return value != nullptr && *value;
}

/// Aggregates, Big-O and RMS.
bool is_measurement(const FlatRow& flat) {
  const std::string* type = first_of(flat.texts, "run_type");
  if (type != nullptr && *type != "iteration") return false;
  return first_of(flat.texts, "aggregate_name") == nullptr && first_of(flat.texts, "big_o") == nullptr &&
         first_of(flat.numbers, "rms") == nullptr;
}

std::optional<double> seconds_per(const std::string& unit) {
  if (unit == "ns" || unit.empty()) return 1e-9;  // the library's default
  if (unit == "us") return 1e-6;
  if (unit == "ms") return 1e-3;
  if (unit == "s") return 1.0;
  return std::nullopt;
}

void take_status(const FlatRow& flat, Row& row) {
  if (flag(flat, "error_occurred")) {
    row.status = CaseStatus::failed;
    row.reason = text_or_empty(flat, "error_message");
    if (row.reason.starts_with(kSkipPrefix)) {
      row.status = CaseStatus::skipped;
      row.reason.erase(0, kSkipPrefix.size());
    }
  } else if (flag(flat, "skipped")) {
    row.status = CaseStatus::skipped;
    row.reason = text_or_empty(flat, "skip_message");
  }
  if (row.status != CaseStatus::ok && row.reason.empty()) row.reason = "no reason was written";
}

void take_times(const FlatRow& flat, Row& row) {
  const std::string unit = text_or_empty(flat, "time_unit");
  const auto scale = seconds_per(unit);
  const double* real = first_of(flat.numbers, "real_time");
  const double* cpu = first_of(flat.numbers, "cpu_time");
  if (!scale) {
    row.status = CaseStatus::failed;
    row.reason = fmt::format("its time unit '{}' is unknown", unit);
    return;
  }
  if (real == nullptr) {
    row.status = CaseStatus::failed;
    row.reason = "it has no finite real_time";
    return;
  }
  row.real_seconds = *real * *scale;
  if (cpu != nullptr) row.cpu_seconds = *cpu * *scale;
}

void take_counters(const FlatRow& flat, Row& row) {
  std::vector<std::string_view> seen;
  for (const auto& [key, value] : flat.numbers) {
    const bool repeated = std::find(seen.begin(), seen.end(), key) != seen.end();
    if (is_built_in_number(key) && !repeated) {
      seen.emplace_back(key);
    } else {
      row.metrics[key] = value;
    }
  }
}

std::optional<Row> row_from(const FlatRow& flat, bool own) {
  if (!is_measurement(flat)) return std::nullopt;
  Row row;
  const std::string* name = first_of(flat.texts, "run_name");
  if (name == nullptr) name = first_of(flat.texts, "name");
  if (name == nullptr) return std::nullopt;
  row.benchmark = canonical_name(*name);
  constexpr std::string_view kManual = "/manual_time";
  if (own && row.benchmark.ends_with(kManual)) row.benchmark.resize(row.benchmark.size() - kManual.size());
  const double* repetition = first_of(flat.numbers, "repetition_index");
  if (repetition != nullptr && *repetition > 0 && *repetition < 1e9)
    row.repetition = static_cast<int>(*repetition);
  take_status(flat, row);
  if (row.status == CaseStatus::ok) take_times(flat, row);
  if (row.status == CaseStatus::ok) take_counters(flat, row);
  return row;
}

void add_context(const json::object& context, ResultSet& results) {
  for (const auto& member : context) {
    const json::value& value = member.value();
    const std::string key(member.key());
    if (value.is_string()) results.noted[key] = std::string(value.get_string());
    if (value.is_bool()) results.noted[key] = value.get_bool() ? "yes" : "no";
    if (value.is_number()) results.noted[key] = fmt::format("{}", value.to_number<double>());
  }
  const auto take = [&](const char* key) {
    const auto found = results.noted.find(key);
    return found == results.noted.end() ? std::string() : found->second;
  };
  results.started = take("date");
  results.command = take("executable");
  results.commit = take("commit");
  results.preset = take("preset");
}

class Reader {
 public:
  Reader(std::string_view text, std::string_view source) : scanner_(text), source_(source) {
    results_.source = source;
  }

  ResultSet read() {
    if (scanner_.at_end()) {
      throw unreadable(fmt::format("'{}' is empty: no benchmark was run. {}", source_, kWayOut));
    }
    if (!scanner_.take('{')) {
      throw unreadable(fmt::format("'{}' is not a JSON object: byte {} is not '{{'. {}", source_,
                                   scanner_.position(), kWayOut));
    }
    bool whole = read_members();
    if (whole && !scanner_.at_end()) {
      throw unreadable(fmt::format("'{}' goes on behind its end: unexpected text at byte {}. {}", source_,
                                   scanner_.position(), kWayOut));
    }
    if (!saw_rows_ && whole) {
      throw unreadable(fmt::format(
          "'{}' has no 'benchmarks' array: it is not a result of Google Benchmark. {}", source_, kWayOut));
    }
    if (!whole) report_cut();
    return std::move(results_);
  }

 private:
  /// False where the text ends before the object does.
  bool read_members() {
    if (scanner_.take('}')) return true;
    do {
      const std::size_t begin = scanner_.position();
      const std::string_view key = scanner_.take_value();
      if (scanner_.cut() || scanner_.at_end()) return false;
      if (!key.starts_with('"') || !scanner_.take(':')) not_json(begin);
      if (key == "\"benchmarks\"" && scanner_.take('[')) {
        saw_rows_ = true;
        if (!read_rows()) return false;
      } else {
        const std::string_view value = scanner_.take_value();
        if (scanner_.cut()) return false;
        if (value.empty()) not_json(scanner_.position());
        if (key == "\"context\"") take_context(value);
      }
    } while (scanner_.take(','));
    if (scanner_.take('}')) return true;
    if (!scanner_.at_end()) not_json(scanner_.position());
    return false;
  }

  bool read_rows() {
    if (scanner_.take(']')) return true;
    do {
      if (scanner_.at_end()) return false;
      const std::size_t begin = scanner_.position();
      const std::string_view text = scanner_.take_value();
      if (scanner_.cut()) return false;
      const auto flat = parse_flat_row(text);
      ++num_rows_;
      if (!flat) {
        throw unreadable(
            fmt::format("'{}' is damaged: row {}, at byte {}, is not a JSON object. Run it again.", source_,
                        num_rows_, begin));
      }
      if (auto row = row_from(*flat, own_)) results_.rows.push_back(std::move(*row));
    } while (scanner_.take(','));
    if (scanner_.take(']')) return true;
    if (!scanner_.at_end()) not_json(scanner_.position());
    return false;
  }

  void take_context(std::string_view text) {
    const json::value value = parse_json(text, fmt::format("The context of '{}'", source_));
    if (!value.is_object()) return;
    add_context(value.get_object(), results_);
    // bench states its unit of repetition; its manual time is no part of an experiment's name.
    own_ = results_.noted.contains("repetition_unit");
  }

  [[noreturn]] void not_json(std::size_t position) const {
    throw unreadable(
        fmt::format("'{}' is not valid JSON: unexpected text at byte {}. {}", source_, position, kWayOut));
  }

  void report_cut() {
    if (num_rows_ == 0) {
      throw unreadable(fmt::format("'{}' is cut off at byte {}, before its first whole row. Run it again.",
                                   source_, scanner_.position()));
    }
    results_.faults.push_back(fmt::format("The file is cut off at byte {}; the {} whole rows were kept.",
                                          scanner_.position(), num_rows_));
  }

  JsonScanner scanner_;
  std::string_view source_;
  ResultSet results_;
  bool saw_rows_ = false;
  bool own_ = false;
  std::size_t num_rows_ = 0;
};

}  // namespace

ResultSet parse_google_benchmark(std::string_view text, std::string_view source) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // a byte order mark of an editor
  return Reader(text, source).read();
}

}  // namespace trainbench::report
