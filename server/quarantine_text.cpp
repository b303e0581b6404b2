#include "server/quarantine_text.hpp"

#include <utility>
#include <vector>

#include "engine/core/change_name.hpp"
#include "engine/wire/codec.hpp"
#include "server/text_table.hpp"

namespace doorstep {
namespace {

/// One column of a row in three places; an edit is already in words.
struct QuarantinedCell {
  std::string column;
  std::optional<Value> held;
  std::optional<std::string> writes;       // for people
  std::optional<std::string> writes_json;  // of `writes`
  std::optional<Value> hub;
};

struct QuarantinedRow {
  std::string change;  // "update", "insert", "delete"; empty: only held
  std::string table;
  Value key;
  std::string at_hub;  // "live", "deleted" or "unknown"
  std::vector<QuarantinedCell> cells;
};

std::string joined(const std::vector<std::string>& words, char sign) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + (sign + word);
  return out;
}

std::string json_list_of(const std::vector<std::string>& words) {
  std::string out = "[";
  for (const std::string& word : words) out += (out.size() > 1 ? "," : "") + json_string(word);
  return out + "]";
}

void put_edit(const CellChange& cell, QuarantinedCell& shown) {
  if (const auto* value = std::get_if<Value>(&cell.edit)) {
    shown.writes = value->display();
    shown.writes_json = JsonLine().value("value", *value).done();
  } else if (const auto* delta = std::get_if<CounterDelta>(&cell.edit)) {
    shown.writes = (delta->amount < 0 ? "" : "+") + std::to_string(delta->amount);
    shown.writes_json = JsonLine().number("adds", delta->amount).done();
  } else if (const auto* edit = std::get_if<SetEdit>(&cell.edit)) {
    const std::string removes = joined(edit->removes, '-');
    shown.writes = joined(edit->adds, '+');
    if (!removes.empty()) *shown.writes += (shown.writes->empty() ? "" : " ") + removes;
    shown.writes_json = JsonLine()
                            .raw("adds", json_list_of(edit->adds))
                            .raw("removes", json_list_of(edit->removes))
                            .done();
  }
}

/// Columns that nobody says anything about are left out.
Result<QuarantinedRow> row_of(HubSnapshot& snapshot, const RowKey& key, const RowChange* change,
                              const HeldRows& held) {
  const Table& table = snapshot.schemas().newest().table(key.table);
  QuarantinedRow row;
  if (change != nullptr) row.change = name_of(change->kind);
  row.table = table.name;
  row.key = value_of_key(table, key.row);
  DS_ASSIGN(const auto stored, snapshot.row(key));
  row.at_hub = !stored ? "unknown" : stored->live ? "live" : "deleted";
  const auto kept = held.find(key);
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    QuarantinedCell cell{table.columns[i].name, {}, {}, {}, {}};
    if (kept != held.end() && !kept->second.values[i].is_null()) cell.held = kept->second.values[i];
    if (stored && stored->live && !stored->image.values[i].is_null()) {
      cell.hub = stored->image.values[i];
    }
    if (change != nullptr && change->kind != RowChange::Kind::remove) {
      for (const CellChange& one : change->cells) {
        if (one.column.index == i) put_edit(one, cell);
      }
    }
    if (cell.held || cell.writes || cell.hub) row.cells.push_back(std::move(cell));
  }
  return row;
}

/// What it changes, in its order, then what is only held.
Result<std::vector<QuarantinedRow>> rows_in(HubSnapshot& snapshot, const QuarantinedWork& work) {
  DS_ASSIGN(const Transaction content,
            decode_transaction(snapshot.schemas().newest(), work.record.body));
  std::vector<QuarantinedRow> rows;
  HeldRows only_held = work.held;
  for (const RowChange& change : content.changes) {
    const RowKey key{change.table, change.row};
    DS_ASSIGN(QuarantinedRow row, row_of(snapshot, key, &change, work.held));
    rows.push_back(std::move(row));
    only_held.erase(key);
  }
  for (const auto& [key, image] : only_held) {
    DS_ASSIGN(QuarantinedRow row, row_of(snapshot, key, nullptr, work.held));
    rows.push_back(std::move(row));
  }
  return rows;
}

void value_or_null(JsonLine& line, std::string_view name, const std::optional<Value>& value) {
  line.value(name, value.value_or(Value::null()));
}

std::string json_of_row(const QuarantinedRow& row) {
  std::string cells = "[";
  for (const QuarantinedCell& cell : row.cells) {
    JsonLine line;
    line.text("column", cell.column);
    value_or_null(line, "held", cell.held);
    line.raw("writes", cell.writes_json.value_or("null"));
    value_or_null(line, "hub", cell.hub);
    cells += (cells.size() > 1 ? "," : "") + line.done();
  }
  JsonLine line;
  if (row.change.empty()) {
    line.null("change");
  } else {
    line.text("change", row.change);
  }
  return line.text("table", row.table)
      .value("row", row.key)
      .text("at_hub", row.at_hub)
      .raw("columns", cells + "]")
      .done();
}

