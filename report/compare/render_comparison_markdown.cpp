#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "report/compare/comparison_format.hpp"
#include "report/compare/comparison_warnings.hpp"
#include "report/compare/explain.hpp"
#include "report/compare/family_means.hpp"
#include "report/compare/render_comparison.hpp"
#include "report/text/format.hpp"
#include "report/text/markdown.hpp"

namespace trainbench::report {
namespace {

constexpr std::size_t kMostSentences = 20;
constexpr std::size_t kMostAcceptedBytes = std::size_t{20} * 1024;
constexpr std::size_t kMostSentenceBytes = std::size_t{8} * 1024;  // of each list but for what was accepted
constexpr std::size_t kMostFactBytes = std::size_t{12} * 1024;
constexpr std::size_t kLongestSentence = 500;
constexpr std::size_t kLongestName = 200;

using Rows = std::vector<const ComparedRow*>;

std::string shortened(const std::string& text, std::size_t longest = kLongestName) {
  if (text.size() <= longest) return text;
  std::size_t end = longest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;  // no half character
  return text.substr(0, end) + "…";
}

std::string table_of(const Rows& rows, std::size_t count, bool judged) {
  std::vector<Column> columns{{"Verdict", Align::left},
                              {"Benchmark", Align::left},
                              {"Metric", Align::left},
                              {"Baseline"},
                              {"Contender"},
                              {"Change"},
                              {"95 % interval"}};
  if (judged) {
    columns.insert(columns.end(),
                   {{"p"}, {"n"}, {"Could see"}, {"Values", Align::left}, {"Why", Align::left}});
  }
  MarkdownTable table(columns);
  for (std::size_t i = 0; i < count; ++i) {
    const ComparedRow& row = *rows[i];
    std::vector<std::string> cells{verdict_text(row),
                                   shortened(row.benchmark),
                                   shortened(metric_title(row)),
                                   value_text(row, row.samples.baseline),
                                   value_text(row, row.samples.contender),
                                   change_text(row),
                                   interval_text(row)};
    if (judged) {
      const std::string why = row.reason.empty() && row.let_pass
                                  ? fmt::format("until {}: {}", row.accepted->until, row.accepted->reason)
                                  : row.reason;
      cells.insert(cells.end(), {p_text(row), sizes_text(row), detectable_text(row), sparkline(row.samples),
                                 shortened(why)});
    }
    table.add_row(cells);
  }
  return table.str();
}

struct Group {
  std::string title;
  bool folded = false;
  bool judged = true;
  Rows rows;
};

std::string render_group(const Group& group, std::size_t count) {
  std::string body = table_of(group.rows, count, group.judged);
  if (count < group.rows.size()) {
    body += fmt::format("\n{} of {} rows left out for want of room.\n", group.rows.size() - count,
                        group.rows.size());
  }
  if (!group.folded) return fmt::format("\n## {}\n\n{}", group.title, body);
  return fmt::format("\n<details><summary>{} ({})</summary>\n\n{}\n</details>\n", group.title,
                     group.rows.size(), body);
}

struct Fitted {
  std::string text;
  bool whole = true;
};

/// With as many rows as fit, or, where not even its heading does, nothing.
Fitted fitted(const Group& group, std::size_t room) {
  if (group.rows.empty()) return {};
  if (std::string all = render_group(group, group.rows.size()); all.size() <= room)
    return {.text = std::move(all)};
  std::size_t fits = 0;
  std::size_t too_many = group.rows.size();
  while (too_many - fits > 1) {
    const std::size_t middle = (fits + too_many) / 2;
    (render_group(group, middle).size() <= room ? fits : too_many) = middle;
  }
  std::string text = render_group(group, fits);
  return {.text = text.size() <= room ? text : "", .whole = false};
}

std::vector<Group> groups_of(const Comparison& comparison) {
  std::vector<Group> groups = {{.title = "Findings"},
                               {.title = "Not decided"},
                               {.title = "No change", .folded = true},
                               {.title = "Not gated", .folded = true},
                               {.title = "Shown, not judged", .folded = true, .judged = false}};
  for (const Verdict verdict :
       {Verdict::invalid, Verdict::missing, Verdict::regressed, Verdict::improved, Verdict::inconclusive,
        Verdict::underpowered, Verdict::equivalent, Verdict::added}) {
    for (const ComparedRow& row : comparison.rows) {
      if (row.verdict != verdict) continue;
      std::size_t group = 3;
      if (row.gated || row.let_pass) {
        group = verdict == Verdict::equivalent ? 2 : verdict <= Verdict::improved ? 0 : 1;
      }
      groups[group].rows.push_back(&row);
    }
  }
  for (const ComparedRow& row : comparison.rows) {
    if (!row.verdict) groups[4].rows.push_back(&row);
  }
  return groups;
}

std::string sentences(std::string_view label, const std::vector<std::string>& all) {
  std::string text;
  std::size_t shown = 0;
  std::size_t left_out = 0;
  for (const std::string& sentence : all) {
    const bool always = sentence.starts_with(kAcceptedNote) && text.size() < kMostAcceptedBytes;
    if (!always && (++shown > kMostSentences || text.size() > kMostSentenceBytes)) {
      ++left_out;
      continue;
    }
    text += fmt::format("- {}{}\n", label, escape_markdown(shortened(sentence, kLongestSentence)));
  }
  if (left_out > 0) text += fmt::format("- {}and {} more.\n", label, left_out);
  return text;
}

std::string cell_of(const std::string& value) {
  return value.empty() ? "unknown" : shortened(value);
}

std::string fingerprint_of(const Facts& facts) {
  return facts.empty() ? "unknown" : fingerprint(facts);
}

using FactValues = std::map<std::string, std::pair<std::set<std::string>, std::set<std::string>>>;

/// The values that each fact has on both sides; `last` is a row that is always there.
std::string fact_table(const std::string& title, const FactValues& facts, const std::string& last,
                       std::size_t most) {
  MarkdownTable table({{title, Align::left}, {"Baseline", Align::left}, {"Contender", Align::left}});
  std::size_t left_out = 0;
  const auto add = [&](const std::string& name, const FactValues::mapped_type& values) {
    table.add_row({shortened(name), cell_of(fmt::format("{}", fmt::join(values.first, ", "))),
                   cell_of(fmt::format("{}", fmt::join(values.second, ", ")))});
  };
  for (const auto& [name, values] : facts) {
    if (name == last) continue;
    if (most > 0) {
      --most;
      add(name, values);
    } else {
      ++left_out;
    }
  }
  add(last, facts.at(last));
  return table.str() + (left_out == 0 ? "" : fmt::format("\n{} further facts left out.\n", left_out));
}

std::string machine_table(const Comparison& comparison, std::size_t most) {
  FactValues facts;
  for (const auto& [name, value] : comparison.baseline_machine) facts[name].first.insert(value);
  for (const auto& [name, value] : comparison.contender_machine) facts[name].second.insert(value);
  facts["Fingerprint"] = {{fingerprint_of(comparison.baseline_machine)},
                          {fingerprint_of(comparison.contender_machine)}};
  return fact_table("Machine", facts, "Fingerprint", most);
}

/// What was measured: each fact with the values that it has in any benchmark of a side.
std::string measurement_table(const Comparison& comparison, std::size_t most) {
  FactValues facts;
  for (const auto& [benchmark, sides] : comparison.measurements) {
    if (sides.baseline.empty() && sides.contender.empty()) continue;
    for (const auto& [name, value] : sides.baseline) facts[name].first.insert(value);
    for (const auto& [name, value] : sides.contender) facts[name].second.insert(value);
    facts["Fingerprints"].first.insert(fingerprint_of(sides.baseline));
    facts["Fingerprints"].second.insert(fingerprint_of(sides.contender));
  }
  if (facts.empty()) return "";
  return "\n" + fact_table("Measurement", facts, "Fingerprints", most);
}

/// With as many facts as its share of the budget has room for.
std::string circumstances_of(const Comparison& comparison) {
  std::string text;
  for (std::size_t most = 64; text.empty() || (text.size() > kMostFactBytes && most > 0); most /= 2) {
    text = fmt::format("\n<details><summary>Machine and measurement</summary>\n\n{}{}\n</details>\n",
                       machine_table(comparison, most), measurement_table(comparison, most));
  }
  return text;
}

std::vector<std::string> sections_behind_findings(const Comparison& comparison) {
  std::vector<std::string> all;
  for (const Explanation& explanation : comparison.explanations)
    all.push_back(explanation_markdown(explanation));
  all.push_back(family_means_markdown(comparison));
  return all;
}

}  // namespace

std::string comparison_markdown(const Comparison& comparison, std::size_t budget) {
  std::string text =
      fmt::format("# Benchmark comparison\n\n**{}**\n\n", escape_markdown(headline(comparison)));
  if (!comparison.settled.empty()) return text;
  text += sentences("Could not be read: ", comparison.problems);
  text += sentences("Warning: ", comparison.warnings);
  text += sentences("", comparison.notes);
  text += fmt::format(
      "- Policy: {}. Significant at {:.3g} over a family of {} gated {}, adjusted (Benjamini-Hochberg).\n",
      comparison.policy_source.empty() ? "the defaults"
                                       : escape_markdown(shortened(comparison.policy_source)),
      comparison.alpha, comparison.family, comparison.family == 1 ? "test" : "tests");
  const std::string circumstances = circumstances_of(comparison);
  const std::string cut = "\nRows were left out for want of room: '--format=json' has them all.\n";
  const auto room = [&] {
    const std::size_t used = text.size() + circumstances.size() + cut.size();
    return budget > used ? budget - used : 0;
  };
  bool all_shown = true;
  bool explained = false;
  for (const Group& group : groups_of(comparison)) {
    const Fitted part = fitted(group, room());
    all_shown = all_shown && part.whole;
    text += part.text;
    if (explained) continue;
    explained = true;  // behind the findings, which stand first
    for (const std::string& section : sections_behind_findings(comparison)) {
      all_shown = all_shown && section.size() <= room();
      if (section.size() <= room()) text += section;
    }
  }
  return text + (all_shown ? "" : cut) + circumstances;
}

}  // namespace trainbench::report
