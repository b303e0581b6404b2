#include "tests/client/small_hub.hpp"

#include <doctest/doctest.h>

namespace doorstep::test {
namespace {

RowBlock block_of(const std::string& table, const RowId& row, const SmallHub::Columns& columns,
                  const std::string& scope, bool whole) {
  RowBlock block;
  block.table = table;
  block.scope = ScopeId{scope};
  block.whole = whole;
  block.rows = {row};
  for (const auto& [name, value] : columns) {
    block.columns.push_back(name);
    block.cells.push_back(value);
  }
  return block;
}

}  // namespace

void SmallHub::put(const std::string& table, const RowId& row, Columns columns,
                   const std::string& scope) {
  pending_.rows.push_back(block_of(table, row, columns, scope, true));
  rows_[{table, row}] = Row{scope, std::move(columns)};
}

void SmallHub::change(const std::string& table, const RowId& row, Columns columns) {
  Row& kept = rows_.at({table, row});
  pending_.rows.push_back(block_of(table, row, columns, kept.scope, false));
  for (auto& [name, value] : columns) kept.columns[name] = std::move(value);
}

void SmallHub::remove(const std::string& table, const RowId& row, std::optional<ScopeId> to) {
  Row& kept = rows_.at({table, row});
  pending_.removals.push_back(RemovalBlock{table, ScopeId{kept.scope}, to, {row}});
  rows_.erase({table, row});
}

void SmallHub::add_conflict(ConflictRecord record) {
  pending_.conflicts.push_back(std::move(record));
}

Checkpoint SmallHub::checkpoint(Sequence included) {
  included_ = std::max(included_, included);
  Checkpoint checkpoint;
  checkpoint.position = checkpoint.backed_up = head();  // nothing need be kept for it
  checkpoint.token = CommitToken{{static_cast<std::uint8_t>(number_)}};
  checkpoint.included = included_;
  std::map<ScopeId, Digest> digests{{ScopeId{"t1"}, {}}, {ScopeId{"v1"}, {}}};
  for (const auto& [key, row] : rows_) {
    const auto table = small_schema().find_table(key.first);
    REQUIRE(table.has_value());
    RowImage image;
    for (const Column& column : small_schema().table(*table).columns) {
      const auto found = row.columns.find(column.name);
      image.values.push_back(found == row.columns.end() ? Value::null() : found->second);
    }
    digests[ScopeId{row.scope}] += digest_of_row(small_schema().table(*table), key.second, image);
  }
  for (const auto& [scope, digest] : digests) checkpoint.digests.push_back({scope, digest});
  return checkpoint;
}

Changes SmallHub::commit(Sequence included) {
  ++number_;
  Changes changes = std::exchange(pending_, Changes{});
  changes.from = sent_;
  changes.checkpoint = checkpoint(included);
  started_ = {};
  sent_ = head();
  return changes;
}

Changes SmallHub::batch() {
  ++number_;
  Changes changes = std::exchange(pending_, Changes{});
  changes.from = sent_;
  if (started_ == Position{}) started_ = head();
  changes.next = ScanPoint{head(), "household", number_, started_};
  return changes;
}

Ack ack_through(std::uint64_t sequence) {
  return Ack{Sequence{sequence}, Instant{1'700'000'100'000}, {}, {}};
}

Ack rejecting(std::uint64_t through, std::uint64_t sequence, ErrorCode reason) {
  Ack ack = ack_through(through);
  Outcome outcome;
  outcome.kind = Outcome::Kind::rejected;
  outcome.reason = error(reason, "by the township");
  ack.items.push_back({Sequence{sequence}, outcome});
  return ack;
}

Applied apply(Phone& phone, const Changes& changes) {
  auto applied = phone.store().apply(changes);
  REQUIRE_MESSAGE(applied.ok(), applied.error().text());
  return *std::move(applied);
}

void acknowledge(Phone& phone, const Ack& ack) {
  const auto done = phone.store().acknowledge(ack);
  REQUIRE_MESSAGE(done.ok(), done.error().text());
}

}  // namespace doorstep::test
