// What SqliteHubStore adds to the contract: a file that others share, fill, damage and read.
#include <doctest/doctest.h>
#include <sys/fsuid.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "engine/sqlite/database.hpp"
#include "tests/server/hub_store_fixture.hpp"

namespace doorstep::test {

namespace fs = std::filesystem;

namespace {

// Files are checked against this user's rights while it lives, also when tests run as root, whom no
// permission stops.
class AsNobody {
 public:
  AsNobody() : before_(::setfsuid(65534)) {}
  ~AsNobody() { ::setfsuid(static_cast<uid_t>(before_)); }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;

 private:
  int before_;
};

ErrorCode code_of_open(const fs::path& folder) {
  const auto opened = open_hub(folder);
  REQUIRE(!opened.ok());
  return opened.error().code;
}

Status put_large(HubStore& store, std::uint32_t number) {
  DS_ASSIGN(const auto open, store.begin());
  const StoredRow row = household_row(number, dushi, open->position(), std::string(100'000, 'x'));
  DS_TRY(open->put_rows({&row, 1}));
  return open->commit(Instant{1}, token_of(open->position()));
}

}  // namespace

TEST_CASE("sqlite hub: what was committed is there after the hub was closed and opened again") {
  TemporaryFolder folder;
  StoredRow row;
  {
    auto store =
        SqliteHubStore::create(folder.path() / "new" / "hub", store_village(), township()).value();
    commit(*store, [&](HubCommit& open, Position at) {
      row = household_row(1, dushi, at, "No. 1");
      put(*store, open, {row});
    });
  }
  auto store = open_hub(folder.path() / "new" / "hub").value();
  CHECK(store->identity().id == township().id);
  CHECK(store->identity().name == "Qiaojiang");
  CHECK(store->identity().epoch == 2);
  CHECK(store->identity().keys.seed == township().keys.seed);
  CHECK(store->identity().keys.public_key == township().keys.public_key);
  CHECK(store->schema().fingerprint() == store_village().fingerprint());
  CHECK(store->snapshot().value()->row(row.key()).value() == row);
  CHECK(store->begin().value()->position() == Position::of(2, 2));
  const fs::perms others = fs::perms::group_all | fs::perms::others_all;
  CHECK((fs::status(folder.path() / "new" / "hub" / "hub.db").permissions() & others) ==
        fs::perms::none);
}

TEST_CASE("sqlite hub: two processes on one folder see each other's commits, numbers and sums") {
  SqliteHub hub;
  auto other = open_hub(hub.folder()).value();
  StoredRow here;
  StoredRow there;
  commit(hub.store(), [&](HubCommit& open, Position at) {
    here = household_row(1, dushi, at, "No. 1", phone(1));
    put(hub.store(), open, {here});
  });
  const Position second = commit(*other, [&](HubCommit& open, Position at) {
    there = household_row(2, longtan, at, "No. 2", phone(2));
    put(*other, open, {there, household_row(1, longtan, at, "No. 1", phone(2))});
  });
  CHECK(second == Position::of(2, 2));
  commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open,
        {household_row(3, longtan, at, "No. 3", phone(2)),
         household_row(4, dushi, at, "No. 4", phone(3))});
  });
  const std::vector scopes{longtan, dushi};
  for (HubStore* store : {&hub.store(), static_cast<HubStore*>(other.get())}) {
    auto snapshot = store->snapshot().value();
    CHECK(snapshot->head() == Position::of(2, 3));
    CHECK(snapshot->row(there.key()).value() == there);
    CHECK(snapshot->row({household, row_id(3)}).value() ==
          household_row(3, longtan, Position::of(2, 3), "No. 3", phone(2)));
    CHECK(snapshot->digests(scopes).value() == snapshot->scan_digests(scopes).value());
  }
}

TEST_CASE("sqlite hub: a second writer waits its time, then is told that the hub is busy") {
  SqliteHub hub;
  SqliteHubOptions hasty;
  hasty.busy_timeout_ms = 1;
  auto other = open_hub(hub.folder(), hasty).value();
  auto open = hub.store().begin().value();
  const auto refused = other->begin();
  REQUIRE(!refused.ok());
  CHECK(refused.error().code == ErrorCode::busy);
  open.reset();
  auto mine = other->begin().value();
  const auto second = other->begin();
  REQUIRE(!second.ok());
  CHECK(second.error().code == ErrorCode::busy);
  mine.reset();
  CHECK(other->begin().ok());
}

