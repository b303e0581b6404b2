// The township's side as far as a replica's tests need it: rows that it holds, numbered commits,
// and the changes it would send. It merges nothing; a test says what stands.
#pragma once

#include <map>

#include "engine/wire/message.hpp"
#include "tests/client/phone.hpp"

namespace doorstep::test {

class SmallHub {
 public:
  /// A row of household as the hub holds it; columns not named are NULL.
  using Columns = std::map<std::string, Value>;

  /// Makes or replaces the whole row in the next commit.
  void put(const std::string& table, const RowId& row, Columns columns,
           const std::string& scope = "v1");
  /// Changes some columns.
  void change(const std::string& table, const RowId& row, Columns columns);
  void remove(const std::string& table, const RowId& row, std::optional<ScopeId> to = std::nullopt);
  void add_conflict(ConflictRecord record);

  /// What was done since the last call, as one message with its checkpoint; `included` is kept when
  /// zero.
  Changes commit(Sequence included = {});
  /// What was done since the last call, as a batch to stage; the checkpoint comes with the next
  /// commit.
  Changes batch();

  [[nodiscard]] Position head() const { return Position::of(1, number_); }

 private:
  struct Row {
    std::string scope;
    Columns columns;
  };
  [[nodiscard]] Checkpoint checkpoint(Sequence included);
  using Key = std::pair<std::string, RowId>;
  std::map<Key, Row> rows_;
  Changes pending_;
  std::uint64_t number_ = 0;
  Position sent_;
  Position started_;  // of the pull whose batches are being made
  Sequence included_;
};

/// An ack of everything through `sequence`, with one verdict if a reason is given.
[[nodiscard]] Ack ack_through(std::uint64_t sequence);
[[nodiscard]] Ack rejecting(std::uint64_t through, std::uint64_t sequence, ErrorCode reason);

/// Applies to the phone's store; fails the test with the error's text.
Applied apply(Phone& phone, const Changes& changes);
void acknowledge(Phone& phone, const Ack& ack);

}  // namespace doorstep::test
