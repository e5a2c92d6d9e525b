#include "report/history/store/store.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <compare>
#include <iterator>
#include <system_error>
#include <type_traits>

#include "report/history/store/index.hpp"
#include "report/history/store/mark_file.hpp"
#include "report/history/store/run_id.hpp"
#include "report/history/store/store_files.hpp"
#include "report/results/benchmark_name.hpp"
#include "src/base/errors.hpp"
#include "src/base/files.hpp"

namespace trainbench::report::history {
namespace {

namespace fs = std::filesystem;

constexpr const char* kIndexFile = "index.sqlite";
constexpr const char* kInMemory = ":memory:";
constexpr const char* kGitIgnore = "index.sqlite*\n*.partial\n";

bool fits_or_is_open(const std::string& pattern, const std::string& name) {
  return pattern.empty() || fits_pattern(pattern, name);
}

bool is_asked_for(const SeriesKey& key, const SeriesFilter& filter) {
  return (filter.branch.empty() || filter.branch == key.branch) &&
         (filter.machine_fingerprint.empty() || filter.machine_fingerprint == key.machine_fingerprint) &&
         fits_or_is_open(filter.benchmark, key.benchmark) && fits_or_is_open(filter.metric, key.metric);
}

bool comes_before(const SeriesKey& a, const SeriesKey& b) {
  if (const auto order = natural_order(a.benchmark, b.benchmark); std::is_neq(order))
    return std::is_lt(order);
  if (const auto order = natural_order(a.metric, b.metric); std::is_neq(order)) return std::is_lt(order);
  return a < b;
}

/// What a run's file says of its commit depends on what git knew: a result that was added from a shallow
/// clone first is the same result.
bool is_same_run(RunRecord a, RunRecord b) {
  const std::string& shorter = a.commit.hash.size() < b.commit.hash.size() ? a.commit.hash : b.commit.hash;
  const std::string& longer = &shorter == &a.commit.hash ? b.commit.hash : a.commit.hash;
  if (!longer.starts_with(shorter) || shorter.empty() != longer.empty()) return false;
  a.commit = {};
  b.commit = {};
  return run_file_text(a) == run_file_text(b);
}

/// Returns where the file holds this run, throws InputError where it holds another one or none.
void require_same_run(const fs::path& file, const std::string& text, const RunRecord& record) {
  const std::string there = read_file(file);
  if (there == text) return;
  const RunRecord other = parse_run_file(there, fmt::format("'{}'", file.string()));
  if (is_same_run(other, record)) return;
  throw InputError(
      fmt::format("The history holds another run of the id '{}', '{}': its values, branch or commit differ. "
                  "An id names one run: add each result once, with one --branch and --commit.",
                  record.id, file.string()),
      ExitCode::unreadable);
}

void prepare_folder(const fs::path& folder, bool create) {
  std::error_code ignored;  // what cannot be looked at is named by the attempt to read it
  if (fs::exists(folder, ignored) && !fs::is_directory(folder, ignored)) {
    throw InputError(fmt::format("'{}' is no history: it is a file, a folder is needed.", folder.string()),
                     ExitCode::unreadable);
  }
  if (!create) {
    if (fs::exists(folder, ignored)) return;
    throw InputError(fmt::format("There is no history '{}': 'bench-report history add RUN' begins one, "
                                 "--history=DIR names another.",
                                 folder.string()),
                     ExitCode::no_baseline);
  }
  create_folders(folder);
  // Once there is an index, a list of ignored files that is missing was removed on purpose.
  if (!fs::exists(folder / ".gitignore", ignored) && !fs::exists(folder / kIndexFile, ignored))
    write_file_atomically(folder / ".gitignore", kGitIgnore);
}

/// An index in memory where the folder cannot be written and need not be: what two writers do is told by the
/// one that they share.
std::unique_ptr<Index> open_index(const fs::path& folder, bool must_be_writable) {
  if (must_be_writable || ::access(folder.c_str(), W_OK) == 0) {
    try {
      return std::make_unique<Index>((folder / kIndexFile).string());
    } catch (const EnvironmentError&) {  // what cannot be written can still be read
      if (must_be_writable) throw;
    }
  }
  return std::make_unique<Index>(kInMemory);
}

}  // namespace

struct Store::Implementation {
  fs::path folder;
  std::unique_ptr<Index> index;
  std::vector<Mark> marks;
  std::vector<std::string> mark_problems;
  std::vector<std::string> problems;

