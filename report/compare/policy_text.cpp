#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "report/compare/policy.hpp"
#include "src/base/errors.hpp"
#include "src/base/files.hpp"
#include "src/base/json.hpp"
#include "src/base/nearest.hpp"

namespace trainbench::report {
namespace {

constexpr int kFormat = 1;

/// A member of the file, with the words that name it in a sentence: "metrics.step_time_ms.gated".
class Member {
 public:
  Member(const json::value& value, std::string source, std::string path)
      : value_(value), source_(std::move(source)), path_(std::move(path)) {}

  [[noreturn]] void fail(std::string_view what) const {
    throw InputError(fmt::format("The policy '{}' is wrong: {} {}.", source_,
                                 path_.empty() ? "it" : fmt::format("\"{}\"", path_), what),
                     ExitCode::unreadable);
  }

  const json::object& object() const {
    if (!value_.is_object()) fail("is not an object { ... }");
    return value_.get_object();
  }
  const json::array& array() const {
    if (!value_.is_array()) fail("is not a list [ ... ]");
    return value_.get_array();
  }
  double number() const {
    if (!value_.is_number()) fail("is not a number");
    return value_.to_number<double>();
  }
  bool flag() const {
    if (!value_.is_bool()) fail("is neither true nor false");
    return value_.get_bool();
  }
  std::string text() const {
    if (!value_.is_string() || value_.get_string().empty()) fail("is not a text of at least one character");
    return std::string(value_.get_string());
  }

  /// The text, which is one of `words`; its index.
  std::size_t one_of(std::span<const std::string> words) const {
    const std::string word = text();
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i] == word) return i;
    }
    fail(fmt::format("is '{}', which is none of {}", word, quoted_choice(words)));
  }

  Member at(std::string_view key) const {
    return {object().at(key), source_, path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key)};
  }
  Member at(std::size_t index) const {
    return {array()[index], source_, fmt::format("{}[{}]", path_, index)};
  }

  /// Refuses members of the object that are not in `known`.
  void allow_only(std::span<const std::string> known) const {
    for (const auto& member : object()) {
      const std::string key(member.key());
      if (std::find(known.begin(), known.end(), key) != known.end()) continue;
      fail(fmt::format("has an unknown member \"{}\": did you mean {}?", key,
                       quoted_choice(nearest(key, known, 2))));
    }
  }

  /// Calls `take` with the member of the name, where there is one.
  template <typename Take>
  void if_has(std::string_view key, Take take) const {
    if (object().if_contains(key) != nullptr) take(at(key));
  }

 private:
  const json::value& value_;
  std::string source_;
  std::string path_;
};

double zone_from(const Member& member, double below) {
  const double zone = member.number();
  if (zone < 0) member.fail(fmt::format("is {}, and a zone is not negative", zone));
  if (zone >= below) member.fail(fmt::format("is {}, and it is a fraction: 0.03 is 3 %", zone));
  return zone;
}

RuleChange rule_change_from(const Member& member) {
  static const std::array<std::string, 5> kKnown = {"better", "kind", "gated", "relative_zone",
                                                    "absolute_zone"};
  static const std::array<std::string, 3> kBetter = {"lower", "higher", "neither"};
  static const std::array<std::string, 5> kKinds = {"time", "amount", "rate", "exact", "proportion"};
  member.allow_only(kKnown);
  RuleChange change;
  member.if_has("better", [&](const Member& m) { change.better = static_cast<Better>(m.one_of(kBetter)); });
  member.if_has("kind", [&](const Member& m) { change.kind = static_cast<Kind>(m.one_of(kKinds)); });
  member.if_has("gated", [&](const Member& m) { change.gated = m.flag(); });
  member.if_has("relative_zone",
                [&](const Member& m) { change.relative_zone = zone_from(m, kWidestRelativeZone); });
  member.if_has("absolute_zone", [&](const Member& m) { change.absolute_zone = zone_from(m, HUGE_VAL); });
  return change;
}

/// A gate that knows no direction can find nothing.
void require_direction(const Member& member, const MetricRule& rule) {
  if (rule.gated && !is_judged(rule))
    member.fail("is gated, and neither direction is better: say \"better\": \"lower\" or \"higher\"");
}

RuleChanges rule_changes_from(const Member& member) {
  RuleChanges changes;
  for (const auto& one : member.object())
    changes[std::string(one.key())] = rule_change_from(member.at(one.key()));
  return changes;
}

Accepted accepted_from(const Member& member) {
  static const std::array<std::string, 5> kKnown = {"benchmark", "metric", "by_percent", "until", "reason"};
  member.allow_only(kKnown);
  for (const char* key : {"benchmark", "metric", "until", "reason"}) {
    if (member.object().if_contains(key) == nullptr) member.fail(fmt::format("has no \"{}\"", key));
  }
  Accepted accepted{.benchmark = member.at("benchmark").text(),
                    .metric = member.at("metric").text(),
                    .by_percent = std::nullopt,
                    .until = member.at("until").text(),
                    .reason = member.at("reason").text()};
  member.if_has("by_percent", [&](const Member& m) { accepted.by_percent = zone_from(m, HUGE_VAL); });
  if (!is_day(accepted.until))
    member.at("until").fail(fmt::format("is '{}', which is no day as 2027-01-31", accepted.until));
  return accepted;
}

