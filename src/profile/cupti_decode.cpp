#include "src/profile/cupti_decode.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace trainbench::profile {
namespace {

using Kernel = CUpti_ActivityKernel10;
using Copy = CUpti_ActivityMemcpy6;
using Set = CUpti_ActivityMemset4;
using Overhead = CUpti_ActivityOverhead3;
using Wait = CUpti_ActivitySynchronization2;
using Mark = CUpti_ActivityExternalCorrelation;

// What the library writes is what CUPTI 13.0's headers say; headers of another layout do not compile.
static_assert(sizeof(Kernel) == 216 && offsetof(Kernel, start) == 16 && offsetof(Kernel, end) == 24 &&
              offsetof(Kernel, deviceId) == 40 && offsetof(Kernel, streamId) == 48 &&
              offsetof(Kernel, gridX) == 52 && offsetof(Kernel, blockX) == 64 &&
              offsetof(Kernel, correlationId) == 92 && offsetof(Kernel, name) == 104 &&
              offsetof(Kernel, graphNodeId) == 144 && offsetof(Kernel, clusterX) == 176);
static_assert(sizeof(Copy) == 96 && offsetof(Copy, copyKind) == 4 && offsetof(Copy, srcKind) == 5 &&
              offsetof(Copy, dstKind) == 6 && offsetof(Copy, bytes) == 8 && offsetof(Copy, start) == 16 &&
              offsetof(Copy, correlationId) == 44 && offsetof(Copy, graphNodeId) == 64);
static_assert(sizeof(Set) == 88 && offsetof(Set, bytes) == 8 && offsetof(Set, start) == 16 &&
              offsetof(Set, correlationId) == 44 && offsetof(Set, graphNodeId) == 64);
static_assert(sizeof(Overhead) == 56 && offsetof(Overhead, start) == 24 &&
              offsetof(Overhead, overheadData) == 48);
static_assert(sizeof(Wait) == 56 && offsetof(Wait, start) == 8 && offsetof(Wait, end) == 16);
static_assert(sizeof(Mark) == 24 && offsetof(Mark, externalId) == 8 && offsetof(Mark, correlationId) == 16);

/// A record may be read as a copy only: the buffer holds bytes.
template <class Record>
Record read_as(const CUpti_Activity* activity) {
  Record record;
  std::memcpy(&record, activity, sizeof(record));
  return record;
}

std::string_view direction_of(std::uint8_t kind) {
  switch (kind) {
    case CUPTI_ACTIVITY_MEMCPY_KIND_HTOD:
      return "Memcpy HtoD";
    case CUPTI_ACTIVITY_MEMCPY_KIND_DTOH:
      return "Memcpy DtoH";
    case CUPTI_ACTIVITY_MEMCPY_KIND_DTOD:
      return "Memcpy DtoD";
    case CUPTI_ACTIVITY_MEMCPY_KIND_HTOH:
      return "Memcpy HtoH";
    case CUPTI_ACTIVITY_MEMCPY_KIND_PTOP:
      return "Memcpy PtoP";
    default:
      return "Memcpy of arrays";
  }
}

std::string_view overhead_of(CUpti_ActivityOverheadKind kind) {
  switch (kind) {
    case CUPTI_ACTIVITY_OVERHEAD_DRIVER_COMPILER:
      return "driver compiler";
    case CUPTI_ACTIVITY_OVERHEAD_CUPTI_BUFFER_FLUSH:
      return "CUPTI buffer flush";
    case CUPTI_ACTIVITY_OVERHEAD_CUPTI_INSTRUMENTATION:
      return "CUPTI instrumentation";
    case CUPTI_ACTIVITY_OVERHEAD_CUPTI_RESOURCE:
      return "CUPTI resources";
    case CUPTI_ACTIVITY_OVERHEAD_RUNTIME_TRIGGERED_MODULE_LOADING:
      return "module loading";
    case CUPTI_ACTIVITY_OVERHEAD_LAZY_FUNCTION_LOADING:
      return "lazy function loading";
    case CUPTI_ACTIVITY_OVERHEAD_COMMAND_BUFFER_FULL:
      return "command buffer full";
    case CUPTI_ACTIVITY_OVERHEAD_ACTIVITY_BUFFER_REQUEST:
      return "activity buffer request";
    default:
      return "other overhead";
  }
}

std::string_view wait_of(CUpti_ActivitySynchronizationType type) {
  switch (type) {
    case CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_EVENT_SYNCHRONIZE:
      return "event synchronize";
    case CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_STREAM_SYNCHRONIZE:
      return "stream synchronize";
    case CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_CONTEXT_SYNCHRONIZE:
      return "context synchronize";
    default:
      return "unknown synchronize";
  }
}

class Decoder {
 public:
  Decoder(GpuRecording& recording, DecodedBuffer& decoded) : recording_(recording), decoded_(decoded) {}

