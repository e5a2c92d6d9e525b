#include "src/train/precision.hpp"

#include <ATen/Context.h>
#include <ATen/autocast_mode.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/ones.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace trainbench {
namespace {

using at::Float32Backend;
using at::Float32Op;
using at::Float32Precision;

Float32Precision cuda(Float32Op op) {
  return at::globalContext().float32Precision(Float32Backend::CUDA, op);
}

TEST(Float32Settings, Fp32IsIeeeEverywhereAndTf32IsTf32Everywhere) {
  for (const Precision precision : {Precision::fp32, Precision::amp_fp16, Precision::tf32}) {
    const Float32Settings settings(precision, false);
    const Float32Precision expected =
        precision == Precision::tf32 ? Float32Precision::TF32 : Float32Precision::IEEE;
    for (const Float32Op op : {Float32Op::CONV, Float32Op::RNN, Float32Op::MATMUL}) {
      EXPECT_EQ(cuda(op), expected) << to_string(precision);
    }
    // These throw where the old and the new settings disagree.
    EXPECT_EQ(at::globalContext().allowTF32CuDNN(), precision == Precision::tf32);
    EXPECT_EQ(at::globalContext().allowTF32CuBLAS(), precision == Precision::tf32);
  }
}

TEST(Float32Settings, AreGivenBackAlsoAfterAThrow) {
  const Float32Precision convolution = cuda(Float32Op::CONV);
  const Float32Precision recurrent = cuda(Float32Op::RNN);
  const Float32Precision matmul = cuda(Float32Op::MATMUL);
  const Float32Precision onednn =
      at::globalContext().float32Precision(Float32Backend::MKLDNN, Float32Op::MATMUL);
  const bool cudnn = at::globalContext().allowTF32CuDNN();
  const bool cublas = at::globalContext().allowTF32CuBLAS();
  const bool benchmark = at::globalContext().benchmarkCuDNN();
  for (const Precision precision : {Precision::fp32, Precision::tf32}) {
    try {
      const Float32Settings settings(precision, !benchmark);
      EXPECT_EQ(at::globalContext().benchmarkCuDNN(), !benchmark);
      throw std::runtime_error("in the middle");
    } catch (const std::runtime_error&) {
    }
    EXPECT_EQ(cuda(Float32Op::CONV), convolution);
    EXPECT_EQ(cuda(Float32Op::RNN), recurrent);
    EXPECT_EQ(cuda(Float32Op::MATMUL), matmul);
    EXPECT_EQ(at::globalContext().float32Precision(Float32Backend::MKLDNN, Float32Op::MATMUL), onednn);
    EXPECT_EQ(at::globalContext().allowTF32CuDNN(), cudnn);
    EXPECT_EQ(at::globalContext().allowTF32CuBLAS(), cublas);
    EXPECT_EQ(at::globalContext().benchmarkCuDNN(), benchmark);
  }
}

TEST(Float32Settings, NestedGuardsGiveBackTheOuterOnes) {
  const Float32Settings outer(Precision::tf32, true);
  { const Float32Settings inner(Precision::fp32, false); }
  EXPECT_EQ(cuda(Float32Op::MATMUL), Float32Precision::TF32);
  EXPECT_TRUE(at::globalContext().allowTF32CuDNN());
  EXPECT_TRUE(at::globalContext().benchmarkCuDNN());
}

at::ScalarType type_of_a_product() {
  const at::Tensor matrix = at::ones({4, 4});
  return at::matmul(matrix, matrix).scalar_type();
}

TEST(Autocast, ComputesInItsTypeAndEndsWithItsScope) {
  EXPECT_EQ(type_of_a_product(), at::kFloat);
  {
    const Autocast outer(at::kCPU, at::kBFloat16);
    EXPECT_EQ(type_of_a_product(), at::kBFloat16);
    {
      const Autocast inner(at::kCPU, at::kHalf);
      EXPECT_EQ(type_of_a_product(), at::kHalf);
    }
    EXPECT_EQ(type_of_a_product(), at::kBFloat16);
  }
  EXPECT_EQ(type_of_a_product(), at::kFloat);
}

TEST(Autocast, GivesEverySettingBackAlsoAfterAThrow) {
  const at::ScalarType dtype = at::autocast::get_autocast_dtype(at::kCPU);
  const bool cache = at::autocast::is_autocast_cache_enabled();
  const at::ScalarType other = dtype == at::kHalf ? at::kBFloat16 : at::kHalf;
  try {
    const Autocast autocast(at::kCPU, other, !cache);
    EXPECT_EQ(at::autocast::is_autocast_cache_enabled(), !cache);
    throw std::runtime_error("in the middle");
  } catch (const std::runtime_error&) {
  }
  EXPECT_FALSE(at::autocast::is_autocast_enabled(at::kCPU));
  EXPECT_EQ(at::autocast::get_autocast_dtype(at::kCPU), dtype);
  EXPECT_EQ(at::autocast::is_autocast_cache_enabled(), cache);
  // The nesting is even again: one more guard is the outermost.
  EXPECT_EQ(at::autocast::increment_nesting(), 1);
  EXPECT_EQ(at::autocast::decrement_nesting(), 0);
}

// A weight's cast is cached. Kept beyond the step, it would hide the optimizer's change; in a captured step
// it would be one constant for ever.
TEST(Autocast, TheOutermostGuardsEndForgetsTheCastsOfWeightsAndAnInnerOnesDoesNot) {
  at::Tensor weight = at::ones({1, 1}).requires_grad_();
  const at::Tensor one = at::ones({1, 1});
  const auto product = [&] { return at::matmul(one, weight).item<float>(); };
  const auto change_unseen = [&] { weight.data().fill_(weight.data().item<float>() + 1); };
  {
    const Autocast outer(at::kCPU, at::kBFloat16);
    EXPECT_EQ(product(), 1);
    change_unseen();
    { const Autocast inner(at::kCPU, at::kBFloat16); }
    EXPECT_EQ(product(), 1) << "the cast was not cached: this test shows nothing";
  }
  const Autocast again(at::kCPU, at::kBFloat16);
  EXPECT_EQ(product(), 2);
}

TEST(Autocast, WithoutTheCacheSeesEveryChange) {
  at::Tensor weight = at::ones({1, 1}).requires_grad_();
  const at::Tensor one = at::ones({1, 1});
  const Autocast autocast(at::kCPU, at::kBFloat16, /*cache_casts=*/false);
  EXPECT_EQ(at::matmul(one, weight).item<float>(), 1);
  weight.data().fill_(2);
  EXPECT_EQ(at::matmul(one, weight).item<float>(), 2);
}

}  // namespace
}  // namespace trainbench
