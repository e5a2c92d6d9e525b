#include "report/compare/baseline_from_history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include "report/compare/subjects.hpp"
#include "report/history/series/history_text.hpp"
#include "report/history/series/series_analysis.hpp"
#include "report/history/store/store.hpp"
#include "report/history/store/store_files.hpp"

namespace trainbench::report::history {
namespace {

// More say nothing new of a level, and a file is read for each.
constexpr std::size_t kMostBaselineRuns = 100;
// The points that a series' `worsening` speaks of: they are no change yet, and no baseline either.
constexpr std::size_t kMostNamed = 5;

/// What is compared: a benchmark by its name of today, a metric, and the fingerprint of what was measured.
using Compared = std::tuple<std::string, std::string, std::string>;

/// The contender in the history's terms.
struct Contender {
  std::string machine_fingerprint;
  std::set<std::string> run_ids;
  Subjects subjects;
  std::map<std::string, std::map<std::string, Facts>> measurements;  // by benchmark, then by fingerprint
};

Contender contender_from(const Side& side) {
  Contender contender;
  for (const SideFile& file : side.files) {
    if (file.results.rows.empty()) continue;
    const RunRecord record = record_from(file.results, "", {});
    contender.run_ids.insert(record.id);
    if (contender.machine_fingerprint.empty()) contender.machine_fingerprint = record.machine_fingerprint;
  }
  contender.subjects = subjects_of(side, {}, true);
  for (const auto& [benchmark, subject] : contender.subjects) {
    std::map<std::string, Facts>& known = contender.measurements[benchmark];
    for (const Facts& facts : subject.measurements) known[fingerprint(facts)] = facts;
    if (known.empty()) known[""] = {};
  }
  return contender;
}

bool has_metric(const Subject& subject, const std::string& metric) {
  return std::any_of(subject.units.begin(), subject.units.end(),
                     [&](const Unit& unit) { return unit.values.contains(metric); });
}

/// Takes the baseline out of one store.
class BaselineReader {
 public:
  BaselineReader(const HistorySource& source, const Contender& contender, const Policy& policy)
      : source_(source),
        contender_(contender),
        policy_(policy),
        store_(source.folder),
        marks_(store_.marks()) {
    for (RunSummary& run : store_.runs()) {
      if (run.branch != source_.branch || run.exit_code != 0 || run.num_series == 0) continue;
      ++num_good_runs_;
      if (run.machine_fingerprint != contender_.machine_fingerprint || contender_.run_ids.contains(run.id))
        continue;
      good_.insert(run.id);
      runs_.push_back(std::move(run));
    }
  }

  Side read(std::vector<std::string>& notes) {
    Side side;
    side.is_selection = true;
    side.problems = store_.problems();
    const std::map<Compared, SeriesKey> chosen = chosen_series();
    for (const auto& [compared, key] : chosen) take_stable_points(compared, key);
    for (const RunSummary& run : runs_) {
      if (const auto found = series_of_run_.find(run.id); found != series_of_run_.end())
        add_file(run, found->second, side);
    }
    if (side.files.empty()) throw no_baseline(side.problems);
    add_notes(side, notes);
    return side;
  }

 private:
  Compared compared_of(const std::string& benchmark, const std::string& metric,
                       const std::string& measurement) const {
    return {name_today(source_.renames, benchmark), metric, measurement};
  }

  /// Of the newest one that can be read.
  std::set<Compared> series_of_newest_run() const {
    std::set<Compared> found;
    for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
      try {
        for (const RunSeries& one : store_.run(run->id).series)
          found.insert(compared_of(one.benchmark, one.metric, one.measurement_fingerprint));
        return found;
      } catch (const InputError&) {
        continue;  // its file is gone since the index was made: another run says as much
      }
    }
    return found;
  }

