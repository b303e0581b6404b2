// doorstep as one more engine in the peers' harness: the same workload file, the same metrics, one
// JSON object a line.
#pragma once

#include <string>

#include "tests/bench/workload.hpp"

namespace doorstep::bench {

/// What the harness has written into its workload file. Aborts the bench when that is another form.
[[nodiscard]] Workload read_peer_workload(const std::string& file);

/// One repetition, as the environment says (PEERS_SCRATCH with workload.json, PEERS_REP). Lines go
/// to standard output. Returns an exit status.
[[nodiscard]] int run_as_peer();

}  // namespace doorstep::bench
