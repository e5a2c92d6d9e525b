#include "src/gpu/driver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "src/gpu/driver_questions.hpp"
#include "tests/gpu/fake_driver.hpp"

namespace trainbench::gpu {
namespace {

using testing::HasSubstr;
using testing::Optional;

const GpuBuild kBuild = {.cuda = true, .cuda_version = 13000, .architectures = {80, 90, 100}};

DriverState ask(FakeDriver& driver, const char* visible_devices = nullptr) {
  const CudaCalls cuda = driver.cuda();
  const NvmlCalls nvml = driver.nvml();
  return driver_state(&cuda, &nvml, visible_devices);
}

std::optional<std::string> reason(FakeDriver& driver, int index = 0, const GpuBuild& build = kBuild) {
  return reason_without_gpu(ask(driver), index, build);
}

TEST(DriverState, SaysWhatTheDriverSaysOfEachVisibleGpuInCudasOrder) {
  FakeDriver driver{.visible = {{.name = "A", .major = 8, .minor = 6}, {.name = "B", .uuid = "GPU-b"}}};
  const DriverState state = ask(driver);
  EXPECT_EQ(state.driver_version, "580.65.06");
  EXPECT_EQ(state.cuda_version, 13000);
  ASSERT_EQ(state.gpus.size(), 2U);
  EXPECT_EQ(state.gpus[0].name, "A");
  EXPECT_EQ(state.gpus[0].capability, 86);
  EXPECT_EQ(state.gpus[0].memory_bytes, 80LL << 30);
  EXPECT_EQ(state.gpus[1].uuid, "GPU-b");
  EXPECT_EQ(state.fault, "");
}

TEST(DriverState, ShutsNvmlDownAgain) {
  FakeDriver driver;
  ask(driver);
  EXPECT_EQ(driver.nvml_sessions, 0);
}

TEST(DriverState, WithoutNvmlTheVersionIsUnknownAndTheGpusAreThere) {
  FakeDriver driver;
  const CudaCalls cuda = driver.cuda();
  const DriverState state = driver_state(&cuda, nullptr, nullptr);
  EXPECT_EQ(state.driver_version, "unknown");
  EXPECT_EQ(state.gpus.size(), 1U);
  EXPECT_EQ(reason_without_gpu(state, 0, kBuild), std::nullopt);
}

TEST(ReasonWithoutGpu, IsNothingWhereTheGpuCanBeUsed) {
  FakeDriver driver;
  EXPECT_EQ(reason(driver), std::nullopt);
}

TEST(ReasonWithoutGpu, NoLibraryAtAllIsNoDriver) {
  EXPECT_EQ(reason_without_gpu(driver_state(nullptr, nullptr, nullptr), 0, kBuild),
            "no CUDA device (driver: none)");
}

TEST(ReasonWithoutGpu, LibrariesWithoutAKernelModuleOrTheToolkitsStubAreNoDriver) {
  for (const int code : {CudaCalls::kNoDevice, CudaCalls::kStubLibrary}) {
    FakeDriver driver{.cuda_init_code = code, .nvml_init_code = NvmlCalls::kDriverNotLoaded};
    EXPECT_EQ(reason(driver), "no CUDA device (driver: none)");
  }
}

TEST(ReasonWithoutGpu, NoDriverIsSaidBeforeAProgramWithoutCuda) {
  EXPECT_EQ(reason_without_gpu(driver_state(nullptr, nullptr, nullptr), 0, GpuBuild{}),
            "no CUDA device (driver: none)");
  FakeDriver driver;
  EXPECT_EQ(reason(driver, 0, GpuBuild{}),
            "this program was built without CUDA: build it where nvcc is, with TRAINBENCH_TIER=cuda");
}

TEST(ReasonWithoutGpu, NamesTheDriverToInstallWhereItIsTooOld) {
  FakeDriver driver{.cuda_version = 12020, .version = "535.104"};
  EXPECT_EQ(reason(driver),
            "the driver 535.104 serves CUDA 12.2, this program needs 13.0: install driver 580 or later");
}

TEST(ReasonWithoutGpu, ADriverOfTheSameMajorVersionIsNewEnough) {
  FakeDriver driver;
  EXPECT_EQ(reason(driver, 0, {.cuda = true, .cuda_version = 13020, .architectures = {90}}), std::nullopt);
}

TEST(ReasonWithoutGpu, SaysThatTheVariableHidesAllGpus) {
  FakeDriver driver{.visible = {}, .cuda_init_code = CudaCalls::kNoDevice};
  EXPECT_EQ(reason_without_gpu(ask(driver, ""), 0, kBuild),
            "no CUDA device (driver: 580.65.06; CUDA_VISIBLE_DEVICES='' hides all)");
  EXPECT_EQ(reason_without_gpu(ask(driver, "7"), 0, kBuild),
            "no CUDA device (driver: 580.65.06; CUDA_VISIBLE_DEVICES='7' hides all)");
}

TEST(ReasonWithoutGpu, DoesNotBlameTheVariableWhereTheDriverSeesNoGpuEither) {
  FakeDriver driver{.visible = {}, .cuda_init_code = CudaCalls::kNoDevice, .nvml_gpus = 0};
  EXPECT_EQ(reason_without_gpu(ask(driver, "0"), 0, kBuild),
            "no CUDA device (driver: 580.65.06; it sees no GPU)");
}

TEST(ReasonWithoutGpu, NamesTheGpusThatThereAreWhereTheIndexIsOutOfRange) {
  FakeDriver one;
  EXPECT_EQ(reason(one, 1), "there is no CUDA device 1: 1 is visible, device 0");
  FakeDriver two{.visible = {{}, {}}};
  EXPECT_EQ(reason(two, 2), "there is no CUDA device 2: 2 are visible, 0 to 1");
  EXPECT_EQ(reason(two, -1), "there is no CUDA device -1: 2 are visible, 0 to 1");
  EXPECT_EQ(reason(two, 1), std::nullopt);
}

TEST(ReasonWithoutGpu, NamesTheCommandThatEndsAProhibition) {
  FakeDriver driver{.visible = {{.name = "X", .uuid = "GPU-x", .compute_mode = 2}}};
  EXPECT_EQ(
      reason(driver),
      "CUDA device 0 (X) is in compute mode 'prohibited': an administrator ends that with nvidia-smi -i "
      "GPU-x -c DEFAULT");
}

TEST(ReasonWithoutGpu, NamesTheProcessThatHoldsAnExclusiveDevice) {
  FakeDriver driver{.visible = {{.name = "X", .compute_mode = 3, .processes = {{.pid = 4711}}}}};
  EXPECT_EQ(reason(driver),
            "CUDA device 0 (X) is in exclusive mode and process 4711 holds it: end that, or name another "
            "device with --gpu");
}

TEST(ReasonWithoutGpu, AnExclusiveDeviceIsFreeForNobodyOurselvesAndClientsOfMps) {
  FakeDriver free{.visible = {{.compute_mode = 3}}};
  EXPECT_EQ(reason(free), std::nullopt);
  FakeDriver ours{.visible = {{.compute_mode = 3, .processes = {{.pid = static_cast<unsigned>(getpid())}}}}};
  EXPECT_EQ(reason(ours), std::nullopt);
  FakeDriver mps{.visible = {{.compute_mode = 3, .processes = {{.pid = 12}}}},
                 .process_names = {{12, "/usr/bin/nvidia-cuda-mps-server"}}};
  EXPECT_EQ(reason(mps), std::nullopt);
}

TEST(ReasonWithoutGpu, AProcessOnASharedDeviceIsNoReason) {
  FakeDriver driver{.visible = {{.processes = {{.pid = 4711}}}}};
  EXPECT_EQ(reason(driver), std::nullopt);
}

TEST(ReasonWithoutGpu, FindsTheOwnerOfAMigInstanceByItsOwnName) {
  FakeDriver driver{.visible = {{.compute_mode = 3, .processes = {{.pid = 4711}}}}};
  CudaCalls cuda = driver.cuda();
  const NvmlCalls nvml = driver.nvml();
  driver.visible[0].uuid = "MIG-00000000-0000-0000-0000-000000000001";
  cuda.uuid = [](int, std::string& uuid) { return uuid = "GPU-00000000-0000-0000-0000-000000000001", 0; };
  EXPECT_EQ(driver_state(&cuda, &nvml, nullptr).gpus.at(0).exclusive_owner, 4711);
}

TEST(ReasonWithoutGpu, NamesCapabilitiesAndTheOptionWhereThereIsNoKernelImage) {
  FakeDriver driver{.visible = {{.name = "Tesla T4", .major = 7, .minor = 5}}};
  EXPECT_EQ(
      reason(driver),
      "CUDA device 0 (Tesla T4) has compute capability 7.5, this program has kernels for 8.0, 9.0, 10.0 "
      "and later: build with -DTRAINBENCH_CUDA_ARCHITECTURES=75");
}

TEST(ReasonWithoutGpu, PassesOnWhatTheLibrariesAnswer) {
  FakeDriver driver{.cuda_init_code = 802};
  EXPECT_THAT(reason(driver), Optional(HasSubstr("(driver: 580.65.06; libcuda answered "
                                                 "cudaErrorSystemNotReady (802))")));
  FakeDriver mismatch{.nvml_init_code = NvmlCalls::kVersionMismatch};
  EXPECT_THAT(reason(mismatch), Optional(HasSubstr("(driver: unknown; the loaded kernel module is of")));
}

TEST(ReasonWithoutGpu, SaysThatLibcudaIsMissingBesideADriver) {
  FakeDriver driver;
  const NvmlCalls nvml = driver.nvml();
  EXPECT_EQ(reason_without_gpu(driver_state(nullptr, &nvml, nullptr), 0, kBuild),
            "no CUDA device (driver: 580.65.06; libcuda.so.1 cannot be loaded)");
}

TEST(HasKernelImage, TakesMachineCodeOfTheSameMajorVersionAndThePtxOfTheLast) {
  EXPECT_FALSE(has_kernel_image(kBuild, 75));
  EXPECT_TRUE(has_kernel_image(kBuild, 80));
  EXPECT_TRUE(has_kernel_image(kBuild, 89));
  EXPECT_TRUE(has_kernel_image(kBuild, 120));
  const GpuBuild one = {.cuda = true, .cuda_version = 13000, .architectures = {90}};
  EXPECT_FALSE(has_kernel_image(one, 89));
  EXPECT_TRUE(has_kernel_image(one, 100));
  const GpuBuild two = {.cuda = true, .cuda_version = 13000, .architectures = {86, 120}};
  EXPECT_FALSE(has_kernel_image(two, 80));
  EXPECT_FALSE(has_kernel_image(two, 100));
}

TEST(UuidText, IsWhatNvmlUnderstands) {
  const unsigned char bytes[16] = {0x8f, 0x2c, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06,
                                   0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0xff};
  EXPECT_EQ(uuid_text(bytes), "GPU-8f2c0102-0304-0506-0708-090a0b0c0dff");
}

// Passes with a driver and without: whatever this machine has, asking it is no crash and no contradiction.
TEST(DriverState, OfThisMachineAgreesWithItself) {
  const DriverState state = driver_state();
  EXPECT_TRUE(state.driver_version || state.gpus.empty());
  EXPECT_TRUE(!state.gpus.empty() || reason_without_gpu(state, 0));
}

}  // namespace
}  // namespace trainbench::gpu
