#pragma once

#include <vector>

namespace trainbench::stats {

using Sample = std::vector<double>;

/// The two samples of ten step times that most reference values are of.
inline const Sample kA = {101.2, 99.8, 100.5, 100.1, 102.3, 99.5, 100.9, 101.7, 100.3, 99.9};
inline const Sample kB = {103.1, 102.4, 104.0, 101.5, 103.8, 102.9, 105.2, 102.0, 103.3, 104.6};

}  // namespace trainbench::stats
