#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>

#include "report/history/commands.hpp"
#include "report/history/series/history_text.hpp"
#include "report/history/store/commit_place.hpp"
#include "report/history/store/store.hpp"
#include "report/program/output.hpp"
#include "report/program/program.hpp"
#include "report/results/read_results.hpp"
#include "report/text/format.hpp"

namespace trainbench::report::history {
namespace {

constexpr const char* kBranchOfLastResort = "main";
constexpr std::size_t kShownHashDigits = 12;

struct HistoryAddArguments {
  std::vector<std::string> runs;
  std::string folder = kHistoryFolder;
  std::string branch;
  std::string commit;
  std::string repository = ".";
};

void declare(CLI::App& app, HistoryAddArguments& arguments) {
  app.add_option("RUN", arguments.runs,
                 "Run folder of bench, its journal.ndjson, or a JSON file of Google Benchmark, NVBench, "
                 "hyperfine or pytest-benchmark")
      ->required();
  declare_history_folder(app, arguments.folder);
  app.add_option(
         "--branch", arguments.branch,
         "The branch that was measured (default: $GITHUB_REF_NAME, $CI_COMMIT_BRANCH, the one that is "
         "checked out, main)")
      ->type_name("NAME");
  app.add_option(
         "--commit", arguments.commit,
         "The commit that was measured (default: the one that RUN names, $GITHUB_SHA, $CI_COMMIT_SHA, the "
         "one that is checked out)")
      ->type_name("HASH");
  app.add_option("--repository", arguments.repository, "Where git knows the commits (default: .)")
      ->type_name("DIR");
}

/// The value of the first of the environment's variables that is set to something.
std::string first_variable(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const char* const value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return "";
}

std::string branch_for(const HistoryAddArguments& arguments) {
  if (!arguments.branch.empty()) return arguments.branch;
  std::string branch = first_variable({"GITHUB_REF_NAME", "CI_COMMIT_BRANCH"});
  if (branch.empty()) branch = current_branch(arguments.repository).value_or(kBranchOfLastResort);
  return branch;
}

/// bench writes "-dirty" behind the commit of a source that was changed, and "unknown" where there is none.
std::string commit_stated_by(const ResultSet& results) {
  constexpr std::string_view kDirty = "-dirty";
  std::string commit = results.commit == "unknown" ? "" : results.commit;
  if (commit.ends_with(kDirty)) commit.resize(commit.size() - kDirty.size());
  return commit;
}

std::string commit_for(const HistoryAddArguments& arguments, const ResultSet& results) {
  if (!arguments.commit.empty()) return arguments.commit;
  std::string commit = commit_stated_by(results);
  return commit.empty() ? first_variable({"GITHUB_SHA", "CI_COMMIT_SHA"}) : commit;
}

std::string line_about(const RunRecord& record, Added added) {
  const std::string place = fmt::format(
      "{}{}{}", record.branch,
      record.commit.number ? fmt::format(" {}", *record.commit.number) : std::string(),
      record.commit.hash.empty() ? std::string()
                                 : fmt::format(" ({})", record.commit.hash.substr(0, kShownHashDigits)));
  std::string line = fmt::format("{} {}, {}: {}", record.failed() ? "recorded as failed" : "added", record.id,
                                 place, counted(record.series.size(), "series", "series"));
  if (added == Added::already_there) line = fmt::format("already there {}, {}", record.id, place);
  if (added == Added::added && !record.failures.empty())
    line += fmt::format(", {}", counted(record.failures.size(), "failure", "failures"));
  if (added == Added::added && record.exit_code != 0) line += fmt::format(", exit code {}", record.exit_code);
  return on_one_line(line) + "\n";
}

/// Adds run after run, and goes on behind one that cannot be read.
class HistoryAdder {
 public:
  explicit HistoryAdder(const HistoryAddArguments& arguments)
      : arguments_(arguments), branch_(branch_for(arguments)) {}

  void add(const std::string& run) {
    try {
      const ResultSet results = read_results(run);
      for (const std::string& fault : results.faults) note(fmt::format("'{}': {}", run, fault));
      if (arguments_.commit.empty() && results.commit.ends_with("-dirty"))
        note(fmt::format("'{}' was built from changed files ({}).", run, results.commit));
      RunRecord record = record_from(results, branch_, {});
      record.commit = place(commit_for(arguments_, results));
      print(line_about(record, store().add(record)));
    } catch (const InputError& error) {
      if (errors_.empty() || errors_.back() != error.what()) errors_.emplace_back(error.what());
    }
  }

  /// Throws InputError (`unreadable`) where a run was not kept.
  void finish() const {
    if (errors_.empty()) return;
    for (std::size_t i = 0; i + 1 < errors_.size(); ++i) say_on_stderr(errors_[i]);
    throw InputError(errors_.back(), ExitCode::unreadable);
  }

 private:
  static void say_on_stderr(const std::string& sentence) {
    std::fputs(fmt::format("bench-report: {}\n", on_one_line(sentence)).c_str(), stderr);
  }

  /// Says a sentence once: of a hundred runs of one commit each would say it.
  void note(const std::string& sentence) {
    if (said_.insert(sentence).second) say_on_stderr(sentence);
  }

  /// Opened for the first good run: a call that keeps nothing begins no history.
  Store& store() {
    if (store_) return *store_;
    store_.emplace(arguments_.folder, true);
    for (const std::string& problem : store_->problems()) note(problem);
    return *store_;
  }

  const CommitPlace& place(const std::string& commit) {
    const auto known = places_.find(commit);
    if (known != places_.end()) return known->second;
    std::vector<std::string> notes;
    const CommitPlace found = place_of_commit(arguments_.repository, commit, notes);
    for (const std::string& sentence : notes) note(sentence);
    return places_.emplace(commit, found).first->second;
  }

  const HistoryAddArguments& arguments_;
  std::string branch_;
  std::optional<Store> store_;
  std::map<std::string, CommitPlace> places_;
  std::set<std::string> said_;
  std::vector<std::string> errors_;
};

}  // namespace

int run_history_add(int argc, const char* const* argv) {
  CLI::App app("Keeps runs in the history: each once, with its commit and branch.",
               "bench-report history add");
  HistoryAddArguments arguments;
  declare(app, arguments);
  return run_program(app, argc, argv, [&] {
    HistoryAdder adder(arguments);
    for (const std::string& run : arguments.runs) adder.add(run);
    adder.finish();
    return ExitCode::ok;
  });
}

}  // namespace trainbench::report::history
