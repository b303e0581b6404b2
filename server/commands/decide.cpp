#include <ostream>

#include "engine/core/json_line.hpp"
#include "engine/core/value_text.hpp"
#include "server/commands/command.hpp"
#include "server/decide.hpp"
#include "server/explain_json.hpp"
#include "server/hub_folder.hpp"
#include "server/hub_time.hpp"
#include "server/os_random.hpp"
#include "server/text_table.hpp"

namespace doorstep::commands {
namespace {

Result<ConflictId> id_of(const std::string& text) {
  const auto bytes = from_hex(text);
  const auto id = bytes ? ConflictId::from(*bytes) : std::nullopt;
  if (id) return *id;
  return error(ErrorCode::usage,
               "CONFLICT is the id that 'doorstepd conflicts' shows: 32 hexadecimal digits");
}

/// A third value is read as the conflict's column wants it.
Result<HubChoice> choice_of(HubStore& store, const ConflictId& id, const DecideOptions& options) {
  using Keep = HubChoice::Keep;
  if (options.undo) return HubChoice{Keep::undo, {}};
  if (!options.has_value && options.keep == "winner") return HubChoice{Keep::winner, {}};
  if (!options.has_value && options.keep == "loser") return HubChoice{Keep::loser, {}};
  if (!options.has_value && options.keep.empty()) {
    return error(ErrorCode::usage, "say --keep winner, --keep loser, --keep VALUE or --undo");
  }
  DS_ASSIGN(const auto snapshot, store.snapshot());
  DS_ASSIGN(const auto conflict, snapshot->conflict(id));
  if (!conflict) return error(ErrorCode::not_found, "conflict " + id.hex());
  const std::string& text = options.has_value ? options.value : options.keep;
  DS_ASSIGN(Value value, third_value(store.schema(), *conflict, text));
  return HubChoice{Keep::value, std::move(value)};
}

std::string fate_of(const HubCandidate& candidate, bool chinese) {
  if (candidate.shown) return chinese ? "显示" : "shown";
  std::string text =
      candidate.conflict ? (chinese ? "落选" : "lost") : (chinese ? "曾成立" : "stood");
  if (candidate.conflict) text += ", " + std::string(name_of(candidate.conflict->state));
  if (candidate.conflict && candidate.conflict->order_uncertain) {
    text += chinese ? "，先后不能确定" : ", order uncertain";
  }
  return text;
}

void show(const Table& table, const CellExplanation& cell, const Terminal& terminal) {
  terminal.out << table.name << '.' << table.column(cell.column).name << "  ["
               << name_of(table.column(cell.column).policy) << "]  " << cell.scope.code << '\n';
  if (!cell.live) terminal.out << (terminal.chinese ? "记录已删除\n" : "The row was deleted.\n");
  if (cell.decision) {
    terminal.out << (terminal.chinese ? "裁决者 " : "Decided by ") << cell.decided_by << "  "
                 << to_rfc3339(cell.decision->stamp.latest()) << '\n';
  }
  TextTable candidates({"VALUE", "", "BY", "AT", "THEIR CLOCK", "POSITION"});
  for (const HubCandidate& one : cell.candidates) {
    candidates.add({one.value.display(), fate_of(one, terminal.chinese), one.author,
                    to_rfc3339(one.version.stamp.latest()),
                    one.claimed ? to_rfc3339(*one.claimed) : "-",
                    std::to_string(one.version.position.number())});
  }
  terminal.out << candidates.text();
}

}  // namespace

Status decide(const DecideOptions& options, const Terminal& terminal) {
  DS_ASSIGN(const ConflictId id, id_of(options.conflict));
  DS_ASSIGN(const auto folder, HubFolder::open(options.data));
  DS_ASSIGN(const HubChoice choice, choice_of(folder.store(), id, options));
  OsRandom random;
  DS_ASSIGN(const Position position,
            decide_conflict(folder.store(), id, choice,
                            {options.by, SystemTime().now(), random.id<CommitToken>()}));
  if (options.json) {
    terminal.out << JsonLine()
                        .text(options.undo ? "undone" : "decided", id.hex())
                        .number("position", position.value)
                        .done()
                 << '\n';
  } else if (options.undo) {
    terminal.out << (terminal.chinese ? "已撤销裁决；手机同步后都会看到。\n"
                                      : "Taken back; every phone sees it with its next sync.\n");
  } else {
    terminal.out << (terminal.chinese ? "已裁决；手机同步后都会看到。\n"
                                      : "Decided; every phone sees it with its next sync.\n");
  }
  return {};
}

Status explain_cell(const ExplainOptions& options, const Terminal& terminal) {
  DS_ASSIGN(const auto folder, HubFolder::open(options.data));
  const HubStore& store = folder.store();
  const auto table_id = store.schema().find_table(options.table);
  if (!table_id) return error(ErrorCode::unknown_table, options.table);
  const Table& table = store.schema().table(*table_id);
  const auto column = table.find_column(options.column);
  if (!column) return error(ErrorCode::unknown_column, options.table + "." + options.column);
  DS_ASSIGN(const RowId row, key_of_text(table, options.row));
  DS_ASSIGN(const auto snapshot, folder.store().snapshot());
  DS_ASSIGN(const CellExplanation cell,
            doorstep::explain_cell(*snapshot, store.schema(), store.identity(), {*table_id, row},
                                   *column));
  if (options.json) {
    terminal.out << json_of(table, cell) << '\n';
  } else {
    show(table, cell, terminal);
  }
  return {};
}

}  // namespace doorstep::commands
