// What a hub keeps of comparisons and of what phones have healed.
#include <doctest/doctest.h>

#include "engine/session/compare_device.hpp"
#include "engine/session/note_healed.hpp"
#include "engine/wire/comparison_codec.hpp"
#include "tests/server/hub_store_fixture.hpp"

namespace doorstep::test {

#define HUB_STORES MemoryHub, SqliteHub

namespace {

class HealLog final : public LogSink {
 public:
  void write(LogLevel, std::string_view event, std::initializer_list<LogField> fields) override {
    std::string line(event);
    for (const auto& [key, value] : fields) {
      if (key != "device") line += " " + std::string(key) + "=" + value;
    }
    lines.push_back(line);
  }
  std::vector<std::string> lines;
};

DeviceComparison one_cell() {
  DeviceComparison found{Position::of(1, 9), Position::of(1, 7), 1, 1, 2, 0, {}};
  CellDifference cell{"household", row_id(1), "phone", {}, {}, {}, {}};
  cell.why = CellDifference::Why::behind;
  cell.hub = Value::text("138");
  found.cells = {cell, {"visit", row_id(2), "", CellDifference::What::surplus, {}, {}, {}}};
  return found;
}

}  // namespace

TEST_CASE_TEMPLATE("hub store: a request to compare a phone waits until its answer is kept", Hub,
                   HUB_STORES) {
  Hub hub;
  commit(hub.store(), [&](HubCommit& open, Position) {
    DeviceRecord device;
    device.id = phone(1);
    CHECK(open.put_device(device).ok());
  });
  CHECK_FALSE(hub.store().snapshot().value()->comparison(phone(1)).value());
  const Instant asked{1000};
  const auto first = ask_comparison(hub.store(), phone(1), asked, CommitToken{{1}});
  REQUIRE(first.ok());
  CHECK(first->waits());
  CHECK(first->asked == 1);
  CHECK(ask_comparison(hub.store(), phone(1), Instant{2000}, CommitToken{{2}}).value() == *first);

  const Instant answered{3000};
  REQUIRE(keep_comparison(hub.store(), phone(1), 1, one_cell(), answered, CommitToken{{3}}).ok());
  const auto kept = hub.store().snapshot().value()->comparison(phone(1)).value();
  REQUIRE(kept);
  CHECK_FALSE(kept->waits());
  CHECK(kept->asked_at == asked);
  CHECK(kept->answered_at == answered);
  CHECK(decode_comparison(kept->answer).value() == one_cell());
  // An answer to what was answered, or to what nobody asked, changes nothing.
  for (const std::uint64_t number : {1U, 2U}) {
    REQUIRE(
        keep_comparison(hub.store(), phone(1), number, {}, Instant{4000}, CommitToken{{4}}).ok());
  }
  CHECK(hub.store().snapshot().value()->comparison(phone(1)).value() == kept);
  // While the next one waits the last answer stays.
  const auto next = ask_comparison(hub.store(), phone(1), Instant{5000}, CommitToken{{5}}).value();
  CHECK(next.asked == 2);
  CHECK(next.answer == kept->answer);
  CHECK_FALSE(hub.store().snapshot().value()->comparison(phone(2)).value());
}

TEST_CASE_TEMPLATE(
    "what a phone has healed is counted in its record and logged with scope, table, rows and "
    "columns",
    Hub, HUB_STORES) {
  Hub hub;
  commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open,
        {household_row(1, dushi, at, "No. 1"), household_row(2, longtan, at, "No. 2")});
    DeviceRecord device;
    device.id = phone(1);
    CHECK(open.put_device(device).ok());
  });
  TableDifference table{"household", 1, 1, 1, {}};
  table.rows = {{row_id(1), RowDifference::Kind::changed, {"address", "phone"}},
                {row_id(2), RowDifference::Kind::missing},
                {row_id(3), RowDifference::Kind::surplus}};
  const Healed healed{3, {table}};
  HealLog log;
  const Instant at{7000};
  const auto noted = note_healed(hub.store(), log, phone(1), healed, at, CommitToken{{1}});
  REQUIRE(noted.ok());
  CHECK(*noted == HealNoted{3});
  const auto key = [](std::uint32_t number) { return to_hex(row_id(number).view()); };
  CHECK(log.lines ==
        std::vector<std::string>{
            "healed scope= table=household rows=1 of=3 differed=" + key(3) + " surplus",
            "healed scope=431224103201 table=household rows=1 of=3 differed=" + key(2) + " missing",
            "healed scope=431224103212 table=household rows=1 of=3 differed=" + key(1) +
                " changed address,phone"});
  const auto record = hub.store().snapshot().value()->device(phone(1)).value();
  CHECK(record->healed == 3);
  CHECK(record->healed_at == at);
  // Said again, because the phone did not hear that it was noted.
  REQUIRE(note_healed(hub.store(), log, phone(1), healed, Instant{9000}, CommitToken{{2}}).ok());
  CHECK(log.lines.size() == 3);
  CHECK(hub.store().snapshot().value()->device(phone(1)).value() == record);
  CHECK(note_healed(hub.store(), log, phone(9), healed, at, CommitToken{{3}}).error().code ==
        ErrorCode::device_unknown);
}

}  // namespace doorstep::test
