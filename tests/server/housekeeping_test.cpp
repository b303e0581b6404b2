// What a hub does when nobody calls: its daily reading of the rows against the running sums.
#include <doctest/doctest.h>

#include "engine/ports/random.hpp"
#include "server/housekeeping.hpp"
#include "tests/server/hub_store_fixture.hpp"

namespace doorstep::test {
namespace {

constexpr std::int64_t hour_ms = 3'600'000;

class ListedLog final : public LogSink {
 public:
  void write(LogLevel, std::string_view event, std::initializer_list<LogField> fields) override {
    std::string line(event);
    for (const auto& [key, value] : fields) line += " " + std::string(key) + "=" + value;
    lines.push_back(line);
  }
  std::vector<std::string> lines;
};

void fill(HubStore& store) {
  commit(store, [&](HubCommit& open, Position at) {
    put(store, open,
        {household_row(1, dushi, at, "No. 1"), household_row(2, longtan, at, "No. 2")});
  });
}

// As somebody does who changes hub.db with another tool: a row comes, and no sum hears of it.
void change_by_hand(HubStore& store, std::uint32_t number) {
  commit(store, [&](HubCommit& open, Position at) {
    const std::vector<StoredRow> rows{household_row(number, dushi, at, "by hand")};
    REQUIRE(open.put_rows(rows).ok());
  });
}

bool sums_are_those_of_the_rows(HubStore& store) {
  const auto snapshot = store.snapshot().value();
  const std::vector<ScopeId> scopes{longtan, dushi};
  return snapshot->digests(scopes).value() == snapshot->scan_digests(scopes).value();
}

}  // namespace

TEST_CASE_TEMPLATE(
    "E2: a row that was changed at the hub by hand is found by the day's reading, without a phone "
    "that calls",
    Hub, MemoryHub, SqliteHub) {
  Hub hub;
  fill(hub.store());
  change_by_hand(hub.store(), 7);
  ListedLog log;
  SeededRandom random(3);
  Instant now{1'760'000'000'000};
  Housekeeping house(hub.store(), log, random, now);
  const auto idle_turns = [&] {
    for (int i = 0; i < 10; ++i) house.turn(now);
  };

  now.ms += hour_ms - 1;
  idle_turns();
  CHECK(log.lines.empty());
  CHECK_FALSE(sums_are_those_of_the_rows(hub.store()));

  now.ms += 1;
  idle_turns();
  CHECK(sums_are_those_of_the_rows(hub.store()));
  const std::string count = std::to_string(hub.store().snapshot().value()->feed_scopes()->size());
  CHECK(log.lines == std::vector<std::string>{"digest_drift scope=" + dushi.code,
                                              "digest_recounted scope=" + dushi.code,
                                              "digests_checked scopes=" + count + " differed=1"});

  // The next reading is a day later, and finds nothing.
  log.lines.clear();
  change_by_hand(hub.store(), 8);
  now.ms += 23 * hour_ms;
  idle_turns();
  CHECK(log.lines.empty());
  now.ms += hour_ms;
  idle_turns();
  CHECK(sums_are_those_of_the_rows(hub.store()));
  log.lines.clear();
  now.ms += 24 * hour_ms;
  idle_turns();
  CHECK(log.lines == std::vector<std::string>{"digests_checked scopes=" + count + " differed=0"});
}

TEST_CASE("E2: a reading is of one scope a turn, so that a push waits for one village at most") {
  MemoryHub hub;
  fill(hub.store());
  change_by_hand(hub.store(), 7);
  ListedLog log;
  SeededRandom random(3);
  Instant now{1'760'000'000'000};
  Housekeeping house(hub.store(), log, random, now);
  now.ms += hour_ms;
  const std::size_t scopes = hub.store().snapshot().value()->feed_scopes()->size();
  REQUIRE(scopes > 1);
  house.turn(now);  // the collection
  for (std::size_t i = 0; i < scopes; ++i) {
    CHECK((log.lines.empty() || log.lines.back().find("digests_checked") == std::string::npos));
    house.turn(now);
  }
  REQUIRE_FALSE(log.lines.empty());
  CHECK(log.lines.back().find("digests_checked") == 0);
}

}  // namespace doorstep::test
