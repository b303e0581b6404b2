// Rules as SQL on a hub's own tables, and the rows that fell with refused transactions.
#include <doctest/doctest.h>

#include <array>

#include "engine/core/limits.hpp"
#include "schema/loader.hpp"
#include "tests/server/hub_store_fixture.hpp"

namespace doorstep::test {
namespace {

constexpr TableId entry{0};

/// A fund of entries, with rules as given.
Schema fund(const std::string& rules) {
  const std::string text = R"(name = "fund"
version = 1
[tables.entry]
scope = "village"
[tables.entry.columns]
village = "text"
amount_fen = "integer"
)" + rules;
  auto loaded = load_schema(text, "fund.toml");
  REQUIRE_MESSAGE(loaded.ok(), loaded.error().text());
  return std::move(loaded).value();
}

std::string rule(const std::string& name, const std::string& sql) {
  return "[tables.entry.rules." + name + "]\nbroken_if = \"" + sql + "\"\nmessage = \"" + name +
         " is broken\"\n";
}

const std::string overdrawn =
    "SELECT sum(every.amount_fen) AS balance_fen FROM entry AS new JOIN entry AS every ON "
    "every.village = new.village WHERE new.id = :id AND new.amount_fen < 0 GROUP BY new.id "
    "HAVING balance_fen < 0";

struct FundHub {
  explicit FundHub(const std::string& rules)
      : store(SqliteHubStore::create(folder.path() / "hub", fund(rules), township()).value()) {}

  StoredRow paid(std::uint32_t number, std::int64_t fen, Position position) const {
    StoredRow row;
    row.table = entry;
    row.id = row_id(number);
    row.scope = dushi;
    row.position = row.since = position;
    row.base = {position, phone(1), Stamp::at(Instant{1})};
    row.image.values = {Value::text(dushi.code), Value::integer(fen)};
    return row;
  }

  TemporaryFolder folder;
  std::unique_ptr<SqliteHubStore> store;
};

std::string refusal(const std::string& rules) {
  const TemporaryFolder folder;
  const auto made = SqliteHubStore::create(folder.path() / "hub", fund(rules), township());
  if (made) return "";
  CHECK(made.error().code == ErrorCode::schema_invalid);
  return made.error().detail;
}

}  // namespace

TEST_CASE("a rule's SQL sees the row as the open commit has it, and says what it showed") {
  FundHub hub(rule("not_overdrawn", overdrawn));
  auto open = hub.store->begin().value();
  const Position at = open->position();
  const std::array rows{hub.paid(1, 1000, at), hub.paid(2, -700, at), hub.paid(3, -700, at)};
  REQUIRE(open->put_rows(rows).ok());
  const std::array first{rows[0].key()};
  CHECK(open->check_rules(first).value() == std::nullopt);
  const std::array both{rows[0].key(), rows[2].key()};
  const auto broken = open->check_rules(both).value();
  REQUIRE(broken.has_value());
  CHECK(broken->table == "entry");
  CHECK(broken->rule == "not_overdrawn");
  CHECK(broken->row == row_id(3));
  CHECK(broken->message == "not_overdrawn is broken");
  CHECK(broken->values ==
        std::vector<std::pair<std::string, Value>>{{"balance_fen", Value::integer(-400)}});
}

TEST_CASE("what a broken rule refuses is undone by the savepoint, and the commit goes on") {
  FundHub hub(rule("not_overdrawn", overdrawn));
  commit(*hub.store, [&](HubCommit& open, Position at) {
    const std::array donation{hub.paid(1, 1000, at)};
    REQUIRE(open.put_rows(donation).ok());
    const Status kept = open.savepoint([&]() -> Status {
      const std::array payout{hub.paid(2, -2000, at)};
      DS_TRY(open.put_rows(payout));
      DS_ASSIGN(const auto broken, open.check_rules(std::array{payout[0].key()}));
      return broken ? Status(error(ErrorCode::rule_broken)) : Status();
    });
    CHECK(kept.error().code == ErrorCode::rule_broken);
    const std::array payout{hub.paid(3, -300, at)};
    REQUIRE(open.put_rows(payout).ok());
    CHECK(open.check_rules(std::array{payout[0].key()}).value() == std::nullopt);
  });
  auto snapshot = hub.store->snapshot().value();
  CHECK(snapshot->row({entry, row_id(2)}).value() == std::nullopt);
  CHECK(snapshot->row({entry, row_id(3)}).value().has_value());
}

TEST_CASE("rules are asked in their order; one that names no :id is asked all the same") {
  FundHub hub(rule("never", "SELECT 1 WHERE 0") +
              rule("at_most_two", "SELECT count(*) AS entries FROM entry HAVING count(*) > 2") +
              rule("always", "SELECT 1"));
  auto open = hub.store->begin().value();
  const std::array one{hub.paid(1, 1, open->position())};
  REQUIRE(open->put_rows(one).ok());
  CHECK(open->check_rules(std::array{one[0].key()}).value()->rule == "always");
  const std::array two{hub.paid(2, 1, open->position()), hub.paid(3, 1, open->position())};
  REQUIRE(open->put_rows(two).ok());
  CHECK(open->check_rules(std::array{one[0].key()}).value()->rule == "at_most_two");
}

