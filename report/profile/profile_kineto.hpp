#pragma once

#include <string_view>

#include "src/profile/records.hpp"

namespace trainbench::report {

/// True where `text` looks like a trace in Chrome's format: an object with "traceEvents" near its begin or
/// end, or a bare list of events.
bool is_trace(std::string_view text);

/// The profile that a trace of Kineto (PyTorch's profiler: `prof.export_chrome_trace`) holds. `name` becomes
/// the benchmark's. Read in one pass, event by event.
///
/// What a trace does not say is inferred: steps are the annotations "ProfilerStep#N"; phases are load
/// ("enumerate(DataLoader)..."), optimizer ("Optimizer..."), backward (from the first to the last node of a
/// step) and forward (what lies before it); the main thread is the one with the steps, else the one with most
/// operators; other annotations are scopes, and name layers. Where it was recorded with memory, blocks that
/// were allocated in it are there. The machine's `gpu` is what its "deviceProperties" name. Times keep their
/// nanoseconds where the trace wrote them relative to a base. Throws InputError (`unreadable`) that names
/// `source`: no trace, cut off, no operator in it.
profile::Profile profile_from_trace(std::string_view text, std::string_view source, std::string_view name);

}  // namespace trainbench::report
