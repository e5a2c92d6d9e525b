#include "src/measure/memory.hpp"

#include <ctime>
#include <fstream>
#include <string>

namespace trainbench {
namespace {

std::optional<std::int64_t> status_kib(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::int64_t kib = 0;
    if (word == key && status >> kib) return kib;
  }
  return std::nullopt;
}

std::optional<std::int64_t> status_bytes(const std::string& key) {
  const auto kib = status_kib(key);
  if (!kib) return std::nullopt;
  return *kib * 1024;
}

}  // namespace

std::optional<std::int64_t> resident_bytes() {
  return status_bytes("VmRSS:");
}

std::optional<std::int64_t> peak_resident_bytes() {
  return status_bytes("VmHWM:");
}

bool reset_peak_resident() {
  std::ofstream clear_refs("/proc/self/clear_refs");
  clear_refs << "5" << std::flush;  // proc(5): 5 resets the peak resident set size
  return clear_refs.good();
}

double process_cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace trainbench
