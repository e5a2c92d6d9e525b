#include "src/profile/trace.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <set>

#include "src/base/json.hpp"
#include "src/profile/attribution.hpp"
#include "src/profile/convolution_work.hpp"

namespace trainbench::profile {
namespace {

constexpr int kHostProcess = 1;
// Beyond every thread's own number, so that a device is never taken for the host.
constexpr int kFirstDeviceProcess = 1000000;
constexpr std::int64_t kLanesOfAStream = 1000;
// Of the host's process, whose threads have positive numbers.
constexpr std::int64_t kOverheadLane = -1000;
constexpr std::int64_t kWaitLane = -2000;

struct Lane {
  std::int64_t process = kHostProcess;
  std::int64_t thread = 0;
  bool operator<(const Lane& other) const {
    return std::pair(process, thread) < std::pair(other.process, other.thread);
  }
};

struct Slice {
  std::string category;
  std::string name;
  Span time;
  std::string arguments;  // of JSON, without braces
};

std::string quoted(std::string_view text) {
  return to_json_line(json::string(mended_utf8(text)));
}

/// Where a record's slice stands: its lane, and its place among the slices there.
struct Slot {
  Lane lane;
  std::size_t slice = 0;
};

class TraceWriter {
 public:
  TraceWriter(const Profile& profile, const TraceOptions& options)
      : profile_(profile), places_(attribute(profile)), window_(window_of(profile)) {
    if (profile.steps.size() > options.most_steps && options.most_steps > 0)
      window_.end_ns = profile.steps[options.most_steps - 1].end_ns;
  }

  std::string run() {
    out_ = fmt::format(
        "{{\"schemaVersion\":1,\"displayTimeUnit\":\"ns\",\"baseTimeNanoseconds\":{},\"trainbench\":{},"
        "\"deviceProperties\":[],\"traceEvents\":[\n",
        window_.begin_ns, quoted(profile_.benchmark));
    add_annotations();
    add_operators();
    add_launches();
    add_gpu();
    add_beside(profile_.overheads, kOverheadLane, "overhead");
    add_beside(profile_.syncs, kWaitLane, "cuda_sync");
    for (auto& [lane, slices] : slices_) write_lane(lane, slices);
    write_forward_arrows();
    write_launch_arrows();
    write_memory();
    out_ += "\n]}\n";
    return std::move(out_);
  }

 private:
  bool shown(const Span& time) const {
    return time.begin_ns >= window_.begin_ns && time.end_ns <= window_.end_ns;
  }
  std::string micros(std::int64_t ns) const {
    const std::int64_t positive = std::max<std::int64_t>(ns, 0);
    return fmt::format("{}.{:03}", positive / 1000, positive % 1000);
  }
  std::string at(std::int64_t time_ns) const { return micros(time_ns - window_.begin_ns); }

  void event(const std::string& text) {
    if (!first_) out_ += ",\n";
    first_ = false;
    out_ += text;
  }

  void put(std::map<std::size_t, Slot>& slots, std::size_t record, const Lane& lane, Slice slice) {
    std::vector<Slice>& slices = slices_[lane];
    slots[record] = {lane, slices.size()};
    slices.push_back(std::move(slice));
  }

  /// Where the slice came to be drawn.
  Lane drawn(const Slot& slot) const {
    return {slot.lane.process, slot.lane.thread + numbers_.at(slot.lane)[slot.slice]};
  }

  Lane host_lane(Index thread) const {
    const auto index = static_cast<std::size_t>(thread);
    return {kHostProcess, index < profile_.threads.size() ? profile_.threads[index].system_id : thread};
  }

  void add_annotations() {
    std::vector<Slice>& lane = slices_[host_lane(profile_.main_thread)];
    for (std::size_t i = 0; i < profile_.steps.size(); ++i) {
      if (shown(profile_.steps[i]))
        lane.push_back({"user_annotation", fmt::format("ProfilerStep#{}", i), profile_.steps[i], ""});
    }
    for (const PhaseRecord& record : profile_.phases) {
      if (shown(record.time))
        lane.push_back({"user_annotation", std::string(to_string(record.phase)), record.time, ""});
    }
  }

