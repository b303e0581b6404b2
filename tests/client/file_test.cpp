// The replica's file: how large it is, what survives when things go wrong, and who may use it at
// once.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "engine/ports/fault.hpp"
#include "engine/sqlite/database.hpp"
#include "engine/sqlite/ddl.hpp"
#include "tests/client/small_hub.hpp"

namespace doorstep::test {
namespace {

constexpr int visit_count = 10'000;

std::uintmax_t size_after_checkpoint(const std::string& path) {
  auto db = sqlite::Database::open(path, {});
  REQUIRE(db.ok());
  REQUIRE(db->run("PRAGMA wal_checkpoint(TRUNCATE)").ok());
  return std::filesystem::file_size(path);
}

Value note_of(int number) {
  return Value::text("blood pressure 130/80, visit no. " + std::to_string(number));
}

// The same DDL and rows without anything of the SDK.
std::uintmax_t plain_size(const std::string& path, const std::string& replica) {
  sqlite::OpenOptions how;
  how.create = true;
  auto db = sqlite::Database::open(path, how);
  REQUIRE(db.ok());
  for (const Table& table : small_schema().tables())
    REQUIRE(db->run(sqlite::device_table_ddl(table)).ok());
  REQUIRE(db->run("ATTACH '" + replica +
                  "' AS r; INSERT INTO visit SELECT * FROM r.visit ORDER BY rowid")
              .ok());
  return std::filesystem::file_size(path);
}

void write_visits(Phone& phone, int per_transaction) {
  for (int done = 0; done < visit_count;) {
    auto transaction = phone.replica().begin();
    REQUIRE(transaction.ok());
    for (int i = 0; i < per_transaction; ++i, ++done) {
      ++phone.clock.now.wall_ms;
      REQUIRE(
          (*transaction)
              ->run(
                  "INSERT INTO visit (id, household_id, note, happened) VALUES (uuid7(), :h, ?, ?)",
                  {id_binding(1, "h"), {"", note_of(done)}, {"", Value::integer(done)}})
              .ok());
    }
    REQUIRE((*transaction)->commit().ok());
  }
}

// Tells the phone that the hub has merged everything as it was sent.
void confirm_everything(Phone& phone, SmallHub& hub) {
  const auto rows = phone.replica().query("SELECT id, household_id, note, happened FROM visit");
  REQUIRE(rows.ok());
  for (const auto& row : rows->sets.front().rows) {
    hub.put("visit", *RowId::from(row[0].as_blob()),
            {{"household_id", row[1]}, {"note", row[2]}, {"happened", row[3]}});
  }
  const Sequence last = phone.store().state()->last;
  acknowledge(phone, ack_through(last.value));
  apply(phone, hub.commit(last));
}

}  // namespace

TEST_CASE(
    "10,000 visits: once the hub has them, the writer's file is at most 1.05 times plain SQLite") {
  int per_transaction = 0;
  SUBCASE("in one transaction") { per_transaction = visit_count; }
  SUBCASE("in transactions of one row") { per_transaction = 1; }
  const Folder folder;
  ReplicaOptions quick;
  quick.synchronous = Synchronous::normal;
  Phone phone(folder.file("a.db"), 1, quick);
  SmallHub hub;
  hub.put("household", row_id(1), {{"village", Value::text("v1")}});
  apply(phone, hub.commit());
  const auto before = size_after_checkpoint(phone.path());
  write_visits(phone, per_transaction);
  const auto pending = size_after_checkpoint(phone.path());
  confirm_everything(phone, hub);
  CHECK(phone.status().up_to_date);
  phone.close();
  const auto after = size_after_checkpoint(phone.path());
  const auto plain = plain_size(folder.file("plain.db"), phone.path());
  MESSAGE("bytes before " << before << ", pending " << pending << ", after " << after << ", plain "
                          << plain);
  CHECK(static_cast<double>(after) <= 1.05 * static_cast<double>(plain));
}

TEST_CASE("a visit whose id does not rise is kept with where it was seen in a few bytes") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  SmallHub hub;
  hub.put("household", row_id(1), {{"village", Value::text("v1")}});
  apply(phone, hub.commit());
  for (const std::uint8_t number : {std::uint8_t{9}, std::uint8_t{8}, std::uint8_t{7}}) {
    REQUIRE(
        phone.replica()
            .execute("INSERT INTO visit (id, household_id, note, happened) VALUES (:id, :h, ?, 3)",
                     {id_binding(number, "id"), id_binding(1, "h"), {"", note_of(number)}})
            .ok());
  }
  phone.close();
  auto db = sqlite::Database::open(phone.path(), {.read_only = true}).value();
  auto read = db.prepare("SELECT count(*), max(length(carry)) FROM ds_pending").value();
  REQUIRE(read.step().value());
  CHECK(read.integer(0) == 2);  // nothing waited before the first
  CHECK(read.integer(1) <= 20);
}

