#include "src/profile/convolution_work.hpp"

#include <charconv>
#include <set>
#include <unordered_map>
#include <utility>

#include "src/profile/intervals.hpp"

namespace trainbench::profile {
namespace {

constexpr std::string_view kBackwardOperator = "aten::convolution_backward";

std::vector<std::int64_t> numbers_in(std::string_view list) {
  std::vector<std::int64_t> numbers;
  const char* at = list.data();
  const char* const end = list.data() + list.size();
  while (at != end) {
    std::int64_t number = 0;
    const auto [behind, error] = std::from_chars(at, end, number);
    if (error != std::errc()) return {};
    numbers.push_back(number);
    at = behind == end ? end : behind + 1;
  }
  return numbers;
}

/// How many of the gradients of input and weight were asked for.
int gradients_asked_for(std::string_view inputs) {
  constexpr std::string_view kOutputs = "outputs(";
  const std::size_t at = inputs.find(kOutputs);
  if (at == std::string_view::npos) return 2;
  const std::vector<std::int64_t> asked =
      numbers_in(inputs.substr(at + kOutputs.size(), inputs.find(')', at) - at - kOutputs.size()));
  int count = 0;
  for (std::size_t i = 0; i < asked.size() && i < 2; ++i) count += asked[i] != 0 ? 1 : 0;
  return count;
}

std::string text_of(const TensorText& tensor) {
  std::string text = tensor.dtype + "[";
  for (std::size_t i = 0; i < tensor.sizes.size(); ++i)
    text += (i == 0 ? "" : ",") + std::to_string(tensor.sizes[i]);
  return text + "]";
}

/// What one operator and those that it called had the GPU do in the window.
struct DeviceShare {
  std::int64_t ns = 0;
  std::set<Index> replays;  // launches of graphs that hold it
};

/// By operator, of all that are above a GPU record.
std::unordered_map<Index, DeviceShare> device_shares(const Profile& profile) {
  const Span window = window_of(profile);
  std::unordered_map<Index, DeviceShare> shares;
  for (const GpuRecord& record : profile.gpu) {
    const std::int64_t length = clipped(record.time, window).length();
    if (length == 0) continue;
    for (Index up = record.caller; up != kNone; up = profile.operators[at(up)].parent) {
      DeviceShare& share = shares[up];
      share.ns += length;
      if (record.graph_node != 0) share.replays.insert(record.launch);
    }
  }
  return shares;
}

/// How often a convolution ran in the window, and for how long.
class ConvolutionCalls {
 public:
  ConvolutionCalls(const Profile& profile, const std::vector<OperatorPlace>& places)
      : profile_(profile),
        places_(places),
        shares_(device_shares(profile)),
        waits_(fact_or_unknown(profile.measurement, "device") != "cuda") {}

  std::int64_t count(std::size_t index) const {
    const auto found = shares_.find(static_cast<Index>(index));
    if (found != shares_.end() && !found->second.replays.empty()) return std::ssize(found->second.replays);
    return places_[index].in_window ? 1 : 0;
  }

  std::int64_t ns(Index index) const {
    if (profile_.gpu.empty()) return waits_ ? places_[at(index)].total_ns : 0;
    const auto found = shares_.find(index);
    return found == shares_.end() ? 0 : found->second.ns;
  }

 private:
  const Profile& profile_;
  const std::vector<OperatorPlace>& places_;
  std::unordered_map<Index, DeviceShare> shares_;
  bool waits_;  // the host for what the step computes
};

ConvolutionWork& row_of(std::vector<ConvolutionWork>& rows, const std::string& layer,
                        const std::string& weight) {
  for (ConvolutionWork& row : rows) {
    if (row.layer == layer && row.weight == weight) return row;
  }
  return rows.emplace_back(ConvolutionWork{.layer = layer, .weight = weight});
}

}  // namespace

std::vector<TensorText> tensors_of(std::string_view inputs) {
  std::vector<TensorText> tensors;
  while (!inputs.empty()) {
    const std::string_view word = inputs.substr(0, inputs.find(' '));
    inputs.remove_prefix(std::min(inputs.size(), word.size() + 1));
    const std::size_t open = word.find('[');
    if (open == std::string_view::npos || !word.ends_with(']')) continue;
    tensors.push_back({.dtype = std::string(word.substr(0, open)),
                       .sizes = numbers_in(word.substr(open + 1, word.size() - open - 2))});
  }
  return tensors;
}

std::optional<double> convolution_macs(const std::vector<std::int64_t>& output,
                                       const std::vector<std::int64_t>& weight) {
  if (output.size() < 3 || output.size() != weight.size() || output[1] != weight[0]) return std::nullopt;
  double macs = 1;
  for (const std::int64_t size : output) macs *= static_cast<double>(size);
  for (std::size_t i = 1; i < weight.size(); ++i) macs *= static_cast<double>(weight[i]);
  return macs;
}

std::vector<ConvolutionWork> convolution_work(const Profile& profile,
                                              const std::vector<OperatorPlace>& places) {
  std::vector<ConvolutionWork> rows;
  const auto backward = profile.names.find(kBackwardOperator);
  if (!backward) return rows;
  const ConvolutionCalls convolutions(profile, places);
  constexpr std::size_t kWeight = 2;  // behind the gradient and the input
  for (std::size_t i = 0; i < profile.operators.size(); ++i) {
    const OperatorPlace& place = places[i];
    if (profile.operators[i].name != *backward || place.forward == kNone) continue;
    const std::int64_t calls = convolutions.count(i);
    if (calls == 0) continue;
    const std::string& inputs = profile.names.text(profile.operators[i].inputs);
    const std::vector<TensorText> tensors = tensors_of(inputs);
    if (tensors.size() <= kWeight) continue;
    const auto macs = convolution_macs(tensors[0].sizes, tensors[kWeight].sizes);
    if (!macs) continue;
    ConvolutionWork& row = row_of(rows, place.layer, text_of(tensors[kWeight]));
    const double flops = 2 * *macs * static_cast<double>(calls);
    row.forward_flops += flops;
    row.backward_flops += flops * gradients_asked_for(inputs);
    row.forward_ns += convolutions.ns(place.forward);
    row.backward_ns += convolutions.ns(place.backward_node);
    row.calls += calls;
  }
  return rows;
}

}  // namespace trainbench::profile
