// The figures of an app (schema/figures) as a phone has them in its own rows.
#pragma once

#include <doorstep/replica.hpp>

#include "schema/figures/report.hpp"

namespace doorstep {

/// Runs the SQL of figures on a replica, which must live longer; on any thread, as
/// Replica::query().
[[nodiscard]] figures::RunQuery figure_runner(Replica& replica);

}  // namespace doorstep
