#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "src/profile/cupti_api.hpp"

namespace trainbench::profile {

/// Records of CUPTI 13.0 back to back, as the library fills a buffer.
class RecordBytes {
 public:
  template <class Record>
  RecordBytes& add(const Record& record) {
    const std::size_t at = bytes.size();
    bytes.resize(at + sizeof(record));
    std::memcpy(bytes.data() + at, &record, sizeof(record));
    return *this;
  }
  std::vector<std::uint8_t> bytes;
};

inline CUpti_ActivityKernel10 kernel_record(const char* name, std::uint64_t begin, std::uint64_t end,
                                            std::uint32_t correlation, std::uint64_t node = 0) {
  CUpti_ActivityKernel10 record{};
  record.kind = CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL;
  record.name = name;
  record.start = begin;
  record.end = end;
  record.correlationId = correlation;
  record.graphNodeId = node;
  record.streamId = 7;
  record.gridX = 16;
  record.gridY = record.gridZ = 1;
  record.blockX = 256;
  record.blockY = record.blockZ = 1;
  return record;
}

inline CUpti_ActivityExternalCorrelation mark_record(std::uint32_t correlation, std::uint64_t caller) {
  CUpti_ActivityExternalCorrelation record{};
  record.kind = CUPTI_ACTIVITY_KIND_EXTERNAL_CORRELATION;
  record.externalKind = CUPTI_EXTERNAL_CORRELATION_KIND_CUSTOM0;
  record.externalId = caller;
  record.correlationId = correlation;
  return record;
}

/// A CUPTI that does what a test says. One at a time; `api` is its table. Only the names of callbacks and the
/// iterator over records are the real ones.
class FakeCupti {
 public:
  FakeCupti() { current() = this; }
  ~FakeCupti() { current() = nullptr; }
  FakeCupti(const FakeCupti&) = delete;
  FakeCupti& operator=(const FakeCupti&) = delete;

  // What it answers.
  cudaError_t device_answer = cudaSuccess;
  cudaError_t synchronize_answer = cudaSuccess;
  int devices = 1;
  std::uint32_t version = CUPTI_API_VERSION;
  std::map<std::string, CUptiResult> failing;    // by what `calls` says
  std::string holder;                            // who subscribed before
  std::deque<std::vector<RecordBytes>> flushed;  // the buffers that each flush hands over
  std::size_t dropped = 0;
  std::map<const void*, std::uint64_t> node_ids;

  // What it was asked.
  std::vector<std::string> calls;
  std::size_t count(const std::string& call) const {
    return static_cast<std::size_t>(std::count(calls.begin(), calls.end(), call));
  }

  /// A call of the driver or the runtime on this thread.
  void enter(const char* function, std::uint32_t correlation) { report(function, correlation, true); }
  void exit(const char* function, std::uint32_t correlation) { report(function, correlation, false); }
  void launch(const char* function, std::uint32_t correlation) {
    enter(function, correlation);
    exit(function, correlation);
  }
  /// A node of a graph was made; `original` of a clone. Any address may stand for a node.
  void node(CUpti_CallbackIdResource event, const void* node, const void* original = nullptr) {
    CUpti_GraphData graph{};
    graph.node = static_cast<CUgraphNode>(const_cast<void*>(node));
    graph.originalNode = static_cast<CUgraphNode>(const_cast<void*>(original));
    CUpti_ResourceData resource{};
    resource.resourceDescriptor = &graph;
    callback(user, CUPTI_CB_DOMAIN_RESOURCE, event, &resource);
  }
  void die(const char* message) {
    CUpti_StateData state{};
    state.notification.result = CUPTI_ERROR_UNKNOWN;
    state.notification.message = message;
    callback(user, CUPTI_CB_DOMAIN_STATE, CUPTI_CBID_STATE_FATAL_ERROR, &state);
  }

  CUpti_CallbackFunc callback = nullptr;
  void* user = nullptr;
  CUpti_BuffersCallbackRequestFunc request = nullptr;
  CUpti_BuffersCallbackCompleteFunc complete = nullptr;
  CUpti_TimestampCallbackFunc clock = nullptr;

  static CuptiApi api();

 private:
  static FakeCupti*& current() {
    static FakeCupti* fake = nullptr;
    return fake;
  }
  static CUptiResult asked(const std::string& call) {
    current()->calls.push_back(call);
    const auto found = current()->failing.find(call);
    return found == current()->failing.end() ? CUPTI_SUCCESS : found->second;
  }
  static CUptiResult switched(bool on, const std::string& what) {
    return asked((on ? "enable " : "disable ") + what);
  }
  void report(const char* function, std::uint32_t correlation, bool begins) {
    CUpti_CallbackData data{};
    data.callbackSite = begins ? CUPTI_API_ENTER : CUPTI_API_EXIT;
    data.functionName = function;
    data.correlationId = correlation;
    const bool runtime = std::string(function).starts_with("cuda");
    callback(user, runtime ? CUPTI_CB_DOMAIN_RUNTIME_API : CUPTI_CB_DOMAIN_DRIVER_API, 1, &data);
  }
  /// Fills buffers as the library does: asks for each, and gives it back with what it holds.
  void hand_over(const std::vector<RecordBytes>& buffers) {
    for (const RecordBytes& records : buffers) {
      std::uint8_t* buffer = nullptr;
      std::size_t size = 0;
      std::size_t most = 1;
      request(&buffer, &size, &most);
      if (buffer == nullptr) continue;
      std::memcpy(buffer, records.bytes.data(), records.bytes.size());
      complete(nullptr, 0, buffer, size, records.bytes.size());
    }
  }

