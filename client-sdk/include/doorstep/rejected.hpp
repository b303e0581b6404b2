// Transactions that the hub did not take, as an app lists, shows and sends them again. Plain data;
// the calls are in replica.hpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/core/change.hpp"
#include "engine/core/ids.hpp"
#include "engine/core/outcome.hpp"
#include "engine/core/result.hpp"
#include "engine/core/time.hpp"
#include "engine/core/value.hpp"

namespace doorstep {

/// A transaction that the hub did not take; its rows went back to the hub's values.
struct RejectedInfo {
  enum class State : std::uint8_t {
    waiting,   ///< for a person: to be corrected and sent again, or given up
    resent,    ///< written once more as `resent_as`
    discarded  ///< given up
  };
  Sequence sequence;
  Outcome::Kind kind = Outcome::Kind::rejected;
  Error reason;
  Sequence depends_on;  ///< the rejected transaction that it builds on; zero: it stands alone
  std::optional<BrokenRule> broken;  ///< which rule, its message and values, when it was a rule
  Instant at;                        ///< when the hub said so, on the hub's clock
  State state = State::waiting;
  Sequence resent_as;             ///< zero: it changed nothing any more, or was not resent
  std::vector<std::string> rows;  ///< "insert visit 018f...": what it would have changed
};

/// One row of a rejected transaction, column by column.
struct RejectedRow {
  struct Column {
    std::string name;
    Value now;     ///< as the tables show it; NULL when the row is not here
    Value wanted;  ///< what the transaction would make of it now
  };
  RowChange::Kind kind = RowChange::Kind::update;
  std::string table;
  std::string key_column;
  Value key;
  bool here = false;            ///< the row is in the tables now
  std::vector<Column> columns;  ///< those that it wrote; none for a delete
};

struct RejectedDetail {
  RejectedInfo info;
  std::vector<RejectedRow> rows;
  std::vector<Sequence> group;  ///< that are sent again together, in this order; with itself
};

struct RetryReport {
  struct Resent {
    Sequence was;
    Sequence now;  ///< zero: there was nothing left to change
  };
  std::vector<Resent> resent;
  Sequence stopped_at;           ///< zero: all were written
  std::optional<Error> stopped;  ///< why it stopped there
};

[[nodiscard]] std::string_view name_of(RejectedInfo::State state);

}  // namespace doorstep
