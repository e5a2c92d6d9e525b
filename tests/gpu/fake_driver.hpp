#pragma once

#include <map>
#include <string>
#include <vector>

#include "src/gpu/driver_calls.hpp"

namespace trainbench::gpu {

/// A driver as a script: what its two libraries answer is set by the test, which must outlive its calls.
struct FakeDriver {
  struct Gpu {
    std::string name = "NVIDIA H100 80GB HBM3";
    std::string uuid = "GPU-00000000-0000-0000-0000-000000000001";
    int major = 9;
    int minor = 0;
    int compute_mode = 0;
    std::vector<NvmlCalls::Process> processes = {};
  };

  std::vector<Gpu> visible = {Gpu{}};
  int cuda_version = 13000;
  int cuda_init_code = 0;
  int nvml_init_code = 0;
  unsigned nvml_gpus = 1;
  std::string version = "580.65.06";
  std::map<unsigned, std::string> process_names = {};
  int nvml_sessions = 0;  // calls of init less those of shutdown

  CudaCalls cuda() {
    CudaCalls calls;
    calls.init = [this] { return cuda_init_code; };
    calls.driver_version = [this](int& value) { return value = cuda_version, 0; };
    calls.device_count = [this](int& count) { return count = static_cast<int>(visible.size()), 0; };
    calls.device = [](int index, int& device) { return device = index, 0; };
    calls.name = [this](int device, std::string& name) { return name = gpu(device).name, 0; };
    calls.uuid = [this](int device, std::string& uuid) { return uuid = gpu(device).uuid, 0; };
    calls.total_memory = [](int, std::int64_t& bytes) { return bytes = 80LL << 30, 0; };
    calls.attribute = [this](int device, int attribute, int& value) {
      const std::map<int, int> values = {
          {20, gpu(device).compute_mode}, {75, gpu(device).major}, {76, gpu(device).minor}};
      return value = values.at(attribute), 0;
    };
    return calls;
  }

  NvmlCalls nvml() {
    NvmlCalls calls;
    calls.init = [this] { return nvml_sessions += nvml_init_code == 0 ? 1 : 0, nvml_init_code; };
    calls.shutdown = [this] { --nvml_sessions; };
    calls.driver_version = [this](std::string& text) { return text = version, 0; };
    calls.device_count = [this](unsigned& count) { return count = nvml_gpus, 0; };
    calls.device_by_uuid = [this](const std::string& uuid, NvmlCalls::Device& device) {
      for (Gpu& one : visible) {
        if (one.uuid == uuid) return device = &one, 0;
      }
      return 6;
    };
    calls.compute_processes = [](NvmlCalls::Device device, std::vector<NvmlCalls::Process>& processes) {
      return processes = static_cast<Gpu*>(device)->processes, 0;
    };
    calls.process_name = [this](unsigned pid, std::string& name) {
      if (process_names.count(pid) == 0) return 6;
      return name = process_names.at(pid), 0;
    };
    return calls;
  }

  Gpu& gpu(int device) { return visible.at(static_cast<std::size_t>(device)); }
};

}  // namespace trainbench::gpu
