#include "src/gpu/cuda_errors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trainbench::gpu {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const CudaErrorContext kContext = {.index = 0,
                                   .device_count = 2,
                                   .device_name = "NVIDIA H100",
                                   .driver_cuda_version = 13000,
                                   .program_cuda_version = 13000};

TEST(CudaErrorSentence, NoDriverAndADriverThatIsTooOldHaveTheSameCode) {
  EXPECT_EQ(cuda_error_sentence(35, {.driver_cuda_version = 0, .program_cuda_version = 13000}),
            "There is no CUDA device (driver: none).");
  EXPECT_EQ(cuda_error_sentence(35, {.driver_cuda_version = 12020, .program_cuda_version = 13000}),
            "The driver serves CUDA 12.2, this program needs 13.0: install driver 580 or later.");
}

TEST(CudaErrorSentence, NoDevicePointsAtTheDriverOrAtTheVariable) {
  EXPECT_EQ(cuda_error_sentence(100, {.driver_cuda_version = 0}), "There is no CUDA device (driver: none).");
  EXPECT_THAT(cuda_error_sentence(100, kContext), HasSubstr("CUDA_VISIBLE_DEVICES"));
}

TEST(CudaErrorSentence, AnIndexOutOfRangeNamesHowManyThereAre) {
  CudaErrorContext context = kContext;
  context.index = 3;
  EXPECT_EQ(cuda_error_sentence(101, context), "There is no CUDA device 3: 2 are visible, 0 to 1.");
}

TEST(CudaErrorSentence, NamesTheDeviceTheTroubleAndTheCode) {
  const std::pair<int, const char*> expected[] = {{46, "is busy, in exclusive mode"},
                                                  {209, "has no kernels for the compute capability"},
                                                  {214, "has an ECC error"},
                                                  {2, "has no memory left"},
                                                  {802, "is not ready"}};
  for (const auto& [code, words] : expected) {
    const std::string sentence = cuda_error_sentence(code, kContext);
    EXPECT_THAT(sentence, HasSubstr(words));
    EXPECT_THAT(sentence, HasSubstr("CUDA device 0 (NVIDIA H100)"));
    EXPECT_THAT(sentence, HasSubstr(cuda_error_text(code)));
  }
}

TEST(CudaErrorSentence, AnUnknownCodeIsToldWithCudasOwnWords) {
  CudaErrorContext context = kContext;
  context.description = "something new";
  EXPECT_EQ(cuda_error_sentence(4242, context),
            "CUDA device 0 (NVIDIA H100) answered error 4242: something new.");
  context.device_name.clear();
  EXPECT_THAT(cuda_error_sentence(4242, context), StartsWith("CUDA device 0 answered"));
}

TEST(OldestDriverFor, IsTheFirstOfTheMajorVersion) {
  EXPECT_EQ(oldest_driver_for(12090), "driver 525 or later");
  EXPECT_EQ(oldest_driver_for(13000), "driver 580 or later");
  EXPECT_EQ(oldest_driver_for(99000), "a newer driver");
}

}  // namespace
}  // namespace trainbench::gpu
