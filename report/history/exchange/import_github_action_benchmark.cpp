#include "report/history/exchange/import_github_action_benchmark.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <map>
#include <set>

#include "report/history/exchange/benchmark_unit.hpp"
#include "report/history/series/history_text.hpp"
#include "report/history/store/start_time.hpp"
#include "report/results/benchmark_name.hpp"
#include "report/results/foreign_json.hpp"
#include "report/text/json_scanner.hpp"
#include "src/base/errors.hpp"

namespace trainbench::report::history {
namespace {

constexpr std::string_view kDataPrefix = "window.BENCHMARK_DATA";
constexpr std::string_view kDefaultSuite = "Benchmark";
constexpr std::string_view kGoogleTool = "googlecpp";
constexpr std::string_view kWayOutOfData =
    "Give the data.js of github-action-benchmark, or what its external-data-json-path names.";

InputError unusable(const std::string& sentence) {
  return InputError(sentence, ExitCode::unreadable);
}

std::string_view behind_byte_order_mark(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  return text;
}

/// What follows `prefix` on the line of `text` that it begins; nothing where none does.
std::optional<std::string> line_behind(std::string_view text, std::string_view prefix) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (text.starts_with(prefix)) return std::string(text.substr(prefix.size(), end - prefix.size()));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::nullopt;
}

std::optional<std::string> utc_of_milliseconds(double milliseconds) {
  constexpr double kEndOfYear9999 = 253402300800000.0;
  if (!(milliseconds >= 0 && milliseconds < kEndOfYear9999)) return std::nullopt;
  const std::chrono::sys_seconds instant{
      std::chrono::seconds(static_cast<std::int64_t>(milliseconds / 1000))};
  const auto midnight = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day day(midnight);
  const std::chrono::hh_mm_ss<std::chrono::seconds> time(instant - midnight);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(day.year()),
                     static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

/// "12.5 ns" in seconds.
std::optional<double> seconds_in(const std::string& text) {
  const std::size_t space = text.find(' ');
  if (space == std::string::npos) return std::nullopt;
  const json::value number(text.substr(0, space));
  const auto value = finite_number(&number);
  const auto scale = seconds_of_unit(std::string_view(text).substr(space + 1));
  return value && scale ? std::optional(*value * *scale) : std::nullopt;
}

/// A name of Google Benchmark without its run's options. An aggregate's name hangs behind them:
/// "BM_a/8/repeats:3_mean" is the benchmark "BM_a/8" and the aggregate "_mean".
struct GoogleName {
  std::string benchmark;
  std::string_view aggregate;  // empty for none

  std::string whole() const { return fmt::format("{}{}", benchmark, aggregate); }
};

GoogleName google_name(const std::string& name) {
  for (const std::string_view aggregate : {"_mean", "_median", "_stddev", "_cv"}) {
    if (name.size() > aggregate.size() && name.ends_with(aggregate))
      return {canonical_name(std::string_view(name).substr(0, name.size() - aggregate.size())), aggregate};
  }
  return {canonical_name(name), ""};
}

/// Takes the values of one entry into a run's results.
class BenchReader {
 public:
  BenchReader(const json::array& benches, std::string_view tool, std::string_view suite)
      : benches_(benches),
        is_google_(tool == kGoogleTool),
        prefix_(suite == kDefaultSuite || suite.empty() ? "" : fmt::format("{}/", suite)) {
    for (const json::value& bench : benches) {
      if (bench.is_object()) names_.insert(google_name(name_of(bench.get_object())).whole());
    }
  }

  /// `metrics` gets the units that are no time, with the metric that each became.
  void read(ResultSet& results, std::map<std::string, std::string>& metrics) {
    for (const json::value& bench : benches_) {
      if (!bench.is_object() || name_of(bench.get_object()).empty()) {
        ++num_unnamed;
      } else if (is_left_out(name_of(bench.get_object()))) {
        ++num_aggregates;
      } else {
        results.rows.push_back(row_from(bench.get_object(), metrics));
      }
    }
  }

  std::size_t num_unnamed = 0;
  std::size_t num_aggregates = 0;

 private:
  static std::string name_of(const json::object& bench) { return string_at(bench, "name").value_or(""); }

  /// Aggregates beside what they sum up, and spreads, which are no times though they say that they are. The
  /// library always writes mean, median and standard deviation: one of them alone is somebody's own name.
  bool is_left_out(const std::string& name) const {
    const GoogleName google = google_name(name);
    if (!is_google_ || google.aggregate.empty()) return false;
    for (const char* aggregate : {"_mean", "_median", "_stddev"}) {
      if (!names_.contains(google.benchmark + aggregate)) return false;
    }
    return names_.contains(google.benchmark) || google.aggregate == "_stddev" || google.aggregate == "_cv";
  }

  std::string benchmark_of(const std::string& name) const {
    return prefix_ + (is_google_ ? google_name(name).whole() : name);
  }

  Row row_from(const json::object& bench, std::map<std::string, std::string>& metrics) const {
    Row row;
    const std::string extra = string_at(bench, "extra").value_or("");
    const std::string unit = string_at(bench, "unit").value_or("");
    const auto own_benchmark = line_behind(extra, "benchmark: ");
    const auto own_metric = line_behind(extra, "metric: ");
    const bool is_own = own_benchmark && own_metric && !own_benchmark->empty() && !own_metric->empty();
    row.benchmark = is_own ? prefix_ + *own_benchmark : benchmark_of(name_of(bench));
    const auto value = finite_number(bench.if_contains("value"));
    if (!value) {
      row.status = CaseStatus::failed;
      row.reason = "it has no finite value";
    } else if (is_own) {
      take(*own_metric, *value, row);
    } else if (const auto scale = seconds_of_unit(unit)) {
      row.real_seconds = *value * *scale;
      if (const auto cpu = line_behind(extra, "cpu: "); cpu && is_google_) row.cpu_seconds = seconds_in(*cpu);
    } else {
      row.metrics[metrics.emplace(unit, metric_of_unit(unit)).first->second] = *value;
    }
    return row;
  }

  static void take(const std::string& metric, double value, Row& row) {
    if (metric == "real_time") {
      row.real_seconds = value;
    } else if (metric == "cpu_time") {
      row.cpu_seconds = value;
    } else {
      row.metrics[metric] = value;
    }
  }

  const json::array& benches_;
  bool is_google_;
  std::string prefix_;
  std::set<std::string> names_;
};

/// Walks over the file entry by entry: a cut one is read up to the cut.
class DataReader {
 public:
  /// Reads `text` from byte `begin` on.
  DataReader(std::string_view text, std::size_t begin, std::string_view source, const ImportTarget& target,
             Imported& imported)
      : scanner_(text.substr(begin)), begin_(begin), source_(source), target_(target), imported_(imported) {}

  void read() {
    const bool whole = each_member([&](std::string_view key) {
      if (key == "\"entries\"") return read_suites();
      return !next_value().empty();
    });
    if (!whole) {
      imported_.problems.push_back(
          fmt::format("'{}' is cut off at byte {}: {}.", source_, position(),
                      num_entries_ == 0 ? "no whole entry stands before"
                                        : fmt::format("the {} before were kept", entries(num_entries_))));
    } else if (!saw_entries_) {
      throw unusable(fmt::format("'{}' has no 'entries'. {}", source_, kWayOutOfData));
    } else if (num_entries_ == 0) {
      throw unusable(fmt::format("'{}' holds no entry: no benchmark was stored yet.", source_));
    }
    scanner_.take(';');
    if (whole && !scanner_.at_end()) not_json();
  }

  void add_notes() const {
    std::vector<std::string>& notes = imported_.notes;
    for (const auto& [unit, metric] : metric_of_unit_) {
      notes.push_back(fmt::format("Values in '{}' are the metric '{}': which way is better, the policy says.",
                                  unit, metric));
    }
    if (num_aggregates_ > 0) {
      notes.push_back(fmt::format("{} of '{}' left out: aggregates of repetitions that are there themselves.",
                                  counted(num_aggregates_, "value", "values"), source_));
    }
    if (num_unnamed_ > 0) {
      notes.push_back(fmt::format("{} of '{}' left out: without a name.",
                                  counted(num_unnamed_, "value", "values"), source_));
    }
    if (num_backwards_ > 0) {
      notes.push_back(fmt::format(
          "In '{}' {} dated before the one in front: runs stand in the order of their "
          "commits where git knows them, else of their start.",
          source_, num_backwards_ == 1 ? "1 entry is" : fmt::format("{} entries are", num_backwards_)));
    }
  }

 private:
  static std::string entries(std::size_t count) { return counted(count, "entry", "entries"); }

  std::size_t position() const { return begin_ + scanner_.position(); }

  [[noreturn]] void not_json() const {
    throw unusable(fmt::format(
        "'{}' is not valid JSON: unexpected text at byte {}{}. {}", source_, position(),
        num_entries_ == 0 ? "" : fmt::format("; {} before were kept", entries(num_entries_)), kWayOutOfData));
  }

  /// Empty where the text ends before the value does.
  std::string_view next_value() {
    const std::string_view value = scanner_.take_value();
    if (value.empty() && !scanner_.cut()) not_json();
    return value;
  }

  /// Calls `on_member` in front of each member's value; false where the text ends before the object does.
  template <typename OnMember>
  bool each_member(OnMember on_member) {
    if (scanner_.at_end()) return false;
    if (!scanner_.take('{')) not_json();
    if (scanner_.take('}')) return true;
    do {
      if (scanner_.at_end()) return false;
      const std::string_view key = next_value();
      if (key.empty() || scanner_.at_end()) return false;
      if (!key.starts_with('"') || !scanner_.take(':')) not_json();
      if (!on_member(key)) return false;
    } while (scanner_.take(','));
    if (scanner_.at_end()) return false;
    if (!scanner_.take('}')) not_json();
    return true;
  }

  bool read_suites() {
    saw_entries_ = true;
    return each_member([&](std::string_view key) {
      const json::value name = parse_json(key, fmt::format("A suite's name in '{}'", source_));
      return read_entries(name.is_string() ? std::string(name.get_string()) : std::string());
    });
  }

  bool read_entries(const std::string& suite) {
    if (scanner_.at_end()) return false;
    if (!scanner_.take('[')) not_json();
    if (scanner_.take(']')) return true;
    std::string previous;
    std::size_t number = 0;
    do {
      if (scanner_.at_end()) return false;
      const std::string_view text = next_value();
      if (text.empty()) return false;
      ++num_entries_;
      take_entry(text, suite, fmt::format("Entry {} of the suite '{}' in '{}'", ++number, suite, source_),
                 previous);
    } while (scanner_.take(','));
    if (scanner_.at_end()) return false;
    if (!scanner_.take(']')) not_json();
    return true;
  }

  void take_entry(std::string_view text, const std::string& suite, const std::string& where,
                  std::string& previous) {
    try {
      const json::value entry = parse_json(text, where);
      if (!entry.is_object()) throw unusable(fmt::format("{} is no JSON object.", where));
      imported_.runs.push_back(run_from(entry.get_object(), suite, where));
    } catch (const InputError& error) {
      imported_.problems.emplace_back(error.what());
      return;
    }
    const std::string& started = imported_.runs.back().started;
    if (started < previous) ++num_backwards_;
    previous = started;
  }

  RunRecord run_from(const json::object& entry, const std::string& suite, const std::string& where) {
    static const json::object kNoCommit;
    const json::object* commit = object_at(entry, "commit");
    if (commit == nullptr) commit = &kNoCommit;
    ResultSet results;
    results.source = source_;
    results.commit = string_at(*commit, "id").value_or("");
    results.started = start_of(entry, *commit, where);
    const json::array* benches = array_at(entry, "benches");
    if (benches == nullptr) throw unusable(fmt::format("{} has no list 'benches'.", where));
    BenchReader reader(*benches, string_at(entry, "tool").value_or(""), suite);
    reader.read(results, metric_of_unit_);
    num_unnamed_ += reader.num_unnamed;
    num_aggregates_ += reader.num_aggregates;
    if (results.rows.empty()) throw unusable(fmt::format("{} holds no value.", where));
    return record_from(results, target_.branch, place_from(*commit, results.commit));
  }

  static std::string start_of(const json::object& entry, const json::object& commit,
                              const std::string& where) {
    if (const auto date = number_at(entry, "date")) {
      if (auto started = utc_of_milliseconds(*date)) return *std::move(started);
    }
    if (auto started = utc_of(string_at(commit, "timestamp").value_or(""))) return *std::move(started);
    throw unusable(fmt::format("{} has neither a 'date' nor its commit a 'timestamp'.", where));
  }

  /// The file knows the message, whether git here knows the commit or not.
  CommitPlace place_from(const json::object& commit, const std::string& hash) const {
    CommitPlace place = hash.empty() ? CommitPlace() : target_.place_of(hash);
    if (!place.subject.empty()) return place;
    const std::string message = string_at(commit, "message").value_or("");
    place.subject = message.substr(0, message.find_first_of("\r\n"));
    return place;
  }

  JsonScanner scanner_;
  std::size_t begin_;
  std::string_view source_;
  const ImportTarget& target_;
  Imported& imported_;
  bool saw_entries_ = false;
  std::size_t num_entries_ = 0;
  std::size_t num_unnamed_ = 0;
  std::size_t num_aggregates_ = 0;
  std::size_t num_backwards_ = 0;
  std::map<std::string, std::string> metric_of_unit_;
};

}  // namespace

bool looks_like_github_action_data(std::string_view text) {
  return behind_byte_order_mark(text).starts_with(kDataPrefix);
}

void import_github_action_benchmark(std::string_view text, std::string_view source,
                                    const ImportTarget& target, Imported& imported) {
  std::string_view rest = behind_byte_order_mark(text);
  if (rest.starts_with(kDataPrefix)) {
    rest.remove_prefix(kDataPrefix.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n="), rest.size()));
  } else if (!rest.starts_with('{')) {
    imported.problems.push_back(
        fmt::format("'{}' does not start with '{} = {{'. {}", source, kDataPrefix, kWayOutOfData));
    return;
  }
  DataReader reader(text, text.size() - rest.size(), source, target, imported);
  try {
    reader.read();
  } catch (const InputError& error) {
    imported.problems.emplace_back(error.what());
  }
  reader.add_notes();
}

}  // namespace trainbench::report::history
