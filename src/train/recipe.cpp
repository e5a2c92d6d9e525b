#include "src/train/recipe.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace trainbench {
namespace {

double cosine_between(double from, double to, double fraction) {
  return to + (from - to) / 2 * (1 + std::cos(std::numbers::pi * fraction));
}

double one_cycle(double peak, double step, double total_steps) {
  constexpr double kRisingShare = 0.3;
  const double first = peak / 25;
  const double last = first / 1e4;
  const double top = kRisingShare * total_steps - 1;
  if (step <= top) return cosine_between(first, peak, step / top);
  return cosine_between(peak, last, (step - top) / (total_steps - 1 - top));
}

}  // namespace

std::string_view to_string(Schedule schedule) noexcept {
  switch (schedule) {
    case Schedule::constant:
      return "constant";
    case Schedule::one_cycle:
      return "one_cycle";
  }
  return "";
}

double learning_rate_at(const Recipe& recipe, std::int64_t step, std::int64_t total_steps) noexcept {
  switch (recipe.schedule) {
    case Schedule::constant:
      return recipe.learning_rate;
    case Schedule::one_cycle:
      return one_cycle(recipe.learning_rate, static_cast<double>(std::min(step, total_steps - 1)),
                       static_cast<double>(total_steps));
  }
  return recipe.learning_rate;
}

}  // namespace trainbench
