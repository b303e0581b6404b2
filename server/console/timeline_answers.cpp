// What happened to a row: the rows that point at it, and at the one that it belongs to (a
// resident's household), newest first.
#include <algorithm>
#include <tuple>

#include "engine/core/json_line.hpp"
#include "engine/core/value_text.hpp"
#include "server/author_names.hpp"
#include "server/console/content.hpp"
#include "server/console/named_row.hpp"
#include "server/console/page.hpp"
#include "server/console/row_words.hpp"
#include "server/hub_view.hpp"

namespace doorstep::console {
namespace {

// Enough to know what it was; the rest is on the row's own page.
constexpr std::size_t summary_columns_max = 6;

/// A row of the timeline before it is looked at.
struct Moment {
  std::uint64_t day = 0;  // 20260302
  TableId table;
  RowId row;
  friend bool operator==(const Moment&, const Moment&) = default;
};

bool newer(const Moment& a, const Moment& b) {
  return std::tie(b.day, a.table, b.row) < std::tie(a.day, b.table, a.row);
}

/// The table's number before the key.
std::string id_of(const Moment& moment) {
  const std::uint16_t table = moment.table.index;
  const Bytes number{static_cast<std::uint8_t>(table >> 8U), static_cast<std::uint8_t>(table)};
  return to_hex(number) + to_hex(moment.row.view());
}

Moment moment_of(const PageEnd& end) {
  Moment moment;
  moment.day = end.number;
  const Bytes bytes = from_hex(end.id).value_or(Bytes());
  if (bytes.size() <= 2) return moment;
  moment.table.index = static_cast<std::uint16_t>(bytes[0] * 256U + bytes[1]);
  if (const auto row = RowId::from(ByteView(bytes).subspan(2))) moment.row = *row;
  return moment;
}

class Timeline {
 public:
  Timeline(HubView& view, bool chinese)
      : view_(view), names_(view.snapshot(), view.identity()), words_(view.snapshot(), chinese) {}

  /// Rows that point at `key`; those of the table `except` are left out.
  Status gather(const RowKey& key, std::optional<TableId> except);
  /// Newest first, each once.
  std::vector<Moment> take();
  /// nullopt when it is gone meanwhile.
  Result<std::optional<std::string>> json_of(const Moment& moment);

 private:
  Status gather(TableId child, const Column& column, const RowKey& key);
  Result<std::string> summary(const Table& table, const StoredRow& row);

