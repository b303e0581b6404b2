// Triggers of the app beside what the SDK itself writes into its tables: they do their work once,
// for what the app wrote, and nothing that they do stays behind on the phone.
#include <doctest/doctest.h>

#include "tests/client/small_hub.hpp"

namespace doorstep::test {
namespace {

/// Every change of a household is noted as a visit.
struct NotingPhone {
  NotingPhone() : phone(folder.file("a.db")) {
    phone.close();
    for (const std::string event : {"INSERT", "UPDATE"}) {
      REQUIRE(phone.outside("CREATE TRIGGER note_" + event + " AFTER " + event +
                            " ON household BEGIN INSERT INTO visit (id, household_id, note)"
                            " VALUES (randomblob(16), new.id, '" +
                            event + "'); END") == "");
    }
    phone.restart();
  }
  std::string notes() { return phone.read("SELECT note FROM visit ORDER BY rowid"); }
  /// How many of them are on their way.
  std::size_t notes_sent() {
    std::size_t count = 0;
    for (const Transaction& transaction : phone.sent()) {
      for (const RowChange& change : transaction.changes) {
        count += small_schema().table(change.table).name == "visit" ? 1U : 0U;
      }
    }
    return count;
  }

  Folder folder;
  ReplicaPhone phone;
  SmallHub hub;
};

}  // namespace

TEST_CASE(
    "C3: a set that an app wrote out of order is put in order, and its trigger notes it once") {
  NotingPhone v;
  v.phone.run("INSERT INTO household (id, village, labels) VALUES (:id, 'v1', '[\"z\",\"a\"]')",
              {id_binding(1)});
  CHECK(v.phone.read("SELECT labels FROM household") == R"(["a","z"])");
  CHECK(v.notes() == "INSERT");
  CHECK(v.notes_sent() == 1);
  CHECK(v.phone.replica().verify()->problems.empty());
}

TEST_CASE(
    "C3: a household that an undone decision brings back is no new one for the app's trigger") {
  NotingPhone v;
  v.hub.put("household", row_id(1), {{"village", Value::text("v1")}});
  ConflictRecord record;
  record.id = ConflictId{{4}};
  record.table = "household";
  record.row = row_id(1);
  record.winner = {Value::text("111"), {Position::of(1, 1), DeviceId{{8}}, Stamp::at({1})}};
  record.loser = {Value::null(), {Position::of(1, 1), DeviceId{{9}}, Stamp::at({2})}};
  record.state = ConflictState::open;
  v.hub.add_conflict(record);
  apply(v.phone, v.hub.commit());
  REQUIRE(v.phone.replica().decide(record.id, Keep::loser).ok());
  CHECK(v.phone.read("SELECT count(*) FROM household") == "0");
  REQUIRE(v.phone.replica().undo(record.id).ok());
  CHECK(v.phone.read("SELECT count(*) FROM household") == "1");
  CHECK(v.notes().empty());
  CHECK(v.notes_sent() == 0);
}

}  // namespace doorstep::test
