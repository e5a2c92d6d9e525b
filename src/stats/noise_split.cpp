#include "src/stats/noise_split.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "src/stats/t_tests.hpp"

namespace trainbench::stats {
namespace {

struct Level {
  double mean_variance = 0;
  std::vector<double> means;
};

/// Takes the values together in groups of `size`.
Level level_of(std::span<const double> values, std::size_t size) {
  Level level;
  const std::size_t num_groups = values.size() / size;
  for (std::size_t begin = 0; begin < values.size(); begin += size) {
    const auto group = moments(values.subspan(begin, size));
    if (!group) throw std::logic_error("A level of noise has a value that is not finite.");
    level.mean_variance += group->variance / static_cast<double>(num_groups);
    level.means.push_back(group->mean);
  }
  return level;
}

}  // namespace

VarianceComponents variance_components(std::span<const double> values, std::span<const std::size_t> sizes) {
  std::size_t product = 1;
  for (const std::size_t size : sizes) product *= size;
  const bool parts = std::all_of(sizes.begin(), sizes.end(), [](std::size_t size) { return size > 1; });
  if (!parts || sizes.empty() || product != values.size())
    throw std::logic_error("The values of a nested design do not match its sizes.");
  VarianceComponents result;
  std::vector<double> means(values.begin(), values.end());
  for (std::size_t i = sizes.size(); i-- > 0;) {
    Level level = level_of(means, sizes[i]);
    const bool innermost = i + 1 == sizes.size();
    const double explained = innermost ? 0 : result.s_squared.back() / static_cast<double>(sizes[i + 1]);
    result.s_squared.push_back(level.mean_variance);
    result.t_squared.push_back(level.mean_variance - explained);
    means = std::move(level.means);
  }
  return result;
}

std::optional<NoiseSplit> split_noise(std::span<const std::vector<double>> processes) {
  std::vector<double> means;
  double within = 0;
  double reciprocal_sizes = 0;
  double num_split = 0;
  for (const std::vector<double>& process : processes) {
    std::vector<double> logarithms;
    for (const double value : process) {
      if (!(value > 0)) return std::nullopt;
      logarithms.push_back(std::log(value));
    }
    const auto split = moments(logarithms);
    if (!split) continue;
    means.push_back(split->mean);
    within += split->variance;
    reciprocal_sizes += 1 / static_cast<double>(split->n);
    ++num_split;
  }
  const auto between = moments(means);
  if (!between) return std::nullopt;
  within /= num_split;
  const double component = between->variance - within * reciprocal_sizes / num_split;
  return NoiseSplit{
      .within = std::sqrt(within), .between = std::sqrt(std::max(0.0, component)), .clipped = component < 0};
}

double best_repetitions(const NoiseSplit& noise, double process_cost, double repetition_cost) {
  if (!(noise.between > 0)) return 0;
  return std::max(1.0, std::sqrt(process_cost / repetition_cost) * noise.within / noise.between);
}

}  // namespace trainbench::stats
