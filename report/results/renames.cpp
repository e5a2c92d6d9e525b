#include "report/results/renames.hpp"

#include <fmt/format.h>

#include "report/results/benchmark_name.hpp"
#include "src/base/errors.hpp"
#include "src/base/files.hpp"
#include "src/base/json.hpp"

namespace trainbench::report {

Renames parse_renames(std::string_view text, std::string_view source) {
  const auto fail = [&](std::string_view what) {
    return InputError(fmt::format("The renames '{}' are wrong: {}.", source, what), ExitCode::unreadable);
  };
  const json::value value = parse_json(text, fmt::format("The file of renames '{}'", source));
  if (!value.is_object()) throw fail("they are not an object {\"old name\": \"new name\"}");
  Renames renames;
  std::map<std::string, std::string> old_by_new;
  for (const auto& member : value.get_object()) {
    const std::string before = canonical_name(member.key());
    if (!member.value().is_string()) throw fail(fmt::format("the new name of \"{}\" is no text", before));
    const std::string after = canonical_name(std::string(member.value().get_string()));
    if (before.empty() || after.empty()) throw fail("a name is empty");
    const auto [other, is_new] = old_by_new.emplace(after, before);
    if (!is_new)
      throw fail(fmt::format("\"{}\" and \"{}\" both become \"{}\"", other->second, before, after));
    if (!renames.emplace(before, after).second) throw fail(fmt::format("\"{}\" is renamed twice", before));
  }
  return renames;
}

Renames read_renames(const std::filesystem::path& path) {
  return parse_renames(read_file(path), path.string());
}

std::string name_today(const Renames& renames, const std::string& benchmark) {
  const auto renamed = renames.find(benchmark);
  return renamed == renames.end() ? benchmark : renamed->second;
}

}  // namespace trainbench::report
