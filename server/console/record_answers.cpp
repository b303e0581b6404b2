#include <algorithm>
#include <map>

#include "engine/core/group.hpp"
#include "engine/core/json_line.hpp"
#include "engine/core/merge_cell.hpp"
#include "engine/core/value_text.hpp"
#include "server/author_names.hpp"
#include "server/console/content.hpp"
#include "server/console/named_row.hpp"
#include "server/console/row_words.hpp"
#include "server/explain_json.hpp"
#include "server/hub_view.hpp"

namespace doorstep::console {
namespace {

/// Makes one row JSON.
class RecordWriter {
 public:
  RecordWriter(HubView& view, bool chinese, const StoredRow& row)
      : view_(view),
        table_(view.schema().table(row.table)),
        row_(row),
        names_(view.snapshot(), view.identity()),
        words_(view.snapshot(), chinese) {}

  Result<std::string> json();

 private:
  Result<std::string> cells();
  Result<std::string> cell(ColumnId column, const std::map<ColumnId, ConflictId>& open);
  Result<std::string> references();
  Result<std::string> children();
  Result<std::int64_t> count_children(const Table& child);

  HubView& view_;
  const Table& table_;
  const StoredRow& row_;
  AuthorNames names_;
  ValueWords words_;
};

Result<std::string> RecordWriter::cell(ColumnId column,
                                       const std::map<ColumnId, ConflictId>& open) {
  const Column& declared = table_.column(column);
  const Value& value = row_.image.values[column.index];
  const ColumnId lead = lead_of(table_, column);
  DS_ASSIGN(const std::string words, words_.of(declared, value));
  JsonLine line;
  line.text("column", declared.name).value("value", value).text("display", words);
  const CellVersion version = winner_of(table_.column(lead), open_cell(table_, row_, lead)).version;
  if (value.is_null() && version == row_.base) {
    // Nobody wrote it: the insert left it out.
    line.null("by").null("at");
  } else {
    DS_ASSIGN(const std::string name, names_.of(version));
    line.text("by", name).text("at", to_rfc3339(version.stamp.latest()));
  }
  const auto conflict = open.find(lead);
  if (conflict == open.end()) return line.null("conflict").done();
  return line.text("conflict", conflict->second.hex()).done();
}

Result<std::string> RecordWriter::cells() {
  DS_ASSIGN(const auto conflicts, view_.snapshot().conflicts_of(row_.key()));
  std::map<ColumnId, ConflictId> open;
  for (const Conflict& one : conflicts) {
    if (one.state == ConflictState::open && one.column) open.emplace(*one.column, one.id);
  }
  JsonList list;
  for (std::size_t i = 0; i < table_.columns.size(); ++i) {
    DS_ASSIGN(const std::string json, cell(ColumnId{static_cast<std::uint16_t>(i)}, open));
    list.raw(json);
  }
  return list.done();
}

Result<std::string> RecordWriter::references() {
  JsonList list;
  for (std::size_t i = 0; i < table_.columns.size(); ++i) {
    const Column& column = table_.columns[i];
    const Value& value = row_.image.values[i];
    if (!column.references || value.is_null()) continue;
    const Table& target = view_.schema().table(*column.references);
    const auto row = key_of(target, value);
    if (!row) continue;
    DS_ASSIGN(const std::string label, words_.label({*column.references, *row}));
    list.raw(JsonLine()
                 .text("column", column.name)
                 .text("table", target.name)
                 .text("row", text_of_key(target, *row))
                 .text("label", label)
                 .done());
  }
  return list.done();
}

Result<std::int64_t> RecordWriter::count_children(const Table& child) {
  std::int64_t count = 0;
  const Value key = value_of_key(table_, row_.id);
  for (const Column& column : child.columns) {
    if (column.references != row_.table) continue;
    DS_ASSIGN(auto counted,
              view_.db().prepare("SELECT count(*) FROM " + sqlite::quote_identifier(child.name) +
                                 " WHERE " + sqlite::quote_identifier(column.name) + " = ?1"));
    counted.bind(1, key);
    DS_TRY(counted.step());
    count += counted.integer(0);
  }
  return count;
}

Result<std::string> RecordWriter::children() {
  JsonList list;
  for (const Table& child : view_.schema().tables()) {
    DS_ASSIGN(const std::int64_t count, count_children(child));
    if (count == 0) continue;
    list.raw(JsonLine().text("table", child.name).number("count", count).done());
  }
  return list.done();
}

Result<std::string> RecordWriter::json() {
  DS_ASSIGN(const std::string all_cells, cells());
  DS_ASSIGN(const std::string pointed_at, references());
  DS_ASSIGN(const std::string pointing, children());
  return JsonLine()
      .text("table", table_.name)
      .text("row", text_of_key(table_, row_.id))
      .text("label", label_of(table_, row_))
      .text("scope", row_.scope.code)
      .boolean("live", row_.live)
      .raw("cells", all_cells)
      .raw("references", pointed_at)
      .raw("children", pointing)
      .done();
}

}  // namespace

Result<ConsoleAnswer> answer_record(ConsoleCall& call) {
  DS_TRY(call.query().done());
  DS_ASSIGN(HubView view, HubView::open(call.store(), call.ports.folder.database_file()));
  DS_ASSIGN(const RowKey key, row_of_path(call, view.schema()));
  DS_ASSIGN(const auto row, view.snapshot().row(key));
  if (!row) return error(ErrorCode::not_found, "no row has this id");
  RecordWriter writer(view, call.chinese(), *row);
  DS_ASSIGN(const std::string json, writer.json());
  return ConsoleAnswer::json(json);
}

Result<ConsoleAnswer> answer_history(ConsoleCall& call) {
  DS_TRY(call.query().done());
  DS_ASSIGN(const auto snapshot, call.store().snapshot());
  const Schema& schema = snapshot->schemas().newest();
  DS_ASSIGN(const RowKey key, row_of_path(call, schema));
  const Table& table = schema.table(key.table);
  const std::string& name = call.request.parts[2];
  const auto column = table.find_column(name);
  if (!column) {
    return call.blame("column", error(ErrorCode::unknown_column, table.name + "." + name));
  }
  DS_ASSIGN(const CellExplanation cell,
            explain_cell(*snapshot, schema, call.store().identity(), key, *column));
  return ConsoleAnswer::json(json_of(table, cell));
}

}  // namespace doorstep::console