TEST_CASE("sqlite hub: readers and one writer after another work side by side") {
  SqliteHub hub;
  constexpr std::uint32_t commits_each = 30;
  std::atomic<int> torn = 0;
  const auto write = [&](std::uint32_t first) {
    for (std::uint32_t i = 0; i < commits_each; ++i) {
      auto open = hub.store().begin().value();
      const StoredRow family = household_row(first + 2 * i, dushi, open->position(), "a pair");
      const StoredRow neighbours =
          household_row(first + 2 * i + 1, dushi, open->position(), "a pair");
      if (!open->put_rows({&family, 1}) || !open->put_rows({&neighbours, 1})) ++torn;
      if (!open->commit(Instant{1}, token_of(open->position()))) ++torn;
    }
  };
  const auto read = [&] {
    for (int i = 0; i < 60; ++i) {
      auto snapshot = hub.store().snapshot().value();
      const FeedBatch batch = snapshot->feed(pull(phone(1), {dushi})).value();
      if (batch.rows.size() % 2 != 0) ++torn;
      if (!batch.rows.empty() && batch.rows.back().position != snapshot->head()) ++torn;
    }
  };
  {
    std::vector<std::thread> threads;
    threads.emplace_back(write, 1000);
    threads.emplace_back(write, 2000);
    threads.emplace_back(read);
    threads.emplace_back(read);
    for (std::thread& thread : threads) thread.join();
  }
  CHECK(torn == 0);
  CHECK(read_all(hub.store(), pull(phone(1), {dushi})).size() == 4 * commits_each);
}

