// Random histories of deletes, revivals, moves and edits at one hub, followed by devices that know
// only what the feed of their villages says (SEMANTICS A3): they must hold exactly the hub's live
// rows.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "tests/unit/merge_village.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

Value text(std::string_view value) { return Value::text(value); }

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed * 2 + 1) {}
  std::uint64_t below(std::uint64_t n) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return (state_ >> 33U) % n;
  }
  char of(std::string_view letters) { return letters[below(letters.size())]; }

 private:
  std::uint64_t state_;
};

/// Holds some villages and pulls now and then, as SEMANTICS A3 says a feed is to be read.
class Follower {
 public:
  explicit Follower(std::set<std::string> villages) : villages_(std::move(villages)) {}

  void pull(const Township& hub, const std::vector<Departure>& departures) {
    for (const Departure& one : departures) {
      if (one.position > cursor_ && holds(one.from) && !holds(one.to)) rows_.erase(one.key);
    }
    for (const auto& [key, row] : hub.all_rows()) {
      if (!holds(row.scope) || row.position <= cursor_) continue;
      if (!row.live) {
        rows_.erase(key);
      } else if (row.since > cursor_) {
        rows_[key] = row.image;
      } else {
        take_columns(key, row);
      }
    }
    cursor_ = hub.head();
  }

  [[nodiscard]] bool equals(const Township& hub) const {
    std::map<RowKey, RowImage> wanted;
    for (const auto& [key, row] : hub.all_rows()) {
      if (row.live && holds(row.scope)) wanted[key] = row.image;
    }
    return wanted == rows_;
  }

  [[nodiscard]] Position cursor() const { return cursor_; }

 private:
  [[nodiscard]] bool holds(const ScopeId& scope) const { return villages_.contains(scope.code); }

  void take_columns(const RowKey& key, const StoredRow& row) {
    const auto held = rows_.find(key);
    REQUIRE(held != rows_.end());
    for (std::size_t i = 0; i < row.image.values.size(); ++i) {
      const ColumnId column{static_cast<std::uint16_t>(i)};
      if (row.changed(column) > cursor_) held->second.values[i] = row.image.values[i];
    }
  }

  std::set<std::string> villages_;
  std::map<RowKey, RowImage> rows_;
  Position cursor_;
};

Fields random_fields(Dice& dice) {
  Fields fields;
  if (dice.below(3) == 0) fields.emplace_back("village_code", text(std::string(1, dice.of("XYZ"))));
  if (dice.below(2) == 0) fields.emplace_back("phone", text(std::string(1, dice.of("abc"))));
  if (dice.below(3) == 0)
    fields.emplace_back("max", Value::integer(static_cast<std::int64_t>(dice.below(5))));
  if (dice.below(3) == 0) fields.emplace_back("concat", text(std::string(1, dice.of("de"))));
  if (dice.below(4) == 0)
    fields.emplace_back("first", dice.below(2) == 0 ? Value::null() : text("Li"));
  return fields;
}

void random_change(Dice& dice, Write& write) {
  const TableId families = dice.below(3) == 0 ? stall : household;
  switch (dice.below(9)) {
    case 0:
      write.remove(families, dice.of("pqr"));
      return;
    case 1:
      write.remove(resident, dice.of("st"));
      return;
    case 2:
      write.update(resident, dice.of("st"), {{"household_id", ref(dice.of("pqr"))}});
      return;
    case 3:
      write.update(resident, dice.of("st"), {{"name", text(std::string(1, dice.of("mn")))}});
      return;
    case 4:
      write.insert(resident, dice.of("st"), {{"household_id", ref(dice.of("pqr"))}});
      return;
    case 5:
      write.insert(visit, dice.of("uvwxyz"), {{"resident_id", ref(dice.of("st"))}});
      return;
    case 6: {
      Fields fields = random_fields(dice);
      std::erase_if(fields, [](const auto& field) {
        return field.second.is_null() || field.first == "village_code";
      });
      fields.emplace_back("village_code", text(std::string(1, dice.of("XYZ"))));
      write.insert(families, dice.of("pqr"), std::move(fields));
      return;
    }
    default:
      write.update(families, dice.of("pqr"), random_fields(dice));
  }
}

/// What holds of every row whatever happened before.
void check_row(const Township& hub, const StoredRow& row) {
  CHECK(row.position <= hub.head());
  CHECK(row.since <= row.position);
  CHECK(row.live != row.death.has_value());
  CHECK(std::is_sorted(row.cells.begin(), row.cells.end(),
                       [](const CellState& a, const CellState& b) { return a.column < b.column; }));
  for (const CellState& cell : row.cells) CHECK_FALSE(cell.contributions.empty());
  if (!row.live || (row.table != resident && row.table != visit)) return;
  const TableId parent_table = row.table == resident ? household : resident;
  const auto parent =
      hub.all_rows().find({parent_table, *RowId::from(row.image.values[0].as_blob())});
  REQUIRE(parent != hub.all_rows().end());
  if (parent->second.live) CHECK(parent->second.scope == row.scope);
}

}  // namespace

TEST_CASE(
    "A3: devices that read only their villages' feed hold the hub's rows after any history of "
    "deletes, revivals and moves") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    Township hub;
    std::vector<Departure> departures;
    std::vector<Follower> followers{Follower({"X"}), Follower({"Y"}), Follower({"X", "Y"}),
                                    Follower({"Z"})};
    for (int round = 0; round < 25; ++round) {
      std::vector<IncomingTransaction> batch;
      for (std::uint64_t i = 0; i <= dice.below(3); ++i) {
        Write write(dice.of("ABC"));
        const std::uint64_t now = hub.head().number();
        const std::uint64_t seen = now - dice.below(std::min<std::uint64_t>(now, 4) + 1);
        write.seen(Position::of(seen == 0 ? 0 : 1, seen))
            .at(static_cast<std::int64_t>(dice.below(1000)));
        for (std::uint64_t n = 0; n <= dice.below(2); ++n) random_change(dice, write);
        batch.push_back(write);
      }
      hub.commit(batch);
      departures.insert(departures.end(), hub.last().departures.begin(),
                        hub.last().departures.end());
      for (const auto& [key, row] : hub.all_rows()) check_row(hub, row);
      for (Follower& one : followers) {
        if (dice.below(3) != 0) continue;
        one.pull(hub, departures);
        CHECK(one.equals(hub));
      }
    }
  }
}