TEST_CASE("values that a rule cannot compute with refuse their transaction and stop nobody") {
  FundHub hub(rule("not_overdrawn", overdrawn));
  auto open = hub.store->begin().value();
  constexpr std::int64_t huge = 9'000'000'000'000'000'000;
  const std::array rows{hub.paid(1, -huge, open->position()), hub.paid(2, -huge, open->position())};
  REQUIRE(open->put_rows(rows).ok());
  const auto broken = open->check_rules(std::array{rows[1].key()});
  REQUIRE(broken.ok());
  REQUIRE(broken->has_value());
  CHECK((*broken)->rule == "not_overdrawn");
  CHECK((*broken)->values.front().first == "sql_error");
  CHECK(open->commit(Instant{5}, token_of(open->position())).ok());
}

TEST_CASE("what a rule shows is cut to what may travel") {
  FundHub hub(rule("long",
                   "SELECT replace(hex(zeroblob(400)), '00', '王') AS words, zeroblob(999) "
                   "AS bytes, 9e999 AS endless"));
  auto open = hub.store->begin().value();
  const std::array one{hub.paid(1, 1, open->position())};
  REQUIRE(open->put_rows(one).ok());
  const auto broken = open->check_rules(std::array{one[0].key()}).value();
  REQUIRE(broken->values.size() == 3);
  CHECK(broken->values[0].second.as_text().size() == 255);
  CHECK(broken->values[1].second.as_blob().size() == limits::rule_value_bytes_max);
  CHECK(broken->values[2].second.is_null());
}

TEST_CASE("a rule that cannot be asked is refused when the hub is made: rule and table are named") {
  CHECK(refusal(rule("fits", overdrawn)).empty());
  const std::string unknown = refusal(rule("x", "SELECT 1 FROM nowhere"));
  CHECK(unknown.find("table 'entry', rule 'x': ") == 0);
  CHECK(unknown.find("nowhere") != std::string::npos);
  CHECK(refusal(rule("x", "SELECT colour FROM entry")).find("colour") != std::string::npos);
  CHECK(refusal(rule("x", "SELEKT 1")).find("rule 'x'") != std::string::npos);
  CHECK(refusal(rule("x", "SELECT 1; SELECT 2")).find("rule 'x'") != std::string::npos);
  CHECK(refusal(rule("x", "SELECT 1 FROM entry WHERE id = :row")).find("only parameter") !=
        std::string::npos);
}

TEST_CASE("a rule reads the app's tables and columns only, and writes nothing") {
  for (const char* sql : {"DELETE FROM entry", "UPDATE entry SET amount_fen = 0 RETURNING id",
                          "PRAGMA user_version", "ATTACH 'x.db' AS x", "BEGIN"}) {
    CAPTURE(sql);
    CHECK(refusal(rule("x", sql)).find("must be a SELECT") != std::string::npos);
  }
  CHECK(refusal(rule("x", "SELECT 1 FROM ds_device")).find("ds_device") != std::string::npos);
  CHECK(refusal(rule("x", "SELECT 1 FROM sqlite_schema")).find("sqlite") != std::string::npos);
  CHECK(refusal(rule("x", "SELECT ds_position FROM entry")).find("ds_position") !=
        std::string::npos);
  CHECK(refusal(rule("x", "SELECT 1 FROM entry WHERE rowid = 1")).find("no column of the schema") !=
        std::string::npos);
  CHECK(refusal(rule("x", "SELECT 1 WHERE random() > 0")).find("random") != std::string::npos);
}

#define HUB_STORES MemoryHub, SqliteHub

TEST_CASE_TEMPLATE("hub store: fallen rows are kept by device until they live", Hub, HUB_STORES) {
  Hub hub;
  const RowKey one{household, row_id(1)};
  const RowKey two{visit, row_id(2)};
  const std::vector<FallenRow> rows{{phone(1), one, Sequence{3}}, {phone(1), two, Sequence{3}}};
  commit(hub.store(), [&](HubCommit& open, Position) {
    CHECK(open.fallen(phone(1)).value().empty());
    REQUIRE(open.put_fallen(rows).ok());
    CHECK(open.fallen(phone(1)).value() == rows);
  });
  commit(hub.store(), [&](HubCommit& open, Position) {
    CHECK(open.fallen(phone(1)).value() == rows);
    CHECK(open.fallen(phone(2)).value().empty());
    const std::vector<FallenRow> change{{phone(1), one, std::nullopt},
                                        {phone(1), two, Sequence{9}}};
    REQUIRE(open.put_fallen(change).ok());
    const Status undone = open.savepoint([&]() -> Status {
      DS_TRY(open.put_fallen(rows));
      return error(ErrorCode::internal);
    });
    CHECK_FALSE(undone.ok());
    CHECK(open.fallen(phone(1)).value() == std::vector<FallenRow>{{phone(1), two, Sequence{9}}});
  });
}

}  // namespace doorstep::test