  bool is_wanted(const Compared& compared, const std::set<Compared>& newest) const {
    const auto& [benchmark, metric, measurement] = compared;
    const auto found = contender_.subjects.find(benchmark);
    if (found == contender_.subjects.end()) return newest.contains(compared);
    const Subject& subject = found->second;
    if (contender_.measurements.at(benchmark).contains(measurement))
      return has_metric(subject, metric) || newest.contains(compared);
    // One that failed may not say how it would have measured; without a baseline it would pass for new.
    return subject.units.empty() && newest.contains(compared);
  }

  std::map<Compared, SeriesKey> chosen_series() const {
    const std::set<Compared> newest = series_of_newest_run();
    std::map<Compared, SeriesKey> chosen;
    for (const SeriesKey& key :
         store_.keys({.branch = source_.branch, .machine_fingerprint = contender_.machine_fingerprint})) {
      // An empty member of the filter takes all, and an unknown machine is one of its own.
      if (key.machine_fingerprint != contender_.machine_fingerprint || key.branch != source_.branch) continue;
      const Compared compared = compared_of(key.benchmark, key.metric, key.measurement_fingerprint);
      if (!is_wanted(compared, newest)) continue;
      if (key.benchmark == std::get<0>(compared)) {
        chosen[compared] = key;
      } else {
        chosen.emplace(compared, key);
      }
    }
    return chosen;
  }

  void take_stable_points(const Compared& compared, const SeriesKey& key) {
    const auto& [benchmark, metric, measurement] = compared;
    const SeriesHistory series = store_.series(key);
    const SeriesAnalysis analysis = analyse(series, rule_of(policy_, benchmark, metric), marks_);
    if (analysis.segments.empty()) return;
    const Segment& stable = analysis.segments[analysis.stable_segment];
    std::size_t end = stable.end;
    if (analysis.worsening && end == series.points.size())
      end = std::max(stable.begin, end - std::min(end, kWorseningPoints));
    std::size_t num_taken = 0;
    for (std::size_t i = end; i > stable.begin; --i) {
      const std::string& run_id = series.points[i - 1].run_id;
      if (!good_.contains(run_id)) continue;
      if (num_taken++ == kMostBaselineRuns) {
        any_cut_ = true;
        break;
      }
      series_of_run_[run_id].insert(key);
    }
    if (num_taken == 0) return;
    ++num_series_;
    with_series_.insert(benchmark);
    if (analysis.stable_segment + 1 < analysis.segments.size())
      regressed_.push_back(fmt::format("{} {}", benchmark, metric));
  }

  void add_file(const RunSummary& run, const std::set<SeriesKey>& taken, Side& side) const {
    try {
      side.files.push_back(file_from(store_.run(run.id), taken));
    } catch (const InputError& error) {
      side.problems.emplace_back(error.what());
    }
  }

  SideFile file_from(const RunRecord& record, const std::set<SeriesKey>& taken) const {
    SideFile file;
    file.name = record.id;
    ResultSet& results = file.results;
    results.source = (source_.folder / run_file_name(record)).string();
    results.kind = SourceKind::journal;  // whose rows are processes
    results.id = record.id;
    results.started = record.started;
    results.commit = record.commit.hash;
    results.machine = record.machine;
    results.machine_fingerprint = record.machine_fingerprint;
    std::map<std::pair<std::string, std::string>, std::vector<Row>> rows;
    for (const RunSeries& one : record.series) {
      const SeriesKey key{one.benchmark, one.metric, record.machine_fingerprint, one.measurement_fingerprint,
                          record.branch};
      if (!taken.contains(key)) continue;
      const std::string benchmark = name_today(source_.renames, one.benchmark);
      add_values(one, benchmark, rows[{benchmark, one.measurement_fingerprint}]);
    }
    for (auto& [name, of_benchmark] : rows)
      std::move(of_benchmark.begin(), of_benchmark.end(), std::back_inserter(results.rows));
    return file;
  }

  /// One row for each process.
  void add_values(const RunSeries& series, const std::string& benchmark, std::vector<Row>& rows) const {
    while (rows.size() < series.values.size()) {
      Row& row = rows.emplace_back();
      row.benchmark = benchmark;
      row.measurement = facts_of_measurement(benchmark, series.measurement_fingerprint);
    }
    for (std::size_t i = 0; i < series.values.size(); ++i) rows[i].metrics[series.metric] = series.values[i];
  }

