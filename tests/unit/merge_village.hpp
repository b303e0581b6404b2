// A township hub in memory for merge tests: rows, conflict records, and transactions written like
// sentences.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/merge.hpp"

namespace doorstep::test {

inline constexpr TableId org_unit{0};
inline constexpr TableId household{1};  // scope column village_code, edit_wins
inline constexpr TableId resident{2};   // via household, edit_wins
inline constexpr TableId visit{3};      // via resident, append_only
inline constexpr TableId service{4};    // scope column village_code, delete_wins
inline constexpr TableId request{5};    // via service, edit_wins
inline constexpr TableId stall{6};      // the columns of household, delete_wins

/// household: every policy once. Names of columns are those of the policies, but for village_code,
/// phone, and the two columns of a group with policy first (group, group_at).
[[nodiscard]] const Schema& merge_schema();
[[nodiscard]] ColumnId column_of(TableId table, std::string_view name);

/// A key from one character: row("w") is the Wang household.
[[nodiscard]] RowId row(char name);
[[nodiscard]] DeviceId phone_of(char name);
[[nodiscard]] Value ref(char name);

using Fields = std::vector<std::pair<std::string, Value>>;

/// Builds one transaction of one phone. Observed 0 and noon unless told.
class Write {
 public:
  explicit Write(char author);
  Write& seen(Position observed);
  Write& at(std::int64_t minute, std::int64_t error_minutes = 0);
  Write& insert(TableId table, char name, Fields fields);
  Write& update(TableId table, char name, Fields fields);
  Write& remove(TableId table, char name);
  Write& increment(char name, std::int64_t amount);
  Write& edit_set(char name, SetElements adds, SetElements removes = {});
  /// Observed of one column of the change written last.
  Write& having_seen(std::string_view column, Position observed);
  operator IncomingTransaction() const { return transaction_; }  // NOLINT(*-explicit-*)

 private:
  Write& change(RowChange::Kind kind, TableId table, char name, Fields fields);
  IncomingTransaction transaction_;
};

class Township {
 public:
  /// Merges all into one commit and gives its position.
  Position commit(std::vector<IncomingTransaction> transactions);
  /// One household w in village X by phone S at position 1, columns as given.
  Position found_household(Fields fields = {});

  [[nodiscard]] const StoredRow& row(TableId table, char name) const;
  [[nodiscard]] bool has(TableId table, char name) const;
  [[nodiscard]] Value shown(TableId table, char name, std::string_view column) const;
  /// "column: loser by author", those that stand, in a fixed order; a delete has no column.
  [[nodiscard]] std::vector<std::string> losers() const;
  [[nodiscard]] const Outcome& outcome(std::size_t index = 0) const {
    return last_.outcomes[index];
  }
  [[nodiscard]] const MergeResult& last() const { return last_; }
  [[nodiscard]] const std::map<ConflictId, Conflict>& records() const { return records_; }
  [[nodiscard]] const std::map<RowKey, StoredRow>& all_rows() const { return rows_; }
  [[nodiscard]] Position head() const { return Position::of(1, number_); }
  /// Rounds of missing() that the last commit took.
  [[nodiscard]] std::size_t rounds() const { return rounds_; }

 private:
  RowSet load(const std::vector<IncomingTransaction>& transactions);
  void check_digests();

  std::uint64_t number_ = 0;
  std::size_t rounds_ = 0;
  std::map<char, std::uint64_t> sequences_;
  std::map<RowKey, StoredRow> rows_;
  std::map<ConflictId, Conflict> records_;
  ReofferedAt reoffered_;
  std::map<std::pair<ScopeId, TableId>, ColumnDigests> sums_;
  MergeResult last_;
};

/// "phone: 300 by B, decided by S; ...": every record that is not withdrawn.
[[nodiscard]] std::string records_in_words(const Township& hub);

}  // namespace doorstep::test