  HubView& view_;
  AuthorNames names_;
  ValueWords words_;
  std::vector<Moment> moments_;
};

// Days as people state them; of what has no such day, the day in China on which it was written.
std::string day_sql(const Table& table) {
  const std::string written = "date((ds_stamp >> 16) / 1000 + 28800, 'unixepoch')";
  const auto column = date_column(table);
  const std::string day = column
                              ? "coalesce(" + sqlite::quote_identifier(table.column(*column).name) +
                                    ", " + written + ")"
                              : written;
  return "CAST(replace(" + day + ", '-', '') AS INTEGER)";
}

Status Timeline::gather(TableId child, const Column& column, const RowKey& key) {
  const Table& table = view_.schema().table(child);
  DS_ASSIGN(auto list, view_.db().prepare("SELECT " + day_sql(table) + ", " +
                                          sqlite::quote_identifier(table.key) + " FROM " +
                                          sqlite::quote_identifier(table.name) + " WHERE " +
                                          sqlite::quote_identifier(column.name) + " = ?1"));
  const Value parent = value_of_key(view_.schema().table(key.table), key.row);
  list.bind(1, parent);
  for (;;) {
    DS_ASSIGN(const bool found, list.step());
    if (!found) return {};
    DS_ASSIGN(const RowId row, key_of(table, list.value(1)));
    moments_.push_back({list.unsigned_integer(0), child, row});
  }
}

Status Timeline::gather(const RowKey& key, std::optional<TableId> except) {
  const auto& tables = view_.schema().tables();
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const TableId child{static_cast<std::uint16_t>(i)};
    if (child == except) continue;
    for (const Column& column : tables[i].columns) {
      if (column.references == key.table) DS_TRY(gather(child, column, key));
    }
  }
  return {};
}

std::vector<Moment> Timeline::take() {
  std::sort(moments_.begin(), moments_.end(), newer);
  moments_.erase(std::unique(moments_.begin(), moments_.end()), moments_.end());
  return std::move(moments_);
}

Result<std::string> Timeline::summary(const Table& table, const StoredRow& row) {
  const auto label = label_column(table);
  const auto date = date_column(table);
  JsonList list;
  std::size_t count = 0;
  for (std::size_t i = 0; i < table.columns.size() && count < summary_columns_max; ++i) {
    const ColumnId id{static_cast<std::uint16_t>(i)};
    const Column& column = table.columns[i];
    const Value& value = row.image.values[i];
    const bool plain = !column.references && column.type != ColumnType::json &&
                       column.type != ColumnType::attachment &&
                       column.type != ColumnType::timestamp;
    if (!plain || value.is_null() || id == label || id == date) continue;
    DS_ASSIGN(const std::string words, words_.of(column, value));
    list.raw(JsonLine().text("column", column.name).text("value", words).done());
    ++count;
  }
  return list.done();
}

Result<std::optional<std::string>> Timeline::json_of(const Moment& moment) {
  const Table& table = view_.schema().table(moment.table);
  DS_ASSIGN(const auto row, view_.snapshot().row({moment.table, moment.row}));
  if (!row) return std::optional<std::string>();
  DS_ASSIGN(const std::string name, names_.of(row->base));
  DS_ASSIGN(const std::string facts, summary(table, *row));
  const auto date = date_column(table);
  JsonLine line;
  line.text("table", table.name)
      .text("row", text_of_key(table, moment.row))
      .text("label", label_of(table, *row))
      .value("date", date ? row->image.values[date->index] : Value::null())
      .text("at", to_rfc3339(row->base.stamp.latest()))
      .text("by", name)
      .raw("summary", facts);
  return std::optional(line.done());
}

/// The row that this one belongs to, by which it has its scope.
std::optional<RowKey> owner_of(const Schema& schema, const StoredRow& row) {
  const Table& table = schema.table(row.table);
  if (table.scope.kind != ScopeRule::Kind::via) return std::nullopt;
  const Column& column = table.column(table.scope.column);
  const Value& value = row.image.values[table.scope.column.index];
  if (!column.references || value.is_null()) return std::nullopt;
  const auto owner = key_of(schema.table(*column.references), value);
  if (!owner) return std::nullopt;
  return RowKey{*column.references, *owner};
}

}  // namespace

Result<ConsoleAnswer> answer_timeline(ConsoleCall& call) {
  FieldReader query = call.query();
  DS_ASSIGN(const Page page, read_page(query, call.field));
  DS_TRY(query.done());
  DS_ASSIGN(HubView view, HubView::open(call.store(), call.ports.folder.database_file()));
  DS_ASSIGN(const RowKey key, row_of_path(call, view.schema()));
  DS_ASSIGN(const auto row, view.snapshot().row(key));
  if (!row) return error(ErrorCode::not_found, "no row has this id");
  Timeline timeline(view, call.chinese());
  DS_TRY(timeline.gather(key, std::nullopt));
  if (const auto owner = owner_of(view.schema(), *row)) {
    DS_TRY(timeline.gather(*owner, key.table));
  }
  PageOf entries(page.limit);
  for (const Moment& moment : timeline.take()) {
    if (page.after && !newer(moment_of(*page.after), moment)) continue;
    if (entries.is_full()) {
      entries.more();
      break;
    }
    DS_ASSIGN(const auto json, timeline.json_of(moment));
    if (json) entries.add(*json, {moment.day, id_of(moment)});
  }
  return ConsoleAnswer::json(
      JsonLine().raw("entries", entries.entries()).raw("next", entries.next()).done());
}

}  // namespace doorstep::console
