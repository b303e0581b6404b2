// Rows that a hub brings in itself: they go through the same merge as any device's, as transactions
// of an author of the hub's own.
#pragma once

#include <span>
#include <vector>

#include "engine/core/change.hpp"
#include "engine/ports/hub_store.hpp"
#include "engine/ports/log_sink.hpp"
#include "engine/ports/random.hpp"
#include "schema/sample/village_sample.hpp"
#include "server/hub_time.hpp"

namespace doorstep {

struct LoadTally {
  std::uint64_t rows = 0;
  std::uint64_t transactions = 0;
  std::uint64_t not_accepted =
      0;  ///< rows of transactions that the merge did not take as they were
  Position head;
  LoadTally& operator+=(const LoadTally& other);
};

inline constexpr std::size_t sample_rows_a_transaction = 500;

/// The insert of a sample row: NULLs left out, counters as deltas, sets as adds. Errors:
/// unknown_table, unknown_column, bad_value, bad_key.
[[nodiscard]] Result<RowChange> insert_of(const Schema& schema, const sample::SampleRow& row);

/// Merges the rows in their order, `rows_per_transaction` at a time, each transaction a hub commit.
[[nodiscard]] Result<LoadTally> load_rows(
    HubStore& store, LogSink& log, const HubTime& time, Random& random,
    std::span<const sample::SampleRow> rows,
    std::size_t rows_per_transaction = sample_rows_a_transaction);

// Where an earlier load was stopped; each question is a snapshot of its own.
/// Any row lives in some scope.
[[nodiscard]] Result<bool> has_records(HubStore& store);
/// How many transactions the hub has written as its own author.
[[nodiscard]] Result<std::uint64_t> own_transactions(HubStore& store);
/// How many of these rows are there, when they were merged in their order.
[[nodiscard]] Result<std::size_t> rows_there(HubStore& store,
                                             std::span<const sample::SampleRow> rows);

}  // namespace doorstep
