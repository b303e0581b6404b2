// enrol_replica() with a clock of the caller's.
#pragma once

#include <doorstep/enrol.hpp>

#include "engine/ports/clock.hpp"

namespace doorstep {

[[nodiscard]] Result<Enrolment> enrol_replica(const EnrolOptions& options, const Clock& clock);

}  // namespace doorstep
