#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>
#include <system_error>

#include "report/history/commands.hpp"
#include "report/history/exchange/import_folder.hpp"
#include "report/history/exchange/import_github_action_benchmark.hpp"
#include "report/history/series/history_text.hpp"
#include "report/history/store/commit_place.hpp"
#include "report/history/store/store.hpp"
#include "report/program/output.hpp"
#include "report/program/program.hpp"
#include "report/text/format.hpp"
#include "src/base/files.hpp"

namespace trainbench::report::history {
namespace {

namespace fs = std::filesystem;

constexpr const char* kGoogleFormat = "google-benchmark";
constexpr const char* kGithubActionFormat = "github-action-benchmark";

struct ImportArguments {
  std::vector<std::string> paths;
  std::string folder = kHistoryFolder;
  std::string branch = "main";
  std::string format = "auto";
  std::string repository = ".";
};

void declare(CLI::App& app, ImportArguments& arguments) {
  app.add_option("PATH", arguments.paths,
                 "A folder of old result files, searched to its depths, a result file, or the data.js of "
                 "github-action-benchmark")
      ->required();
  declare_history_folder(app, arguments.folder);
  app.add_option("--branch", arguments.branch, "The branch that was measured (default: main)")
      ->type_name("NAME");
  app.add_option(
         "--format", arguments.format,
         fmt::format("auto, {} or {} (default: auto, by content)", kGoogleFormat, kGithubActionFormat))
      ->check(CLI::IsMember({"auto", kGoogleFormat, kGithubActionFormat}))
      ->type_name("FORMAT");
  app.add_option("--repository", arguments.repository, "Where git knows the commits (default: .)")
      ->type_name("DIR");
  app.footer("Runs are told by their content: importing them again changes nothing.");
}

/// Asks git once for each commit.
class CommitPlaces {
 public:
  explicit CommitPlaces(fs::path repository) : repository_(std::move(repository)) {}

  const CommitPlace& place_of(const std::string& hash) {
    const auto known = places_.find(hash);
    if (known != places_.end()) return known->second;
    std::vector<std::string> why;
    const CommitPlace place = place_of_commit(repository_, hash, why);
    if (!why.empty() && num_unknown_++ == 0) first_reason_ = why.front();
    return places_.emplace(hash, place).first->second;
  }

  /// One sentence for all: an old history names hundreds of commits that this clone may not know.
  void add_note(std::vector<std::string>& notes) const {
    if (num_unknown_ == 1) notes.push_back(first_reason_);
    if (num_unknown_ > 1) {
      notes.push_back(fmt::format("{} (And so for {} of {}.)", first_reason_,
                                  counted(num_unknown_ - 1, "further commit", "further commits"),
                                  places_.size()));
    }
  }

 private:
  fs::path repository_;
  std::map<std::string, CommitPlace> places_;
  std::size_t num_unknown_ = 0;
  std::string first_reason_;
};

class HistoryImporter {
 public:
  explicit HistoryImporter(const ImportArguments& arguments)
      : arguments_(arguments),
        places_(arguments.repository),
        target_{.branch = arguments.branch,
                .place_of = [this](const std::string& hash) { return places_.place_of(hash); }} {}

  HistoryImporter(const HistoryImporter&) = delete;  // target_ refers to places_
  HistoryImporter& operator=(const HistoryImporter&) = delete;

  Imported read() {
    for (const std::string& path : arguments_.paths) {
      try {
        read_path(path);
      } catch (const InputError& error) {
        imported_.problems.emplace_back(error.what());
      }
    }
    if (!imported_.named.empty()) {
      imported_.notes.push_back(fmt::format("The commit of {} is taken from the name, for example of '{}'.",
                                            counted(imported_.named.size(), "file", "files"),
                                            imported_.named.front()));
    }
    places_.add_note(imported_.notes);
    return std::move(imported_);
  }

