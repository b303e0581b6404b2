#include "client-sdk/src/damaged_replica.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "client-sdk/src/damaged_pages.hpp"
#include "client-sdk/src/replica_tables.hpp"
#include "engine/wire/stored_body.hpp"

namespace doorstep {
namespace {

/// What the rows of a table of ours look like: to know them on a page without a schema.
struct TableShape {
  struct Column {
    std::string name;
    std::string type;
    bool required = false;
    bool is_rowid = false;
  };
  std::vector<Column> columns;
  bool has_rowid = true;
};

Result<TableShape> shape_of(sqlite::Database& db, std::string_view table) {
  TableShape shape;
  DS_ASSIGN(auto read, db.prepare("SELECT name, type, \"notnull\", pk, (SELECT wr FROM"
                                  " pragma_table_list WHERE name = ?1) FROM pragma_table_info(?1)"
                                  " ORDER BY cid"));
  read.bind(1, table);
  for (;;) {
    DS_ASSIGN(const bool more, read.step());
    if (!more) return shape;
    shape.has_rowid = read.integer(4) == 0;
    const bool is_key = read.integer(3) != 0;
    const std::string type(read.text(1));
    shape.columns.push_back({std::string(read.text(0)), type,
                             read.integer(2) != 0 || (is_key && !shape.has_rowid),
                             shape.has_rowid && is_key && type == "INTEGER"});
  }
}

bool fits(const TableShape::Column& column, const Value& value) {
  if (value.is_null()) return !column.required;
  if (column.type == "INTEGER") return value.kind() == Value::Kind::integer;
  if (column.type == "TEXT") return value.kind() == Value::Kind::text;
  if (column.type == "BLOB") return value.kind() == Value::Kind::blob;
  return true;
}

/// nullopt: it is no row of this table.
std::optional<NamedRow> row_of(const TableShape& shape, const FoundRecord& record) {
  if (record.values.size() != shape.columns.size()) return std::nullopt;
  if (record.rowid.has_value() != shape.has_rowid) return std::nullopt;
  NamedRow row;
  for (std::size_t i = 0; i < shape.columns.size(); ++i) {
    const TableShape::Column& column = shape.columns[i];
    const Value& value = record.values[i];
    if (column.is_rowid) {
      if (!value.is_null()) return std::nullopt;
      row[column.name] = Value::integer(*record.rowid);
    } else {
      if (!fits(column, value)) return std::nullopt;
      row[column.name] = value;
    }
  }
  return row;
}

struct Shapes {
  TableShape meta;
  TableShape state;
  TableShape outbox;
  TableShape rejected;
};

Result<Shapes> shapes_of_ours() {
  sqlite::OpenOptions how;
  how.create = true;
  DS_ASSIGN(auto db, sqlite::Database::open(":memory:", how));
  DS_TRY(db.run(bookkeeping_ddl()));
  Shapes shapes;
  DS_ASSIGN(shapes.meta, shape_of(db, "ds_meta"));
  DS_ASSIGN(shapes.state, shape_of(db, "ds_state"));
  DS_ASSIGN(shapes.outbox, shape_of(db, "ds_outbox"));
  DS_ASSIGN(shapes.rejected, shape_of(db, "ds_rejected"));
  return shapes;
}

/// Those that a new file needs; other tables have rows of a text and a value too.
bool is_meta_key(std::string_view key) {
  static const std::set<std::string_view> keys{
      meta::schema,          meta::device,       meta::device_name,    meta::role,
      meta::key_seed,        meta::hub,          meta::hub_name,       meta::hub_url,
      meta::earlier_devices, meta::successor,    meta::successor_seed, meta::hub_key,
      meta::included_link,   meta::identity_sum, meta::heal_total,     meta::heal_noted,
      meta::heal_ms};
  return keys.contains(key);
}

/// It says what was written: nothing in it is damaged.
bool is_sealed(const NamedRow& state, const NamedRow& meta) {
  std::vector<Value> values;
  for (const std::string_view name : state_columns) {
    const auto found = state.find(name);
    values.push_back(found == state.end() ? Value::null() : found->second);
  }
  const StateSum sum = state_sum(id_in<DeviceId>(meta, meta::device).value_or(DeviceId{}), values);
  const auto kept = state.find("sum");
  if (kept == state.end() || kept->second.kind() != Value::Kind::blob) return false;
  const ByteView bytes = kept->second.as_blob();
  return std::equal(bytes.begin(), bytes.end(), sum.begin(), sum.end());
}

/// How far it is; of several versions of ds_state the one that is furthest is the newest.
auto progress_of(const NamedRow& state) {
  return std::tuple(number_in(state, "last_sequence"), number_in(state, "included"),
                    number_in(state, "acknowledged"), number_in(state, "cursor"));
}

/// False: it ended with an error.
bool take_rows(sqlite::Database& db, const std::string& sql,
               const std::function<void(NamedRow)>& visit) {
  auto read = db.prepare(sql);
  if (!read) return false;
  for (;;) {
    const auto more = read->step();
    if (!more) return false;
    if (!*more) return true;
    NamedRow row;
    for (int i = 0; i < read->column_count(); ++i) {
      row[std::string(read->column_name(i))] = read->value(i);
    }
    visit(std::move(row));
  }
}

}  // namespace

std::uint64_t number_in(const NamedRow& row, std::string_view name) {
  const auto found = row.find(name);
  if (found == row.end() || found->second.kind() != Value::Kind::integer) return 0;
  return static_cast<std::uint64_t>(found->second.as_integer());
}

Result<DamagedReplica> DamagedReplica::read(const std::string& path, const ReplicaFiles& files) {
  DamagedReplica replica;
  sqlite::OpenOptions how;
  how.read_only = true;
  if (auto db = sqlite::Database::open(path, how); db) replica.db_ = *std::move(db);
  if (replica.db_) replica.read_by_sqlite();
  DS_TRY(replica.read_by_pages(path, files));
  return replica;
}

bool DamagedReplica::each_row(std::string_view table, const std::function<void(NamedRow)>& visit) {
  if (!db_) return false;
  const std::string sql = "SELECT * FROM " + sqlite::quote_identifier(table);
  if (take_rows(*db_, sql, visit)) return true;
  static_cast<void>(take_rows(*db_, sql + " ORDER BY rowid DESC", visit));
  return false;
}

ReadTable DamagedReplica::table(std::string_view name) {
  ReadTable read;
  read.whole = each_row(name, [&](NamedRow row) { read.rows.push_back(std::move(row)); });
  return read;
}

void DamagedReplica::read_by_sqlite() {
  ReadTable meta_rows = table("ds_meta");
  ReadTable state_rows = table("ds_state");
  const ReadTable outbox_rows = table("ds_outbox");
  whole_ = meta_rows.whole && state_rows.whole && outbox_rows.whole;
  for (NamedRow& row : meta_rows.rows) {
    const Value& key = row["key"];
    if (key.kind() == Value::Kind::text) meta_[std::string(key.as_text())] = row["value"];
  }
  if (state_rows.rows.size() == 1) state_ = std::move(state_rows.rows.front());
  for (const NamedRow& row : outbox_rows.rows) take_outbox(row);
  const ReadTable rejected_rows = table("ds_rejected");
  for (const NamedRow& row : rejected_rows.rows) take_rejected(row);
  rejected_whole_ = rejected_rows.whole;
}

Status DamagedReplica::read_by_pages(const std::string& path, const ReplicaFiles& files) {
  DS_ASSIGN(const Shapes shapes, shapes_of_ours());
  DS_ASSIGN(auto pages, DamagedPages::open(path, files));
  const NamedRow known = meta_;
  std::set<std::string> unclear;
  if (state_ && !is_sealed(*state_, meta_)) state_.reset();
  state_is_newest_ = state_.has_value();
  whole_ = whole_ && state_is_newest_;
  std::vector<NamedRow> states;
  pages.each([&](const FoundRecord& record) {
    if (const auto kept = row_of(shapes.outbox, record)) {
      take_outbox(*kept);
    } else if (auto row = row_of(shapes.rejected, record)) {
      if (!rejected_whole_) take_rejected(*row);
    } else if (auto state = row_of(shapes.state, record)) {
      if (state_ || number_in(*state, "one") != 1) return;
      states.push_back(*std::move(state));
    } else if (const auto entry = row_of(shapes.meta, record)) {
      const std::string key(entry->at("key").as_text());
      if (!is_meta_key(key) || known.contains(key)) return;
      const auto [place, fresh] = meta_.emplace(key, entry->at("value"));
      if (!fresh && place->second != entry->at("value")) unclear.insert(key);
    }
  });
  for (const std::string& key : unclear) meta_.erase(key);
  if (state_) return {};
  for (NamedRow& state : states) {
    if (!is_sealed(state, meta_)) continue;
    if (!state_ || progress_of(state) >= progress_of(*state_)) state_ = std::move(state);
  }
  return {};
}

// The one place that knows how ds_outbox and ds_rejected keep what was written.
void DamagedReplica::take_outbox(const NamedRow& row) {
  KeptTransaction one;
  one.sequence = Sequence{number_in(row, "sequence")};
  one.rejected = row.contains("verdict");
  const auto oldest = row.find("oldest");
  one.fresh = oldest != row.end() && !oldest->second.is_null();
  const auto hash = id_in<Hash>(row, "hash");
  const auto body = row.find("body");
  if (!hash || one.sequence.value == 0 || body == row.end()) return;
  if (body->second.kind() != Value::Kind::blob) return;
  one.hash = *hash;
  auto bytes = body_of(body->second.as_blob());
  if (!bytes) return;
  one.body = *std::move(bytes);
  const auto mark = row.find("mark");
  if (mark != row.end() && mark->second.kind() == Value::Kind::blob) {
    one.mark.assign(mark->second.as_blob().begin(), mark->second.as_blob().end());
  }
  auto& known = transactions_[one.sequence];
  const bool there = std::any_of(known.begin(), known.end(), [&](const KeptTransaction& other) {
    return other.hash == one.hash && other.body == one.body;
  });
  if (!there) known.push_back(std::move(one));
}

// Of several versions on pages one that is closed is the newest: it is never opened again.
void DamagedReplica::take_rejected(const NamedRow& row) {
  take_outbox(row);
  const auto [place, fresh] = rejected_.emplace(Sequence{number_in(row, "sequence")}, row);
  if (!fresh && !row.at("closed_ms").is_null()) place->second = row;
}

}  // namespace doorstep
