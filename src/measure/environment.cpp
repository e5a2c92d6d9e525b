#include "src/measure/environment.hpp"

#include <fmt/format.h>
#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

namespace trainbench {
namespace {

constexpr const char* kUnknown = "unknown";

std::string first_line(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  return std::getline(file, line) && !line.empty() ? line : kUnknown;
}

/// The value behind the first `key : value` of /proc/cpuinfo.
std::string cpuinfo(const std::string& key) {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos) return line.substr(colon + 2);
  }
  return kUnknown;
}

/// The vector extensions that decide which kernels LibTorch picks.
std::string vector_extensions(const std::string& flags) {
  std::string result;
  const std::string padded = " " + flags + " ";
  for (const char* name : {"avx2", "fma", "avx512f", "avx512_bf16", "avx512_fp16", "amx_tile"}) {
    if (padded.find(fmt::format(" {} ", name)) == std::string::npos) continue;
    result += (result.empty() ? "" : " ") + std::string(name);
  }
  return result.empty() ? "none" : result;
}

int affinity_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

/// Cores that the cgroup's quota allows; nothing without a quota. Version 2: "cpu.max" holds "quota period".
std::optional<double> quota_cores() {
  std::ifstream version2("/sys/fs/cgroup/cpu.max");
  double quota = 0;
  double period = 0;
  if (version2 >> quota >> period && period > 0) return quota / period;
  std::ifstream version1_quota("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
  std::ifstream version1_period("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  if (version1_quota >> quota && version1_period >> period && quota > 0 && period > 0) return quota / period;
  return std::nullopt;
}

std::string memory_gib() {
  const double bytes =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  return fmt::format("{:.0f}", std::round(bytes / (1024.0 * 1024.0 * 1024.0)));
}

std::string numa_nodes() {
  int count = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/sys/devices/system/node", error)) {
    const std::string name = entry.path().filename();
    if (name.starts_with("node") && name.size() > 4 &&
        std::isdigit(static_cast<unsigned char>(name[4])) != 0) {
      ++count;
    }
  }
  return error ? kUnknown : std::to_string(count);
}

std::string listed_gpus() {
  // The driver's own listing: no CUDA call is made here, the parent of the workers must stay free of
  // contexts.
  std::error_code error;
  std::string result;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/driver/nvidia/gpus", error)) {
    std::ifstream file(entry.path() / "information");
    for (std::string line; std::getline(file, line);) {
      if (!line.starts_with("Model:")) continue;
      const std::size_t begin = line.find_first_not_of(" \t", 6);
      result += (result.empty() ? "" : ", ") + (begin == std::string::npos ? kUnknown : line.substr(begin));
    }
  }
  return result.empty() ? "none" : result;
}

std::string kernel_major_minor() {
  utsname name{};
  if (uname(&name) != 0) return kUnknown;
  const std::string release(name.release);
  const std::size_t minor = release.find('.');
  return release.substr(0, release.find_first_not_of("0123456789", minor + 1));
}

}  // namespace

Facts machine_facts(const Facts& gpu) {
  utsname name{};
  const bool known = uname(&name) == 0;
  const std::string flags = cpuinfo("flags");
  Facts facts = gpu;
  facts.merge(
      Facts{{"architecture", known ? name.machine : kUnknown},
            {"cpu", cpuinfo("model name")},
            {"cpu_family_model", fmt::format("{}/{}", cpuinfo("cpu family"), cpuinfo("model\t"))},
            {"vector_extensions", vector_extensions(flags)},
            {"cores", std::to_string(usable_cores())},
            {"memory_gib", memory_gib()},
            {"numa_nodes", numa_nodes()},
            {"hypervisor", (" " + flags + " ").find(" hypervisor ") != std::string::npos ? "yes" : "no"},
            {"kernel", kernel_major_minor()},
            {"governor", first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")},
            {"gpu", listed_gpus()}});
  return facts;
}

Facts noted_facts() {
  std::array<char, 256> host{};
  const bool known = gethostname(host.data(), host.size() - 1) == 0;
  return {{"host", known ? host.data() : kUnknown},
          {"load_average", fmt::format("{:.2f}", load_average())},
          {"cpu_mhz", cpuinfo("cpu MHz")},
          {"aslr", first_line("/proc/sys/kernel/randomize_va_space")},
          {"transparent_hugepage", first_line("/sys/kernel/mm/transparent_hugepage/enabled")}};
}

int usable_cores() {
  const int cores = affinity_cores();
  const auto quota = quota_cores();
  return quota ? std::clamp(static_cast<int>(std::ceil(*quota)), 1, cores) : cores;
}

Facts performance_environment() {
  Facts facts;
  for (const char* name :
       {"OMP_NUM_THREADS",        "OMP_WAIT_POLICY",     "OMP_PROC_BIND",        "OMP_PLACES",
        "GOMP_CPU_AFFINITY",      "GOMP_SPINCOUNT",      "MKL_NUM_THREADS",      "MKL_ENABLE_INSTRUCTIONS",
        "MKL_DEBUG_CPU_TYPE",     "ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA",   "DNNL_MAX_CPU_ISA",
        "ONEDNN_VERBOSE",         "LD_PRELOAD",          "GLIBC_TUNABLES",       "MALLOC_MMAP_THRESHOLD_",
        "MALLOC_TRIM_THRESHOLD_", "MALLOC_ARENA_MAX",    "CUDA_LAUNCH_BLOCKING", "PYTORCH_CUDA_ALLOC_CONF",
        "CUDA_VISIBLE_DEVICES"}) {
    if (const char* value = std::getenv(name)) facts[fmt::format("env.{}", name)] = value;
  }
  return facts;
}

double load_average() {
  double load = 0;
  return getloadavg(&load, 1) == 1 ? load : 0;
}

}  // namespace trainbench