 private:
  void read_path(const fs::path& path) {
    std::error_code ignored;  // what cannot be looked at is named by the attempt to read it
    if (!fs::is_directory(path, ignored)) return read_file_at(path, path.parent_path());
    if (fs::exists(path / "journal.ndjson", ignored)) return read_file_at(path, path.parent_path());
    std::vector<fs::path> files = results_below(path);
    std::erase_if(files, [&](const fs::path& file) { return is_inside_history(file); });
    if (files.empty()) {
      throw InputError(
          fmt::format("There is no result below '{}': give a folder of files of --benchmark_out, "
                      "or the data.js of github-action-benchmark.",
                      path.string()),
          ExitCode::unreadable);
    }
    for (const fs::path& file : files) read_file_at(file, path);
  }

  /// What was imported before: a history often lies beside the results that it is made of.
  bool is_inside_history(const fs::path& file) const {
    std::error_code ignored;  // a history that is not there yet holds nothing
    const auto resolved = [&](const fs::path& path) {
      return fs::weakly_canonical(fs::absolute(path), ignored);
    };
    const fs::path relative = resolved(file).lexically_relative(resolved(arguments_.folder));
    return !relative.empty() && *relative.begin() != "..";
  }

  void read_file_at(const fs::path& file, const fs::path& root) {
    std::error_code ignored;  // what cannot be looked at is named by the attempt to read it
    if (arguments_.format == kGoogleFormat || fs::is_directory(file, ignored))
      return import_result_file(file, root, target_, imported_);
    const std::string text = read_file(file);
    if (arguments_.format == kGithubActionFormat || looks_like_github_action_data(text)) {
      import_github_action_benchmark(text, file.string(), target_, imported_);
    } else {
      import_result_file(file, root, target_, imported_);
    }
  }

  const ImportArguments& arguments_;
  CommitPlaces places_;
  ImportTarget target_;
  Imported imported_;
};

struct ImportCounts {
  std::size_t added = 0;
  std::size_t failed = 0;  // of those
  std::size_t already_there = 0;
};

ImportCounts add_runs(Imported& imported, const std::string& folder) {
  ImportCounts counts;
  if (imported.runs.empty()) return counts;
  Store store(folder, true);
  for (const RunRecord& run : imported.runs) {
    try {
      if (store.add(run) == Added::already_there) {
        ++counts.already_there;
        continue;
      }
      ++counts.added;
      if (run.failed()) ++counts.failed;
    } catch (const InputError& error) {
      imported.problems.emplace_back(error.what());
    }
  }
  imported.problems.insert(imported.problems.end(), store.problems().begin(), store.problems().end());
  return counts;
}

std::string import_text(const Imported& imported, const ImportCounts& counts, const std::string& folder) {
  std::string text = fmt::format("{} added to '{}'", counted(counts.added, "run", "runs"), folder);
  if (counts.failed > 0) text += fmt::format(" ({} as failed)", counts.failed);
  if (counts.already_there > 0) text += fmt::format(", {} already there", counts.already_there);
  text = on_one_line(text + ".") + "\n";
  for (const std::string& note : imported.notes) text += fmt::format("Note: {}\n", on_one_line(note));
  for (const std::string& problem : imported.problems)
    text += fmt::format("Could not be read: {}\n", on_one_line(problem));
  return text;
}

ExitCode import_history(const ImportArguments& arguments) {
  Imported imported = HistoryImporter(arguments).read();
  const ImportCounts counts = add_runs(imported, arguments.folder);
  print(import_text(imported, counts, arguments.folder));
  return imported.problems.empty() ? ExitCode::ok : ExitCode::unreadable;
}

}  // namespace

int run_history_import(int argc, const char* const* argv) {
  CLI::App app(
      "Takes over the history of another tool: old result files, or github-action-benchmark's data.js.",
      "bench-report history import");
  ImportArguments arguments;
  declare(app, arguments);
  return run_program(app, argc, argv, [&] { return import_history(arguments); });
}

}  // namespace trainbench::report::history
