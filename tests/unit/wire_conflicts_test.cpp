// Conflicts as they stand in a message.
#include <doctest/doctest.h>

#include "engine/core/limits.hpp"
#include "tests/support/wire_samples.hpp"

namespace doorstep::test {
namespace {

/// Li lost `count` phone numbers to Wang in one commit.
std::vector<ConflictRecord> lost_numbers(std::size_t count) {
  std::vector<ConflictRecord> records;
  for (std::size_t i = 0; i < count; ++i) {
    ConflictRecord one;
    one.table = "resident";
    one.row = *RowId::from("resident " + std::to_string(i));
    one.column = "phone";
    one.winner = {Value::text("13800000000"), {Position::of(1, 9), {{1}}, Stamp::at({500})}};
    one.loser = {Value::integer(static_cast<std::int64_t>(i)),
                 {Position::of(1, 8), {{2}}, {500, 700}}};
    one.position = Position::of(1, 9);
    one.id = conflict_id_of(one.table, one.row, one.column, one.loser.version);
    records.push_back(std::move(one));
  }
  return records;
}

Changes telling(std::vector<ConflictRecord> records) {
  Changes changes;
  changes.from = Position::of(1, 7);
  changes.conflicts = std::move(records);
  changes.checkpoint = Checkpoint{Position::of(1, 9), {}, Sequence{3}, {}, {}, {}};
  return changes;
}

std::string refusal(const ConflictRecord& record) {
  const Result<Message> read = decode(encode(telling({record})));
  return read.ok() ? "" : std::string(name_of(read.error().code));
}

}  // namespace

TEST_CASE("wire: Li hears of each number that lost to Wang's, with what both had written") {
  std::vector<ConflictRecord> records = lost_numbers(40);
  records[7].state = ConflictState::decided;
  records[7].decision = CellVersion{Position::of(1, 9), {{3}}, Stamp::at({900})};
  records[8].withdrawn = true;
  records[9].order_uncertain = true;
  records[9].column.clear();
  records[9].id = conflict_id_of("resident", records[9].row, "", records[9].loser.version);
  const Result<Message> read = decode(encode(telling(records)));
  REQUIRE(read.ok());
  CHECK(std::get<Changes>(*read).conflicts == records);
}

TEST_CASE("wire: conflicts that are named as what they are of do not say their names") {
  std::vector<ConflictRecord> records = lost_numbers(40);
  const std::size_t short_form = encode(telling(records)).size();
  records[20].id.bytes[0] ^= 1U;
  const Bytes named = encode(telling(records));
  CHECK(named.size() > short_form + 40 * sizeof(ConflictId::bytes));
  CHECK(std::get<Changes>(decode(named).value()).conflicts == records);
}

TEST_CASE("wire: a conflict beyond the range of what it says is refused") {
  const ConflictRecord sound = lost_numbers(1).front();
  CHECK(refusal(sound) == "");
  ConflictRecord bad = sound;
  bad.table.assign(limits::name_bytes_max, 'x');
  CHECK(refusal(bad) == "");
  bad.table += 'x';
  CHECK(refusal(bad) == "malformed");
  bad = sound;
  bad.position = {std::uint64_t{1} << 63U};
  CHECK(refusal(bad) == "malformed");
  bad = sound;
  bad.loser.version.position = {std::uint64_t{1} << 63U};
  CHECK(refusal(bad) == "malformed");
  bad = sound;
  bad.policy = static_cast<MergePolicy>(10);
  CHECK(refusal(bad) == "malformed");
  bad = sound;
  bad.state = static_cast<ConflictState>(3);
  CHECK(refusal(bad) == "malformed");
}

}  // namespace doorstep::test
