#include "report/gate/gate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <random>
#include <set>
#include <system_error>

#include "src/base/files.hpp"
#include "src/base/interrupt.hpp"

namespace trainbench::report {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::set<std::string> names_in(const SideFile& file) {
  std::set<std::string> names;
  for (const Row& row : file.results.rows) names.insert(row.benchmark);
  return names;
}

/// A benchmark that a failed process did not reach was not skipped, and its absence proves nothing.
void mark_unreached(ProcessResult& result, const std::set<std::string>& expected) {
  if (result.failure.empty()) return;
  const std::set<std::string> reached = names_in(result.file);
  for (const std::string& benchmark : expected) {
    if (reached.contains(benchmark)) continue;
    Row row;
    row.benchmark = benchmark;
    row.status = CaseStatus::failed;
    row.reason = fmt::format("its process {}", result.failure);
    result.file.results.rows.push_back(std::move(row));
  }
  result.file.results.faults.push_back(fmt::format("The process {}.", result.failure));
}

class PairRunner {
 public:
  explicit PairRunner(const GateOptions& gate) : gate_(gate), generator_(gate.seed) {
    create_folders(gate.folder / "baseline");
    create_folders(gate.folder / "contender");
    for (const BenchmarkProgram* program : {&gate.baseline, &gate.contender})
      names_.insert(program->names.begin(), program->names.end());
  }

  const Side& baseline() const { return baseline_; }
  const Side& contender() const { return contender_; }
  std::size_t num_pairs() const { return baseline_.files.size(); }
  /// "BC CB ...": which side of each pair came first.
  const std::string& order() const { return order_; }

  /// Whether each benchmark has failed on a side: no further pair changes that.
  bool all_failed() const { return names_ == failed_; }

  bool has_time_for_another() const {
    return !gate_.max_seconds || num_pairs() == 0 || seconds_since(start_) + longest_ <= *gate_.max_seconds;
  }

  void run_pair() {
    const Clock::time_point begin = Clock::now();
    const bool baseline_first = (generator_() & 1U) == 0;
    ProcessResult first = run(baseline_first);
    ProcessResult second = interruption() ? ProcessResult() : run(!baseline_first);
    if (interruption()) return give_up(first, second);
    ProcessResult& of_baseline = baseline_first ? first : second;
    ProcessResult& of_contender = baseline_first ? second : first;
    order_ += fmt::format("{}{}", order_.empty() ? "" : " ", baseline_first ? "BC" : "CB");
    take(of_baseline, of_contender);
    longest_ = std::max(longest_, seconds_since(begin));
    if (gate_.on_pair) {
      gate_.on_pair(fmt::format("pair {} of at most {}: {:.1f} s", num_pairs(), gate_.looks.back(),
                                seconds_since(begin)));
    }
  }

 private:
  ProcessResult run(bool of_baseline) const {
    const std::size_t pair = num_pairs() + 1;
    return run_once(of_baseline ? gate_.baseline : gate_.contender,
                    {.folder = gate_.folder / (of_baseline ? "baseline" : "contender"),
                     .name = fmt::format("pair-{:02}", pair),
                     .seed = gate_.seed + pair,
                     .timeout_seconds = gate_.process_timeout_seconds});
  }

  /// Half a pair left behind would keep compare from pairing the rest.
  static void give_up(const ProcessResult& first, const ProcessResult& second) {
    std::error_code ignored;  // what cannot be removed is left: the pairs before it are measured all the same
    for (const ProcessResult* one : {&first, &second}) {
      if (!one->written.empty()) std::filesystem::remove_all(one->written, ignored);
    }
  }

