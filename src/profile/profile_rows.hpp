#pragma once

#include <cstdint>
#include <type_traits>

#include "src/base/json.hpp"
#include "src/profile/records.hpp"

/// How each kind of record is written in a profile's file: one list of members, used by writer and reader.
namespace trainbench::profile {

/// `io` takes the members in the order of the columns: `io.time(Span&)`, `io.life(Span&)` for one that may
/// not have ended, `io(member)` for any number or enumeration, or at the end `io.last(member)` for a number
/// that is not written where it is 0.
template <class Io>
void members_of(Io& io, PhaseRecord& record) {
  io(record.phase);
  io.time(record.time);
}
template <class Io>
void members_of(Io& io, Span& record) {
  io.time(record);
}
template <class Io>
void members_of(Io& io, OperatorRecord& record) {
  io(record.name);
  io(record.parent);
  io(record.thread);
  io.time(record.time);
  io(record.sequence);
  io(record.forward_thread);
  io(record.kind);
  io(record.layer);
  io(record.inputs);
  io(record.implementation);
}
template <class Io>
void members_of(Io& io, LaunchRecord& record) {
  io(record.api);
  io(record.thread);
  io.time(record.time);
  io(record.caller);
  io(record.correlation);
}
template <class Io>
void members_of(Io& io, GpuRecord& record) {
  io(record.kind);
  io(record.name);
  io(record.device);
  io(record.stream);
  io.time(record.time);
  io(record.correlation);
  io(record.launch);
  io(record.caller);
  io(record.graph_node);
  io(record.bytes);
  io(record.pageable);
  io(record.geometry);
}
template <class Io>
void members_of(Io& io, OverheadRecord& record) {
  io(record.name);
  io.time(record.time);
}
template <class Io>
void members_of(Io& io, SyncRecord& record) {
  io(record.name);
  io.time(record.time);
}
template <class Io>
void members_of(Io& io, AllocationRecord& record) {
  io(record.bytes);
  io.life(record.time);
  io(record.device);
  io(record.caller);
  io(record.memory_class);
  io.last(record.total_bytes);
}

}  // namespace trainbench::profile
