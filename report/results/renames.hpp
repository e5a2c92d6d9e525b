#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace trainbench::report {

/// What a benchmark of the baseline is called today, by its canonical name of then.
using Renames = std::map<std::string, std::string>;

/// Reads {"old name": "new name", ...}. Names may be given as Google Benchmark writes them.
/// Throws InputError (`unreadable`) where the text is no such object, where a name is empty or where two old
/// names get one new name.
Renames parse_renames(std::string_view text, std::string_view source);
Renames read_renames(const std::filesystem::path& path);

/// What `benchmark` is called today: its own name where it was not renamed.
std::string name_today(const Renames& renames, const std::string& benchmark);

}  // namespace trainbench::report
