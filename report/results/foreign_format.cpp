#include "report/results/foreign_formats.hpp"
#include "report/text/json_scanner.hpp"

namespace trainbench::report {
namespace {

/// The format that a member of the whole file gives away; nothing for one that several have.
std::optional<SourceKind> kind_by_member(std::string_view key) {
  if (key == "\"context\"") return SourceKind::google_benchmark;
  if (key == "\"results\"" || key == "\"primary_metric\"") return SourceKind::hyperfine;
  if (key == "\"machine_info\"" || key == "\"commit_info\"") return SourceKind::pytest_benchmark;
  if (key == "\"devices\"" || key == "\"meta\"") return SourceKind::nvbench;
  return std::nullopt;
}

/// The same for the first element of "benchmarks", whose '[' was taken.
std::optional<SourceKind> kind_by_row(JsonScanner& scanner) {
  if (!scanner.take('{')) return std::nullopt;
  do {
    const std::string_view key = scanner.take_value();
    if (key == "\"states\"") return SourceKind::nvbench;
    if (key == "\"stats\"") return SourceKind::pytest_benchmark;
    if (!scanner.take(':') || scanner.take_value().empty()) return std::nullopt;
  } while (scanner.take(','));
  return std::nullopt;
}

}  // namespace

SourceKind format_of(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // a byte order mark of an editor
  JsonScanner scanner(text);
  if (!scanner.take('{')) return SourceKind::google_benchmark;
  do {
    const std::string_view key = scanner.take_value();
    if (const auto kind = kind_by_member(key)) return *kind;
    if (!scanner.take(':')) break;
    if (key == "\"benchmarks\"" && scanner.take('['))
      return kind_by_row(scanner).value_or(SourceKind::google_benchmark);
    if (scanner.take_value().empty()) break;
  } while (scanner.take(','));
  return SourceKind::google_benchmark;
}

}  // namespace trainbench::report