  /// The history keeps the fingerprint alone: what it stands for is known from the contender's equal one.
  Facts facts_of_measurement(const std::string& benchmark, const std::string& measurement) const {
    const auto known = contender_.measurements.find(benchmark);
    if (known == contender_.measurements.end()) return {};
    const auto facts = known->second.find(measurement);
    return facts == known->second.end() ? Facts() : facts->second;
  }

  InputError no_baseline(const std::vector<std::string>& problems) const {
    std::string why = fmt::format("has no good run of branch '{}'", source_.branch);
    if (num_good_runs_ > 0) {
      why = fmt::format("has {} of branch '{}', and none on the contender's machine but its own",
                        counted(num_good_runs_, "good run", "good runs"), source_.branch);
    }
    if (!runs_.empty()) {
      why = fmt::format(
          "has {} of branch '{}' on the contender's machine, none of which measured a benchmark of the "
          "contender in the same way",
          counted(runs_.size(), "good run", "good runs"), source_.branch);
    }
    const std::string sentence =
        fmt::format("The history '{}' {}: add runs of that branch with 'bench-report history add RUN'.",
                    source_.folder.string(), why);
    if (problems.empty()) return InputError(sentence, ExitCode::no_baseline);
    return InputError(fmt::format("{} {}", sentence, problems.front()), ExitCode::unreadable);
  }

  static std::string named(const std::vector<std::string>& names) {
    const std::size_t shown = std::min(names.size(), kMostNamed);
    std::string text =
        fmt::format("{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
    if (names.size() > shown) text += fmt::format(" and {} more", names.size() - shown);
    return text;
  }

  void add_notes(const Side& side, std::vector<std::string>& notes) const {
    const auto name_of = [](const SideFile& file) {
      return name_of_commit({.run_id = file.results.id, .commit = {.hash = file.results.commit}});
    };
    notes.push_back(fmt::format("The baseline is the stable part of {} in '{}', branch '{}': {}, {} to {}.",
                                counted(num_series_, "series", "series"), source_.folder.string(),
                                source_.branch, counted(side.files.size(), "run", "runs"),
                                name_of(side.files.front()), name_of(side.files.back())));
    if (any_cut_) {
      notes.push_back(
          fmt::format("Of longer stable parts, the newest {} runs are the baseline.", kMostBaselineRuns));
    }
    if (!regressed_.empty()) {
      notes.push_back(
          fmt::format("The history regressed in {}: the runs since are not in the baseline. Where that was "
                      "meant, say so with 'bench-report history mark'.",
                      named(regressed_)));
    }
    std::vector<std::string> without;
    for (const auto& [benchmark, subject] : contender_.subjects) {
      if (!with_series_.contains(benchmark)) without.push_back(benchmark);
    }
    if (!without.empty()) {
      notes.push_back(fmt::format(
          "The history has no series of {} on this machine, measured in the same way.", named(without)));
    }
  }

  const HistorySource& source_;
  const Contender& contender_;
  const Policy& policy_;
  Store store_;
  std::vector<Mark> marks_;
  std::set<std::string> good_;     // ids of runs_
  std::vector<RunSummary> runs_;   // good ones on the contender's machine, in commit order
  std::size_t num_good_runs_ = 0;  // on any machine
  std::map<std::string, std::set<SeriesKey>> series_of_run_;
  std::set<std::string> with_series_;
  std::vector<std::string> regressed_;
  std::size_t num_series_ = 0;
  bool any_cut_ = false;
};

}  // namespace
}  // namespace trainbench::report::history

namespace trainbench::report {

Side baseline_from_history(const HistorySource& source, const Side& contender, const Policy& policy,
                           std::vector<std::string>& notes) {
  const history::Contender known = history::contender_from(contender);
  return history::BaselineReader(source, known, policy).read(notes);
}

}  // namespace trainbench::report
