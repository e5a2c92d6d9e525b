#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "src/profile/gpu_recording.hpp"

namespace trainbench::profile {

/// Writes down the calls that hand work to the device and the nodes of CUDA graphs, on the threads that make
/// them. A call that makes a graph's node was captured, not executed, and is no launch.
///
/// Each thread has a log with a lock of its own, which nobody else takes before the recording is read. A
/// LaunchLog must outlive its threads' last call.
class LaunchLog {
 public:
  LaunchLog();

  /// Launches that begin from now on are kept, or not.
  void keep_launches(bool keep) { keep_.store(keep, std::memory_order_relaxed); }

  /// A call begins or ends on the calling thread. `api` must stay valid.
  void enter(const char* api, std::uint32_t correlation, OperatorToken caller);
  void exit();

  void node_created(std::uint64_t node, OperatorToken caller);
  void node_cloned(std::uint64_t node, std::uint64_t original);
  void node_destroyed(std::uint64_t node);

  /// Fills names, launches, aliases and nodes of `recording` with what was written down so far.
  void copy_to(GpuRecording& recording);

 private:
  struct Launch {
    const char* api = nullptr;
    Span time;
    OperatorToken caller = 0;
    std::uint32_t correlation = 0;
    bool kept = false;
  };
  struct ThreadLaunches {
    std::mutex mutex;
    std::int64_t system_thread = 0;
    int depth = 0;
    Launch open;                       // where depth > 0
    std::vector<std::uint32_t> inner;  // other correlation ids of calls inside it
    std::vector<Launch> launches;      // finished
    std::vector<CorrelationAlias> aliases;
  };

  ThreadLaunches& own();
  void note(const GraphNodeEvent& event);

  const std::uint64_t number_;  // of all logs of the process: a thread may find its own of an earlier one
  std::atomic<bool> keep_{false};
  std::mutex mutex_;  // of the two below
  std::vector<std::unique_ptr<ThreadLaunches>> threads_;
  std::vector<GraphNodeEvent> nodes_;
};

}  // namespace trainbench::profile
