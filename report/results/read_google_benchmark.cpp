#include "report/results/read_google_benchmark.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "report/results/benchmark_name.hpp"
#include "report/results/flat_row.hpp"
#include "report/text/json_scanner.hpp"
#include "src/base/errors.hpp"

namespace trainbench::report {
namespace {

constexpr std::string_view kWayOut = "Give a file written with --benchmark_out=FILE.";
// 1.7.1 has no skipped rows: bench writes one as an error whose message starts like this.
constexpr std::string_view kSkipPrefix = "SKIPPED: ";
// The reason of bench's rows behind Ctrl-C.
constexpr std::string_view kInterrupted = "interrupted";

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

bool is_complexity(const FlatRow& flat) {
  const std::string aggregate = text_or_empty(flat, "aggregate_name");
  return aggregate == "BigO" || aggregate == "RMS" || first_of(flat.texts, "big_o") != nullptr ||
         first_of(flat.numbers, "rms") != nullptr;
}

bool is_aggregate(const FlatRow& flat) {
  const std::string type = text_or_empty(flat, "run_type");
  return (!type.empty() && type != "iteration") || first_of(flat.texts, "aggregate_name") != nullptr;
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

/// False where a counter carries the name of one of the library's own members: which of the two a reader
/// means is open, so the counter is left out.
bool take_counters(const FlatRow& flat, Row& row) {
  std::set<std::string_view> built_in;
  bool all_taken = true;
  for (const auto& [key, value] : flat.numbers) {
    if (!is_built_in_number(key)) {
      row.metrics[key] = value;
    } else if (!built_in.insert(key).second) {
      all_taken = false;
    }
  }
  return all_taken;
}

/// How many rows of a file are no results of their own, by why.
struct LeftOut {
  std::size_t aggregates = 0;
  std::size_t complexities = 0;
  std::size_t unnamed = 0;
  std::size_t clashing_counters = 0;  // the row is kept, its counter is not

  std::vector<std::string> sentences() const {
    std::vector<std::string> all;
    const auto say = [&](std::size_t count, std::string_view what) {
      if (count > 0) all.push_back(fmt::format("{} {} {}", count, count == 1 ? "row" : "rows", what));
    };
    say(aggregates,
        "of aggregates (mean, median, ...) left out: the report computes its own from the repetitions.");
    say(complexities, "of complexity (BigO, RMS) left out: they are fits over several benchmarks.");
    say(unnamed, "without a name left out.");
    say(clashing_counters,
        "with a counter named like one of Google Benchmark's own members: that counter left out.");
    return all;
  }
};

std::optional<Row> row_from(const FlatRow& flat, LeftOut& left_out) {
  if (is_complexity(flat)) {
    ++left_out.complexities;
    return std::nullopt;
  }
  if (is_aggregate(flat)) {
    ++left_out.aggregates;
    return std::nullopt;
  }
  Row row;
  const std::string* name = first_of(flat.texts, "run_name");
  if (name == nullptr) name = first_of(flat.texts, "name");
  if (name == nullptr) {
    ++left_out.unnamed;
    return std::nullopt;
  }
  row.benchmark = canonical_name(*name);
  take_status(flat, row);
  if (row.status == CaseStatus::ok) take_times(flat, row);
  if (row.status == CaseStatus::ok && !take_counters(flat, row)) ++left_out.clashing_counters;
  return row;
}

/// The context of a file, and the facts that bench writes into it under prefixes.
struct Context {
  Facts noted;
  Facts machine;
  Facts measurement;  // by "BENCHMARK.FACT"
  std::string injected;
  std::string machine_fingerprint;

  std::string noted_or_empty(const std::string& key) const {
    const auto found = noted.find(key);
    return found == noted.end() ? std::string() : found->second;
  }
};

/// Takes a key of bench's own; false for every other key.
bool take_own(std::string_view key, const std::string& value, Context& context) {
  const auto behind = [&](std::string_view prefix) -> std::string_view {
    return key.starts_with(prefix) ? key.substr(prefix.size()) : std::string_view();
  };
  if (const auto fact = behind("machine."); !fact.empty()) {
    context.machine[std::string(fact)] = value;
  } else if (const auto note = behind("noted."); !note.empty()) {
    context.noted[std::string(note)] = value;
  } else if (const auto path = behind("measurement."); !path.empty()) {
    context.measurement[std::string(path)] = value;
  } else if (key == "injected") {
    context.injected = value;
  } else if (key == "machine_fingerprint") {
    context.machine_fingerprint = value;
  } else {
    return false;
  }
  return true;
}

/// "L1 Data 32768, L2 Unified 1048576": what a cache is shared by depends on the process's affinity.
std::string caches_text(const json::array& caches) {
  std::string text;
  for (const json::value& value : caches) {
    const json::object* cache = value.if_object();
    if (cache == nullptr) continue;
    text +=
        fmt::format("{}L{:.0f} {} {:.0f}", text.empty() ? "" : ", ", number_at(*cache, "level").value_or(0),
                    string_at(*cache, "type").value_or("?"), number_at(*cache, "size").value_or(0));
  }
  return text;
}

Context context_from(const json::object& object) {
  Context context;
  // bench states its unit of repetition; in other files these keys are the user's.
  const bool own = object.contains("repetition_unit");
  for (const auto& member : object) {
    const json::value& value = member.value();
    const std::string key(member.key());
    std::string text;
    if (value.is_string()) {
      text = std::string(value.get_string());
    } else if (value.is_bool()) {
      text = value.get_bool() ? "yes" : "no";
    } else if (value.is_number()) {
      text = fmt::format("{}", value.to_number<double>());
    } else if (key == "caches" && value.is_array() && !own) {
      text = caches_text(value.get_array());
      if (text.empty()) continue;  // the system does not tell
    } else {
      continue;
    }
    if (!own || !take_own(key, text, context)) context.noted[key] = text;
  }
  return context;
}

/// The facts of each of the benchmarks. Both names may hold points ("r:0.5", "env.GLIBC_TUNABLES"): the
/// longest benchmark that the path starts with is meant.
std::map<std::string, Facts> facts_by_benchmark(const Facts& by_path,
                                                const std::set<std::string>& benchmarks) {
  std::map<std::string, Facts> facts;
  for (const auto& [path, value] : by_path) {
    std::size_t point = path.rfind('.');
    while (point != std::string::npos && !benchmarks.contains(path.substr(0, point)))
      point = point == 0 ? std::string::npos : path.rfind('.', point - 1);
    if (point != std::string::npos) facts[path.substr(0, point)][path.substr(point + 1)] = value;
  }
  return facts;
}

/// What bench alone says in its files: names without its manual time, facts, the injected fault, and rows
/// that an interruption left unmeasured.
void take_own_facts(const Context& context, ResultSet& results) {
  std::set<std::string> benchmarks;
  for (Row& row : results.rows) {
    row.benchmark = canonical_own_name(row.benchmark);
    benchmarks.insert(row.benchmark);
  }
  const auto facts = facts_by_benchmark(context.measurement, benchmarks);
  std::size_t interrupted = 0;
  for (Row& row : results.rows) {
    if (const auto found = facts.find(row.benchmark); found != facts.end()) row.measurement = found->second;
    row.injected = context.injected;
    if (row.status == CaseStatus::skipped && row.reason == kInterrupted) ++interrupted;
  }
  if (interrupted > 0) {
    results.faults.push_back(fmt::format("The run was interrupted: {} of {} rows were not measured.",
                                         interrupted, results.rows.size()));
  }
}

void add_context(Context&& context, ResultSet& results) {
  results.started = context.noted_or_empty("date");
  results.command = context.noted_or_empty("executable");
  results.commit = context.noted_or_empty("commit");
  results.preset = context.noted_or_empty("preset");
  if (context.noted.contains("repetition_unit")) {
    results.id = context.noted_or_empty("run_id");
    take_own_facts(context, results);
  }
  results.machine_fingerprint = std::move(context.machine_fingerprint);
  results.machine = std::move(context.machine);
  results.noted = std::move(context.noted);
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
    results_.notes = left_out_.sentences();
    add_context(std::move(context_), results_);
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
      if (auto row = row_from(*flat, left_out_)) results_.rows.push_back(std::move(*row));
    } while (scanner_.take(','));
    if (scanner_.take(']')) return true;
    if (!scanner_.at_end()) not_json(scanner_.position());
    return false;
  }

  void take_context(std::string_view text) {
    const json::value value = parse_json(text, fmt::format("The context of '{}'", source_));
    if (value.is_object()) context_ = context_from(value.get_object());
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
  Context context_;
  LeftOut left_out_;
  std::size_t num_rows_ = 0;
};

}  // namespace

ResultSet parse_google_benchmark(std::string_view text, std::string_view source) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // a byte order mark of an editor
  return Reader(text, source).read();
}

}  // namespace trainbench::report
