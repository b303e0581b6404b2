// Before sqlite3.h: its preupdate interface is declared only on request.
#define SQLITE_ENABLE_PREUPDATE_HOOK 1  // NOLINT(readability-identifier-naming)
#include "client-sdk/src/capture.hpp"

#include <sqlite3.h>

#include <unordered_map>
#include <utility>

#include "client-sdk/src/capture_events.hpp"
#include "engine/core/policy.hpp"
#include "engine/core/stored_form.hpp"

namespace doorstep {

struct Capture::State {
  const Schema* schema = nullptr;
  CaptureEvents events;
  bool written = true;  // nothing captured that is not in the outbox
  bool taken = false;   // `events` has been given up
  bool paused = false;
  bool blob_write = false;  // sqlite3_blob_write: its new value cannot be seen
  bool refused = false;
};

namespace {

Value value_of(sqlite3_value* value) {
  const auto size = [&] { return static_cast<std::size_t>(sqlite3_value_bytes(value)); };
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      return Value::integer(sqlite3_value_int64(value));
    case SQLITE_FLOAT:
      return Value::real(sqlite3_value_double(value));
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
      return Value::text(std::string_view(text, size()));
    }
    case SQLITE_BLOB: {
      const auto* blob = static_cast<const std::uint8_t*>(sqlite3_value_blob(value));
      return Value::blob(ByteView(blob, size()));
    }
    default:
      return Value::null();
  }
}

using ReadColumn = int (*)(sqlite3*, int, sqlite3_value**);

RawRow read_row(sqlite3* db, const Table& table, ReadColumn read) {
  RawRow row;
  sqlite3_value* value = nullptr;
  if (read(db, 0, &value) == SQLITE_OK && value != nullptr) row.key = value_of(value);
  row.image.values.reserve(table.columns.size());
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    value = nullptr;
    const int code = read(db, static_cast<int>(i) + 1, &value);
    row.image.values.push_back(code == SQLITE_OK && value != nullptr ? value_of(value)
                                                                     : Value::null());
  }
  return row;
}

void on_change(void* context, sqlite3* db, int operation, const char* database,
               const char* table_name, sqlite3_int64, sqlite3_int64) {
  auto& state = *static_cast<Capture::State*>(context);
  if (state.paused || std::string_view(database) != "main") return;
  const auto id = state.schema->find_table(table_name);
  if (!id) return;
  const Table& table = state.schema->table(*id);
  state.written = false;
  if (sqlite3_preupdate_blobwrite(db) >= 0) {
    state.blob_write = true;
    return;
  }
  CaptureEvent event{*id, {}, {}};
  if (operation != SQLITE_INSERT) event.before = read_row(db, table, sqlite3_preupdate_old);
  if (operation != SQLITE_DELETE) event.after = read_row(db, table, sqlite3_preupdate_new);
  state.events.add(std::move(event));
}

// Not zero turns the commit into a rollback.
int on_commit(void* context) {
  auto& state = *static_cast<Capture::State*>(context);
  if (state.written) return 0;
  if (state.events.all().empty() && !state.taken && !state.blob_write) return 0;
  state.refused = true;
  return 1;
}

void on_rollback(void* context) {
  auto& state = *static_cast<Capture::State*>(context);
  state.events.clear();
  state.written = true;
  state.taken = false;
  state.blob_write = false;
}

// The virtual table. It has no rows; writing to it makes SQLite tell it of every savepoint from
// then on.
struct Joined : sqlite3_vtab {
  Capture::State* state = nullptr;
};

Capture::State& state_of(sqlite3_vtab* table) { return *static_cast<Joined*>(table)->state; }

int connect(sqlite3* db, void* context, int, const char* const*, sqlite3_vtab** out, char**) {
  if (const int code = sqlite3_declare_vtab(db, "CREATE TABLE x (joined)"); code != SQLITE_OK)
    return code;
  auto made = std::make_unique<Joined>();
  made->state = static_cast<Capture::State*>(context);
  *out = made.release();
  return SQLITE_OK;
}

int disconnect(sqlite3_vtab* table) {
  std::unique_ptr<Joined>(static_cast<Joined*>(table)).reset();
  return SQLITE_OK;
}

int best_index(sqlite3_vtab*, sqlite3_index_info*) { return SQLITE_OK; }
int open_cursor(sqlite3_vtab*, sqlite3_vtab_cursor** out) {
  *out = std::make_unique<sqlite3_vtab_cursor>().release();
  return SQLITE_OK;
}
int close_cursor(sqlite3_vtab_cursor* cursor) {
  std::unique_ptr<sqlite3_vtab_cursor>(cursor).reset();
  return SQLITE_OK;
}
int filter(sqlite3_vtab_cursor*, int, const char*, int, sqlite3_value**) { return SQLITE_OK; }
int next(sqlite3_vtab_cursor*) { return SQLITE_OK; }
int at_end(sqlite3_vtab_cursor*) { return 1; }
int column(sqlite3_vtab_cursor*, sqlite3_context* context, int) {
  sqlite3_result_null(context);
  return SQLITE_OK;
}
int row_number(sqlite3_vtab_cursor*, sqlite3_int64* out) {
  *out = 0;
  return SQLITE_OK;
}
int update(sqlite3_vtab*, int, sqlite3_value**, sqlite3_int64*) { return SQLITE_OK; }
int transaction_step(sqlite3_vtab*) { return SQLITE_OK; }
int savepoint(sqlite3_vtab* table, int number) {
  state_of(table).events.mark(number);
  return SQLITE_OK;
}
int release(sqlite3_vtab* table, int number) {
  state_of(table).events.release(number);
  return SQLITE_OK;
}
int rollback_to(sqlite3_vtab* table, int number) {
  state_of(table).events.cut_to(number);
  return SQLITE_OK;
}

