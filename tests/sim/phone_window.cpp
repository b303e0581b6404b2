#include "tests/sim/phone_window.hpp"

#include "client-sdk/src/pending_rows.hpp"
#include "client-sdk/src/schema_text.hpp"
#include "engine/sqlite/ddl.hpp"
#include "engine/wire/stored_body.hpp"
#include "tests/sim/village.hpp"

namespace doorstep::sim {
namespace {

/// One state of the file, past all faults.
class Look {
 public:
  Look(SimDisk& disk, sqlite::Database& db) : disk_(disk), db_(db) {
    disk_.watch(true);
    static_cast<void>(db_.run("BEGIN"));
  }
  ~Look() {
    static_cast<void>(db_.run("ROLLBACK"));
    disk_.watch(false);
  }
  Look(const Look&) = delete;
  Look& operator=(const Look&) = delete;

 private:
  SimDisk& disk_;
  sqlite::Database& db_;
};

}  // namespace

PhoneWindow::PhoneWindow(SimDisk& disk, const std::string& path) : disk_(disk) {
  disk_.watch(true);
  auto opened = sqlite::Database::open(path, {});
  if (opened && opened->run("PRAGMA query_only = ON; PRAGMA schema_version")) {
    db_ = *std::move(opened);
  }
  disk_.watch(false);
}

PhoneWindow::~PhoneWindow() = default;

Result<ReplicaState> PhoneWindow::state() {
  if (!db_) return error(ErrorCode::corrupt);
  const Look look(disk_, *db_);
  return load_state(*db_);
}

std::uint32_t PhoneWindow::version() {
  if (!db_) return version_;
  const Look look(disk_, *db_);
  if (const auto text = load_schema_text(*db_)) {
    // A damaged file may say anything.
    if (const auto schema = load_village(*text)) version_ = schema->version();
  }
  return version_;
}

Result<BaseDigests> PhoneWindow::base() {
  const Schema& schema = village(version());
  if (!db_) return error(ErrorCode::corrupt);
  const Look look(disk_, *db_);
  return scan_base(*db_, schema);
}

Result<std::vector<ScopeId>> PhoneWindow::held() {
  if (!db_) return error(ErrorCode::corrupt);
  const Look look(disk_, *db_);
  return held_scopes(*db_);
}

Result<std::map<RowKey, RowImage>> PhoneWindow::shown() {
  const Schema& schema = village(version());
  if (!db_) return error(ErrorCode::corrupt);
  const Look look(disk_, *db_);
  std::map<RowKey, RowImage> rows;
  for (const Table& table : schema.tables()) {
    DS_ASSIGN(auto read, db_->prepare("SELECT " + sqlite::column_list(table) + " FROM " +
                                      sqlite::quote_identifier(table.name)));
    for (;;) {
      DS_ASSIGN(const bool more, read.step());
      if (!more) break;
      DS_ASSIGN(const RowId id, key_of(table, read.value(0)));
      RowImage image;
      for (std::size_t i = 0; i < table.columns.size(); ++i)
        image.values.push_back(read.value(static_cast<int>(i) + 1));
      rows.emplace(RowKey{*schema.find_table(table.name), id}, std::move(image));
    }
  }
  return rows;
}

Result<std::size_t> PhoneWindow::overlay_rows() {
  const Schema& schema = village(version());
  if (!db_) return error(ErrorCode::corrupt);
  const Look look(disk_, *db_);
  DS_ASSIGN(const auto keys, PendingRows(*db_, schema).keys());
  return keys.size();
}

Result<std::vector<PhoneWindow::Own>> PhoneWindow::written(Sequence after) {
  if (!db_) return error(ErrorCode::corrupt);
  const Look look(disk_, *db_);
  DS_ASSIGN(auto read,
            db_->prepare("SELECT sequence, hash, body, 1 FROM ds_outbox WHERE sequence > ?1"
                         " UNION ALL"
                         " SELECT sequence, hash, body, 0 FROM ds_rejected WHERE sequence"
                         " > ?1 ORDER BY sequence"));
  read.bind_unsigned(1, after.value);
  std::vector<Own> own;
  for (;;) {
    DS_ASSIGN(const bool more, read.step());
    if (!more) return own;
    DS_ASSIGN(Bytes body, body_of(read.blob(2)));
    own.push_back({Sequence{read.unsigned_integer(0)}, read.id<Hash>(1), std::move(body),
                   read.integer(3) != 0});
  }
}

Result<std::int64_t> PhoneWindow::number(const std::string& sql) {
  if (!db_) return error(ErrorCode::corrupt);
  const Look look(disk_, *db_);
  DS_ASSIGN(const auto value, db_->one(sql));
  return value && value->kind() == Value::Kind::integer ? value->as_integer() : 0;
}

}  // namespace doorstep::sim
