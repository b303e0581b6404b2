#include <array>

#include "tests/bench/benches.hpp"

namespace doorstep::bench {

std::span<const BenchRow> bench_rows() {
  // B, C and F look at the same rounds of push and first load: asked for together they are run
  // once.
  static constexpr std::array rows{
      BenchRow{"A", "inserts and updates on the phone", bench_local_writes},
      BenchRow{"B", "push of the visits to a hub process", bench_push},
      BenchRow{"C", "first load of the visits on a fresh device", bench_first_load},
      BenchRow{"D", "edits of the same visits on two phones", bench_edits},
      BenchRow{"E", "one change from phone to phone", bench_live_change},
      BenchRow{"N", "nothing to do", bench_nothing_to_do},
      BenchRow{"R", "a phone killed in mid-push", bench_killed_push},
      BenchRow{"F", "what the files weigh", bench_files},
      BenchRow{"G", "memory of idle connections", bench_idle_connections},
      BenchRow{"H", "many devices call at once", bench_storm},
      BenchRow{"I", "one change with hubs of all sizes", bench_growth},
      BenchRow{"J", "merging at the hub, inserts and edits half and half", bench_merge},
      BenchRow{"K", "first load of a large village by many at once", bench_village_loads},
      BenchRow{"L", "opening a large replica", bench_opening},
      BenchRow{"P", "people's questions to a large hub", bench_big_hub},
  };
  return rows;
}

}  // namespace doorstep::bench