void check_directions(const Member& root, const Policy& policy) {
  for (const auto& [metric, change] : policy.metrics)
    require_direction(root.at("metrics").at(metric), rule_of(policy, "", metric));
  for (const auto& [pattern, changes] : policy.benchmarks) {
    for (const auto& [metric, change] : changes)
      require_direction(root.at("benchmarks").at(pattern).at(metric), rule_of(policy, pattern, metric));
  }
}

std::string quoted(const std::string& text) {
  return to_json_line(json::value(text));
}

std::string rule_change_text(const RuleChange& change) {
  std::string text;
  const auto add = [&](std::string_view key, const std::string& value) {
    text += fmt::format("{}\"{}\": {}", text.empty() ? "" : ", ", key, value);
  };
  if (change.better) add("better", fmt::format("\"{}\"", to_string(*change.better)));
  if (change.kind) add("kind", fmt::format("\"{}\"", to_string(*change.kind)));
  if (change.gated) add("gated", *change.gated ? "true" : "false");
  if (change.relative_zone) add("relative_zone", fmt::format("{}", *change.relative_zone));
  if (change.absolute_zone) add("absolute_zone", fmt::format("{}", *change.absolute_zone));
  return "{" + text + "}";
}

/// The entries, a line each, between brackets that stand at `indent`.
std::string block(char open, char close, const std::vector<std::string>& lines, std::string_view indent) {
  if (lines.empty()) return fmt::format("{}{}", open, close);
  return fmt::format("{}\n{}  {}\n{}{}", open, indent, fmt::join(lines, fmt::format(",\n{}  ", indent)),
                     indent, close);
}

std::string rule_changes_text(const RuleChanges& changes, std::string_view indent) {
  std::vector<std::string> lines;
  for (const auto& [metric, change] : changes)
    lines.push_back(fmt::format("{}: {}", quoted(metric), rule_change_text(change)));
  return block('{', '}', lines, indent);
}

std::string accepted_text(const Accepted& entry) {
  const std::string by = entry.by_percent ? fmt::format("\"by_percent\": {}, ", *entry.by_percent) : "";
  return fmt::format("{{\"benchmark\": {}, \"metric\": {}, {}\"until\": {}, \"reason\": {}}}",
                     quoted(entry.benchmark), quoted(entry.metric), by, quoted(entry.until),
                     quoted(entry.reason));
}

}  // namespace

Policy parse_policy(std::string_view text, std::string_view source) {
  static const std::array<std::string, 5> kKnown = {"policy", "alpha", "metrics", "benchmarks", "accepted"};
  const json::value value = parse_json(text, fmt::format("The policy '{}'", source));
  const Member root(value, std::string(source), "");
  root.allow_only(kKnown);
  if (root.object().if_contains("policy") == nullptr) root.fail("has no \"policy\": 1, the format's number");
  if (root.at("policy").number() != kFormat) root.at("policy").fail("is not 1, the only format there is");
  Policy policy;
  policy.source = source;
  root.if_has("alpha", [&](const Member& member) {
    policy.alpha = member.number();
    if (!(policy.alpha > 0 && policy.alpha < 0.5)) member.fail("does not lie between 0 and 0.5");
  });
  root.if_has("metrics", [&](const Member& member) { policy.metrics = rule_changes_from(member); });
  root.if_has("benchmarks", [&](const Member& member) {
    for (const auto& one : member.object())
      policy.benchmarks.emplace_back(std::string(one.key()), rule_changes_from(member.at(one.key())));
  });
  root.if_has("accepted", [&](const Member& member) {
    for (std::size_t i = 0; i < member.array().size(); ++i)
      policy.accepted.push_back(accepted_from(member.at(i)));
  });
  check_directions(root, policy);
  return policy;
}

Policy read_policy(const std::filesystem::path& path) {
  return parse_policy(read_file(path), path.string());
}

std::string policy_text(const Policy& policy) {
  std::vector<std::string> members = {fmt::format("\"policy\": {}", kFormat)};
  members.push_back(fmt::format("\"alpha\": {}", policy.alpha));
  if (!policy.metrics.empty())
    members.push_back(fmt::format("\"metrics\": {}", rule_changes_text(policy.metrics, "  ")));
  std::vector<std::string> lines;
  for (const auto& [pattern, changes] : policy.benchmarks)
    lines.push_back(fmt::format("{}: {}", quoted(pattern), rule_changes_text(changes, "    ")));
  if (!lines.empty()) members.push_back(fmt::format("\"benchmarks\": {}", block('{', '}', lines, "  ")));
  lines.clear();
  for (const Accepted& entry : policy.accepted) lines.push_back(accepted_text(entry));
  if (!lines.empty()) members.push_back(fmt::format("\"accepted\": {}", block('[', ']', lines, "  ")));
  return block('{', '}', members, "") + "\n";
}

}  // namespace trainbench::report
