#pragma once

#include <cstdint>
#include <string_view>

namespace trainbench {

enum class Schedule { constant, one_cycle };

std::string_view to_string(Schedule schedule) noexcept;

/// How a network is trained. Fixed by the experiment's description; the Python peer reads the same values.
struct Recipe {
  double learning_rate = 0.03;  // of one_cycle: the peak
  Schedule schedule = Schedule::one_cycle;
  double momentum = 0.9;
  double weight_decay = 5e-4;
  int epochs = 5;       // of preset `full`
  bool augment = true;  // random crop with padding 4, horizontal flip
};

/// The learning rate of step `step` (from 0) of `total_steps`; beyond the last it stays the last.
///
/// one_cycle is torch.optim.lr_scheduler.OneCycleLR with its defaults and cycle_momentum=False (after Smith
/// and Topin 2017): a cosine from peak / 25 to the peak over the first 30 % of the steps, then a cosine down
/// to peak / 250,000.
double learning_rate_at(const Recipe& recipe, std::int64_t step, std::int64_t total_steps) noexcept;

}  // namespace trainbench
