#pragma once

#include <string>

#include "src/data/dataset.hpp"

namespace trainbench {

/// Dataset::hash of these two halves.
std::string hash_of(const ImageSet& train, const ImageSet& test);

}  // namespace trainbench
