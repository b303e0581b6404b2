// Everything of a damaged replica file that can still be read: by SQLite row by row from both ends
// of each table, and page by page where SQLite gives up. Reads only; what it cannot make out is
// left out.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client-sdk/src/replica_files.hpp"
#include "client-sdk/src/replica_state.hpp"
#include "engine/core/schema.hpp"
#include "engine/sqlite/database.hpp"

namespace doorstep {

/// A row by its columns' names.
using NamedRow = std::map<std::string, Value, std::less<>>;

/// A transaction as ds_outbox or ds_rejected had it.
struct KeptTransaction {
  Sequence sequence;  ///< on this replica
  Hash hash;
  Bytes body;
  Bytes mark;  ///< chain_mark(); empty: it has none
  bool rejected = false;
  bool fresh = false;  ///< of rows that it inserted ds_pending may have nothing (FreshInserts)
};

/// Rows of one table as SQLite gave them.
struct ReadTable {
  std::vector<NamedRow> rows;
  bool whole = false;
};

class DamagedReplica {
 public:
  /// Opens what is there; a file that SQLite refuses is read by its pages alone. Error io_error
  /// when it cannot be read at all.
  [[nodiscard]] static Result<DamagedReplica> read(const std::string& path,
                                                   const ReplicaFiles& files);

  /// Keys of ds_meta. Of a key that the pages give in several versions, none.
  [[nodiscard]] const NamedRow& meta() const { return meta_; }
  /// The row of ds_state as it was written, now or earlier.
  [[nodiscard]] const std::optional<NamedRow>& state() const { return state_; }
  /// No older version of it, that was left on some page.
  [[nodiscard]] bool state_is_newest() const { return state_is_newest_; }
  /// What was found of one number; the likeliest first.
  [[nodiscard]] const std::map<Sequence, std::vector<KeptTransaction>>& transactions() const {
    return transactions_;
  }
  /// Rows of ds_rejected, each number once.
  [[nodiscard]] const std::map<Sequence, NamedRow>& rejected() const { return rejected_; }
  /// SQLite has read ds_meta, ds_state and ds_outbox from end to end.
  [[nodiscard]] bool bookkeeping_whole() const { return whole_; }

  /// Rows of a table as SQLite reads them, up to an error and then from the other end up to the
  /// next. True: all of them, each once.
  bool each_row(std::string_view table, const std::function<void(NamedRow)>& visit);
  [[nodiscard]] ReadTable table(std::string_view name);

 private:
  void read_by_sqlite();
  [[nodiscard]] Status read_by_pages(const std::string& path, const ReplicaFiles& files);
  void take_outbox(const NamedRow& row);
  void take_rejected(const NamedRow& row);

  std::optional<sqlite::Database> db_;
  NamedRow meta_;
  std::optional<NamedRow> state_;
  std::map<Sequence, std::vector<KeptTransaction>> transactions_;
  std::map<Sequence, NamedRow> rejected_;
  bool whole_ = false;
  bool state_is_newest_ = false;
  bool rejected_whole_ = false;
};

/// Of a row: zero or nothing where it has no such value.
[[nodiscard]] std::uint64_t number_in(const NamedRow& row, std::string_view name);
template <class Id>
[[nodiscard]] std::optional<Id> id_in(const NamedRow& row, std::string_view name) {
  const auto found = row.find(name);
  if (found == row.end() || found->second.kind() != Value::Kind::blob) return std::nullopt;
  return Id::from(found->second.as_blob());
}

}  // namespace doorstep
