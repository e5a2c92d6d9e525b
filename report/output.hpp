#pragma once

#include <filesystem>
#include <string_view>

namespace trainbench::report {

/// Writes to standard output. Throws EnvironmentError (`cannot_write`).
void print(std::string_view text);

/// Whether two paths mean one file, through links and relative parts, whether it is there yet or not.
bool is_same_file(const std::filesystem::path& a, const std::filesystem::path& b);

/// Throws EnvironmentError (`cannot_write`) where something stands at `path` that is not a regular file: a
/// file is replaced by renaming, which as root would replace /dev/stdout itself.
void refuse_special_file(const std::filesystem::path& path);

}  // namespace trainbench::report
