#include "src/profile/tables.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "src/profile/convolution_work.hpp"
#include "src/profile/intervals.hpp"

namespace trainbench::profile {
namespace {

/// GPU records of the window that have an operator.
template <class Take>
void for_each_attributed(const Profile& profile, Take take) {
  const Span window = window_of(profile);
  for (const GpuRecord& record : profile.gpu) {
    const std::int64_t length = clipped(record.time, window).length();
    if (record.caller != kNone && length > 0) take(record, length);
  }
}

class OperatorTable {
 public:
  OperatorTable(const Profile& profile, const std::vector<OperatorPlace>& places)
      : profile_(profile), places_(places) {}

  std::vector<OperatorRow> run() {
    for (std::size_t i = 0; i < profile_.operators.size(); ++i) {
      if (places_[i].in_window) add(i);
    }
    const Span window = window_of(profile_);
    for (const AllocationRecord& record : profile_.allocations) {
      if (record.caller == kNone || record.time.begin_ns < window.begin_ns ||
          record.time.begin_ns >= window.end_ns)
        continue;
      row_of(record.caller).allocated_bytes += record.bytes;
    }
    for_each_attributed(profile_, [&](const GpuRecord& record, std::int64_t length) {
      OperatorRow& row = row_of(record.caller);
      row.device_ns += length;
      if (record.kind == GpuKind::kernel) ++row.launches;
    });
    std::vector<OperatorRow> rows;
    for (auto& [key, row] : rows_) rows.push_back(std::move(row));
    std::stable_sort(rows.begin(), rows.end(),
                     [](const OperatorRow& a, const OperatorRow& b) { return a.self_ns > b.self_ns; });
    return rows;
  }

 private:
  OperatorRow& row_of(Index index) {
    const StepPhase phase = places_[at(index)].phase;
    const std::string name = display_name(profile_, places_, index);
    OperatorRow& row = rows_[{phase, name}];
    row.phase = phase;
    row.name = name;
    return row;
  }

  void add(std::size_t i) {
    const OperatorRecord& record = profile_.operators[i];
    OperatorRow& row = row_of(static_cast<Index>(i));
    ++row.calls;
    row.self_ns += places_[i].self_ns;
    if (is_outermost(i, row.name)) row.total_ns += places_[i].total_ns;
    if (record.implementation != kNoName)
      row.implementations.insert(profile_.names.text(record.implementation));
    const std::vector<TensorText> tensors = tensors_of(profile_.names.text(record.inputs));
    if (!tensors.empty()) row.dtypes.insert(tensors.front().dtype);
  }

  /// Rows of the engine hold operators of several names, some inside others.
  bool is_outermost(std::size_t i, const std::string& row) const {
    for (Index up = profile_.operators[i].parent; up != kNone; up = profile_.operators[at(up)].parent) {
      if (display_name(profile_, places_, up) == row) return false;
    }
    return true;
  }

  const Profile& profile_;
  const std::vector<OperatorPlace>& places_;
  std::map<std::pair<StepPhase, std::string>, OperatorRow> rows_;
};

}  // namespace

std::vector<OperatorRow> operator_rows(const Profile& profile, const std::vector<OperatorPlace>& places) {
  return OperatorTable(profile, places).run();
}

std::vector<LayerRow> layer_rows(const Profile& profile, const std::vector<OperatorPlace>& places) {
  std::vector<LayerRow> rows;
  std::map<std::string, std::size_t> index_of;
  const auto row_of = [&](const std::string& layer) -> LayerRow& {
    const auto [found, is_new] = index_of.try_emplace(layer, rows.size());
    if (is_new) rows.push_back({.layer = layer});
    return rows[found->second];
  };
  for (const OperatorPlace& place : places) {
    if (!place.in_window) continue;
    LayerRow& row = row_of(place.layer);
    const bool forward = place.phase == StepPhase::forward || place.phase == StepPhase::loss;
    (forward                              ? row.forward_ns
     : place.phase == StepPhase::backward ? row.backward_ns
                                          : row.other_ns) += place.self_ns;
  }
  for_each_attributed(profile, [&](const GpuRecord& record, std::int64_t length) {
    row_of(places[at(record.caller)].layer).device_ns += length;
  });
  return rows;
}

std::vector<PhaseRow> phase_rows(const Profile& profile, const std::vector<OperatorPlace>& places) {
  const Span window = window_of(profile);
  std::vector<Span> operators;
  for (const OperatorRecord& record : profile.operators) {
    if (record.parent == kNone && record.thread == profile.main_thread)
      operators.push_back(clipped(record.time, window));
  }
  const Intervals covered = union_of(operators);
  std::map<StepPhase, std::int64_t> device;
  for_each_attributed(profile, [&](const GpuRecord& record, std::int64_t length) {
    device[places[at(record.caller)].phase] += length;
  });
  Intervals rest = union_of({window});
  std::vector<PhaseRow> rows;
  for (const StepPhase phase : kStepPhases) {
    std::vector<Span> spans;
    for (const PhaseRecord& record : profile.phases) {
      if (record.phase == phase) spans.push_back(record.time);
    }
    const Intervals here = phase == StepPhase::none ? rest : intersection(rest, union_of(spans));
    rest = difference(rest, here);
    if (here.empty() && device[phase] == 0) continue;
    rows.push_back({.phase = phase,
                    .wall_ns = measure(here),
                    .operators_ns = measure(intersection(here, covered)),
                    .device_ns = device[phase]});
  }
  return rows;
}

}  // namespace trainbench::profile