  friend struct FakeTable;
};

/// The functions of the table.
struct FakeTable {
  static cudaError_t device_count(int* count) {
    FakeCupti::asked("device count");
    *count = FakeCupti::current()->devices;
    return FakeCupti::current()->device_answer;
  }
  static cudaError_t synchronize() {
    FakeCupti::asked("synchronize");
    return FakeCupti::current()->synchronize_answer;
  }
  static CUptiResult version(std::uint32_t* version) {
    *version = FakeCupti::current()->version;
    return FakeCupti::asked("version");
  }
  static CUptiResult subscribe(CUpti_SubscriberHandle* /*handle*/, CUpti_CallbackFunc callback, void* user,
                               CUpti_SubscriberParams* parameters) {
    FakeCupti& fake = *FakeCupti::current();
    fake.callback = callback;
    fake.user = user;
    if (!fake.holder.empty()) std::strcpy(parameters->oldSubscriberName, fake.holder.c_str());
    return FakeCupti::asked("subscribe");
  }
  static CUptiResult unsubscribe(CUpti_SubscriberHandle /*handle*/) {
    return FakeCupti::asked("unsubscribe");
  }
  static CUptiResult enable_callback(std::uint32_t on, CUpti_SubscriberHandle /*handle*/,
                                     CUpti_CallbackDomain domain, CUpti_CallbackId id) {
    return FakeCupti::switched(on != 0, std::to_string(domain) + ":" + std::to_string(id));
  }
  static CUptiResult graph_node_id(CUgraphNode node, std::uint64_t* id) {
    const auto& ids = FakeCupti::current()->node_ids;
    const auto found = ids.find(node);
    *id = found == ids.end() ? 0 : found->second;
    return found == ids.end() ? CUPTI_ERROR_INVALID_PARAMETER : CUPTI_SUCCESS;
  }
  static CUptiResult set_attribute(CUpti_ActivityAttribute attribute, std::size_t* /*size*/,
                                   void* /*value*/) {
    return FakeCupti::asked("attribute " + std::to_string(attribute));
  }
  static CUptiResult register_clock(CUpti_TimestampCallbackFunc clock) {
    FakeCupti::current()->clock = clock;
    return FakeCupti::asked("clock");
  }
  static CUptiResult register_buffers(CUpti_BuffersCallbackRequestFunc request,
                                      CUpti_BuffersCallbackCompleteFunc complete) {
    FakeCupti::current()->request = request;
    FakeCupti::current()->complete = complete;
    return FakeCupti::asked("buffers");
  }
  static CUptiResult enable_kind(CUpti_ActivityKind kind) {
    return FakeCupti::switched(true, "kind " + std::to_string(kind));
  }
  static CUptiResult disable_kind(CUpti_ActivityKind kind) {
    return FakeCupti::switched(false, "kind " + std::to_string(kind));
  }
  static CUptiResult push_mark(CUpti_ExternalCorrelationKind /*kind*/, std::uint64_t mark) {
    return FakeCupti::asked("push " + std::to_string(mark));
  }
  static CUptiResult pop_mark(CUpti_ExternalCorrelationKind /*kind*/, std::uint64_t* /*last*/) {
    return FakeCupti::asked("pop");
  }
  static CUptiResult flush(std::uint32_t flag) {
    FakeCupti& fake = *FakeCupti::current();
    const CUptiResult result = FakeCupti::asked("flush " + std::to_string(flag));
    if (result != CUPTI_SUCCESS || fake.flushed.empty()) return result;
    const std::vector<RecordBytes> buffers = std::move(fake.flushed.front());
    fake.flushed.pop_front();
    fake.hand_over(buffers);
    return result;
  }
  static CUptiResult dropped_records(CUcontext /*context*/, std::uint32_t /*stream*/, std::size_t* dropped) {
    *dropped = FakeCupti::current()->dropped;
    return FakeCupti::asked("dropped");
  }
};

inline CuptiApi FakeCupti::api() {
  CuptiApi api;
  api.device_count = FakeTable::device_count;
  api.synchronize = FakeTable::synchronize;
  api.version = FakeTable::version;
  api.subscribe = FakeTable::subscribe;
  api.unsubscribe = FakeTable::unsubscribe;
  api.enable_callback = FakeTable::enable_callback;
  api.graph_node_id = FakeTable::graph_node_id;
  api.set_attribute = FakeTable::set_attribute;
  api.register_clock = FakeTable::register_clock;
  api.register_buffers = FakeTable::register_buffers;
  api.enable_kind = FakeTable::enable_kind;
  api.disable_kind = FakeTable::disable_kind;
  api.push_mark = FakeTable::push_mark;
  api.pop_mark = FakeTable::pop_mark;
  api.flush = FakeTable::flush;
  api.dropped_records = FakeTable::dropped_records;
  return api;
}

}  // namespace trainbench::profile
