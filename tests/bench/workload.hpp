// What the rows of the bench write: a schema, the rows that visits hang on, the visits, and for
// some workloads edits of them. Always the same ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/schema.hpp"
#include "tests/bench/benches.hpp"
#include "tests/bench/visits.hpp"

namespace doorstep::bench {

struct TableRows {
  TableId table;
  std::vector<VisitRow> rows;
};

/// One column of one visit.
struct VisitEdit {
  std::size_t visit = 0;  ///< its place in Workload::visits
  ColumnId column;
  Value value;
};

/// What two phones do to the same visits while neither hears of the other.
struct OfflineEdits {
  std::vector<VisitEdit> first;
  std::vector<VisitEdit> second;
};

struct Workload {
  std::string schema_file;
  Schema schema;
  std::vector<TableRows> ground;  ///< in the order in which they are written, before the visits
  TableId table;                  ///< of the visits
  std::vector<VisitRow> visits;
  OfflineEdits different_columns;  ///< the same visits in the same order on both sides
  OfflineEdits same_column;
  std::vector<VisitEdit> live;

  [[nodiscard]] const Table& visit_table() const { return schema.table(table); }
  [[nodiscard]] const std::string& name_of(ColumnId column) const {
    return visit_table().column(column).name;
  }
};

/// Of the harness's rows.
enum class HarnessIds : std::uint8_t {
  rising,  ///< made like uuid7() makes an app's: the time of the visit, then the harness's bits
  random   ///< the harness's own, in no order
};

/// The workload that the peers' harness runs (its generator's rows, but for their ids, note by
/// note): 339 households, 1,232 persons, visits of 12 columns with their key, and edits of a
/// thousand of them in different columns and of another thousand in one (fewer when there are fewer
/// visits).
[[nodiscard]] Workload harness_workload(std::size_t visits, HarnessIds ids = HarnessIds::rising);

/// Visits of the sample village, which are never edited: table `visit` of the built-in schema.
[[nodiscard]] Workload village_workload(std::size_t visits);

/// The one that the options name.
[[nodiscard]] Workload workload_of(const BenchOptions& options,
                                   HarnessIds ids = HarnessIds::rising);

}  // namespace doorstep::bench
