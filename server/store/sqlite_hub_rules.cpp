#include "server/store/sqlite_hub_rules.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "engine/core/limits.hpp"

namespace doorstep {
namespace {

// Answers that depend on more than the rows would make two hubs, or two tries, judge differently.
bool is_fickle(std::string_view function) {
  static constexpr std::array<std::string_view, 9> names{
      "random",         "randomblob",        "last_insert_rowid", "changes",     "total_changes",
      "load_extension", "current_timestamp", "current_date",      "current_time"};
  return std::find(names.begin(), names.end(), function) != names.end();
}

/// What a rule asked for that it may not, in words; filled while a statement is prepared.
struct Watch {
  const Schema& schema;
  std::string refusal;

  int refuse(std::string what) {
    if (refusal.empty()) refusal = std::move(what);
    return SQLITE_DENY;
  }
  int judge_read(std::string_view name, std::string_view column) {
    const auto found = schema.find_table(name);
    if (!found)
      return refuse("it reads " + std::string(name) + ", which is no table of the schema");
    const Table& table = schema.table(*found);
    // An empty name: the table is read, but none of its columns (count(*)).
    if (column.empty() || column == table.key || table.find_column(column)) return SQLITE_OK;
    return refuse("it reads " + std::string(name) + "." + std::string(column) +
                  ", which is no column of the schema");
  }
  int judge(int action, const char* first, const char* second) {
    const auto view = [](const char* text) {
      return std::string_view(text != nullptr ? text : "");
    };
    switch (action) {
      case SQLITE_SELECT:
      case SQLITE_RECURSIVE:
        return SQLITE_OK;
      case SQLITE_READ:
        return judge_read(view(first), view(second));
      case SQLITE_FUNCTION:
        if (!is_fickle(view(second))) return SQLITE_OK;
        return refuse("it calls " + std::string(view(second)) + "(), which answers differently " +
                      "each time");
      default:
        return refuse("it must be a SELECT, which only reads");
    }
  }
};

int authorize(void* watch, int action, const char* first, const char* second, const char*,
              const char*) {
  return static_cast<Watch*>(watch)->judge(action, first, second);
}

/// While it lives the connection prepares only what the watch allows.
class Watched {
 public:
  Watched(sqlite::Database& db, Watch& watch) : db_(db) {
    sqlite3_set_authorizer(db.handle(), authorize, &watch);
  }
  ~Watched() { sqlite3_set_authorizer(db_.handle(), nullptr, nullptr); }
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;

