#pragma once

#include <span>
#include <vector>

namespace trainbench::stats {

// Each answers in the order of its argument; every p-value lies in [0, 1].

/// p-values adjusted so that, of those at most alpha, at most the share alpha is expected to be false:
/// p_(i) becomes min over j >= i of min(1, m p_(j) / j) (Benjamini and Hochberg 1995). Holds for independent
/// and for positively dependent tests, as those of one slow machine are.
std::vector<double> benjamini_hochberg(std::span<const double> p_values);

/// The same under any dependence: m is multiplied by 1 + 1/2 + ... + 1/m (Benjamini and Yekutieli 2001).
std::vector<double> benjamini_yekutieli(std::span<const double> p_values);

/// Adjusted so that the probability of any false one is at most alpha (Holm 1979).
std::vector<double> holm(std::span<const double> p_values);

}  // namespace trainbench::stats