  void add(const CUpti_Activity* activity) {
    ++decoded_.records;
    switch (activity->kind) {
      case CUPTI_ACTIVITY_KIND_KERNEL:
      case CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL:
        return add_kernel(read_as<Kernel>(activity));
      case CUPTI_ACTIVITY_KIND_MEMCPY:
        return add_copy(read_as<Copy>(activity));
      case CUPTI_ACTIVITY_KIND_MEMSET:
        return add_set(read_as<Set>(activity));
      case CUPTI_ACTIVITY_KIND_OVERHEAD:
        return add_overhead(read_as<Overhead>(activity));
      case CUPTI_ACTIVITY_KIND_SYNCHRONIZATION:
        return add_wait(read_as<Wait>(activity));
      case CUPTI_ACTIVITY_KIND_EXTERNAL_CORRELATION:
        return add_mark(read_as<Mark>(activity));
      case CUPTI_ACTIVITY_KIND_DRIVER:
      case CUPTI_ACTIVITY_KIND_RUNTIME:
        return;  // on for the marks' sake, which come with them
      default:
        ++decoded_.foreign;
    }
  }

 private:
  static Span span(std::uint64_t begin, std::uint64_t end) {
    return {static_cast<std::int64_t>(begin), static_cast<std::int64_t>(end)};
  }

  template <class Record>
  static GpuRecord common(const Record& record) {
    return {.device = static_cast<Index>(record.deviceId),
            .stream = static_cast<Index>(record.streamId),
            .time = span(record.start, record.end),
            .correlation = record.correlationId,
            .graph_node = record.graphNodeId};
  }

  void add_timed(const GpuRecord& record) {
    if (record.time.begin_ns == 0 || record.time.end_ns < record.time.begin_ns) {
      ++recording_.untimed;
    } else {
      recording_.gpu.push_back(record);
    }
  }

  void add_kernel(const Kernel& kernel) {
    GpuRecord record = common(kernel);
    record.kind = GpuKind::kernel;
    record.name = recording_.names.id(kernel.name == nullptr ? "(kernel without name)" : kernel.name);
    record.geometry =
        recording_.names.id(fmt::format("grid {}x{}x{} block {}x{}x{}", kernel.gridX, kernel.gridY,
                                        kernel.gridZ, kernel.blockX, kernel.blockY, kernel.blockZ));
    add_timed(record);
  }

  void add_copy(const Copy& copy) {
    GpuRecord record = common(copy);
    record.kind = GpuKind::copy;
    record.name = recording_.names.id(direction_of(copy.copyKind));
    record.bytes = static_cast<std::int64_t>(copy.bytes);
    record.pageable = copy.srcKind == CUPTI_ACTIVITY_MEMORY_KIND_PAGEABLE ||
                      copy.dstKind == CUPTI_ACTIVITY_MEMORY_KIND_PAGEABLE;
    add_timed(record);
  }

  void add_set(const Set& set) {
    GpuRecord record = common(set);
    record.kind = GpuKind::set;
    record.name = recording_.names.id("Memset");
    record.bytes = static_cast<std::int64_t>(set.bytes);
    add_timed(record);
  }

  /// Its correlation id, which is that of a launch, must not claim any of the launch's time.
  void add_overhead(const Overhead& overhead) {
    std::free(overhead.overheadData);
    recording_.overheads.push_back({.name = recording_.names.id(overhead_of(overhead.overheadKind)),
                                    .time = span(overhead.start, overhead.end)});
  }

  void add_wait(const Wait& wait) {
    // A stream that waits for an event, which the host does not wait for.
    if (wait.type == CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_STREAM_WAIT_EVENT) return;
    recording_.syncs.push_back(
        {.name = recording_.names.id(wait_of(wait.type)), .time = span(wait.start, wait.end)});
  }

  void add_mark(const Mark& mark) {
    if (mark.externalKind == CUPTI_EXTERNAL_CORRELATION_KIND_CUSTOM0)
      recording_.marks.push_back({.correlation = mark.correlationId, .caller = mark.externalId});
  }

  GpuRecording& recording_;
  DecodedBuffer& decoded_;
};

}  // namespace

DecodedBuffer decode_buffer(const CuptiApi& api, std::uint8_t* bytes, std::size_t valid,
                            GpuRecording& recording) {
  DecodedBuffer decoded;
  Decoder decoder(recording, decoded);
  CUpti_Activity* activity = nullptr;
  CUptiResult result = api.next_record(bytes, valid, &activity);
  for (; result == CUPTI_SUCCESS; result = api.next_record(bytes, valid, &activity)) decoder.add(activity);
  decoded.whole = result == CUPTI_ERROR_MAX_LIMIT_REACHED;
  return decoded;
}

}  // namespace trainbench::profile
