#pragma once

#include <string>

namespace trainbench::report {

/// Today in UTC, or `days` after it, as YYYY-MM-DD.
std::string day_from_now(int days);

}  // namespace trainbench::report
