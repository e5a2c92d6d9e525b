#include "src/profile/launch_log.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include "src/profile/clock.hpp"

namespace trainbench::profile {
namespace {

std::uint64_t next_number() {
  static std::atomic<std::uint64_t> count{0};
  return ++count;
}

}  // namespace

LaunchLog::LaunchLog() : number_(next_number()) {}

LaunchLog::ThreadLaunches& LaunchLog::own() {
  thread_local std::uint64_t known = 0;
  thread_local ThreadLaunches* found = nullptr;
  if (found != nullptr && known == number_) return *found;
  auto made = std::make_unique<ThreadLaunches>();
  made->system_thread = ::syscall(SYS_gettid);
  const std::lock_guard lock(mutex_);
  found = threads_.emplace_back(std::move(made)).get();
  known = number_;
  return *found;
}

void LaunchLog::enter(const char* api, std::uint32_t correlation, OperatorToken caller) {
  ThreadLaunches& thread = own();
  const std::lock_guard lock(thread.mutex);
  if (thread.depth++ > 0) {
    if (correlation != thread.open.correlation) thread.inner.push_back(correlation);
    return;
  }
  thread.inner.clear();
  thread.open = {.api = api,
                 .caller = caller,
                 .correlation = correlation,
                 .kept = keep_.load(std::memory_order_relaxed)};
  thread.open.time.begin_ns = monotonic_ns();
}

void LaunchLog::exit() {
  const std::int64_t now = monotonic_ns();
  ThreadLaunches& thread = own();
  const std::lock_guard lock(thread.mutex);
  // 0: the call began before anybody listened.
  if (thread.depth == 0 || --thread.depth > 0 || !thread.open.kept) return;
  thread.open.time.end_ns = now;
  thread.launches.push_back(thread.open);
  for (const std::uint32_t inner : thread.inner) thread.aliases.push_back({inner, thread.open.correlation});
}

void LaunchLog::node_created(std::uint64_t node, OperatorToken caller) {
  GraphNodeEvent event{.kind = GraphNodeEvent::Kind::created, .node = node, .caller = caller};
  ThreadLaunches& thread = own();
  {
    const std::lock_guard lock(thread.mutex);
    if (thread.depth > 0) {
      thread.open.kept = false;
      event.correlation = thread.open.correlation;
    }
  }
  note(event);
}

void LaunchLog::node_cloned(std::uint64_t node, std::uint64_t original) {
  note({.kind = GraphNodeEvent::Kind::cloned, .node = node, .original = original});
}

void LaunchLog::node_destroyed(std::uint64_t node) {
  note({.kind = GraphNodeEvent::Kind::destroyed, .node = node});
}

void LaunchLog::note(const GraphNodeEvent& event) {
  const std::lock_guard lock(mutex_);
  nodes_.push_back(event);
  nodes_.back().time_ns = monotonic_ns();
}

void LaunchLog::copy_to(GpuRecording& recording) {
  const std::lock_guard lock(mutex_);
  recording.nodes = nodes_;
  for (const auto& thread : threads_) {
    const std::lock_guard thread_lock(thread->mutex);
    for (const Launch& launch : thread->launches) {
      recording.launches.push_back({.api = recording.names.id(launch.api),
                                    .system_thread = thread->system_thread,
                                    .time = launch.time,
                                    .caller = launch.caller,
                                    .correlation = launch.correlation});
    }
    recording.aliases.insert(recording.aliases.end(), thread->aliases.begin(), thread->aliases.end());
  }
}

}  // namespace trainbench::profile