const sqlite3_module& capture_module() {
  static const sqlite3_module made = [] {
    sqlite3_module m{};
    m.iVersion = 2;
    m.xConnect = connect;  // no xCreate: eponymous only
    m.xBestIndex = best_index;
    m.xDisconnect = disconnect;
    m.xOpen = open_cursor;
    m.xClose = close_cursor;
    m.xFilter = filter;
    m.xNext = next;
    m.xEof = at_end;
    m.xColumn = column;
    m.xRowid = row_number;
    m.xUpdate = update;
    m.xBegin = transaction_step;
    m.xSync = transaction_step;
    m.xCommit = transaction_step;
    m.xRollback = transaction_step;
    m.xSavepoint = savepoint;
    m.xRelease = release;
    m.xRollbackTo = rollback_to;
    return m;
  }();
  return made;
}

// A hot path, as net_of() is: values are moved from SQLite's row to the change and never copied.
// With copies and an ordered map the net change of 100 inserted rows took 12,500 instructions a row
// until it was encoded, and without 7,400 (callgrind).
Status normalise_row(const Table& table, RowImage& image, bool* changed) {
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    Value& value = image.values[i];
    if (value.is_null()) continue;
    const Column& column = table.columns[i];
    // SQLite stores 3 in a REAL column as 3.0 whatever the hook said; only a set has more
    // spellings.
    const bool is_set = rules_of(column.policy).shape == PolicyRules::Shape::elements;
    if (!is_set && is_stored_form(column, value)) continue;
    Result<Value> declared = normalise(column, is_set ? value : std::move(value));
    if (!declared)
      return error(declared.error().code, "table " + table.name + ", " + declared.error().detail);
    if (changed != nullptr && is_set && *declared != value) *changed = true;
    value = *std::move(declared);
  }
  return {};
}

Result<std::vector<NetRow>> net_of(const Schema& schema, std::vector<CaptureEvent> events) {
  std::vector<NetRow> rows;
  rows.reserve(events.size());
  std::unordered_map<RowKey, std::size_t, RowKeyHash> places;
  places.reserve(events.size());
  for (CaptureEvent& event : events) {
    const Table& table = schema.table(event.table);
    const RawRow& known = event.before ? *event.before : *event.after;
    DS_ASSIGN(const RowId id, key_of(table, known.key));
    if (event.before && event.after && event.before->key != event.after->key) {
      return error(ErrorCode::bad_key, "table " + table.name + ": the key of a row was changed");
    }
    const auto [place, is_new] = places.try_emplace(RowKey{event.table, id}, rows.size());
    if (is_new) rows.push_back(NetRow{{event.table, id}, {}, {}, false});
    NetRow& row = rows[place->second];
    if (is_new && event.before) row.before = std::move(event.before->image);
    if (event.after) {
      row.after = std::move(event.after->image);
    } else {
      row.after.reset();
    }
  }
  for (NetRow& row : rows) {
    const Table& table = schema.table(row.key.table);
    if (row.before) DS_TRY(normalise_row(table, *row.before, nullptr));
    if (row.after) DS_TRY(normalise_row(table, *row.after, &row.rewrite));
  }
  return rows;
}

}  // namespace

Capture::Capture(sqlite::Database& db, const Schema& schema)
    : db_(&db), state_(std::make_unique<State>()) {
  state_->schema = &schema;
}

Result<std::unique_ptr<Capture>> Capture::install(sqlite::Database& db, const Schema& schema) {
  std::unique_ptr<Capture> made(new Capture(db, schema));
  State* state = made->state_.get();
  const int code =
      sqlite3_create_module_v2(db.handle(), "ds_capture", &capture_module(), state, nullptr);
  if (code != SQLITE_OK) return db.last_error(code, "ds_capture");
  DS_ASSIGN(made->join_, db.prepare("INSERT INTO ds_capture (joined) VALUES (1)", true));
  sqlite3_preupdate_hook(db.handle(), on_change, state);
  sqlite3_commit_hook(db.handle(), on_commit, state);
  sqlite3_rollback_hook(db.handle(), on_rollback, state);
  return made;
}

Capture::~Capture() {
  sqlite3_preupdate_hook(db_->handle(), nullptr, nullptr);
  sqlite3_commit_hook(db_->handle(), nullptr, nullptr);
  sqlite3_rollback_hook(db_->handle(), nullptr, nullptr);
}

Status Capture::join() {
  state_->events.clear();
  state_->written = true;
  state_->taken = false;
  state_->blob_write = false;
  state_->refused = false;
  return join_.run();
}

void Capture::mark_written() { state_->written = !state_->blob_write; }
void Capture::pause(bool on) { state_->paused = on; }
bool Capture::refused_commit() const { return state_->refused; }
std::size_t Capture::event_count() const { return state_->events.all().size(); }

Result<std::vector<NetRow>> Capture::net() const {
  return net_of(*state_->schema, state_->events.all());
}

Result<std::vector<NetRow>> Capture::take_net() {
  state_->taken = true;
  return net_of(*state_->schema, state_->events.take());
}

}  // namespace doorstep
