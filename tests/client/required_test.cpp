// What a column's declaration refuses at capture: NULL where it is required, a state that goes
// back; a hub's row always applies.
#include <doctest/doctest.h>

#include "tests/client/folder.hpp"
#include "tests/client/phone.hpp"

namespace doorstep::test {
namespace {

const char* const schema_text = R"toml(
name = "clinic"
version = 1

[tables.patient]
scope = "village"
[tables.patient.columns]
village = "text"
name = { type = "text", required = true }
visits = { type = "integer", policy = "counter", required = true }
ward = { type = "text", policy = "hub", required = true }
stage = { type = "text", policy = "ranked", states = ["asked", "promised", "done"] }
)toml";

class Clinic {
 public:
  Clinic() {
    NewReplica made = enrolment();
    made.schema = schema_text;
    REQUIRE(create_replica(path_, made).ok());
    replica_ = open_replica(path_, {}, {}).value();
    store_ = open_device_store(path_).value();
  }
  std::string refusal(const std::string& sql) {
    const auto done = replica_->execute(sql);
    return done ? "" : std::string(name_of(done.error().code)) + ": " + done.error().detail;
  }
  std::string read() { return print(replica_->query("SELECT name, visits FROM patient").value()); }
  DeviceStore& store() { return *store_; }
  Replica& replica() { return *replica_; }

 private:
  Folder folder_;
  std::string path_ = folder_.file("a.db");
  std::shared_ptr<Replica> replica_;
  std::unique_ptr<DeviceStore> store_;
};

const char* const new_patient =
    "INSERT INTO patient (id, village, name, visits) VALUES (uuid7(), 'v1', 'Wang', 0)";
const char* const no_name = "bad_value: table patient, column name must not be NULL";

}  // namespace

TEST_CASE("an app that leaves a required column NULL is refused with the column's name") {
  Clinic clinic;
  CHECK(clinic.refusal(new_patient) == "");
  CHECK(clinic.refusal("UPDATE patient SET name = NULL") == no_name);
  CHECK(clinic.refusal("INSERT INTO patient (id, visits) VALUES (uuid7(), 0)") == no_name);
  CHECK(clinic.refusal("INSERT OR REPLACE INTO patient (id, visits) SELECT id, 5 FROM patient") ==
        no_name);
  CHECK(clinic.refusal("INSERT INTO patient (id, name) VALUES (uuid7(), 'Li')") ==
        "bad_value: table patient, column visits must not be NULL");
  // What counts is what a transaction leaves behind.
  CHECK(clinic.refusal("UPDATE patient SET name = NULL; UPDATE patient SET name = 'Li'") == "");
  CHECK(clinic.read() == "Li|0");
}

TEST_CASE("B5: a state that goes back is refused at capture, one further on is taken") {
  Clinic clinic;
  CHECK(clinic.refusal(new_patient) == "");
  CHECK(clinic.refusal("UPDATE patient SET stage = 'promised'") == "");
  CHECK(clinic.refusal("UPDATE patient SET stage = 'done'") == "");
  const auto sent = clinic.store().state()->last;
  for (const char* back : {"'promised'", "'asked'", "NULL"}) {
    CHECK(clinic.refusal("UPDATE patient SET name = 'Li', stage = " + std::string(back)) ==
          "ranked_back: table patient, column stage");
  }
  CHECK(clinic.store().state()->last == sent);
  CHECK(clinic.read() == "Wang|0");
  CHECK(clinic.refusal("UPDATE patient SET name = 'Li', stage = 'done'") == "");
}

TEST_CASE("a hub's row with NULL in a required column applies and may be worked on") {
  Clinic clinic;
  Changes changes;
  changes.rows.push_back({"patient", {"v1"}, true, {"village"}, {row_id(1)}, {Value::text("v1")}});
  changes.checkpoint.emplace();
  changes.checkpoint->position = Position::of(1, 1);
  REQUIRE(clinic.store().apply(changes).ok());
  CHECK(clinic.read() == "-|-");
  CHECK(clinic.refusal("UPDATE patient SET visits = 1") == "");
  CHECK(clinic.refusal("UPDATE patient SET name = 'Wang'") == "");
  CHECK(clinic.refusal("UPDATE patient SET name = NULL") == no_name);
  CHECK(clinic.read() == "Wang|1");
}

TEST_CASE(
    "a person was let go by a decision that the township confirmed: taking that back writes") {
  Clinic clinic;
  ConflictRecord record;
  record.id = ConflictId{{4}};
  record.table = "patient";
  record.row = row_id(1);
  record.winner = {Value::null(), {Position::of(1, 1), DeviceId{{8}}, Stamp::at({1000})}};
  record.loser = {Value::null(), {Position::of(1, 1), DeviceId{{9}}, Stamp::at({900})}};
  record.state = ConflictState::decided;
  record.decision = CellVersion{Position::of(1, 2), DeviceId{{7}}, Stamp::at({2000})};
  record.position = Position::of(1, 2);
  Changes changes;
  changes.conflicts.push_back(record);
  changes.checkpoint.emplace();
  changes.checkpoint->position = Position::of(1, 2);
  REQUIRE(clinic.store().apply(changes).ok());
  REQUIRE(clinic.read().empty());
  // Her row is not here, and so has no name that could be missing.
  REQUIRE(clinic.replica().undo(record.id).ok());
  CHECK(clinic.store().state()->last == Sequence{1});
  CHECK(clinic.read().empty());
}

}  // namespace doorstep::test