  std::string operator_arguments(std::size_t i) const {
    const OperatorRecord& record = profile_.operators[i];
    std::string text = fmt::format("\"External id\":{}", i + 1);
    if (record.sequence >= 0) text += fmt::format(",\"Sequence number\":{}", record.sequence);
    if (record.kind == OperatorKind::backward && record.forward_thread != kNone)
      text += fmt::format(",\"Fwd thread id\":{}", record.forward_thread + 1);
    if (record.inputs != kNoName) {
      std::string sizes;
      std::string types;
      for (const TensorText& tensor : tensors_of(profile_.names.text(record.inputs))) {
        sizes += fmt::format("{}[{}]", sizes.empty() ? "" : ",", fmt::join(tensor.sizes, ","));
        types += fmt::format("{}{}", types.empty() ? "" : ",", quoted(tensor.dtype));
      }
      text += fmt::format(",\"Input Dims\":[{}],\"Input type\":[{}]", sizes, types);
    }
    if (record.implementation != kNoName)
      text += ",\"Implementation\":" + quoted(profile_.names.text(record.implementation));
    if (!places_[i].layer.empty()) text += ",\"Layer\":" + quoted(places_[i].layer);
    return text;
  }

  void add_operators() {
    for (std::size_t i = 0; i < profile_.operators.size(); ++i) {
      const OperatorRecord& record = profile_.operators[i];
      if (!shown(record.time)) continue;
      const char* category = record.kind == OperatorKind::scope ? "user_annotation" : "cpu_op";
      put(operators_, i, host_lane(record.thread),
          {category, profile_.names.text(record.name), record.time, operator_arguments(i)});
    }
  }

  void add_launches() {
    for (std::size_t i = 0; i < profile_.launches.size(); ++i) {
      const LaunchRecord& record = profile_.launches[i];
      if (!shown(record.time)) continue;
      const std::string& api = profile_.names.text(record.api);
      const char* category = api.starts_with("cuda") ? "cuda_runtime" : "cuda_driver";
      put(launches_, i, host_lane(record.thread),
          {category, api, record.time,
           fmt::format("\"correlation\":{}{}", record.correlation, caller_argument(record.caller))});
    }
  }

  /// What an operator is called by is its number, of one whose slice is not drawn its name: a graph's kernels
  /// belong to operators of its capture.
  std::string caller_argument(Index caller) const {
    if (caller == kNone) return "";
    const OperatorRecord& record = profile_.operators[static_cast<std::size_t>(caller)];
    if (shown(record.time)) return fmt::format(",\"External id\":{}", caller + 1);
    return ",\"Operator\":" + quoted(profile_.names.text(record.name));
  }

  /// "grid 16x1x1 block 256x1x1" in Kineto's words.
  std::string geometry_argument(NameId geometry) const {
    const std::string& text = profile_.names.text(geometry);
    std::array<int, 6> n{};
    if (std::sscanf(text.c_str(), "grid %dx%dx%d block %dx%dx%d", &n[0], &n[1], &n[2], &n[3], &n[4], &n[5]) !=
        6)
      return "";
    return fmt::format(",\"grid\":[{},{},{}],\"block\":[{},{},{}]", n[0], n[1], n[2], n[3], n[4], n[5]);
  }

  /// What belongs to no thread: recording, loading of code, waits for the device.
  template <class Record>
  void add_beside(const std::vector<Record>& records, std::int64_t lane, const char* category) {
    for (const Record& record : records) {
      if (!shown(record.time)) continue;
      slices_[{kHostProcess, lane}].push_back({category, profile_.names.text(record.name), record.time, ""});
    }
  }

  static Lane stream_lane(const GpuRecord& record) {
    return {kFirstDeviceProcess + record.device, record.stream * kLanesOfAStream};
  }

  void add_gpu() {
    for (std::size_t i = 0; i < profile_.gpu.size(); ++i) {
      const GpuRecord& record = profile_.gpu[i];
      if (!shown(record.time)) continue;
      const char* category = record.kind == GpuKind::kernel ? "kernel"
                             : record.kind == GpuKind::copy ? "gpu_memcpy"
                                                            : "gpu_memset";
      std::string arguments = fmt::format("\"device\":{},\"stream\":{},\"correlation\":{}", record.device,
                                          record.stream, record.correlation);
      arguments += caller_argument(record.caller);
      if (record.kind != GpuKind::kernel) arguments += fmt::format(",\"bytes\":{}", record.bytes);
      if (record.graph_node != 0) arguments += fmt::format(",\"graph node id\":{}", record.graph_node);
      arguments += geometry_argument(record.geometry);
      put(gpu_, i, stream_lane(record), {category, profile_.names.text(record.name), record.time, arguments});
    }
  }

