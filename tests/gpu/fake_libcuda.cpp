// Stands in for libcuda.so.1 in a test: one device, an H100. The prototypes are cuda.h's.
#include <cstddef>
#include <cstring>

extern "C" {

int cuInit(unsigned flags) {
  return flags == 0 ? 0 : 1;
}

int cuDriverGetVersion(int* version) {
  *version = 13000;
  return 0;
}

int cuDeviceGetCount(int* count) {
  *count = 1;
  return 0;
}

int cuDeviceGet(int* device, int ordinal) {
  *device = ordinal + 40;
  return ordinal == 0 ? 0 : 101;
}

int cuDeviceGetName(char* name, int size, int device) {
  if (device != 40) return 101;
  std::strncpy(name, "NVIDIA H100", static_cast<std::size_t>(size));
  return 0;
}

int cuDeviceGetUuid_v2(unsigned char* uuid, int device) {
  if (device != 40) return 101;
  std::memset(uuid, 0xab, 16);
  return 0;
}

int cuDeviceTotalMem_v2(std::size_t* bytes, int device) {
  *bytes = std::size_t{80} << 30U;
  return device == 40 ? 0 : 101;
}

int cuDeviceGetAttribute(int* value, int attribute, int device) {
  *value = attribute == 75 ? 9 : attribute == 20 ? 3 : 0;  // capability 9.0, exclusive process
  return device == 40 ? 0 : 101;
}
}
