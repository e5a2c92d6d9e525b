#include "src/profile/cupti_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "src/base/errors.hpp"
#include "src/profile/clock.hpp"
#include "src/profile/cupti_decode.hpp"

namespace trainbench::profile {
namespace {

/// Neither GRAPH_TRACE, which would replace the records of a graph's kernels by one for the whole launch, nor
/// KERNEL, which would run kernels one after the other.
constexpr std::array kRecordKinds = {CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL, CUPTI_ACTIVITY_KIND_MEMCPY,
                                     CUPTI_ACTIVITY_KIND_MEMSET, CUPTI_ACTIVITY_KIND_OVERHEAD,
                                     CUPTI_ACTIVITY_KIND_SYNCHRONIZATION};
/// A mark comes with the record of an API call only.
constexpr std::array kMarkKinds = {CUPTI_ACTIVITY_KIND_EXTERNAL_CORRELATION, CUPTI_ACTIVITY_KIND_DRIVER,
                                   CUPTI_ACTIVITY_KIND_RUNTIME};

constexpr std::array kGraphEvents = {CUPTI_CBID_RESOURCE_GRAPHNODE_CREATED,
                                     CUPTI_CBID_RESOURCE_GRAPHNODE_CLONED,
                                     CUPTI_CBID_RESOURCE_GRAPHNODE_DESTROY_STARTING};

/// How the functions begin that hand work to the device. By name and not by number: a name stands for all
/// versions of its function that this CUPTI's headers know. Kernels,
/// graphs and copies come through the driver's functions; the runtime's are listened to as well in case
/// copies and sets have no call of the driver that CUPTI shows.
constexpr std::array<std::string_view, 5> kDriverCalls = {"cuLaunchKernel", "cuLaunchCooperativeKernel",
                                                          "cuGraphLaunch", "cuMemcpy", "cuMemset"};
constexpr std::array<std::string_view, 6> kRuntimeCalls = {
    "cudaLaunchKernel", "__cudaLaunchKernel", "cudaLaunchCooperativeKernel",
    "cudaGraphLaunch",  "cudaMemcpy",         "cudaMemset"};

constexpr int kFlushes = 100;
constexpr auto kFlushPause = std::chrono::microseconds(100);

/// CUPTI's buffer callbacks carry no pointer of ours.
std::atomic<ActivityBuffers*> current_buffers{nullptr};

void CUPTIAPI request_buffer(std::uint8_t** buffer, std::size_t* size, std::size_t* most_records) {
  ActivityBuffers* const buffers = current_buffers.load();
  *most_records = 0;  // as many as fit
  *size = 0;
  *buffer = buffers == nullptr ? nullptr : buffers->request(*size);
}

void CUPTIAPI complete_buffer(CUcontext /*context*/, std::uint32_t /*stream*/, std::uint8_t* buffer,
                              std::size_t /*size*/, std::size_t valid) {
  if (ActivityBuffers* const buffers = current_buffers.load()) buffers->complete(buffer, valid);
}

std::uint64_t CUPTIAPI clock_of_operators() {
  return static_cast<std::uint64_t>(monotonic_ns());
}

}  // namespace

CuptiSession::CuptiSession(const CuptiApi& api, const CuptiOptions& options)
    : api_(api), options_(options), calls_(api_), buffers_(options.buffer_bytes, options.most_buffers) {}

CuptiSession::~CuptiSession() {
  calls_.unwind();
}

void CuptiSession::open() {
  if (opened_) return;
  require_alive();
  if (const std::string reason = reason_without_cupti(api_); !reason.empty()) calls_.refuse(reason);
  subscribe();
  std::uint8_t zeroed = 1;
  std::size_t size = sizeof(zeroed);
  calls_.make("cuptiActivitySetAttribute", [&] {
    return api_.set_attribute(CUPTI_ACTIVITY_ATTR_ZEROED_OUT_ACTIVITY_BUFFER, &size, &zeroed);
  });
  calls_.make("cuptiActivityRegisterTimestampCallback",
              [&] { return api_.register_clock(clock_of_operators); });
  current_buffers = &buffers_;
  calls_.make("cuptiActivityRegisterCallbacks",
              [&] { return api_.register_buffers(request_buffer, complete_buffer); });
  listen();
  if (options_.verify) enable_kinds(kMarkKinds);
  opened_ = true;
}

void CuptiSession::start() {
  require_alive();
  if (!opened_ || recording_ || finished_)
    throw std::logic_error("The GPU's recording is started once it is open, and not twice.");
  if (windows_.empty()) enable_kinds(kRecordKinds);
  // Other threads may launch at any time. Kept before the wait: what is not kept has run before the window.
  launches_.keep_launches(true);
  wait();
  windows_.push_back({monotonic_ns(), INT64_MAX});
  recording_ = true;
}

void CuptiSession::pause() {
  if (!recording_) return;
  recording_ = false;
  windows_.back().end_ns = monotonic_ns();
  launches_.keep_launches(false);
  wait();
}

void CuptiSession::push_operator(OperatorToken caller) noexcept {
  if (api_.push_mark(CUPTI_EXTERNAL_CORRELATION_KIND_CUSTOM0, caller) != CUPTI_SUCCESS) ++faults_;
}

void CuptiSession::pop_operator() noexcept {
  std::uint64_t last = 0;
  if (api_.pop_mark(CUPTI_EXTERNAL_CORRELATION_KIND_CUSTOM0, &last) != CUPTI_SUCCESS) ++faults_;
}

GpuRecording CuptiSession::finish() {
  require_alive();
  if (!opened_ || finished_) throw std::logic_error("The GPU's recording is finished once.");
  pause();
  finished_ = true;
  GpuRecording recording;
  recording.windows = windows_;
  recording.verified = options_.verify;
  launches_.copy_to(recording);
  collect(recording);
  std::size_t dropped = 0;
  calls_.make("cuptiActivityGetNumDroppedRecords",
              [&] { return api_.dropped_records(nullptr, 0, &dropped); });
  recording.dropped += static_cast<std::int64_t>(dropped);
  recording.truncated += buffers_.refused() + faults_;
  calls_.unwind();
  require_alive();
  if (recording.gpu.empty()) {
    throw EnvironmentError(fmt::format(
        "CUPTI gave no record of the GPU's work, of which {} launches were seen: is another profiler in this "
        "process?",
        recording.launches.size()));
  }
  return recording;
}

void CUPTIAPI CuptiSession::on_callback(void* self, CUpti_CallbackDomain domain, CUpti_CallbackId id,
                                        const void* data) noexcept {
  auto* const session = static_cast<CuptiSession*>(self);
  try {
    session->handle(domain, id, data);
  } catch (...) {
    ++session->faults_;
  }
}

void CuptiSession::subscribe() {
  std::array<char, std::size_t{2} * CUPTI_OLD_SUBSCRIBER_NAME_MIN_LEN> holder{};
  CUpti_SubscriberParams parameters{};
  parameters.structSize = CUpti_SubscriberParams_STRUCT_SIZE;
  parameters.subscriberName = "trainbench";
  parameters.oldSubscriberName = holder.data();
  parameters.oldSubscriberSize = holder.size() - 1;
  const CUptiResult result = api_.subscribe(&subscriber_, on_callback, this, &parameters);
  calls_.check("cuptiSubscribe_v2", result, holder.data(), [this] {
    current_buffers = nullptr;
    return api_.unsubscribe(subscriber_);
  });
}

void CuptiSession::enable_callback(CUpti_CallbackDomain domain, CUpti_CallbackId id) {
  calls_.make(
      "cuptiEnableCallback", [&] { return api_.enable_callback(1, subscriber_, domain, id); },
      [this, domain, id] { return api_.enable_callback(0, subscriber_, domain, id); });
}

void CuptiSession::listen_to(CUpti_CallbackDomain domain, CUpti_CallbackId end,
                             std::span<const std::string_view> beginnings) {
  for (CUpti_CallbackId id = 1; id < end; ++id) {
    const char* name = nullptr;
    if (api_.callback_name(domain, id, &name) != CUPTI_SUCCESS || name == nullptr) continue;
    const bool wanted = std::any_of(beginnings.begin(), beginnings.end(), [&](std::string_view beginning) {
      return std::string_view(name).starts_with(beginning);
    });
    if (wanted) enable_callback(domain, id);
  }
}

void CuptiSession::listen() {
  enable_callback(CUPTI_CB_DOMAIN_STATE, CUPTI_CBID_STATE_FATAL_ERROR);
  for (const CUpti_CallbackIdResource id : kGraphEvents) enable_callback(CUPTI_CB_DOMAIN_RESOURCE, id);
  listen_to(CUPTI_CB_DOMAIN_DRIVER_API, CUPTI_DRIVER_TRACE_CBID_SIZE, kDriverCalls);
  listen_to(CUPTI_CB_DOMAIN_RUNTIME_API, CUPTI_RUNTIME_TRACE_CBID_SIZE, kRuntimeCalls);
}

void CuptiSession::enable_kinds(std::span<const CUpti_ActivityKind> kinds) {
  for (const CUpti_ActivityKind kind : kinds) {
    calls_.make(
        "cuptiActivityEnable", [&] { return api_.enable_kind(kind); },
        [this, kind] { return api_.disable_kind(kind); });
  }
}

void CuptiSession::handle(CUpti_CallbackDomain domain, CUpti_CallbackId id, const void* data) {
  if (domain == CUPTI_CB_DOMAIN_DRIVER_API || domain == CUPTI_CB_DOMAIN_RUNTIME_API) {
    const auto& call = *static_cast<const CUpti_CallbackData*>(data);
    if (call.callbackSite == CUPTI_API_ENTER) {
      launches_.enter(call.functionName, call.correlationId, options_.innermost_operator());
    } else {
      launches_.exit();
    }
  } else if (domain == CUPTI_CB_DOMAIN_RESOURCE) {
    const auto& resource = *static_cast<const CUpti_ResourceData*>(data);
    handle_node(id, *static_cast<const CUpti_GraphData*>(resource.resourceDescriptor));
  } else if (domain == CUPTI_CB_DOMAIN_STATE && id == CUPTI_CBID_STATE_FATAL_ERROR) {
    const char* const message = static_cast<const CUpti_StateData*>(data)->notification.message;
    const std::lock_guard lock(fatal_mutex_);
    fatal_ = message == nullptr ? "it gave no reason" : message;
  }
}

std::uint64_t CuptiSession::id_of(CUgraphNode node) {
  std::uint64_t id = 0;
  if (api_.graph_node_id(node, &id) != CUPTI_SUCCESS) ++faults_;
  return id;
}

void CuptiSession::handle_node(CUpti_CallbackId id, const CUpti_GraphData& graph) {
  if (id == CUPTI_CBID_RESOURCE_GRAPHNODE_CREATED) {
    launches_.node_created(id_of(graph.node), options_.innermost_operator());
  } else if (id == CUPTI_CBID_RESOURCE_GRAPHNODE_CLONED) {
    launches_.node_cloned(id_of(graph.node), id_of(graph.originalNode));
  } else if (id == CUPTI_CBID_RESOURCE_GRAPHNODE_DESTROY_STARTING) {
    launches_.node_destroyed(id_of(graph.node));
  }
}

void CuptiSession::wait() {
  const cudaError_t error = api_.synchronize();
  if (error == cudaSuccess) return;
  calls_.refuse(fmt::format("The GPU failed while it was recorded: {}", api_.cuda_error_text(error)));
}

void CuptiSession::collect(GpuRecording& recording) {
  std::unordered_set<std::uint32_t> missing;
  for (const RecordedLaunch& launch : recording.launches) missing.insert(launch.correlation);
  for (int i = 0; i < kFlushes && (i == 0 || !missing.empty()); ++i) {
    if (i > 0) std::this_thread::sleep_for(kFlushPause);
    flush(0);
    decode(recording, missing);
  }
  flush(CUPTI_ACTIVITY_FLAG_FLUSH_FORCED);
  decode(recording, missing);
}

void CuptiSession::flush(std::uint32_t flag) {
  calls_.make("cuptiActivityFlushAll", [&] { return api_.flush(flag); });
}

void CuptiSession::decode(GpuRecording& recording, std::unordered_set<std::uint32_t>& missing) {
  const std::size_t before = recording.gpu.size();
  for (const ActivityBuffer& buffer : buffers_.take()) {
    const DecodedBuffer decoded = decode_buffer(api_, buffer.bytes.get(), buffer.valid, recording);
    if (!decoded.whole) ++recording.dropped;
  }
  for (std::size_t i = before; i < recording.gpu.size(); ++i) missing.erase(recording.gpu[i].correlation);
}

void CuptiSession::require_alive() {
  if (!calls_.fault().empty()) throw EnvironmentError(calls_.fault());
  const std::lock_guard lock(fatal_mutex_);
  if (fatal_.empty()) return;
  throw EnvironmentError(fmt::format("CUPTI stopped while it recorded the GPU: {}", fatal_));
}

}  // namespace trainbench::profile
