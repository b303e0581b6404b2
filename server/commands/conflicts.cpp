#include <ostream>

#include "engine/core/json_line.hpp"
#include "engine/core/value_text.hpp"
#include "engine/wire/codec.hpp"
#include "server/author_names.hpp"
#include "server/commands/command.hpp"
#include "server/hub_folder.hpp"
#include "server/text_table.hpp"

namespace doorstep::commands {
namespace {

// More than a person reads; the newest come first.
constexpr std::size_t listed_max = 100'000;

struct Names {
  std::string winner;
  std::string loser;
  std::string decision;  // empty without one
};

Result<Names> names_in(const Conflict& conflict, AuthorNames& authors) {
  Names names;
  DS_ASSIGN(names.winner, authors.of(conflict.winner.version));
  DS_ASSIGN(names.loser, authors.of(conflict.loser.version));
  if (conflict.decision) {
    DS_ASSIGN(names.decision, authors.of(*conflict.decision));
  }
  return names;
}

std::string json_of(const Schema& schema, const Conflict& conflict, const Names& names) {
  const ConflictRecord record = record_of(schema, conflict);
  JsonLine line;
  line.text("id", record.id.hex())
      .text("table", record.table)
      .text("row", text_of_key(schema.table(conflict.key.table), conflict.key.row))
      .text("column", record.column)
      .text("policy", name_of(record.policy))
      .value("winner", record.winner.value)
      .value("loser", record.loser.value)
      .text("winner_author", record.winner.version.author.hex())
      .text("loser_author", record.loser.version.author.hex())
      .text("state", name_of(record.state))
      .text("winner_name", names.winner)
      .text("loser_name", names.loser)
      .text("winner_at", to_rfc3339(record.winner.version.stamp.latest()))
      .text("loser_at", to_rfc3339(record.loser.version.stamp.latest()))
      .boolean("order_uncertain", record.order_uncertain)
      .text("scope", conflict.scope.code);
  if (record.decision) {
    line.text("decided_by", record.decision->author.hex())
        .text("decided_name", names.decision)
        .text("decided_at", to_rfc3339(record.decision->stamp.latest()));
  } else {
    line.null("decided_by").null("decided_name").null("decided_at");
  }
  return line.done();
}

std::string state_text(const Conflict& conflict, const Names& names) {
  std::string text(name_of(conflict.state));
  if (conflict.decision) text += " by " + names.decision;
  return text;
}

// A delete that met an edit has no two values to show, but two acts.
std::vector<std::string> table_row(const Schema& schema, const Conflict& conflict,
                                   const Names& names, bool chinese) {
  const ConflictRecord record = record_of(schema, conflict);
  const bool act = record.column.empty();
  return {act ? record.table : record.table + "." + record.column,
          text_of_key(schema.table(conflict.key.table), conflict.key.row),
          state_text(conflict, names),
          act ? (chinese ? "修改" : "edited") : record.winner.value.display(),
          names.winner,
          act ? (chinese ? "删除" : "deleted") : record.loser.value.display(),
          names.loser,
          to_rfc3339(record.loser.version.stamp.latest()),
          record.id.hex()};
}

Result<ConflictQuery> query_of(const Schema& schema, const ConflictOptions& options) {
  ConflictQuery query;
  if (options.only_open) query.state = ConflictState::open;
  if (!options.table.empty()) {
    query.table = schema.find_table(options.table);
    if (!query.table) return error(ErrorCode::unknown_table, options.table);
  }
  query.count_max = options.limit == 0 ? listed_max : options.limit;
  return query;
}

}  // namespace

Status conflicts(const ConflictOptions& options, const Terminal& terminal) {
  DS_ASSIGN(const auto folder, HubFolder::open(options.data));
  const Schema& schema = folder.store().schema();
  DS_ASSIGN(const ConflictQuery query, query_of(schema, options));
  DS_ASSIGN(const auto snapshot, folder.store().snapshot());
  AuthorNames authors(*snapshot, folder.store().identity());
  DS_ASSIGN(const auto found, snapshot->conflicts(query));
  TextTable table({"CELL", "ROW", "STATE", "STANDS", "BY", "LOST", "BY", "AT", "CONFLICT"});
  for (const Conflict& conflict : found) {
    DS_ASSIGN(const Names names, names_in(conflict, authors));
    if (options.json) {
      terminal.out << json_of(schema, conflict, names) << '\n';
    } else {
      table.add(table_row(schema, conflict, names, terminal.chinese));
    }
  }
  if (!options.json) terminal.out << table.text();
  return {};
}

}  // namespace doorstep::commands
