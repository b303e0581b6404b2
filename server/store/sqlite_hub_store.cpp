#include "server/store/sqlite_hub_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/sqlite/log_sync.hpp"
#include "server/store/sqlite_hub_commit.hpp"
#include "server/store/sqlite_hub_connection.hpp"
#include "server/store/sqlite_hub_rules.hpp"
#include "server/store/sqlite_hub_schemas.hpp"
#include "server/store/sqlite_hub_snapshot.hpp"

namespace doorstep {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view file_name = "hub.db";
constexpr std::size_t idle_readers_max = 8;

// Set before the first table, for they cannot be changed later without rewriting the file.
constexpr std::string_view new_file_pragmas =
    "PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL";

ErrorCode code_of(const std::error_code& failure) {
  if (failure == std::errc::permission_denied || failure == std::errc::read_only_file_system) {
    return ErrorCode::read_only;
  }
  return failure == std::errc::no_space_on_device ? ErrorCode::disk_full : ErrorCode::io_error;
}

Status make_folder(const fs::path& dir) {
  std::error_code failure;
  fs::create_directories(dir, failure);
  if (!failure) return {};
  return error(code_of(failure), dir.string() + ": " + failure.message());
}

// An empty file for its owner alone, before SQLite writes the hub's key into it. One that is there
// stays.
Status make_file(const fs::path& file) {
  const int opened = ::open(file.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (opened >= 0) {
    ::close(opened);
    return {};
  }
  const std::error_code failure(errno, std::generic_category());
  if (failure == std::errc::file_exists) return {};
  return error(code_of(failure), file.string() + ": " + failure.message());
}

Result<std::int64_t> number_of(sqlite::Database& db, std::string_view sql) {
  DS_ASSIGN(const std::optional<Value> value, db.one(sql));
  if (!value || value->kind() != Value::Kind::integer) {
    return error(ErrorCode::corrupt, std::string(sql) + " says nothing");
  }
  return value->as_integer();
}

Status make_database(const fs::path& file, const Schema& schema, const HubIdentity& identity,
                     const SqliteHubOptions& options) {
  DS_TRY(make_file(file));
  sqlite::OpenOptions open_options;
  open_options.busy_timeout_ms = options.busy_timeout_ms;
  DS_ASSIGN(sqlite::Database db, sqlite::Database::open(file.string(), open_options));
  DS_TRY(db.run(new_file_pragmas));
  if (options.page_count_max > 0) {
    DS_TRY(db.run("PRAGMA max_page_count = " + std::to_string(options.page_count_max)));
  }
  {
    // All tables or none: a file that a killed `init` left behind is empty, and is used by the next
    // one.
    DS_ASSIGN(sqlite::WriteTransaction transaction, sqlite::WriteTransaction::begin(db));
    DS_ASSIGN(const std::int64_t tables, number_of(db, "SELECT count(*) FROM sqlite_schema"));
    if (tables != 0) return error(ErrorCode::already_exists, file.string());
    DS_TRY(create_hub_tables(db, schema, identity));
    DS_TRY(check_rule_sql(db, schema));
    DS_TRY(transaction.commit());
  }
  return db.run("PRAGMA journal_mode = WAL");
}

Status check_format(sqlite::Database& db, const fs::path& file) {
  DS_ASSIGN(const std::int64_t application, number_of(db, "PRAGMA application_id"));
  if (application != hub_application_id) return error(ErrorCode::not_a_hub, file.string());
  DS_ASSIGN(const std::int64_t format, number_of(db, "PRAGMA user_version"));
  if (format != hub_format_version) {
    return error(ErrorCode::replica_version, file.string() + " has format " +
                                                 std::to_string(format) + ", this version reads " +
                                                 std::to_string(hub_format_version));
  }
  return {};
}

}  // namespace

// Lives until the store and all its snapshots are gone.
struct SqliteHubStore::Shared {
  Shared(fs::path file_in, SqliteHubOptions options_in, LoadSchema load, HubIdentity identity_in,
         std::unique_ptr<HubConnection> writer_in)
      : file(std::move(file_in)),
        options(options_in),
        schemas(std::move(load)),
        identity(std::move(identity_in)),
        writer(std::move(writer_in)) {}

  const fs::path file;
  const SqliteHubOptions options;
  HubSchemas schemas;
  const HubIdentity identity;
  const std::unique_ptr<HubConnection> writer;  // used by whoever has set `writing`

