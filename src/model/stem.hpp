#pragma once

namespace trainbench {

/// How ResNet-18 begins.
enum class Stem {
  imagenet,  ///< 7x7 convolution of stride 2, then 3x3 max pooling of stride 2: torchvision's
  cifar,     ///< 3x3 convolution of stride 1, no pooling
};

}  // namespace trainbench