std::string heading_of(const QuarantinedRow& row, bool chinese) {
  const std::string key = row.key.kind() == Value::Kind::blob ? to_hex(row.key.as_blob())
                                                              : std::string(row.key.as_text());
  const std::string what = row.change.empty() ? (chinese ? "手机上的" : "held") : row.change;
  const std::string where = chinese ? (row.at_hub == "live"      ? "中心有此记录"
                                       : row.at_hub == "deleted" ? "中心已删除"
                                                                 : "中心没有此记录")
                                    : row.at_hub + " at the hub";
  return what + " " + row.table + " " + key + "  (" + where + ")\n";
}

std::string or_dash(const std::optional<Value>& value) { return value ? value->display() : "-"; }

}  // namespace

Result<QuarantinedWork> look_at(HubSnapshot& snapshot, QuarantineRecord record) {
  QuarantinedWork work;
  DS_ASSIGN(const auto device, snapshot.device(record.id.device));
  work.name = device ? device->name : record.id.device.hex();
  DS_ASSIGN(work.arrived, snapshot.committed_at(record.position));
  const Sequence sequence = record.id.sequence;
  const Sequence before{sequence.value == 0 ? 0 : sequence.value - 1};
  DS_ASSIGN(const auto known, snapshot.transactions(record.id.device, before, sequence));
  if (!known.empty() && known.front().id == record.id) work.written = known.front().corrected;
  DS_ASSIGN(const auto parts, snapshot.salvage(record.id.device, sequence));
  for (const Salvage& part : parts) work.left_out = part.left_out;
  DS_ASSIGN(work.held, rows_of(snapshot.schemas().newest(), parts));
  work.record = std::move(record);
  return work;
}

JsonLine json_of(const QuarantinedWork& work) {
  const QuarantineRecord& record = work.record;
  JsonLine line;
  line.text("id", record.id.hash.hex())
      .text("device", record.id.device.hex())
      .text("name", work.name)
      .number("sequence", record.id.sequence.value)
      .text("hash", record.id.hash.hex())
      .text("reason", name_of(record.reason.code))
      .text("detail", record.reason.detail)
      .number("bytes", static_cast<std::uint64_t>(record.body.size()))
      .text("state", name_of(record.state));
  const auto time = [&line](std::string_view name, const std::optional<Instant>& at) {
    if (at) {
      line.text(name, to_rfc3339(*at));
    } else {
      line.null(name);
    }
  };
  time("written_at", work.written);
  time("arrived_at", work.arrived);
  line.number("held_rows", static_cast<std::uint64_t>(work.held.size()))
      .number("held_left_out", work.left_out);
  if (record.state == QuarantineState::waiting) {
    line.null("settled_at").null("settled_by");
  } else {
    line.text("settled_at", to_rfc3339(record.settled_at)).text("settled_by", record.settled_by);
  }
  return line;
}

Result<std::string> json_in_full(HubSnapshot& snapshot, const QuarantinedWork& work) {
  JsonLine line = json_of(work);
  const auto rows = rows_in(snapshot, work);
  if (!rows) return line.text("unreadable", rows.error().text()).raw("rows", "[]").done();
  std::string list = "[";
  for (const QuarantinedRow& row : *rows) list += (list.size() > 1 ? "," : "") + json_of_row(row);
  return line.null("unreadable").raw("rows", list + "]").done();
}

Result<std::string> text_in_full(HubSnapshot& snapshot, const QuarantinedWork& work, bool chinese) {
  const QuarantineRecord& record = work.record;
  std::string text = record.id.hash.hex() + "  " + work.name + "  " +
                     std::to_string(record.id.sequence.value) + "  " +
                     std::string(name_of(record.state)) + '\n' + record.reason.text() + '\n';
  if (work.written) text += (chinese ? "写于 " : "written ") + to_rfc3339(*work.written) + '\n';
  if (work.arrived) text += (chinese ? "收到 " : "arrived ") + to_rfc3339(*work.arrived) + '\n';
  const auto rows = rows_in(snapshot, work);
  if (!rows) {
    return text + (chinese ? "内容无法读取：" : "It cannot be read: ") + rows.error().text() + '\n';
  }
  for (const QuarantinedRow& row : *rows) {
    text += '\n' + heading_of(row, chinese);
    TextTable table({"COLUMN", "ON THE PHONE", "WRITES", "AT THE HUB"});
    for (const QuarantinedCell& cell : row.cells) {
      table.add({cell.column, or_dash(cell.held), cell.writes.value_or("-"), or_dash(cell.hub)});
    }
    text += table.text();
  }
  return text;
}

}  // namespace doorstep