TEST_CASE(
    "sqlite hub: a full disk refuses the commit whole, and the hub goes on when there is room") {
  TemporaryFolder folder;
  { CHECK(SqliteHubStore::create(folder.path(), store_village(), township()).ok()); }
  SqliteHubOptions small;
  small.page_count_max = 120;
  auto store = open_hub(folder.path(), small).value();
  std::uint32_t kept = 0;
  Status status;
  while (status.ok() && kept < 100) {
    status = put_large(*store, kept + 1);
    if (status.ok()) ++kept;
  }
  REQUIRE(!status.ok());
  CHECK(status.error().code == ErrorCode::disk_full);
  CHECK(kept > 0);
  {
    // After a failed step the rest of the commit cannot slip in on its own.
    auto open = store->begin().value();
    CHECK(open->position() == Position::of(2, kept + 1));
    const StoredRow large = household_row(90, dushi, open->position(), std::string(300'000, 'x'));
    const StoredRow little = household_row(91, dushi, open->position(), "little");
    CHECK(!open->put_rows({&large, 1}).ok());
    CHECK(open->put_rows({&little, 1}).error().code == ErrorCode::disk_full);
    CHECK(open->commit(Instant{1}, {}).error().code == ErrorCode::disk_full);
  }
  CHECK(read_all(*store, pull(phone(1), {dushi})).size() == kept);
  commit(*store, [&](HubCommit& open, Position at) {
    CHECK(at == Position::of(2, kept + 1));
    put(*store, open, {household_row(92, dushi, at, "little")});
  });
  CHECK(read_all(*store, pull(phone(1), {dushi})).size() == kept + 1);
  auto roomy = open_hub(folder.path()).value();
  CHECK(put_large(*roomy, 93).ok());
}

TEST_CASE("sqlite hub: a folder that cannot be written is named, and no hub is made there") {
  TemporaryFolder folder;
  fs::permissions(folder.path(), fs::perms::owner_read | fs::perms::owner_exec |
                                     fs::perms::others_read | fs::perms::others_exec);
  {
    const AsNobody rights;
    const auto made = SqliteHubStore::create(folder.path(), store_village(), township());
    REQUIRE(!made.ok());
    CHECK(made.error().code == ErrorCode::read_only);
    const auto below = SqliteHubStore::create(folder.path() / "below", store_village(), township());
    REQUIRE(!below.ok());
    CHECK(below.error().code == ErrorCode::read_only);
  }
  fs::permissions(folder.path(), fs::perms::owner_all);
  CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("sqlite hub: what is no hub is told from a hub that is damaged, and is left as it is") {
  TemporaryFolder folder;
  CHECK(code_of_open(folder.path()) == ErrorCode::not_a_hub);
  CHECK(code_of_open(folder.path() / "nowhere") == ErrorCode::not_a_hub);

  fs::create_directory(folder.path() / "other");
  {
    sqlite::OpenOptions options;
    options.create = true;
    auto db = sqlite::Database::open(folder.path() / "other" / "hub.db", options).value();
    CHECK(db.run("CREATE TABLE recipe (name TEXT)").ok());
  }
  CHECK(code_of_open(folder.path() / "other") == ErrorCode::not_a_hub);
  const auto over = SqliteHubStore::create(folder.path() / "other", store_village(), township());
  REQUIRE(!over.ok());
  CHECK(over.error().code == ErrorCode::already_exists);

  fs::create_directory(folder.path() / "garbage");
  std::ofstream(folder.path() / "garbage" / "hub.db") << std::string(9000, '?');
  CHECK(code_of_open(folder.path() / "garbage") == ErrorCode::corrupt);
  CHECK(!SqliteHubStore::create(folder.path() / "garbage", store_village(), township()).ok());
  CHECK(fs::file_size(folder.path() / "garbage" / "hub.db") == 9000);

  SqliteHub hub;
  const auto twice = SqliteHubStore::create(hub.folder(), store_village(), township());
  REQUIRE(!twice.ok());
  CHECK(twice.error().code == ErrorCode::already_exists);
}

TEST_CASE("sqlite hub: a hub of another format version says so instead of being misread") {
  SqliteHub hub;
  {
    auto db = sqlite::Database::open(hub.folder() / "hub.db", {}).value();
    CHECK(db.run("PRAGMA user_version = 99").ok());
  }
  CHECK(code_of_open(hub.folder()) == ErrorCode::replica_version);
}

TEST_CASE("C3: a trigger that an app left in the hub's file stays still when work is merged") {
  SqliteHub hub;
  {
    sqlite::OpenOptions options;
    auto db = sqlite::Database::open(hub.folder() / "hub.db", options).value();
    REQUIRE(db.run("CREATE TABLE app_log (line TEXT); CREATE TRIGGER app_reports AFTER INSERT ON"
                   " household BEGIN INSERT INTO app_log VALUES ('a family'); END;"
                   "INSERT INTO app_log VALUES ('made by hand')")
                .ok());
  }
  commit(hub.store(), [&](HubCommit& open, Position at) {
    put(hub.store(), open, {household_row(1, dushi, at, "No. 1")});
  });
  sqlite::OpenOptions options;
  options.read_only = true;
  auto db = sqlite::Database::open(hub.folder() / "hub.db", options).value();
  CHECK(db.one("SELECT count(*) FROM household").value() == Value::integer(1));
  CHECK(db.one("SELECT count(*) FROM app_log").value() == Value::integer(1));
}

TEST_CASE("sqlite hub: the township reads its village with plain SQL") {
  SqliteHub hub;
  commit(hub.store(), [&](HubCommit& open, Position at) {
    StoredRow row = household_row(1, dushi, at, "No. 1, 独石村");
    put(hub.store(), open,
        {row, visit_row(2, 1, dushi, at, "well"), visit_row(3, 1, dushi, at, "better"),
         dead(visit_row(4, 1, dushi, at, "a mistake"), at)});
    const Conflict conflict = conflict_of(1, dushi, at, ConflictState::open, phone(5));
    CHECK(open.put_conflicts({&conflict, 1}).ok());
  });
  sqlite::OpenOptions options;
  options.read_only = true;
  auto db = sqlite::Database::open(hub.folder() / "hub.db", options).value();
  CHECK(db.one("SELECT address FROM household_app").value() == Value::text("No. 1, 独石村"));
  CHECK(db.one("SELECT group_concat(name, ' ') FROM pragma_table_info('visit_app')").value() ==
        Value::text("id household_id note day"));
  CHECK(db.one("SELECT count(*) FROM visit v JOIN household h ON v.household_id = h.id").value() ==
        Value::integer(2));
  CHECK(
      db.one("SELECT table_name || '.' || column_name || ': ' || loser FROM ds_conflict").value() ==
      Value::text("household.address: No. 9"));
  CHECK(db.one("PRAGMA integrity_check").value() == Value::text("ok"));
}

}  // namespace doorstep::test
