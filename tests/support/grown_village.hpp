// small_village() a version later, for tests of devices on different schemas.
#pragma once

#include "engine/core/schema.hpp"

namespace doorstep::test {

/// Of a schema a version later that differs in nothing yet.
[[nodiscard]] Schema::Parts parts_of(const Schema& schema);

/// Version 2 adds to resident the columns `mood` (latest), `stage` (ranked) and `helper` (first),
/// and the table `pair` (via household, with the columns household_id and tutor).
[[nodiscard]] Schema grown_village();
/// Version 3 adds to that the column `fax` of resident.
[[nodiscard]] Schema twice_grown_village();

}  // namespace doorstep::test
