#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace trainbench {

/// The whole file as bytes. Throws InputError (`unreadable`) with the path and the system's reason.
std::string read_file(const std::filesystem::path& path);

/// Replaces `path` by a file of exactly `content`, or leaves it as it was: written beside it, synced,
/// renamed. Throws EnvironmentError (`cannot_write`) with the path and the system's reason.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// Creates the folder and its parents. Throws EnvironmentError (`cannot_write`).
void create_folders(const std::filesystem::path& path);

/// A file that only grows, by whole lines, each handed to the system before `append` returns: a killed
/// process loses nothing that was appended.
class LineFile {
 public:
  /// Creates or opens for appending. Throws EnvironmentError (`cannot_write`).
  explicit LineFile(const std::filesystem::path& path);
  ~LineFile();
  LineFile(const LineFile&) = delete;  // one descriptor, one owner
  LineFile& operator=(const LineFile&) = delete;

  /// Writes `line` and a newline. Throws EnvironmentError (`cannot_write`), for instance on a full disk.
  void append(std::string_view line);

 private:
  std::filesystem::path path_;
  int descriptor_;
};

}  // namespace trainbench
