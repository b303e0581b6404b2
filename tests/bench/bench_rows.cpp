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
      BenchRow{"F", "what the files weigh", bench_files},
      BenchRow{"G", "memory of idle connections", bench_idle_connections},
      BenchRow{"J", "merging at the hub, inserts and edits half and half", bench_merge},
      BenchRow{"P", "people's questions to a large hub", bench_big_hub},
  };
  return rows;
}

}  // namespace doorstep::bench
