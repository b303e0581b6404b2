// The guard against slow drift: fixed work whose instructions are counted, and sizes, held against
// recorded ones. Instructions do not depend on how busy the machine is, so a change that costs a
// few percent shows on any machine, and in CI.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace doorstep::bench {

/// Each recorded figure may grow by this much. The same build counts the same within 0.2 % from
/// run to run, busy machine or not; a fix release of the compiler or of SQLite moves counts by a
/// percent or two, and so does a processor without AVX2, for which libraries choose other code.
/// What is larger is somebody's doing.
inline constexpr double guard_tolerance = 0.03;

/// Runs the work with this name once, as callgrind is to see it: instructions are counted in
/// guarded() alone. False: there is no such work.
[[nodiscard]] bool run_guarded_work(std::string_view name);

/// Sizes by name: bytes a row, or ratios to plain SQLite.
[[nodiscard]] std::map<std::string, double> guarded_sizes();

/// Compares with tests/bench/guard.json, or writes it anew with `record`. `self` is this program.
/// Returns an exit status: 1 when something grew by more than guard_tolerance, and the message says
/// what to do.
[[nodiscard]] int run_guard(const std::string& self, bool record);

}  // namespace doorstep::bench
