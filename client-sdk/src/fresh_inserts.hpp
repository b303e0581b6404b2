// Rows that unconfirmed own transactions have inserted and that nothing has touched since. The hub
// has no value of them and ds_outbox says all there is to know, so ds_pending has nothing: an
// insert costs no page of bookkeeping beside its outbox row. Their ids rise from transaction to
// transaction (UUIDv7), so the one that inserted a row is found by bisection: each outbox row keeps
// the lowest id that it inserted so (`oldest`) and the highest so far (`newest`). A row whose id
// does not rise gets a row of ds_pending like any other. One connection's.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "engine/core/change.hpp"
#include "engine/core/schema.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep {

class FreshInserts {
 public:
  FreshInserts(sqlite::Database& db, const Schema& schema) : db_(&db), schema_(&schema) {}

  /// One of the outbox.
  struct Found {
    Sequence sequence;
    Position observed;                  ///< its transaction's
    const RowChange* change = nullptr;  ///< until the next call
  };
  /// The transaction that inserted the row; nullopt when none did, or its id did not rise. Whether
  /// another has touched it since, ds_pending says.
  [[nodiscard]] Result<std::optional<Found>> find(const RowKey& key);
  /// All of them, in order of transactions, also those that were touched since. Reads all bodies.
  [[nodiscard]] Result<std::vector<RowKey>> keys();
  [[nodiscard]] Result<bool> empty();
  /// For many look-ups in one storage transaction: reads the ids of all transactions once. Holds
  /// until this object goes.
  [[nodiscard]] Status read_all_ranges();

  /// Whether this change of a transaction is such an insert; `oldest` and `newest` are its own.
  [[nodiscard]] static bool is_one(const Schema& schema, const RowChange& change,
                                   const RowId& oldest, const RowId& newest);
  /// The highest id so far; empty when there is none.
  [[nodiscard]] static Result<RowId> newest(sqlite::Database& db);

 private:
  struct Range {
    Sequence sequence;
    RowId oldest;  // empty: it inserted none
    RowId newest;
  };
  struct Content {
    Sequence sequence;
    Hash hash;
    Transaction transaction;
    std::map<RowKey, const RowChange*> inserted;
  };

  [[nodiscard]] Result<std::optional<Range>> first_range();
  [[nodiscard]] Result<std::optional<Range>> range_from(Sequence sequence);
  [[nodiscard]] Result<std::optional<Range>> first_with(const RowId& id);
  [[nodiscard]] Result<const Content*> content(const Range& range);

  sqlite::Database* db_;
  const Schema* schema_;
  std::optional<std::vector<Range>> ranges_;
  std::optional<Content> content_;  // of the transaction that was read last
};

}  // namespace doorstep