  void take(ProcessResult& of_baseline, ProcessResult& of_contender) {
    for (ProcessResult* one : {&of_baseline, &of_contender}) {
      const std::set<std::string> names = names_in(one->file);
      if (names.empty() && one->failure.empty()) one->failure = "ran no benchmark";
      names_.insert(names.begin(), names.end());
      has_results_ = has_results_ || !names.empty();
    }
    if (!has_results_) {
      throw InputError(
          fmt::format("Neither program has left a result: the baseline's process {}, the contender's {}.",
                      of_baseline.failure, of_contender.failure),
          ExitCode::unreadable);
    }
    for (ProcessResult* one : {&of_baseline, &of_contender}) {
      mark_unreached(*one, names_);
      for (const Row& row : one->file.results.rows) {
        if (row.status == CaseStatus::failed) failed_.insert(row.benchmark);
      }
    }
    baseline_.files.push_back(std::move(of_baseline.file));
    contender_.files.push_back(std::move(of_contender.file));
  }

  const GateOptions& gate_;
  std::mt19937_64 generator_;
  Clock::time_point start_ = Clock::now();
  double longest_ = 0;
  Side baseline_;
  Side contender_;
  std::set<std::string> names_;   // of all benchmarks
  std::set<std::string> failed_;  // of those that failed on a side
  bool has_results_ = false;
  std::string order_;
};

bool is_decided(const Comparison& comparison) {
  return std::none_of(comparison.rows.begin(), comparison.rows.end(), [](const ComparedRow& row) {
    // A count that differs between processes of one side differs for good.
    return row.gated && row.rule.kind != Kind::exact &&
           (row.verdict == Verdict::inconclusive || row.verdict == Verdict::underpowered);
  });
}

struct Progress {
  std::size_t looks = 0;
  std::size_t complete = 0;  // pairs of the last look
};

/// Measures until all is decided, the time is up or an interruption comes, and gives the last look's answer.
Comparison measure(const GateOptions& gate, const CompareOptions& options, PairRunner& runner,
                   Progress& progress) {
  Comparison comparison;
  while (progress.looks < gate.looks.size() && runner.has_time_for_another()) {
    runner.run_pair();
    if (interruption()) break;
    if (runner.num_pairs() < gate.looks[progress.looks] && !runner.all_failed()) continue;
    ++progress.looks;
    progress.complete = runner.num_pairs();
    comparison = compare(runner.baseline(), runner.contender(), options);
    if (is_decided(comparison)) break;
  }
  if (progress.complete > 0) return comparison;
  if (runner.num_pairs() == 0)
    throw InputError("Interrupted before the first pair was complete.", *interruption());
  CompareOptions early = options;
  early.before_first_look = true;
  return compare(runner.baseline(), runner.contender(), early);
}

/// Says where the measuring ended before the last look without a decision.
void warn_of_early_end(const GateOptions& gate, const PairRunner& runner, const Progress& progress,
                       Comparison& comparison) {
  const bool decided = progress.complete > 0 && is_decided(comparison);
  const auto code = interruption();
  if (progress.looks == gate.looks.size() || (decided && !code)) return;
  comparison.warnings.push_back(
      fmt::format("{} after {} {}: {}.", code ? "Interrupted" : "The time was up", runner.num_pairs(),
                  runner.num_pairs() == 1 ? "pair" : "pairs",
                  progress.complete == 0 ? "before the first look"
                                         : fmt::format("the look at {} pairs counts", progress.complete)));
  if (code) comparison.exit_code = more_severe(comparison.exit_code, *code);
}

}  // namespace

GateResult run_gate(const GateOptions& gate, const CompareOptions& options) {
  CompareOptions at_look = options;
  at_look.pairing = Pairing::paired;
  at_look.looks = static_cast<int>(gate.looks.size());
  PairRunner runner(gate);
  Progress progress;
  Comparison comparison = measure(gate, at_look, runner, progress);
  comparison.notes.push_back(
      fmt::format("{} {}, looked at {} of {} times. Order of the pairs, from seed {}: {}.",
                  runner.num_pairs(), runner.num_pairs() == 1 ? "pair" : "pairs", progress.looks,
                  gate.looks.size(), gate.seed, runner.order()));
  warn_of_early_end(gate, runner, progress, comparison);
  return {
      .comparison = std::move(comparison), .baseline = runner.baseline(), .contender = runner.contender()};
}

}  // namespace trainbench::report
