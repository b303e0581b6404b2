// What the SDK's capture sees of an app's SQL (SEMANTICS C3, DESIGN section 6).
#include <doctest/doctest.h>

#include "tests/client/phone.hpp"

namespace doorstep::test {
namespace {

const char* const new_household =
    "INSERT INTO household (id, village, head, phone) VALUES (:id, 'v1', 'Wang', '111')";

// "kind table column=value ...", one row a line.
std::string print_changes(const Transaction& transaction) {
  std::string text;
  for (const RowChange& change : transaction.changes) {
    const Table& table = small_schema().table(change.table);
    if (!text.empty()) text += '\n';
    text += change.kind == RowChange::Kind::insert   ? "insert "
            : change.kind == RowChange::Kind::update ? "update "
                                                     : "remove ";
    text += table.name;
    for (const CellChange& cell : change.cells) {
      text += " " + table.column(cell.column).name + "=";
      if (const auto* value = std::get_if<Value>(&cell.edit)) text += value->display();
      if (const auto* delta = std::get_if<CounterDelta>(&cell.edit)) {
        text += (delta->amount >= 0 ? "+" : "") + std::to_string(delta->amount);
      }
      if (const auto* edit = std::get_if<SetEdit>(&cell.edit)) {
        for (const auto& one : edit->adds) text += "+" + one;
        for (const auto& one : edit->removes) text += "-" + one;
      }
    }
  }
  return text;
}

std::string last_change(Phone& phone) {
  const auto all = phone.sent();
  REQUIRE_FALSE(all.empty());
  return print_changes(all.back());
}

}  // namespace

TEST_CASE(
    "a volunteer registers a household: one commit is one transaction with the columns she filled "
    "in") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.run(new_household, {id_binding(1)});
  CHECK(phone.sent().size() == 1);
  CHECK(last_change(phone) == "insert household village=\"v1\" head=\"Wang\" phone=\"111\"");
  CHECK(phone.status().pending == 1);
  CHECK(phone.read("SELECT head FROM household") == "Wang");
}

TEST_CASE(
    "saving a form that changed one field sends that field alone, and saving it unchanged sends "
    "nothing") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.run(new_household, {id_binding(1)});
  phone.run("UPDATE household SET village = 'v1', head = 'Wang', phone = '222'");
  CHECK(last_change(phone) == "update household phone=\"222\"");
  phone.run("UPDATE household SET village = 'v1', head = 'Wang', phone = '222'");
  CHECK(phone.sent().size() == 2);
}

TEST_CASE("INSERT OR REPLACE of a record sends only the columns that differ") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.run(new_household, {id_binding(1)});
  phone.run(
      "INSERT OR REPLACE INTO household (id, village, head, phone) VALUES (:id, 'v1', 'Wang', "
      "'333')",
      {id_binding(1)});
  CHECK(last_change(phone) == "update household phone=\"333\"");
}

TEST_CASE("an upsert and an INSERT ... SELECT are captured row by row") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.run("INSERT INTO supply (code, village, boxes) VALUES ('oil', 'v1', 10)");
  phone.run(
      "INSERT INTO supply (code, village, boxes) VALUES ('oil', 'v1', 3)"
      " ON CONFLICT (code) DO UPDATE SET boxes = boxes + excluded.boxes");
  CHECK(last_change(phone) == "update supply boxes=+3");
  phone.run("INSERT INTO supply (code, village, boxes) SELECT code || '2', village, 1 FROM supply");
  CHECK(last_change(phone) == "insert supply village=\"v1\" boxes=+1");
  CHECK(phone.read("SELECT code, boxes FROM supply ORDER BY code") == "oil|13\noil2|1");
}

TEST_CASE("a three-row insert that fails on its third row leaves nothing to send") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.run(new_household, {id_binding(1)});
  auto transaction = phone.replica().begin();
  REQUIRE(transaction.ok());
  const auto failed = (*transaction)
                          ->run(
                              "INSERT INTO household (id, head) VALUES (:a, 'Li'), (:b, 'Zhao'), "
                              "(:c, 'Wang again')",
                              {id_binding(2, "a"), id_binding(3, "b"), id_binding(1, "c")});
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error().code == ErrorCode::sql_error);
  REQUIRE((*transaction)->run("UPDATE household SET phone = '9'").ok());
  REQUIRE((*transaction)->commit().ok());
  CHECK(phone.sent().size() == 2);
  CHECK(last_change(phone) == "update household phone=\"9\"");
  CHECK(phone.read("SELECT count(*) FROM household") == "1");
}

