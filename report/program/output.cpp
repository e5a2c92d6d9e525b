#include "report/program/output.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "src/base/errors.hpp"

namespace trainbench::report {

void print(std::string_view text) {
  errno = 0;
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw EnvironmentError(
        fmt::format("Cannot write to standard output: {}.", std::generic_category().message(errno)),
        ExitCode::cannot_write);
  }
}

bool is_same_file(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code ignored;  // a file that is not there yet is told by its path
  if (std::filesystem::equivalent(a, b, ignored)) return true;
  // Made absolute first: of a relative path whose file is not there yet, the folder is not resolved.
  const auto resolved = [&](const std::filesystem::path& path) {
    return std::filesystem::weakly_canonical(std::filesystem::absolute(path), ignored);
  };
  return resolved(a) == resolved(b);
}

void refuse_unwritable(const std::filesystem::path& path) {
  if (path.empty()) return;
  refuse_special_file(path);
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  if (::access(folder.c_str(), W_OK | X_OK) == 0) return;
  throw EnvironmentError(
      fmt::format("Cannot write '{}': {}.", path.string(), std::generic_category().message(errno)),
      ExitCode::cannot_write);
}

void refuse_special_file(const std::filesystem::path& path) {
  std::error_code ignored;  // what cannot be looked at is named by the attempt to write it
  if (!std::filesystem::exists(path, ignored) || std::filesystem::is_regular_file(path, ignored)) return;
  throw EnvironmentError(fmt::format("Cannot write '{}': it is not a regular file. Leave -o out to write to "
                                     "standard output.",
                                     path.string()),
                         ExitCode::cannot_write);
}

}  // namespace trainbench::report
