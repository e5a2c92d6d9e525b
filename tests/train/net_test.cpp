#include "src/train/net.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "src/model/resnet18.hpp"
#include "tests/train/small_training.hpp"

namespace trainbench {
namespace {

TEST(Net, KeepsTheParametersOfNormalisationLayersInFloat32) {
  EXPECT_EQ(net_from("small", std::make_shared<NormalisedNet>()).keeps_float32,
            (std::vector<bool>{false, false, true, true, false, false}));
  const Net resnet = net_from("resnet18", std::make_shared<ResNet18Impl>());
  EXPECT_EQ(std::ssize(resnet.keeps_float32), 62);
  // A weight and a bias of each of the 20 normalisation layers.
  EXPECT_EQ(std::ranges::count(resnet.keeps_float32, true), 40);
}

TEST(Net, MovesKernelsToChannelsLastAndKeepsTheHandlesAndTheValues) {
  const auto module = std::make_shared<ConvolutionNet>();
  const Net net = net_from("small", module);
  const at::Tensor before = net.parameters[0].detach().clone();
  net.move_to(at::kCPU, true);
  EXPECT_TRUE(net.parameters[0].is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_TRUE(net.parameters[0].is_same(module->parameters()[0]));
  EXPECT_TRUE(net.parameters[0].equal(before));
  EXPECT_TRUE(net.parameters[0].requires_grad());
  EXPECT_TRUE(net.parameters[1].is_contiguous());
}

TEST(Net, ThatDoesNotSayWhatKeepsFloat32CannotBeMadeHalf) {
  Net net = net_from("small", std::make_shared<NormalisedNet>());
  net.keeps_float32.clear();
  EXPECT_THROW(make_half(net), std::logic_error);
}

}  // namespace
}  // namespace trainbench