TEST_CASE("what ROLLBACK TO took back is not sent, what RELEASE kept is") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.run(
      "SAVEPOINT outer_one; "
      "INSERT INTO supply (code, boxes) VALUES ('rice', 1); "
      "SAVEPOINT inner_one; "
      "INSERT INTO supply (code, boxes) VALUES ('salt', 1); "
      "UPDATE supply SET boxes = 50 WHERE code = 'rice'; "
      "ROLLBACK TO inner_one; "
      "INSERT INTO supply (code, boxes) VALUES ('soap', 2); "
      "RELEASE outer_one;");
  CHECK(last_change(phone) == "insert supply boxes=+1\ninsert supply boxes=+2");
  CHECK(phone.read("SELECT code, boxes FROM supply ORDER BY code") == "rice|1\nsoap|2");
}

TEST_CASE(
    "delete and insert of one key in one transaction is an update; insert and delete is nothing") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.run(new_household, {id_binding(1)});
  phone.run(
      "DELETE FROM household; INSERT INTO household (id, village, head) VALUES (:id, 'v1', "
      "'Wang');",
      {id_binding(1)});
  CHECK(last_change(phone) == "update household phone=NULL");
  phone.run("INSERT INTO household (id) VALUES (:id); DELETE FROM household WHERE id = :id",
            {id_binding(2)});
  CHECK(phone.sent().size() == 2);
}

TEST_CASE("OR ROLLBACK ends the transaction and nothing of it is sent") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.run(new_household, {id_binding(1)});
  auto transaction = phone.replica().begin();
  REQUIRE(transaction.ok());
  REQUIRE((*transaction)->run("UPDATE household SET head = 'Li'").ok());
  CHECK_FALSE((*transaction)
                  ->run("INSERT OR ROLLBACK INTO household (id) VALUES (:id)", {id_binding(1)})
                  .ok());
  CHECK((*transaction)->commit().error().code == ErrorCode::sql_refused);
  CHECK(phone.sent().size() == 1);
  phone.run("UPDATE household SET head = 'Zhao'");
  CHECK(last_change(phone) == "update household head=\"Zhao\"");
}

TEST_CASE("a whole number in a real column is sent as the real that SQLite stores") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.run("INSERT INTO household (id, score) VALUES (:id, 3)", {id_binding(1)});
  const auto sent = phone.sent();
  const auto& cell = std::get<Value>(sent.back().changes.front().cells.front().edit);
  CHECK(cell == Value::real(3.0));
  phone.run("UPDATE household SET score = 3.0");
  CHECK(phone.sent().size() == 1);
}

TEST_CASE("B6: a household that is deleted takes its visits along in the same transaction") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.run(new_household, {id_binding(1)});
  phone.run(
      "INSERT INTO visit (id, household_id, note) VALUES (uuid7(), :id, 'one'), (uuid7(), :id, "
      "'two')",
      {id_binding(1)});
  phone.run("DELETE FROM household WHERE id = :id", {id_binding(1)});
  CHECK(last_change(phone) == "remove household\nremove visit\nremove visit");
  CHECK(phone.read("SELECT count(*) FROM visit") == "0");
}

TEST_CASE("a set is stored in its canonical form and travels as what was added and removed") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.run("INSERT INTO household (id, labels) VALUES (:id, '[ \"old\", \"alone\", \"old\" ]')",
            {id_binding(1)});
  CHECK(last_change(phone) == "insert household labels=+alone+old");
  CHECK(phone.read("SELECT labels FROM household") == "[\"alone\",\"old\"]");
  phone.run("UPDATE household SET labels = '[\"ill\",\"old\"]'");
  CHECK(last_change(phone) == "update household labels=+ill-alone");
  phone.run("UPDATE household SET labels = '[\"old\",\"ill\"]'");
  CHECK(phone.sent().size() == 2);
}

TEST_CASE("counters travel as what they changed by, net of the whole transaction") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.run("INSERT INTO supply (code, boxes) VALUES ('oil', 100)");
  phone.run("UPDATE supply SET boxes = boxes - 3; UPDATE supply SET boxes = boxes - 2;");
  CHECK(last_change(phone) == "update supply boxes=-5");
}

TEST_CASE("each transaction carries the clocks, its schema and the cursor of its author") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.clock.now = {1'600'000'000'000, BootId{{9}}, 77};
  phone.run(new_household, {id_binding(1)});
  const Transaction sent = phone.sent().back();
  CHECK(sent.time.clock == phone.clock.now);
  CHECK(sent.view == small_schema().fingerprint());
  CHECK(sent.observed == Position{});
}

}  // namespace doorstep::test
