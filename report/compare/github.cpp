#include "report/compare/github.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

#include "report/compare/comparison_format.hpp"
#include "report/compare/render_comparison.hpp"
#include "report/text/format.hpp"
#include "src/base/files.hpp"

namespace trainbench::report {
namespace {

constexpr std::size_t kMostAnnotations = 10;

/// As Actions wants data, and with `property`, what stands before the second "::".
std::string escaped(std::string_view text, bool property) {
  std::string result;
  for (const char c : on_one_line(text)) {
    if (c == '%') {
      result += "%25";
    } else if (property && c == ':') {
      result += "%3A";
    } else if (property && c == ',') {
      result += "%2C";
    } else {
      result += c;
    }
  }
  return result;
}

std::string annotations_of(const Comparison& comparison, std::string_view level,
                           std::initializer_list<Verdict> verdicts) {
  std::string text;
  std::size_t count = 0;
  for (const Verdict verdict : verdicts) {
    for (const ComparedRow& row : comparison.rows) {
      if (!row.gated || row.verdict != verdict || ++count > kMostAnnotations) continue;
      const std::string title = fmt::format("{} {}", to_string(verdict), metric_title(row));
      const std::string message =
          fmt::format("{} {} {} {}", row.benchmark, change_text(row), interval_text(row), row.reason);
      text += fmt::format("::{} title={}::{}\n", level, escaped(title, true), escaped(message, false));
    }
  }
  return text;
}

}  // namespace

std::string github_annotations(const Comparison& comparison) {
  return annotations_of(comparison, "error", {Verdict::invalid, Verdict::missing, Verdict::regressed}) +
         annotations_of(comparison, "warning", {Verdict::inconclusive, Verdict::underpowered});
}

void tell_github(const Comparison& comparison) {
  const char* actions = std::getenv("GITHUB_ACTIONS");
  if (actions != nullptr && std::string_view(actions) == "true")
    std::fputs(github_annotations(comparison).c_str(), stderr);
  const char* summary = std::getenv("GITHUB_STEP_SUMMARY");
  if (summary != nullptr && *summary != '\0') LineFile(summary).append(comparison_markdown(comparison));
}

}  // namespace trainbench::report