  void name_lane(const Lane& lane, int number) {
    const bool host = lane.process == kHostProcess;
    const std::int64_t device = lane.process - kFirstDeviceProcess;
    if (named_.insert(lane.process).second) {
      event(fmt::format(R"({{"ph":"M","name":"process_name","pid":{},"tid":0,"args":{{"name":{}}}}})",
                        lane.process, quoted(host ? profile_.benchmark : fmt::format("GPU {}", device))));
    }
    std::string name = !host ? fmt::format("stream {}", lane.thread / kLanesOfAStream)
                       : lane.thread == kOverheadLane ? "recording and loading of code"
                       : lane.thread == kWaitLane     ? "waits for the GPU"
                                                      : fmt::format("thread {}", lane.thread);
    if (number > 0) name += fmt::format(" #{}", number + 1);
    event(fmt::format(R"({{"ph":"M","name":"thread_name","pid":{},"tid":{},"args":{{"name":{}}}}})",
                      lane.process, lane.thread + number, quoted(name)));
  }

  void write_lane(const Lane& lane, const std::vector<Slice>& slices) {
    std::vector<Span> spans;
    spans.reserve(slices.size());
    for (const Slice& slice : slices) spans.push_back(slice.time);
    const std::vector<int>& lanes = numbers_[lane] = lanes_of(spans);
    const int last = slices.empty() ? -1 : *std::max_element(lanes.begin(), lanes.end());
    for (int number = 0; number <= last; ++number) name_lane(lane, number);
    for (std::size_t i = 0; i < slices.size(); ++i) {
      event(
          fmt::format(R"({{"ph":"X","cat":"{}","name":{},"pid":{},"tid":{},"ts":{},"dur":{},"args":{{{}}}}})",
                      slices[i].category, quoted(slices[i].name), lane.process, lane.thread + lanes[i],
                      at(slices[i].time.begin_ns), micros(slices[i].time.length()), slices[i].arguments));
    }
  }

  void arrow(const char* name, const Lane& from, std::int64_t from_ns, const Lane& to, std::int64_t to_ns) {
    ++arrows_;
    event(fmt::format(R"({{"ph":"s","cat":"{0}","name":"{0}","id":{1},"pid":{2},"tid":{3},"ts":{4}}})", name,
                      arrows_, from.process, from.thread, at(from_ns)));
    event(
        fmt::format(R"({{"ph":"f","bp":"e","cat":"{0}","name":"{0}","id":{1},"pid":{2},"tid":{3},"ts":{4}}})",
                    name, arrows_, to.process, to.thread, at(to_ns)));
  }

  void write_forward_arrows() {
    for (const auto& [index, slot] : operators_) {
      const OperatorRecord& node = profile_.operators[index];
      const Index forward = places_[index].forward;
      if (node.kind != OperatorKind::backward || forward == kNone) continue;
      const auto from = operators_.find(static_cast<std::size_t>(forward));
      if (from == operators_.end()) continue;
      arrow("fwdbwd", drawn(from->second), profile_.operators[from->first].time.begin_ns, drawn(slot),
            node.time.begin_ns);
    }
  }

  void write_launch_arrows() {
    std::set<Index> has_arrow;
    for (const auto& [index, slot] : gpu_) {
      const GpuRecord& record = profile_.gpu[index];
      if (record.launch == kNone) continue;
      const auto from = launches_.find(static_cast<std::size_t>(record.launch));
      if (from == launches_.end() || !has_arrow.insert(record.launch).second) continue;
      arrow("ac2g", drawn(from->second), profile_.launches[from->first].time.begin_ns, drawn(slot),
            record.time.begin_ns);
    }
  }

  void write_memory() {
    std::map<Index, std::map<std::int64_t, std::int64_t>> changes;
    for (const AllocationRecord& record : profile_.allocations) {
      changes[record.device][record.time.begin_ns] += record.bytes;
      changes[record.device][record.time.end_ns] -= record.bytes;
    }
    for (const auto& [device, times] : changes) {
      const bool host = device == kHostMemory;
      std::int64_t live = 0;
      for (const auto& [time, change] : times) {
        live += change;
        if (!shown({time, time})) continue;
        event(fmt::format(R"({{"ph":"C","name":"{}","pid":{},"ts":{},"args":{{"allocated":{}}}}})",
                          host ? "CPU memory" : "GPU memory",
                          host ? kHostProcess : kFirstDeviceProcess + device, at(time), live));
      }
    }
  }

  const Profile& profile_;
  std::vector<OperatorPlace> places_;
  Span window_;
  std::map<Lane, std::vector<Slice>> slices_;
  std::map<Lane, std::vector<int>> numbers_;  // of each slice, as lanes_of tells
  std::map<std::size_t, Slot> operators_;     // by the record's index
  std::map<std::size_t, Slot> launches_;
  std::map<std::size_t, Slot> gpu_;
  std::set<std::int64_t> named_;
  std::int64_t arrows_ = 0;
  bool first_ = true;
  std::string out_;
};

}  // namespace

std::string trace_json(const Profile& profile, const TraceOptions& options) {
  return TraceWriter(profile, options).run();
}

}  // namespace trainbench::profile
