#include "src/profile/onednn_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace trainbench::profile {
namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// The operators that do a convolution's work themselves where oneDNN does not.
bool is_convolution(std::string_view name) {
  constexpr std::array<std::string_view, 6> kNames = {
      "aten::convolution_backward", "aten::_slow_conv2d_forward",        "aten::slow_conv_dilated2d",
      "aten::mkldnn_convolution",   "aten::_nnpack_spatial_convolution", "aten::_slow_conv2d_backward"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

}  // namespace

std::vector<PrimitiveRun> runs_in(std::string_view log) {
  constexpr std::string_view kPrefix = "onednn_verbose,";
  std::vector<PrimitiveRun> runs;
  for (const std::string_view line : split(log, '\n')) {
    if (!line.starts_with(kPrefix)) continue;
    const std::vector<std::string_view> fields = split(line, ',');
    const auto primitive = std::find(fields.begin(), fields.end(), "primitive");
    // primitive,exec,<engine>,<kind>,<implementation>,<propagation>
    if (fields.end() - primitive < 6 || !primitive[1].starts_with("exec")) continue;
    runs.push_back({.kind = std::string(primitive[3]),
                    .implementation = std::string(primitive[4]),
                    .propagation = std::string(primitive[5])});
  }
  return runs;
}

std::string implementation_text(std::string_view operator_name, const std::vector<PrimitiveRun>& runs) {
  constexpr std::string_view kBackward = "backward_";
  std::vector<std::string> texts;
  for (const PrimitiveRun& run : runs) {
    if (run.kind == "reorder") continue;
    std::string text = run.implementation;
    if (run.propagation.starts_with(kBackward))
      text = fmt::format("{} {}", run.propagation.substr(kBackward.size()), text);
    if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
  }
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : ", ") + text;
  return joined.empty() && is_convolution(operator_name) ? "native" : joined;
}

void copy_descriptions(const Profile& step, Profile& profile) {
  std::map<std::string, std::vector<const OperatorRecord*>> found;
  for (const OperatorRecord& record : step.operators) {
    if (record.thread == step.main_thread) found[step.names.text(record.name)].push_back(&record);
  }
  std::size_t current = 0;
  std::map<NameId, std::size_t> calls;
  for (OperatorRecord& record : profile.operators) {
    while (current < profile.steps.size() && record.time.begin_ns >= profile.steps[current].end_ns) {
      ++current;
      calls.clear();
    }
    if (record.thread != profile.main_thread || current == profile.steps.size() ||
        record.time.begin_ns < profile.steps[current].begin_ns)
      continue;
    const auto place = found.find(profile.names.text(record.name));
    const std::size_t call = calls[record.name]++;
    if (place == found.end() || call >= place->second.size()) continue;
    const OperatorRecord& described = *place->second[call];
    record.implementation = profile.names.id(step.names.text(described.implementation));
    if (record.layer == kNoName) record.layer = profile.names.id(step.names.text(described.layer));
    if (record.inputs == kNoName) record.inputs = profile.names.id(step.names.text(described.inputs));
  }
}

}  // namespace trainbench::profile
