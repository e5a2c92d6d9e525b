#include "src/profile/kernel_names.hpp"

#include <gtest/gtest.h>

#include <array>
#include <utility>
#include <vector>

namespace trainbench::profile {
namespace {

TEST(ShortKernelName, LeavesOutNamespacesArgumentsAndParameters) {
  const std::array<std::pair<const char*, const char*>, 9> names = {{
      {"void at::native::vectorized_elementwise_kernel<4, at::native::CUDAFunctor_add<float>, "
       "std::array<char*, 3ul> >(int, at::native::CUDAFunctor_add<float>, std::array<char*, 3ul>)",
       "vectorized_elementwise_kernel<CUDAFunctor_add>"},
      {"void at::native::(anonymous namespace)::multi_tensor_apply_kernel<at::native::(anonymous "
       "namespace)::TensorListMetadata<3>, at::native::(anonymous namespace)::FusedSgdMathFunctor<float, 3> "
       ">(int)",
       "multi_tensor_apply_kernel<FusedSgdMathFunctor>"},
      {"void cudnn::bn_fw_tr_1C11_singleread<float, 512, true, 1, 2, 0>(cudnnTensorStruct, float const*)",
       "bn_fw_tr_1C11_singleread"},
      {"sm80_xmma_fprop_implicit_gemm_tf32f32_tf32f32_f32_nhwckrsc_nchw_tilesize128x128x16_stage4_warpsize2x2"
       "x1_g1_tensor16x8x8_execute_kernel__5x_cudnn",
       "sm80_xmma_fprop_implicit_gemm_tf32f32_tf32f32_f32_nhwckrsc_nchw_tilesize128x128x16_stage4_warpsize2x2"
       "x1_g1_tensor16x8x8_execute_kernel__5x_cudnn"},
      {"_Z3fooPf", "foo"},
      {"foo(float*)", "foo"},
      {"void ns::Kernel<int>::run(float*)", "run"},
      {"nvjet_hsh_128x256_64x4_2x1_v_bz_TNT", "nvjet_hsh_128x256_64x4_2x1_v_bz_TNT"},
      {"", ""},
  }};
  for (const auto& [name, expected] : names) EXPECT_EQ(short_kernel_name(name), expected) << name;
}

TEST(ShortKernelName, EndsOnBracketsThatDoNotClose) {
  EXPECT_EQ(short_kernel_name("foo<bar<baz"), "foo");
  EXPECT_EQ(short_kernel_name("_Znot_mangled"), "_Znot_mangled");
}

TEST(TensorCores, FollowFromRealNames) {
  const std::vector<std::pair<const char*, TensorCores>> names = {
      {"sm90_xmma_fprop_implicit_gemm_bf16bf16_bf16f32_f32_nhwckrsc_nhwc_tilesize128x128x64__5x_cudnn",
       TensorCores::yes},
      {"sm80_xmma_wgrad_implicit_gemm_indexed_tf32f32_tf32f32_f32_nhwckrsc_nhwc_tilesize64x64x64",
       TensorCores::yes},
      {"sm90_xmma_gemm_f32f32_tf32f32_f32_tn_n_tilesize128x128x32_warpgroupsize1x1x1_execute_segment_k_off_"
       "kernel__5x_cublas",
       TensorCores::yes},
      {"sm80_xmma_gemm_f32f32_tf32f32_f32_nn_n_tilesize64x64x64_stage3_warpsize2x2x1_tensor16x8x8_execute_"
       "kernel__51_cublas",
       TensorCores::yes},
      {"sm80_xmma_dgrad_implicit_gemm_indexed_wo_smem_tf32f32_tf32f32_f32_nhwckrsc_nhwc_tilesize128x16x32",
       TensorCores::yes},
      {"sm80_xmma_gemm_f32f32_f32f32_f32_tn_n_tilesize32x32x8_stage3_warpsize1x2x1_f16_kernel",
       TensorCores::no},
      {"cask_plugin_cudnn::xmma_new::gemm::kernel_tensor16x8x8", TensorCores::yes},
      {"sm80_xmma_fprop_implicit_gemm_f32f32_f32f32_f32_nchwkcrs_nchw_tilesize32x32x8", TensorCores::no},
      {"sm80_xmma_dgrad_implicit_gemm_indexed_f32f32_f32f32_f32_nhwckrsc_nhwc", TensorCores::no},
      {"ampere_fp16_s16816gemm_fp16_64x64_ldg8_f2f_stages_64x5_nn", TensorCores::yes},
      {"cutlass_80_tensorop_s1688gemm_128x128_16x4_nn_align4", TensorCores::yes},
      {"nvjet_hsh_128x256_64x4_2x1_v_bz_TNT", TensorCores::yes},
      {"turing_h1688cudnn_128x128_ldg8_relu_exp_medium_nhwc_tn_v1", TensorCores::yes},
      {"ampere_sgemm_32x32_sliced1x4_nn", TensorCores::no},
      {"implicit_convolve_sgemm", TensorCores::no},
      {"cutlass_80_simt_sgemm_128x128_8x4_nn_align1", TensorCores::no},
      {"void at::native::vectorized_elementwise_kernel<4, at::native::CUDAFunctor_add<float>>(int)",
       TensorCores::no},
      {"void cudnn::bn_bw_1C11_kernel_new<float, float, float2, 512, true, 1>(float)", TensorCores::no},
      {"void cudnn::ops::nchwToNhwcKernel<float, float, float, false, true>(float)", TensorCores::no},
      {"_5x_cudnn_generated_engine_37", TensorCores::unknown},
  };
  for (const auto& [name, expected] : names) EXPECT_EQ(tensor_cores_of(name), expected) << name;
}

TEST(KernelSet, IsThatOfTheSetAndFitsInADouble) {
  const std::vector<std::string> ab = {"a", "b"};
  const std::vector<std::string> bab = {"b", "a", "b"};
  EXPECT_EQ(kernel_set_fingerprint(ab), kernel_set_fingerprint(bab));
  EXPECT_NE(kernel_set_fingerprint(ab), kernel_set_fingerprint(std::vector<std::string>{"ab"}));
  EXPECT_NE(kernel_set_fingerprint(ab), kernel_set_fingerprint(std::vector<std::string>{"a"}));
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t value = kernel_set_fingerprint(std::vector<std::string>{std::to_string(i)});
    EXPECT_EQ(static_cast<std::uint64_t>(static_cast<double>(value)), value);
  }
}

}  // namespace
}  // namespace trainbench::profile
