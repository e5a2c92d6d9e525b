#include "src/profile/cupti_api.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <stdexcept>

#include "src/base/errors.hpp"
#include "tests/profile/fake_cupti.hpp"

namespace trainbench::profile {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

/// What the real library calls one of its callbacks; it needs no driver for that.
std::string real_name(CUpti_CallbackDomain domain, CUpti_CallbackId id) {
  const char* name = nullptr;
  return CuptiApi{}.callback_name(domain, id, &name) == CUPTI_SUCCESS && name != nullptr ? name : "";
}

TEST(CuptiApi, MakesNoCallOfCuptiWhereThereIsNoDriver) {
  FakeCupti fake;
  fake.device_answer = cudaErrorInsufficientDriver;
  EXPECT_THAT(reason_without_cupti(FakeCupti::api()),
              StartsWith("no NVIDIA driver or GPU (cudaGetDeviceCount: CUDA driver version is insufficient"));
  EXPECT_THAT(fake.calls, ElementsAre("device count"));
}

TEST(CuptiApi, MakesNoCallOfCuptiWhereThereIsADriverAndNoGpu) {
  FakeCupti fake;
  fake.devices = 0;
  EXPECT_EQ(reason_without_cupti(FakeCupti::api()), "no GPU (cudaGetDeviceCount: 0)");
  EXPECT_THAT(fake.calls, ElementsAre("device count"));
}

TEST(CuptiApi, RefusesALibraryWhoseRecordsMayBeShorterThanTheStructures) {
  FakeCupti fake;
  for (const auto& [version, words] : {std::pair{28U, "of CUDA 12 or older (API 28)"}, {129900U, "12.99"}}) {
    fake.version = version;
    EXPECT_THAT(reason_without_cupti(FakeCupti::api()),
                StartsWith(std::string("libcupti is ") + words + ", this program reads the records of 13.0"));
  }
  for (const std::uint32_t version : {130000U, 130001U, 130200U, 140000U}) {
    fake.version = version;
    EXPECT_THAT(reason_without_cupti(FakeCupti::api()), IsEmpty()) << version;
  }
}

TEST(CuptiApi, WarnsOfTheFirstLibraryOf13) {
  FakeCupti fake;
  fake.version = 130000;
  EXPECT_THAT(cupti_warning(FakeCupti::api()), StartsWith("libcupti is the first of CUDA 13.0 ('"));
  for (const std::uint32_t version : {130001U, 130100U, 140000U}) {
    fake.version = version;
    EXPECT_EQ(cupti_warning(FakeCupti::api()), "") << version;
  }
}

TEST(CuptiApi, SaysWhichLibraryAnswersAndItsVersion) {
  EXPECT_THAT(cupti_facts(CuptiApi{}).at("libcupti"), HasSubstr("/libcupti.so"));
  FakeCupti fake;
  for (const auto& [version, text] :
       {std::pair{130001U, "13.0 update 1"}, {130200U, "13.2"}, {0U, "unknown"}}) {
    fake.version = version;
    EXPECT_EQ(cupti_facts(FakeCupti::api()).at("libcupti_version"), text);
  }
}

TEST(CuptiApi, NamesTheHolderAndTheWayOut) {
  const std::string sentence = cupti_sentence(
      CuptiApi{}, "cuptiSubscribe_v2", CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED, "CUPTI for Proton");
  EXPECT_THAT(sentence, StartsWith("CUPTI is taken by 'CUPTI for Proton': run without Nsight Systems"));
  EXPECT_THAT(sentence, HasSubstr("cuptiSubscribe_v2 answered 39 (CUPTI_ERROR_MULTIPLE_SUBSCRIBERS"));
}

TEST(CuptiApi, NamesTheVariableThatInjectsATool) {
  ASSERT_EQ(::setenv("NVTX_INJECTION64_PATH", "/opt/libcupti.so", 1), 0);
  const std::string sentence =
      cupti_sentence(CuptiApi{}, "cuptiSubscribe_v2", CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED);
  ::unsetenv("NVTX_INJECTION64_PATH");
  EXPECT_THAT(sentence, StartsWith("CUPTI is taken by another tool that does not say its name"));
  EXPECT_THAT(sentence, HasSubstr("NVTX_INJECTION64_PATH='/opt/libcupti.so' is set"));
}

TEST(CuptiApi, SaysWhatToDoAboutPrivilegeDriverAndMachine) {
  const auto sentence = [](CUptiResult result) { return cupti_sentence(CuptiApi{}, "cuptiX", result); };
  EXPECT_THAT(sentence(CUPTI_ERROR_INSUFFICIENT_PRIVILEGES), HasSubstr("ERR_NVGPUCTRPERM"));
  EXPECT_THAT(sentence(CUPTI_ERROR_NOT_INITIALIZED), StartsWith("the driver is too old for libcupti 13.0"));
  EXPECT_THAT(sentence(CUPTI_ERROR_MIG_DEVICE_NOT_SUPPORTED),
              StartsWith("CUPTI does not serve a MIG instance"));
  EXPECT_EQ(sentence(CUPTI_ERROR_UNKNOWN), "cuptiX answered 999 (CUPTI_ERROR_UNKNOWN)");
  EXPECT_THAT(sentence(static_cast<CUptiResult>(12345)), StartsWith("cuptiX answered 12345 ("));
}

TEST(CuptiApi, TheRealLibraryIsTheOneCompiledAgainstAndAnswersWithoutADriver) {
  std::uint32_t version = 0;
  ASSERT_EQ(CuptiApi{}.version(&version), CUPTI_SUCCESS);
  EXPECT_GE(version / 100, CUPTI_API_VERSION / 100U);
}

TEST(CuptiApi, TheRealLibraryNamesTheLaunchesThatNvccCompilesTo) {
  EXPECT_EQ(real_name(CUPTI_CB_DOMAIN_DRIVER_API, CUPTI_DRIVER_TRACE_CBID_cuLaunchKernelEx),
            "cuLaunchKernelEx");
  EXPECT_THAT(real_name(CUPTI_CB_DOMAIN_RUNTIME_API, CUPTI_RUNTIME_TRACE_CBID___cudaLaunchKernel_v13000),
              StartsWith("__cudaLaunchKernel"));
  EXPECT_THAT(real_name(CUPTI_CB_DOMAIN_RUNTIME_API, CUPTI_RUNTIME_TRACE_CBID_cudaGraphLaunch_v10000),
              StartsWith("cudaGraphLaunch"));
}

TEST(CuptiCalls, TakesBackWhatSucceededInReverseOrderAtTheFirstFailure) {
  std::string undone;
  const auto undo = [&](char letter) {
    return [&undone, letter] {
      undone += letter;
      return CUPTI_ERROR_UNKNOWN;  // is not looked at
    };
  };
  const CuptiApi api;
  CuptiCalls calls(api);
  calls.make(
      "one", [] { return CUPTI_SUCCESS; }, undo('a'));
  calls.make("two", [] { return CUPTI_SUCCESS; });
  calls.make(
      "three", [] { return CUPTI_SUCCESS; }, undo('b'));
  EXPECT_THROW(calls.make(
                   "four", [] { return CUPTI_ERROR_UNKNOWN; }, undo('c')),
               EnvironmentError);
  EXPECT_EQ(undone, "ba");
  EXPECT_EQ(calls.fault(), "four answered 999 (CUPTI_ERROR_UNKNOWN)");
}

TEST(CuptiCalls, MakesNoCallAfterAFailure) {
  const CuptiApi api;
  CuptiCalls calls(api);
  EXPECT_THROW(calls.make("one", [] { return CUPTI_ERROR_DISABLED; }), EnvironmentError);
  bool called = false;
  const auto call = [&] {
    called = true;
    return CUPTI_SUCCESS;
  };
  EXPECT_THROW(calls.make("two", call), EnvironmentError);
  EXPECT_FALSE(called);
  EXPECT_THAT(calls.fault(), StartsWith("one answered 23"));
}

}  // namespace
}  // namespace trainbench::profile