  Implementation(const fs::path& where, bool must_be_writable)
      : folder(where), index(open_index(where, must_be_writable)) {
    read_marks();
    try {
      bring_up_to_date();
    } catch (const EnvironmentError&) {  // for instance on a full disk, which can still be read
      if (must_be_writable) throw;
      index = std::make_unique<Index>(kInMemory);
      bring_up_to_date();
    }
  }

  void bring_up_to_date() {
    with_index([](Index& opened) { opened.prepare(); });
    with_index([&](Index&) { synchronise(); });
  }

  /// What `work` returns; where the index proves broken, once more after it was made again.
  template <typename Work>
  std::invoke_result_t<Work, Index&> with_index(Work work) {
    try {
      return work(*index);
    } catch (const BrokenDatabase&) {  // is made again below, which may fail in the same way
    }
    try {
      make_index_again();
      return work(*index);
    } catch (const BrokenDatabase& error) {
      throw EnvironmentError(fmt::format("{} Delete it and try again.", error.what()),
                             ExitCode::cannot_write);
    }
  }

  void make_index_again() {
    try {
      index->reset();
    } catch (const BrokenDatabase&) {
      index = std::make_unique<Index>(kInMemory);
      index->prepare();
    }
    synchronise();
  }

  /// Takes in the files that are new, forgets those that are gone.
  void synchronise() {
    std::vector<IndexedFile> known = index->files();
    if (!difference_of(folder, known).empty()) {
      Transaction transaction(index->database());
      // Another process may have done so meanwhile.
      const FileDifference difference = difference_of(folder, index->files());
      IndexWriter writer(index->database());
      writer.forget(difference.gone);
      for (const std::string& name : difference.fresh) take_file(name, writer);
      transaction.commit();
      known = index->files();
    }
    problems.clear();
    for (const IndexedFile& file : known) {
      if (!file.problem.empty())
        problems.push_back(fmt::format("In '{}', {}", folder.string(), file.problem));
    }
    problems.insert(problems.end(), mark_problems.begin(), mark_problems.end());
  }

  void take_file(const std::string& name, IndexWriter& writer) const {
    IndexedFile file = stamped(folder, name);
    try {
      const RunRecord record = parse_run_file(read_file(folder / name), fmt::format("'{}'", name));
      if (fs::path(name).stem() != record.id) {
        throw InputError(fmt::format("'{}' is not named after its run, '{}'.", name, record.id));
      }
      if (writer.take(name, record)) return;
      throw InputError(
          fmt::format("'{}' holds the run '{}', which another file holds as well.", name, record.id));
    } catch (const InputError& error) {
      file.problem = error.what();
    }
    writer.note_problem(file);
  }

  void read_marks() {
    const fs::path of_marks = folder / kMarksFolder;
    for (const std::string& name : files_in(of_marks, ".json")) {
      const fs::path file = of_marks / name;
      try {
        marks.push_back(parse_mark_file(read_file(file), fmt::format("'{}'", file.string())));
      } catch (const InputError& error) {
        mark_problems.emplace_back(error.what());
      }
    }
    sort_marks();
  }

  void sort_marks() {
    std::sort(marks.begin(), marks.end(), [](const Mark& a, const Mark& b) {
      return a.day != b.day ? a.day < b.day : mark_file_text(a) < mark_file_text(b);
    });
  }

  /// The name of the run's file: in the index, or in the folder since the index was brought up to date.
  std::optional<std::string> file_of(const RunRecord& record, Index& where) const {
    if (auto known = where.file_of(record.id)) return known;
    const std::string name = run_file_name(record);
    std::error_code ignored;  // what cannot be looked at is named by the attempt to write it
    return fs::exists(folder / name, ignored) ? std::optional(name) : std::nullopt;
  }

