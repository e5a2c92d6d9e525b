#include <fmt/format.h>

#include <algorithm>

#include "report/compare/explain.hpp"
#include "report/text/format.hpp"
#include "report/text/markdown.hpp"

namespace trainbench::report {
namespace {

constexpr std::size_t kMostInALine = 3;

std::string ms_text(double ms) {
  return fmt::format("{:+.4g} ms", ms);
}

std::string share_text(const Explanation& explanation, double ms) {
  return explanation.change_ms == 0 ? std::string(kNoValue)
                                    : fmt::format("{:.0f} %", 100 * ms / explanation.change_ms);
}

std::string name_of(const Contribution& part) {
  std::string name = part.operator_name.empty() ? "(no operator)" : part.operator_name;
  if (!part.phase.empty()) name += fmt::format(" ({})", part.phase);
  return name;
}

std::string processes_text(const Explanation& explanation) {
  return fmt::format("{} and {} profiled {}", explanation.baseline_processes, explanation.contender_processes,
                     explanation.contender_processes == 1 ? "process" : "processes");
}

}  // namespace

std::string explanation_markdown(const Explanation& explanation) {
  MarkdownTable table({{"Operator", Align::left},
                       {"Kernel or implementation", Align::left},
                       {"Change"},
                       {"Share of the change"}});
  const std::string none(kNoValue);
  const auto add = [&](const std::string& name, const std::string& kernel, double ms) {
    table.add_row({name, kernel, ms_text(ms), share_text(explanation, ms)});
  };
  for (const Contribution& part : explanation.parts)
    add(name_of(part), part.kernel.empty() ? none : part.kernel, part.change_ms);
  if (explanation.num_smaller > 0)
    add(fmt::format("({} smaller ones)", explanation.num_smaller), none, explanation.smaller_ms);
  add("(unexplained)", none, explanation.rest_ms);
  return fmt::format(
      "\n## What changed in {}\n\nThe time per step changed by {}, that of the profiled steps by {} "
      "({}).\n\n{}",
      escape_markdown(explanation.benchmark), ms_text(explanation.change_ms),
      ms_text(explanation.profiled_change_ms), processes_text(explanation), table.str());
}

std::string explanation_text(const Explanation& explanation) {
  std::string text =
      fmt::format("What changed in {} ({}): ", explanation.benchmark, ms_text(explanation.change_ms));
  for (std::size_t i = 0; i < std::min(explanation.parts.size(), kMostInALine); ++i) {
    const Contribution& part = explanation.parts[i];
    text += fmt::format("{} {} {}, ", share_text(explanation, part.change_ms), name_of(part), part.kernel);
  }
  return text + fmt::format("{} unexplained", share_text(explanation, explanation.rest_ms));
}

json::object explanation_json(const Explanation& explanation) {
  json::array parts;
  for (const Contribution& part : explanation.parts) {
    json::object object{{"operator", part.operator_name}, {"change_ms", part.change_ms}};
    if (!part.phase.empty()) object["phase"] = part.phase;
    if (!part.kernel.empty()) object["kernel"] = part.kernel;
    parts.push_back(std::move(object));
  }
  return {{"benchmark", explanation.benchmark},
          {"change_ms", explanation.change_ms},
          {"profiled_change_ms", explanation.profiled_change_ms},
          {"parts", std::move(parts)},
          {"num_smaller", explanation.num_smaller},
          {"smaller_ms", explanation.smaller_ms},
          {"unexplained_ms", explanation.rest_ms},
          {"baseline_processes", explanation.baseline_processes},
          {"contender_processes", explanation.contender_processes}};
}

}  // namespace trainbench::report
