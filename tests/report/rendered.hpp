#pragma once

#include <string>
#include <vector>

#include "report/run/report.hpp"

namespace trainbench::report {

/// The report on these runs.
inline std::string rendered(const std::vector<ResultSet>& runs, const ReportOptions& options = {}) {
  return render_report(runs, group_series(runs), options);
}

}  // namespace trainbench::report
