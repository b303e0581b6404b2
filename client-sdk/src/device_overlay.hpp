// The rows of a replica as the hub's values folded with own unconfirmed transactions (SEMANTICS C1,
// C2), during one storage transaction of the sync session: collects what happened to base values
// and to own transactions, then settle() brings tables and ds_pending in line.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "client-sdk/src/pending_rows.hpp"
#include "client-sdk/src/replica_state.hpp"
#include "client-sdk/src/row_table.hpp"
#include "engine/core/change.hpp"
#include "engine/core/digest.hpp"
#include "engine/core/left_out.hpp"

namespace doorstep {

class DeviceOverlay {
 public:
  /// All must outlive it; lives as long as one storage transaction. `state` gets the running digest
  /// and the number of copies.
  DeviceOverlay(sqlite::Database& db, const Schema& schema, RowTables& tables, ReplicaState& state);

  /// Changes of the hub's values. False: there was nothing to change.
  [[nodiscard]] Result<bool> remove_base(const RowKey& key);
  /// Replaces the whole row. False: it was so already. `digest`: of the image, where it is known.
  [[nodiscard]] Result<bool> put_base(const RowKey& key, RowImage image,
                                      const Digest* digest = nullptr);
  /// Replaces some columns; false when the hub's row is not here.
  [[nodiscard]] Result<bool> update_base(const RowKey& key, const std::vector<ColumnId>& columns,
                                         std::span<const Value> cells);

  /// The hub's value now.
  [[nodiscard]] Result<std::optional<RowImage>> base(const RowKey& key) { return base_of(key); }

  /// Of the rows that were touched so far and have unconfirmed own writes: the hub's value now, by
  /// key.
  [[nodiscard]] std::map<RowKey, std::optional<RowImage>> touched_bases() const;

  /// A checkpoint includes it: its place in the overlay ends.
  [[nodiscard]] Status confirm(Sequence sequence);
  /// A checkpoint includes all that was ever written here: the place of every row that ds_pending
  /// has ends, whatever was written of it. What transactions inserted is left to confirm().
  [[nodiscard]] Status confirm_touched();
  /// The hub did not take it: its rows go back.
  [[nodiscard]] Status withdraw(Sequence sequence);

  /// From here on the hub's values of rows that are removed or changed are kept as they were.
  void keep_changed() { changed_.emplace(); }
  /// Those that are still gone or others, by key; keeps none from here on.
  [[nodiscard]] Result<std::map<RowKey, RowImage>> take_changed();
  /// After the last confirm(): rows that confirmed transactions inserted, and whose hub's values
  /// nothing here has named, become the hub's values as they were written (SEMANTICS A6). False,
  /// with no use for this overlay any more, when they are not the expected ones.
  [[nodiscard]] bool take_own_inserts(const LeftOut& expected);
  /// Puts an own transaction over the hub's values again that was in them before.
  [[nodiscard]] Status reinstate(Sequence sequence);

  /// Writes the rows shown and what stays pending. Last call.
  [[nodiscard]] Status settle();

 private:
  struct Entry {
    PendingRow row;
    std::optional<RowImage> base_before;
    std::vector<const RowChange*> confirmed;  // in order
    std::vector<Sequence> ended;              // theirs; still in row.sequences until settle()
    bool named = false;                       // the hub has said what its value is
  };
  struct Own {
    Transaction content;
    std::vector<const RowChange*> by_row;  // ascending by key
    RowId oldest;                          // of FreshInserts
    RowId newest;

    [[nodiscard]] const RowChange* change_of(const RowKey& key) const;
  };

  [[nodiscard]] Status ask_pending();
  [[nodiscard]] Result<Entry*> entry(const RowKey& key);
  [[nodiscard]] Result<Entry*> entry_of(const Own& own, const RowChange& change, Sequence sequence);
  [[nodiscard]] Result<const Own*> own(Sequence sequence);
  [[nodiscard]] Status settle_row(const RowKey& key, Entry& entry);
  void keep_copy(const Table& table, Entry& entry);
  [[nodiscard]] Status note_unseen();
  [[nodiscard]] Status show(const RowKey& key, const std::optional<RowImage>& image);
  [[nodiscard]] Result<std::optional<RowImage>> base_of(const RowKey& key);
  /// Of a row without unconfirmed own writes that stands as `before`. False: it was so already.
  [[nodiscard]] Result<bool> replace_base(RowTable& table, const RowKey& key,
                                          const RowImage& before, const RowImage& image);
  void note_changed(const RowKey& key, const std::optional<RowImage>& before);
  void count_base(const RowKey& key, const RowImage* before, const RowImage* after);

  sqlite::Database* db_;
  const Schema* schema_;
  RowTables* tables_;
  ReplicaState* state_;
  PendingRows pending_;
  bool none_pending_ = false;
  bool none_touched_ = false;  // ds_pending is empty: what waits was only inserted
  bool asked_pending_ = false;
  Position cursor_before_;
  std::vector<NewColumn> new_columns_;  // that no row shows yet
  std::map<RowKey, Entry> entries_;
  std::map<Sequence, Own> own_;
  std::optional<std::map<RowKey, RowImage>> changed_;
};

}  // namespace doorstep