  std::mutex mutex;  // guards what follows
  std::condition_variable writer_free;
  bool writing = false;
  std::optional<std::int64_t> data_version;  // as last seen; used by whoever has set `writing`
  std::vector<std::unique_ptr<HubConnection>> idle_readers;

  [[nodiscard]] bool take_writer() {
    std::unique_lock lock(mutex);
    const std::chrono::milliseconds patience(options.busy_timeout_ms);
    if (!writer_free.wait_for(lock, patience, [this] { return !writing; })) return false;
    writing = true;
    return true;
  }
  void release_writer() {
    {
      const std::lock_guard lock(mutex);
      writing = false;
    }
    writer_free.notify_one();
  }
  [[nodiscard]] Result<std::unique_ptr<HubConnection>> take_reader() {
    {
      const std::lock_guard lock(mutex);
      if (!idle_readers.empty()) {
        auto reader = std::move(idle_readers.back());
        idle_readers.pop_back();
        return reader;
      }
    }
    return HubConnection::open(file, HubConnection::Use::read, options);
  }
  void release_reader(std::unique_ptr<HubConnection> reader) {
    const std::lock_guard lock(mutex);
    if (idle_readers.size() < idle_readers_max) idle_readers.push_back(std::move(reader));
  }
};

SqliteHubStore::SqliteHubStore(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
SqliteHubStore::~SqliteHubStore() = default;

Result<std::unique_ptr<SqliteHubStore>> SqliteHubStore::create(const fs::path& dir, Schema schema,
                                                               const HubIdentity& identity,
                                                               SqliteHubOptions options) {
  DS_TRY(make_folder(dir));
  DS_TRY(make_database(dir / file_name, schema, identity, options));
  const std::string text = schema.source();
  return open(
      dir,
      [made = std::move(schema), text](std::string_view wanted) -> Result<Schema> {
        if (wanted == text) return made;
        return error(ErrorCode::replica_version, "open the hub again: it has a newer schema");
      },
      options);
}

Result<std::unique_ptr<SqliteHubStore>> SqliteHubStore::open(const fs::path& dir,
                                                             const LoadSchema& load_schema,
                                                             SqliteHubOptions options) {
  const fs::path file = dir / file_name;
  std::error_code failure;
  if (!fs::is_regular_file(file, failure)) return error(ErrorCode::not_a_hub, dir.string());
  DS_ASSIGN(std::unique_ptr<HubConnection> writer,
            HubConnection::open(file, HubConnection::Use::write, options));
  DS_TRY(check_format(writer->db(), file));
  DS_TRY(writer->db().run("PRAGMA journal_mode = WAL"));
  DS_ASSIGN(HubIdentity identity, read_hub_identity(writer->db()));
  auto shared =
      std::make_shared<Shared>(file, options, load_schema, std::move(identity), std::move(writer));
  DS_TRY(shared->schemas.current(*shared->writer));
  DS_TRY(sqlite::sync_log(shared->writer->db()));
  DS_TRY(check_rule_sql(shared->writer->db(), shared->schemas.newest().schema));
  return std::unique_ptr<SqliteHubStore>(new SqliteHubStore(std::move(shared)));
}

const Schema& SqliteHubStore::schema() const { return shared_->schemas.newest().schema; }
const HubIdentity& SqliteHubStore::identity() const { return shared_->identity; }

Result<std::unique_ptr<HubCommit>> SqliteHubStore::begin() {
  if (!shared_->take_writer()) return error(ErrorCode::busy, "another commit is open");
  return SqliteHubCommit::begin(*shared_->writer, shared_->schemas,
                                [shared = shared_] { shared->release_writer(); });
}

Result<std::unique_ptr<HubSnapshot>> SqliteHubStore::snapshot() {
  DS_ASSIGN(std::unique_ptr<HubConnection> reader, shared_->take_reader());
  return SqliteHubSnapshot::begin(std::move(reader), shared_->schemas,
                                  [shared = shared_](std::unique_ptr<HubConnection> back) {
                                    shared->release_reader(std::move(back));
                                  });
}

// SQLite counts for each connection the commits of all others, and only the writing one commits
// here.
bool SqliteHubStore::changed_elsewhere() {
  if (!shared_->take_writer()) return false;
  const auto version = number_of(shared_->writer->db(), "PRAGMA data_version");
  const std::optional<std::int64_t> before = shared_->data_version;
  if (version) shared_->data_version = version.value();
  shared_->release_writer();
  return version.ok() && before.has_value() && *before != version.value();
}

}  // namespace doorstep