  /// Writes the file and its row while no other process writes: of two that add different runs of one id, the
  /// second one sees the first one's file.
  Added add(const RunRecord& record) {
    const std::string text = run_file_text(record);
    const RunRecord kept = parse_run_file(text, fmt::format("The run '{}'", record.id));
    bool written = false;
    return with_index([&](Index& where) {
      Transaction transaction(where.database());
      if (const auto name = file_of(kept, where)) {
        require_same_run(folder / *name, text, kept);
        return written ? Added::added : Added::already_there;
      }
      const std::string name = run_file_name(kept);
      const fs::path month = (folder / name).parent_path();
      create_folders(month);
      remove_abandoned(month);
      write_file_atomically(folder / name, text);
      written = true;
      IndexWriter(where.database()).take(name, kept);
      transaction.commit();
      return Added::added;
    });
  }
};

Store::Store(const fs::path& folder, bool create) {
  prepare_folder(folder, create);
  implementation_ = std::make_unique<Implementation>(folder, create);
}

Store::~Store() = default;

Added Store::add(const RunRecord& record) {
  if (!is_run_id(record.id)) {
    throw InputError(
        fmt::format("A run cannot be called '{}': its id names a file, so it takes letters, digits, "
                    "'-', '_' and '.', at most 160.",
                    record.id),
        ExitCode::unreadable);
  }
  return implementation_->add(record);
}

void Store::add(const Mark& mark) {
  const std::string text = mark_file_text(mark);
  const fs::path file = implementation_->folder / kMarksFolder / mark_file_name(text);
  std::error_code ignored;  // what cannot be looked at is named by the attempt to write it
  if (fs::exists(file, ignored)) return;
  Mark kept = parse_mark_file(text, "This");
  create_folders(file.parent_path());
  write_file_atomically(file, text);
  implementation_->marks.push_back(std::move(kept));
  implementation_->sort_marks();
}

std::vector<RunSummary> Store::runs() const {
  std::vector<RunSummary> all = implementation_->with_index([](Index& index) { return index.runs(); });
  std::vector<RunSummary> sorted;
  sorted.reserve(all.size());
  for (auto begin = all.begin(); begin != all.end();) {
    const auto end =
        std::find_if(begin, all.end(), [&](const RunSummary& run) { return run.branch != begin->branch; });
    std::vector<RunSummary> branch(std::make_move_iterator(begin), std::make_move_iterator(end));
    std::vector<NumberedStart> numbered;
    for (const RunSummary& run : branch) {
      if (run.commit.number) numbered.push_back({.started = run.started, .number = *run.commit.number});
    }
    sort_in_commit_order(branch, CommitOrder(std::move(numbered)),
                         [](const RunSummary& run) -> std::string_view { return run.id; });
    std::move(branch.begin(), branch.end(), std::back_inserter(sorted));
    begin = end;
  }
  return sorted;
}

std::vector<Mark> Store::marks() const {
  return implementation_->marks;
}

std::vector<SeriesKey> Store::keys(const SeriesFilter& filter) const {
  std::vector<SeriesKey> keys = implementation_->with_index([](Index& index) { return index.keys(); });
  std::erase_if(keys, [&](const SeriesKey& key) { return !is_asked_for(key, filter); });
  std::sort(keys.begin(), keys.end(), comes_before);
  return keys;
}

SeriesHistory Store::series(const SeriesKey& key) const {
  return implementation_->with_index([&](Index& index) {
    SeriesHistory series{.key = key, .points = index.points(key)};
    const bool all_numbered = std::all_of(series.points.begin(), series.points.end(),
                                          [](const Point& point) { return point.commit.number.has_value(); });
    const CommitOrder order(all_numbered ? std::vector<NumberedStart>() : index.numbered_starts(key.branch));
    sort_in_commit_order(series.points, order,
                         [](const Point& point) -> std::string_view { return point.run_id; });
    return series;
  });
}

RunRecord Store::run(const std::string& id) const {
  const auto name = implementation_->with_index([&](Index& index) { return index.file_of(id); });
  if (!name) {
    throw InputError(
        fmt::format("The history '{}' holds no run '{}': 'bench-report history list' shows them.",
                    implementation_->folder.string(), id),
        ExitCode::unreadable);
  }
  const fs::path file = implementation_->folder / *name;
  return parse_run_file(read_file(file), fmt::format("'{}'", file.string()));
}

const std::vector<std::string>& Store::problems() const {
  return implementation_->problems;
}

}  // namespace trainbench::report::history
