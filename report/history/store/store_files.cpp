#include "report/history/store/store_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <system_error>

#include "src/base/errors.hpp"

namespace trainbench::report::history {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kUndated = "undated";
constexpr std::string_view kRunExtension = ".ndjson";
constexpr std::string_view kPartialExtension = ".partial";
constexpr std::chrono::hours kLongestWriting(1);
constexpr std::size_t kMonthLength = 7;  // YYYY-MM

bool is_month(std::string_view text) {
  if (text.size() != kMonthLength || text[4] != '-') return false;
  return std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }) == 6;
}

InputError cannot_look_into(const fs::path& folder, const std::error_code& error) {
  return InputError(fmt::format("Cannot look into the folder '{}': {}.", folder.string(), error.message()),
                    ExitCode::unreadable);
}

std::vector<std::string> run_folders_in(const fs::path& folder) {
  std::vector<std::string> months;
  std::error_code error;
  std::error_code ignored;  // what cannot be looked at is no folder of ours
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if ((is_month(name) || name == kUndated) && entry->is_directory(ignored))
      months.push_back(std::move(name));
  }
  if (error) throw cannot_look_into(folder, error);
  std::sort(months.begin(), months.end());
  return months;
}

std::vector<std::string> run_files_in(const fs::path& folder) {
  std::vector<std::string> files;
  for (const std::string& month : run_folders_in(folder)) {
    for (const std::string& name : files_in(folder / month, kRunExtension))
      files.push_back(fmt::format("{}/{}", month, name));
  }
  return files;
}

bool was_mended(const fs::path& folder, const IndexedFile& file) {
  if (file.problem.empty()) return false;
  const IndexedFile now = stamped(folder, file.name);
  return now.size != file.size || now.mtime != file.mtime;
}

}  // namespace

std::string run_file_name(const RunRecord& record) {
  const std::string_view month = std::string_view(record.started).substr(0, kMonthLength);
  return fmt::format("{}/{}{}", is_month(month) ? month : kUndated, record.id, kRunExtension);
}

std::vector<std::string> files_in(const fs::path& folder, std::string_view extension) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (name.ends_with(extension) && !name.starts_with('.')) names.push_back(std::move(name));
  }
  if (error && error != std::errc::no_such_file_or_directory) throw cannot_look_into(folder, error);
  std::sort(names.begin(), names.end());
  return names;
}

FileDifference difference_of(const fs::path& folder, std::span<const IndexedFile> known) {
  const std::vector<std::string> there = run_files_in(folder);
  FileDifference difference;
  auto next = known.begin();
  for (const std::string& name : there) {
    for (; next != known.end() && next->name < name; ++next) difference.gone.push_back(next->name);
    if (next == known.end() || next->name != name) {
      difference.fresh.push_back(name);
      continue;
    }
    if (was_mended(folder, *next)) {
      difference.gone.push_back(name);
      difference.fresh.push_back(name);
    }
    ++next;
  }
  for (; next != known.end(); ++next) difference.gone.push_back(next->name);
  return difference;
}

IndexedFile stamped(const fs::path& folder, const std::string& name) {
  IndexedFile file{.name = name, .problem = "", .size = 0, .mtime = 0};
  std::error_code error;
  const std::uintmax_t size = fs::file_size(folder / name, error);
  if (error) return file;
  const auto changed = fs::last_write_time(folder / name, error);
  if (error) return file;
  file.size = static_cast<std::int64_t>(size);
  file.mtime = static_cast<std::int64_t>(changed.time_since_epoch().count());
  return file;
}

void remove_abandoned(const fs::path& folder) {
  std::error_code ignored;  // they harm nobody: what cannot be removed stays
  const auto now = fs::file_time_type::clock::now();
  for (fs::directory_iterator entry(folder, ignored), end; !ignored && entry != end;
       entry.increment(ignored)) {
    if (entry->path().extension() != kPartialExtension) continue;
    std::error_code gone;
    const auto written = fs::last_write_time(entry->path(), gone);
    if (!gone && now - written > kLongestWriting) fs::remove(entry->path(), gone);
  }
}

}  // namespace trainbench::report::history
