// Changes as a device captured them: one SQL commit is one Transaction, with the net change of each
// row. Plain data, value semantics.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "engine/core/ids.hpp"
#include "engine/core/set_value.hpp"
#include "engine/core/time.hpp"
#include "engine/core/value.hpp"

namespace doorstep {

/// The net amount by which a counter column changed.
struct CounterDelta {
  std::int64_t amount = 0;
  friend bool operator==(const CounterDelta&, const CounterDelta&) = default;
};

/// What a person settles with a write (SEMANTICS B5).
enum class Decision : std::uint8_t {
  none,    ///< an ordinary write
  decide,  ///< this value stands: what met here is settled, also what is still on its way
  reopen   ///< takes an earlier decision back: what met here waits for a person again
};

/// One column of one changed row. `edit` is a Value for plain policies, a CounterDelta for
/// `counter`, a SetEdit for `set`. In a delete the edit is NULL and only `observed` counts.
struct CellChange {
  ColumnId column;
  std::variant<Value, CounterDelta, SetEdit> edit;
  std::optional<Position> observed;  ///< where it differs from the transaction's (SEMANTICS B2, B3)
  Decision decision = Decision::none;
  friend bool operator==(const CellChange&, const CellChange&) = default;
};

/// insert: every column that is not NULL. update: only columns that differ. remove: cells only
/// where their observed differs from the row's.
struct RowChange {
  enum class Kind : std::uint8_t { insert, update, remove };
  TableId table;
  RowId row;
  Kind kind = Kind::update;
  std::optional<Position> observed;  ///< for the whole row, where it differs from the transaction's
  std::vector<CellChange> cells;     ///< ascending by column
  Decision decision = Decision::none;  ///< about a delete that met an edit: the row stays, or goes
  friend bool operator==(const RowChange&, const RowChange&) = default;
};

/// The changes of one local SQL commit: the unit of upload, of atomic merge and of rejection.
struct Transaction {
  Position observed;  ///< the device's cursor when it wrote
  ClaimedTime time;
  Fingerprint view;                ///< the schema (later: and role) that its author saw through
  std::vector<RowChange> changes;  ///< in the order in which rows were first touched
  /// The hash of a refused one that it is written again for; of that one's, if it was itself such.
  std::optional<Hash> resends = {};
  friend bool operator==(const Transaction&, const Transaction&) = default;
};

/// Fixed when the transaction was written, whoever carries it (SEMANTICS C5).
struct TransactionId {
  DeviceId device;
  Sequence sequence;
  Hash hash;
  friend bool operator==(const TransactionId&, const TransactionId&) = default;
};

/// What a cell's author had seen: the cell's, else the row's, else the transaction's.
[[nodiscard]] inline Position observed_of(const Transaction& t, const RowChange& r,
                                          const CellChange& c) {
  return c.observed ? *c.observed : r.observed ? *r.observed : t.observed;
}

}  // namespace doorstep
