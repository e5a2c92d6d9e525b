#pragma once

#include <filesystem>
#include <string_view>

namespace trainbench::report {

/// Writes to standard output. Throws EnvironmentError (`cannot_write`).
void print(std::string_view text);

/// Whether two paths mean one file, through links and relative parts, whether it is there yet or not.
bool is_same_file(const std::filesystem::path& a, const std::filesystem::path& b);

/// Throws EnvironmentError (`cannot_write`) where `path` cannot be written, as far as can be told without
/// doing it: to be called before what takes long. An empty path is standard output.
void refuse_unwritable(const std::filesystem::path& path);

/// Throws EnvironmentError (`cannot_write`) where something stands at `path` that is not a regular file: a
/// file is replaced by renaming, which as root would replace /dev/stdout itself.
void refuse_special_file(const std::filesystem::path& path);

}  // namespace trainbench::report