TEST_CASE(
    "a process killed at any step of a commit or of a checkpoint leaves all of it or nothing") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  SmallHub hub;
  hub.put("household", row_id(1),
          {{"village", Value::text("v1")},
           {"head", Value::text("Wang")},
           {"phone", Value::text("111")}});
  apply(phone, hub.commit());
  hub.change("household", row_id(1), {{"phone", Value::text("999")}});
  const Changes changes = hub.commit();
  phone.close();
  for (const char* point : {"replica.capture.before_outbox", "replica.capture.before_commit",
                            "replica.apply.after_rows", "replica.apply.before_commit"}) {
    CAPTURE(point);
    const pid_t child = ::fork();
    if (child == 0) {
      install_fault_plan([point](std::string_view reached) {
        if (reached == point) ::_exit(42);
      });
      auto replica = open_replica(phone.path(), {}, phone.seams());
      if (replica && (*replica)->execute("UPDATE household SET head = 'Li'")) {
        auto store = open_device_store(phone.path(), {}, phone.seams());
        if (store && (*store)->apply(changes)) ::_exit(1);
      }
      ::_exit(2);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WEXITSTATUS(status) == 42);
  }
  phone.restart();
  // Twice the process died after its local commit, twice before it.
  CHECK(phone.read("SELECT head, phone FROM household") == "Li|111");
  CHECK(phone.sent().size() == 1);
  CHECK(phone.replica().verify()->problems.empty());
  CHECK(apply(phone, changes).differing.empty());
  CHECK(phone.read("SELECT head, phone FROM household") == "Li|999");
}

TEST_CASE(
    "the storage is full: the write fails as disk_full, nothing written before is lost, and it "
    "recovers") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.run("INSERT INTO household (id, head) VALUES (:id, 'Wang')", {id_binding(1)});
  phone.close();
  phone.pages_max = 1;  // SQLite raises it to what is there: nothing more fits
  phone.restart();
  const std::string photo(100'000, 'p');
  CHECK(phone.refused("UPDATE household SET remarks = :r", {{"r", Value::text(photo)}}).code ==
        ErrorCode::disk_full);
  SmallHub hub;
  hub.put("household", row_id(2), {{"head", Value::text("Li")}, {"remarks", Value::text(photo)}});
  const Changes changes = hub.commit();
  const auto full = phone.store().apply(changes);
  REQUIRE_FALSE(full.ok());
  CHECK(full.error().code == ErrorCode::disk_full);
  CHECK(phone.read("SELECT head, remarks FROM household") == "Wang|-");
  CHECK(phone.sent().size() == 1);
  phone.pages_max = 0;
  phone.restart();
  CHECK(apply(phone, changes).differing.empty());
  phone.run("UPDATE household SET remarks = :r WHERE head = 'Wang'", {{"r", Value::text(photo)}});
  CHECK(phone.sent().size() == 2);
  CHECK(phone.read("SELECT head, length(remarks) FROM household ORDER BY head") ==
        "Li|100000\nWang|100000");
}

