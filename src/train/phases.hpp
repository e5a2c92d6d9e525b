#pragma once

#include <functional>

namespace trainbench {

/// The parts of a training step, in their order.
enum class Phase { load, forward, loss, backward, optimizer };

/// Hears where a phase begins (true) and ends (false), on the thread that calls Trainer::step. A profiler's
/// door into the step.
using PhaseObserver = std::function<void(Phase, bool begin)>;

/// One phase from here to the end of the scope; one branch where nobody observes.
class PhaseSpan {
 public:
  PhaseSpan(const PhaseObserver& observer, Phase phase) : observer_(observer), phase_(phase) {
    if (observer_) observer_(phase_, true);
  }
  ~PhaseSpan() {
    if (observer_) observer_(phase_, false);
  }
  PhaseSpan(const PhaseSpan&) = delete;  // ends once
  PhaseSpan& operator=(const PhaseSpan&) = delete;

 private:
  const PhaseObserver& observer_;
  Phase phase_;
};

}  // namespace trainbench