 private:
  sqlite::Database& db_;
};

Status check_rule(sqlite::Database& db, const Schema& schema, const Rule& rule) {
  Watch watch{schema, {}};
  const Watched watched(db, watch);
  const auto invalid = [](std::string what) {
    return error(ErrorCode::schema_invalid, std::move(what));
  };
  std::string_view rest = rule.broken_if;
  const auto prepared = db.prepare_next(rest);
  if (!watch.refusal.empty()) return invalid(watch.refusal);
  if (!prepared) return invalid(prepared.error().detail);
  const auto& statement = *prepared;
  if (!statement || !statement->is_read_only() || statement->column_count() == 0) {
    return invalid("it must be a SELECT, which only reads");
  }
  const auto more = db.prepare_next(rest);
  if (!more || more->has_value()) return invalid("it must be one SELECT and nothing more");
  for (int i = 1; i <= statement->parameter_count(); ++i) {
    if (statement->parameter_name(i) != ":id") return invalid("its only parameter may be :id");
  }
  return {};
}

std::string_view cut(std::string_view text) {
  if (text.size() <= limits::rule_value_bytes_max) return text;
  std::size_t size = limits::rule_value_bytes_max;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
  return text.substr(0, size);
}

/// Short enough to travel, and of a kind that may.
Value shown(const sqlite::Statement& row, int column) {
  Value value = row.value(column);
  if (value.kind() == Value::Kind::real && !std::isfinite(value.as_real())) return Value::null();
  if (value.kind() == Value::Kind::text) {
    const std::string_view text = cut(value.as_text());
    return is_valid_text(text) ? Value::text(text) : Value::null();
  }
  if (value.kind() == Value::Kind::blob && value.as_blob().size() > limits::rule_value_bytes_max) {
    return Value::blob(value.as_blob().first(limits::rule_value_bytes_max));
  }
  return value;
}

BrokenRule broken_by(const Table& table, const Rule& rule, const RowId& row) {
  return {table.name, rule.name, row, rule.message, {}};
}

Result<std::optional<BrokenRule>> ask(HubConnection& hub, const Table& table, const Rule& rule,
                                      const RowId& row) {
  DS_ASSIGN(const HubQuery find, hub.query(rule.broken_if));
  const int id = find->parameter_index(":id");
  if (id != 0 && table.key_type == ColumnType::uuid) find->bind(id, row.view());
  if (id != 0 && table.key_type == ColumnType::text) find->bind(id, row.text());
  const auto found = find->step();
  BrokenRule broken = broken_by(table, rule, row);
  if (!found) {
    if (found.error().code != ErrorCode::sql_error) return found.error();
    // Values that the rule's SQL cannot compute with (a sum past 64 bits) must not stop the hub.
    const std::string detail = found.error().detail;
    broken.values.emplace_back("sql_error", Value::text(cut(detail)));
    return std::optional(std::move(broken));
  }
  if (!*found) return std::optional<BrokenRule>();
  const int columns = std::min(find->column_count(), static_cast<int>(limits::rule_values_max));
  for (int i = 0; i < columns; ++i) {
    broken.values.emplace_back(std::string(cut(find->column_name(i))), shown(*find, i));
  }
  return std::optional(std::move(broken));
}

}  // namespace

Status check_rule_sql(sqlite::Database& db, const Schema& schema) {
  for (const Table& table : schema.tables()) {
    for (const Rule& rule : table.rules) {
      if (auto status = check_rule(db, schema, rule); !status) {
        return error(status.error().code, "table '" + table.name + "', rule '" + rule.name +
                                              "': " + status.error().detail);
      }
    }
  }
  return {};
}

Result<std::optional<BrokenRule>> find_broken_rule(HubConnection& hub, const Schema& schema,
                                                   std::span<const RowKey> written) {
  for (std::size_t i = 0; i < schema.tables().size(); ++i) {
    const Table& table = schema.tables()[i];
    for (const Rule& rule : table.rules) {
      for (const RowKey& key : written) {
        if (key.table.index != i) continue;
        DS_ASSIGN(auto broken, ask(hub, table, rule, key.row));
        if (broken) return broken;
      }
    }
  }
  return std::optional<BrokenRule>();
}

Result<std::vector<FallenRow>> read_fallen(HubConnection& hub, const Schema& schema,
                                           const DeviceId& device) {
  std::vector<FallenRow> rows;
  DS_ASSIGN(const std::optional<std::int64_t> number, hub.find_device(device));
  if (!number) return rows;
  DS_ASSIGN(const HubQuery all, hub.query("SELECT table_name, row_key, sequence FROM ds_fallen"
                                          " WHERE device = ?1"));
  all->bind(1, *number);
  for (;;) {
    DS_ASSIGN(const bool found, all->step());
    if (!found) break;
    const auto table = schema.find_table(all->text(0));
    const auto key = RowId::from(all->blob(1));
    if (!table || !key) return error(ErrorCode::corrupt, "ds_fallen");
    rows.push_back({device, {*table, *key}, Sequence{all->unsigned_integer(2)}});
  }
  std::sort(rows.begin(), rows.end(),
            [](const FallenRow& a, const FallenRow& b) { return a.key < b.key; });
  return rows;
}

Status put_fallen_row(HubConnection& hub, const Schema& schema, const FallenRow& row) {
  DS_ASSIGN(const std::int64_t device, hub.number_of(row.author));
  DS_ASSIGN(const HubQuery write,
            row.root ? hub.query("INSERT OR REPLACE INTO ds_fallen (device, table_name, row_key,"
                                 " sequence) VALUES (?1, ?2, ?3, ?4)")
                     : hub.query("DELETE FROM ds_fallen WHERE device = ?1 AND table_name = ?2"
                                 " AND row_key = ?3"));
  write->bind(1, device);
  write->bind(2, std::string_view(schema.table(row.key.table).name));
  write->bind(3, row.key.row.view());
  if (row.root) write->bind_unsigned(4, row.root->value);
  return write->run();
}

}  // namespace doorstep
