// Stands in for libnvidia-ml.so.1 in a test: the same device, held by process 4711. The prototypes are
// nvml.h's; the newer name of the clocks' reasons is missing, as in older drivers.
#include <cstring>

namespace {
int the_device = 0;
int answer(void* device) {
  return device == &the_device ? 0 : 2;
}
}  // namespace

extern "C" {

struct NvmlProcess {
  unsigned pid;
  unsigned long long used_memory;
  unsigned gpu_instance;
  unsigned compute_instance;
};

int nvmlInit_v2() {
  return 0;
}

int nvmlShutdown() {
  return 0;
}

int nvmlSystemGetDriverVersion(char* version, unsigned size) {
  std::strncpy(version, "580.65.06", size);
  return 0;
}

int nvmlDeviceGetCount_v2(unsigned* count) {
  *count = 1;
  return 0;
}

int nvmlDeviceGetHandleByUUID(const char* uuid, void** device) {
  *device = &the_device;
  return std::strcmp(uuid, "GPU-abababab-abab-abab-abab-abababababab") == 0 ? 0 : 6;
}

int nvmlDeviceGetComputeRunningProcesses_v3(void* device, unsigned* count, NvmlProcess* processes) {
  if (*count < 2) return 7;
  processes[0] = {.pid = 4711, .used_memory = 123, .gpu_instance = 0, .compute_instance = 0};
  processes[1] = {.pid = 4712, .used_memory = ~0ULL, .gpu_instance = 0, .compute_instance = 0};
  *count = 2;
  return answer(device);
}

int nvmlSystemGetProcessName(unsigned pid, char* name, unsigned size) {
  std::strncpy(name, "python3", size);
  return pid == 4711 ? 0 : 6;
}

int nvmlDeviceGetTotalEnergyConsumption(void* device, unsigned long long* millijoules) {
  *millijoules = 5000000000ULL;
  return answer(device);
}

int nvmlDeviceGetClockInfo(void* device, unsigned type, unsigned* mhz) {
  *mhz = type == 1 ? 1980 : type == 2 ? 2619 : 0;
  return answer(device);
}

int nvmlDeviceGetTemperature(void* device, unsigned sensor, unsigned* celsius) {
  *celsius = 47;
  return sensor == 0 ? answer(device) : 2;
}

int nvmlDeviceGetCurrentClocksThrottleReasons(void* device, unsigned long long* reasons) {
  *reasons = 0x4;
  return answer(device);
}
}
