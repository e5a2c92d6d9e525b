#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "report/history/series/history_changes.hpp"
#include "report/history/series/history_json.hpp"
#include "report/history/series/history_text.hpp"
#include "report/text/format.hpp"
#include "report/text/markdown.hpp"

namespace trainbench::report::history {
namespace {

constexpr std::size_t kLongestSubject = 72;
constexpr std::size_t kLongestNameShown = 200;
constexpr std::size_t kFingerprintShown = 8;

/// Columns that say something only where their values differ.
struct Differing {
  bool branches = false;
  bool machines = false;
};

Differing differing_in(const ChangeList& list) {
  std::set<std::string> branches;
  std::set<std::string> machines;
  for (const ListedChange& one : list.changes) {
    branches.insert(one.key.branch);
    machines.insert(one.key.machine_fingerprint);
  }
  return {.branches = branches.size() > 1, .machines = machines.size() > 1};
}

std::vector<Column> columns_of_changes(const Differing& differing) {
  std::vector<Column> columns{{"Change", Align::left},
                              {"Since", Align::left},
                              {"Commit", Align::left},
                              {"Benchmark", Align::left},
                              {"Metric", Align::left},
                              {"Before"},
                              {"After"},
                              {"By"},
                              {"p"},
                              {"State", Align::left},
                              {"Subject", Align::left},
                              {"Lies", Align::left}};
  if (differing.branches) columns.push_back({"Branch", Align::left});
  if (differing.machines) columns.push_back({"Machine", Align::left});
  return columns;
}

std::vector<std::string> cells_of(const ListedChange& one, const Differing& differing) {
  std::vector<std::string> cells{
      text_of_direction(one.change.direction),
      day_of(one.first_after.started),
      name_of_commit(one.first_after),
      shortened(one.key.benchmark, kLongestNameShown),
      shortened(title_of_metric(one.key.metric), kLongestNameShown),
      text_of_value(one.key.metric, one.change.before),
      text_of_value(one.key.metric, one.change.after),
      text_of_difference(one.key.metric, one.rule, one.change.before, one.change.after),
      text_of_p(one.change),
      shortened(state_of(one.change), kLongestNameShown),
      shortened(one.first_after.commit.subject, kLongestSubject),
      text_of_origin(one.last_before, one.first_after)};
  if (differing.branches) cells.push_back(shortened(one.key.branch, kLongestSubject));
  if (differing.machines) cells.push_back(one.key.machine_fingerprint.substr(0, kFingerprintShown));
  return cells;
}

std::string worsening_table(const ChangeList& list, std::size_t count) {
  MarkdownTable table({{"Benchmark", Align::left},
                       {"Metric", Align::left},
                       {"Newest"},
                       {"Stable"},
                       {"95 % of runs lie in"},
                       {"Commit", Align::left},
                       {"Subject", Align::left}});
  for (std::size_t i = 0; i < count; ++i) {
    const WorseningSeries& one = list.worsening[i];
    const std::string& metric = one.key.metric;
    table.add_row({shortened(one.key.benchmark, kLongestNameShown),
                   shortened(title_of_metric(metric), kLongestNameShown),
                   text_of_value(metric, one.newest.value), text_of_value(metric, one.stable.median),
                   fmt::format("[{}, {}]", text_of_value(metric, one.stable.low),
                               text_of_value(metric, one.stable.high)),
                   name_of_commit(one.newest), shortened(one.newest.commit.subject, kLongestSubject)});
  }
  return table.str();
}

std::string left_out(std::size_t shown, std::size_t all) {
  if (shown == all) return "";
  return fmt::format("\n{} of {} rows left out for want of room: '--format=json' has them all.\n",
                     all - shown, all);
}

json::object with_key(const ListedChange& one) {
  json::object object = key_json(one.key, one.rule);
  for (auto& member : change_json(one)) object[member.key()] = member.value();
  return object;
}

}  // namespace

std::string line_of_change(const ListedChange& one) {
  std::string line =
      fmt::format("{} {} {} {} {}: {} -> {} by {}, p {}, {}", text_of_direction(one.change.direction),
                  day_of(one.first_after.started), name_of_commit(one.first_after), one.key.benchmark,
                  title_of_metric(one.key.metric), text_of_value(one.key.metric, one.change.before),
                  text_of_value(one.key.metric, one.change.after),
                  text_of_difference(one.key.metric, one.rule, one.change.before, one.change.after),
                  text_of_p(one.change), text_of_origin(one.last_before, one.first_after));
  if (const std::string state = state_of(one.change); !state.empty()) line += "; " + state;
  if (!one.first_after.commit.subject.empty()) line += "; " + one.first_after.commit.subject;
  return line;
}

std::string changes_table(const ChangeList& list, std::size_t count) {
  const Differing differing = differing_in(list);
  MarkdownTable table(columns_of_changes(differing));
  for (std::size_t i = 0; i < count; ++i) table.add_row(cells_of(list.changes[i], differing));
  return table.str();
}

std::string changes_markdown(const ChangeList& list, const ChangeTexts& texts, std::size_t budget) {
  std::string text = fmt::format("# {}\n\n**{}**\n", escape_markdown(texts.title),
                                 escape_markdown(headline(list, texts.gated_only)));
  std::string problems = problems_markdown(list.problems);
  if (!problems.empty()) problems = "\n" + problems;
  const auto room = [&] {
    const std::size_t used = text.size() + problems.size();
    return budget > used ? budget - used : 0;
  };
  if (!list.worsening.empty()) {
    text += with_rows_that_fit(list.worsening.size(), room(), [&](std::size_t count) {
      return fmt::format("\n## Worse now than the stable level\n\n{}{}", worsening_table(list, count),
                         left_out(count, list.worsening.size()));
    });
  }
  if (!list.changes.empty()) {
    text += with_rows_that_fit(list.changes.size(), room(), [&](std::size_t count) {
      return fmt::format("\n## Changes\n\n{}{}", changes_table(list, count),
                         left_out(count, list.changes.size()));
    });
  }
  return text + problems;
}

std::string changes_text(const ChangeList& list, bool gated_only) {
  std::string text = headline(list, gated_only) + "\n";
  for (const WorseningSeries& one : list.worsening) {
    text += on_one_line(
                fmt::format("✗ worse than stable {} {}: {}, stable {}, {}", one.key.benchmark,
                            title_of_metric(one.key.metric), text_of_value(one.key.metric, one.newest.value),
                            text_of_value(one.key.metric, one.stable.median), name_of_commit(one.newest))) +
            "\n";
  }
  for (const ListedChange& one : list.changes) text += on_one_line(line_of_change(one)) + "\n";
  return text + problems_text(list.problems);
}

std::string changes_json(const ChangeList& list) {
  json::array changes;
  for (const ListedChange& one : list.changes) changes.push_back(with_key(one));
  json::array worsening;
  for (const WorseningSeries& one : list.worsening) {
    json::object object = key_json(one.key, one.rule);
    object["newest"] = point_json(one.newest);
    object["value"] = one.newest.value;
    object["stable"] = segment_json(one.stable);
    worsening.push_back(std::move(object));
  }
  const json::object object{{"history_changes", 1},
                            {"regressed", list.regressed},
                            {"num_series", list.num_series},
                            {"num_runs", list.num_runs},
                            {"changes", std::move(changes)},
                            {"worsening", std::move(worsening)},
                            {"problems", json::array(list.problems.begin(), list.problems.end())}};
  return to_json_line(object) + "\n";
}

}  // namespace trainbench::report::history
