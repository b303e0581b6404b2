// Ids of rows that were merged into others, replaced before a batch is merged (SEMANTICS D6): both
// ends of everything that arrives mean the row that lives. Pure.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "engine/core/duplicate.hpp"
#include "engine/core/merge.hpp"

namespace doorstep {

/// For each row that was merged away: the row that it was merged into, the one that this one was
/// merged into, and so on; the last one was not.
using Aliases = std::map<RowKey, std::vector<RowId>>;

/// Every row that the transactions write or refer to.
[[nodiscard]] std::set<RowKey> rows_named(const Schema& schema,
                                          std::span<const IncomingTransaction> transactions);
/// Every row that a stored row refers to, in any contribution.
[[nodiscard]] std::set<RowKey> rows_named(const Schema& schema, const StoredRow& row);

/// What came addressed to a row that is another's alias, of one transaction.
struct Readdressed {
  /// A delete of an alias: it is overruled, for its author had not seen the merge.
  struct Delete {
    RowKey alias;
    RowKey row;
    friend bool operator==(const Delete&, const Delete&) = default;
  };
  std::vector<RedirectedWrite> writes;
  std::vector<RedirectedReference> references;
  std::vector<Delete> deletes;
  std::set<RowKey> addressed;  ///< rows that live, to which writes went
};

/// Replaces aliases in one transaction: writes go to the row that lives, as from an author who had
/// seen nothing of its values (she saw the alias's), references to it; deletes are taken out, and
/// the rows that they would have taken are IncomingTransaction::kept.
[[nodiscard]] Readdressed readdress(const Schema& schema, const Aliases& aliases,
                                    IncomingTransaction& transaction, Position commit);

/// What readdress() could not know without the rows: a column that the row's insert left out is no
/// rival of what was readdressed. `rows`: as merge() will find them.
void settle_readdressed(const RowSet& rows, const Readdressed& readdressed,
                        IncomingTransaction& transaction);

/// Replaces aliases in a stored row: a dead one that may come back, or a value that is not shown.
/// The row's place in the feed stays.
[[nodiscard]] std::vector<RedirectedReference> readdress(const Schema& schema,
                                                         const Aliases& aliases, StoredRow& row);

/// The delete of an alias as a conflict of the row that lives, open for a person.
[[nodiscard]] Conflict overruled_delete(const Schema& schema, const StoredRow& row,
                                        const CellVersion& death, Position commit);

}  // namespace doorstep
