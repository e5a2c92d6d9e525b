#include "src/profile/onednn_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/profile/small_profile.hpp"

namespace trainbench::profile {
namespace {

using testing::ElementsAre;

constexpr const char* kLog =
    "onednn_verbose,v1,info,oneDNN v3.10.2\n"
    "onednn_verbose,v1,primitive,exec,cpu,reorder,jit:uni,undef,src:f32::blocked:abcd,,,64x3x3x3,0.01\n"
    "onednn_verbose,v1,primitive,exec,cpu,convolution,jit:avx512_core,backward_data,src:f32,,,mb128,5.08\n"
    "something else\n"
    "onednn_verbose,v1,1732480000.5,primitive,exec,cpu,convolution,brgconv:avx512_core,backward_weights,x,5."
    "1\n"
    "onednn_verbose,v1,primitive,exec,cpu";

TEST(RunsIn, ReadsExecutionsWithAndWithoutTimeStamp) {
  EXPECT_THAT(runs_in(kLog),
              ElementsAre(PrimitiveRun{"reorder", "jit:uni", "undef"},
                          PrimitiveRun{"convolution", "jit:avx512_core", "backward_data"},
                          PrimitiveRun{"convolution", "brgconv:avx512_core", "backward_weights"}));
  EXPECT_THAT(runs_in(""), testing::IsEmpty());
}

TEST(ImplementationText, LeavesOutReordersAndSaysWhatABackwardPrimitiveComputes) {
  EXPECT_EQ(implementation_text("aten::convolution_backward", runs_in(kLog)),
            "data jit:avx512_core, weights brgconv:avx512_core");
  EXPECT_EQ(
      implementation_text("aten::mkldnn_convolution", {{"convolution", "jit:avx2", "forward_training"},
                                                       {"convolution", "jit:avx2", "forward_training"}}),
      "jit:avx2");
}

TEST(ImplementationText, CallsAConvolutionWithoutOneDnnNative) {
  EXPECT_EQ(implementation_text("aten::_slow_conv2d_forward", {}), "native");
  EXPECT_EQ(implementation_text("aten::convolution_backward", {{"reorder", "jit:uni", "undef"}}), "native");
  EXPECT_EQ(implementation_text("aten::add", {}), "");
}

TEST(CopyDescriptions, GoesByTheCallsPlaceInItsStep) {
  ProfileBuilder one;
  ProfileBuilder target;
  for (const char* implementation : {"first", "second"})
    one.at(one.op("aten::conv", 0, 0)).implementation = one.profile.names.id(implementation);
  for (const std::int64_t begin : {std::int64_t{0}, std::int64_t{100}}) {
    target.step(begin, begin + 100);
    target.op("aten::other", begin, begin + 10);
    target.op("aten::conv", begin + 10, begin + 20);
    target.op("aten::conv", begin + 30, begin + 40);
    target.op("aten::conv", begin + 50, begin + 60);
  }
  copy_descriptions(one.profile, target.profile);
  std::vector<std::string> texts;
  for (const OperatorRecord& record : target.profile.operators)
    texts.push_back(target.profile.names.text(record.implementation));
  EXPECT_THAT(texts, ElementsAre("", "first", "second", "", "", "first", "second", ""));
}

TEST(CopyDescriptions, LeavesLayerAndInputsThatACallHasOfItsOwn) {
  ProfileBuilder one;
  OperatorRecord& described = one.at(one.op("aten::conv", 0, 0));
  described.layer = one.profile.names.id("conv1");
  described.inputs = one.profile.names.id("float32[2,3]");
  ProfileBuilder target;
  target.step(0, 100);
  target.op("aten::conv", 10, 20);
  target.step(100, 200);
  OperatorRecord& own = target.at(target.op("aten::conv", 110, 120));
  own.layer = target.profile.names.id("fc");
  own.inputs = target.profile.names.id("float32[5]");
  copy_descriptions(one.profile, target.profile);
  std::vector<std::string> texts;
  for (const OperatorRecord& record : target.profile.operators) {
    texts.push_back(target.profile.names.text(record.layer));
    texts.push_back(target.profile.names.text(record.inputs));
  }
  EXPECT_THAT(texts, ElementsAre("conv1", "float32[2,3]", "fc", "float32[5]"));
}

}  // namespace
}  // namespace trainbench::profile