TEST_CASE("a file that may not be written is refused as read-only") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.close();
  std::filesystem::permissions(std::filesystem::path(phone.path()).parent_path(),
                               std::filesystem::perms{0755});
  std::filesystem::permissions(phone.path(), std::filesystem::perms{0444});
  const pid_t child = ::fork();
  if (child == 0) {
    constexpr uid_t somebody = 65534;  // root may write everything
    if (::geteuid() == 0 && ::setuid(somebody) != 0) ::_exit(1);
    const auto opened = open_replica(phone.path(), {}, phone.seams());
    ::_exit(!opened && opened.error().code == ErrorCode::read_only ? 42 : 2);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 42);
}

TEST_CASE("the file holds keys: only its owner may read it") {
  const Folder folder;
  const Phone phone(folder.file("a.db"));
  struct ::stat info {};
  REQUIRE(::stat(phone.path().c_str(), &info) == 0);
  CHECK((info.st_mode & 0777U) == 0600U);
}

TEST_CASE("two apps write to one replica: their transactions form one chain without gaps") {
  const Folder folder;
  Phone phone(folder.file("a.db"));
  phone.run("INSERT INTO supply (code, boxes) VALUES ('oil', 0)");
  constexpr int rounds = 50;
  const auto count = [&](std::uint64_t seed) {
    Phone other(phone.path(), seed);
    for (int i = 0; i < rounds; ++i) other.run("UPDATE supply SET boxes = boxes + 1");
  };
  std::thread first([&] { count(2); });
  std::thread second([&] { count(3); });
  first.join();
  second.join();
  CHECK(phone.read("SELECT boxes FROM supply") == std::to_string(2 * rounds));
  CHECK(phone.sent().size() == 2 * rounds + 1);
  CHECK(phone.read("SELECT max(sequence), count(*) FROM ds_outbox") == "101|101");
}

TEST_CASE("a second writer is told that another is at work when it has waited long enough") {
  const Folder folder;
  ReplicaOptions impatient;
  impatient.busy_timeout_ms = 20;
  Phone phone(folder.file("a.db"), 1, impatient);
  Phone other(phone.path(), 2, impatient);
  const auto transaction = phone.replica().begin();
  REQUIRE(transaction.ok());
  CHECK(other.replica().begin().error().code == ErrorCode::busy);
  CHECK(phone.replica().begin().error().code == ErrorCode::busy);
}

TEST_CASE("the app is told of commits that have something to send, and only of those") {
  const Folder folder;
  int told = 0;
  ReplicaOptions options;
  options.committed = [&told] { ++told; };
  Phone phone(folder.file("a.db"), 1, options);
  phone.run("INSERT INTO household (id) VALUES (:id)", {id_binding(1)});
  phone.run("SELECT 1");
  phone.run("UPDATE household SET head = NULL");
  {
    auto dropped = phone.replica().begin();
    REQUIRE(dropped.ok());
    REQUIRE((*dropped)->run("UPDATE household SET head = 'x'").ok());
  }
  CHECK(told == 1);
  CHECK(phone.read("SELECT head FROM household") == "-");
}

TEST_CASE("in NORMAL mode a write survives the end of the process, and is captured as in FULL") {
  const Folder folder;
  ReplicaOptions normal;
  normal.synchronous = Synchronous::normal;
  Phone phone(folder.file("a.db"), 1, normal);
  phone.close();
  const pid_t child = ::fork();
  if (child == 0) {
    auto replica = open_replica(phone.path(), normal, phone.seams());
    const bool written =
        replica && (*replica)->execute("INSERT INTO supply (code, boxes) VALUES ('oil', 3)").ok();
    ::_exit(written ? 42 : 2);  // nothing is closed
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 42);
  phone.restart();
  CHECK(phone.read("SELECT code, boxes FROM supply") == "oil|3");
  CHECK(phone.sent().size() == 1);
  CHECK(phone.replica().verify()->ok());
}

}  // namespace doorstep::test
