#include <array>
#include <utility>

#include "engine/core/json_line.hpp"
#include "engine/core/value_text.hpp"
#include "server/author_names.hpp"
#include "server/console/content.hpp"
#include "server/console/error_answer.hpp"
#include "server/console/named_row.hpp"
#include "server/console/page.hpp"
#include "server/console/row_words.hpp"
#include "server/decide.hpp"
#include "server/hub_view.hpp"

namespace doorstep::console {
namespace {

struct ConflictFilter {
  bool only_open = true;
  std::optional<TableId> table;
  std::optional<RowId> row;
  std::optional<std::string> scope;
};

// Parameters: 1 the table's name, 2 the row's key, 3 the scope's code.
std::string condition_of(const Schema& schema, const ConflictFilter& filter) {
  std::string sql = " WHERE withdrawn = 0";
  if (filter.table) sql += " AND table_name = ?1";
  if (filter.row) sql += " AND row_key = ?2";
  if (filter.scope) sql += " AND ds_scope IN " + scope_numbers_sql(schema, "?3");
  return sql;
}

// Without statistics SQLite does not know which of them are few.
std::string_view index_of(const ConflictFilter& filter, bool only_open) {
  if (filter.row) return " INDEXED BY ds_conflict_row";
  if (filter.table) return " INDEXED BY ds_conflict_table";
  return only_open ? " INDEXED BY ds_conflict_open" : " INDEXED BY ds_conflict_newest";
}

void bind(sqlite::Statement& to, const Schema& schema, const ConflictFilter& filter,
          const Value& key) {
  if (filter.table) to.bind(1, std::string_view(schema.table(*filter.table).name));
  if (filter.row) to.bind(2, key);
  if (filter.scope) to.bind(3, std::string_view(*filter.scope));
}

Value key_of_filter(const Schema& schema, const ConflictFilter& filter) {
  if (!filter.table || !filter.row) return Value::null();
  return value_of_key(schema.table(*filter.table), *filter.row);
}

Result<std::int64_t> count_open(HubView& view, const ConflictFilter& filter) {
  const Schema& schema = view.schema();
  DS_ASSIGN(auto count, view.db().prepare("SELECT count(*) FROM ds_conflict" +
                                          std::string(index_of(filter, true)) +
                                          condition_of(schema, filter) + " AND state = 'open'"));
  const Value key = key_of_filter(schema, filter);
  bind(count, schema, filter, key);
  DS_TRY(count.step());
  return count.integer(0);
}

/// One more than fits on the page, newest first.
Result<std::vector<ConflictId>> ids_of(HubView& view, const ConflictFilter& filter,
                                       const Page& page) {
  const Schema& schema = view.schema();
  std::string sql = "SELECT id FROM ds_conflict" + std::string(index_of(filter, filter.only_open)) +
                    condition_of(schema, filter);
  if (filter.only_open) sql += " AND state = 'open'";
  if (page.after) sql += " AND (ds_position < ?4 OR (ds_position = ?4 AND id > ?5))";
  DS_ASSIGN(auto list, view.db().prepare(sql + " ORDER BY ds_position DESC, id LIMIT ?6"));
  const Value key = key_of_filter(schema, filter);
  bind(list, schema, filter, key);
  const Bytes id = page.after ? from_hex(page.after->id).value_or(Bytes()) : Bytes();
  if (page.after) {
    list.bind_unsigned(4, page.after->number);
    list.bind(5, ByteView(id));
  }
  list.bind(6, static_cast<std::int64_t>(page.limit) + 1);
  std::vector<ConflictId> ids;
  for (;;) {
    DS_ASSIGN(const bool found, list.step());
    if (!found) return ids;
    ids.push_back(list.id<ConflictId>(0));
  }
}

struct PolicyWords {
  std::string_view policy;  ///< as schemas spell it
  std::string_view chinese;
  std::string_view english;
};

// Why the value that is shown stands, where no person has decided it. Those that are not here show
// every value that met.
constexpr std::array<PolicyWords, 7> standing_by{{
    {"latest", "写得更晚", "written later"},
    {"first", "镇里先收到", "the township heard it first"},
    {"max", "较大（较晚）的值成立", "the larger or later value stands"},
    {"min", "较小（较早）的值成立", "the smaller or earlier value stands"},
    {"ranked", "状态走得更远", "the further state stands"},
    {"review", "写得更晚，等人决定", "written later, for a person to decide"},
    {"hub", "镇里写的成立", "what the township writes stands"},
}};

/// nullopt: a person decided, or there is nothing to say.
std::optional<std::string> reason_of(const Conflict& conflict, bool chinese) {
  if (conflict.state == ConflictState::decided) return std::nullopt;
  if (!conflict.column) {
    return std::string(chinese ? "删除的人没有见过这次修改"
                               : "whoever deleted it had not seen the edit");
  }
  for (const PolicyWords& words : standing_by) {
    if (words.policy != name_of(conflict.policy)) continue;
    std::string reason(chinese ? words.chinese : words.english);
    if (conflict.order_uncertain) reason += chinese ? "（先后不能确定）" : " (order uncertain)";
    return reason;
  }
  return std::nullopt;
}

/// Makes conflicts JSON, with names and words looked up once each.
class ConflictWriter {
 public:
  ConflictWriter(HubView& view, bool chinese)
      : schema_(view.schema()),
        chinese_(chinese),
        names_(view.snapshot(), view.identity()),
        words_(view.snapshot(), chinese) {}

  Result<std::string> json_of(const Conflict& conflict);

 private:
  Result<std::string> side(const Conflict& conflict, const Contribution& one, bool winner);
  Result<std::string> display(const Conflict& conflict, const Value& value, bool winner);

  const Schema& schema_;
  bool chinese_;
  AuthorNames names_;
  ValueWords words_;
};

Result<std::string> ConflictWriter::display(const Conflict& conflict, const Value& value,
                                            bool winner) {
  // A delete that met an edit has no two values, but two acts.
  if (!conflict.column) {
    if (winner) return std::string(chinese_ ? "修改" : "edited");
    return std::string(chinese_ ? "删除" : "deleted");
  }
  return words_.of_cell(schema_.table(conflict.key.table), *conflict.column, value);
}

Result<std::string> ConflictWriter::side(const Conflict& conflict, const Contribution& one,
                                         bool winner) {
  DS_ASSIGN(const std::string name, names_.of(one.version));
  DS_ASSIGN(const std::string words, display(conflict, one.value, winner));
  JsonLine line;
  line.value("value", one.value)
      .text("display", words)
      .text("author", one.version.author.hex())
      .text("name", name)
      .text("at", to_rfc3339(one.version.stamp.latest()));
  const auto reason = winner ? reason_of(conflict, chinese_) : std::optional<std::string>();
  if (!reason) return line.null("reason").done();
  return line.text("reason", *reason).done();
}

Result<std::string> ConflictWriter::json_of(const Conflict& conflict) {
  const Table& table = schema_.table(conflict.key.table);
  DS_ASSIGN(const std::string label, words_.label(conflict.key));
  DS_ASSIGN(const std::string winner, side(conflict, conflict.winner, true));
  DS_ASSIGN(const std::string loser, side(conflict, conflict.loser, false));
  JsonLine line;
  line.text("id", conflict.id.hex())
      .text("table", table.name)
      .text("row", text_of_key(table, conflict.key.row))
      .text("label", label);
  if (conflict.column) {
    line.text("column", table.column(*conflict.column).name);
    line.text("policy", name_of(conflict.policy));
  } else {
    line.null("column").null("policy");
  }
  line.text("state", name_of(conflict.state))
      .text("kind", conflict.column ? "cell" : "delete")
      .text("scope", conflict.scope.code)
      .boolean("order_uncertain", conflict.order_uncertain)
      .raw("winner", winner)
      .raw("loser", loser);
  if (!conflict.decision) return line.null("decision").done();
  DS_ASSIGN(const std::string name, names_.of(*conflict.decision));
  return line
      .raw("decision", JsonLine()
                           .text("author", conflict.decision->author.hex())
                           .text("name", name)
                           .text("at", to_rfc3339(conflict.decision->stamp.latest()))
                           .done())
      .done();
}

Result<ConflictFilter> filter_of(ConsoleCall& call, FieldReader& query, const HubView& view) {
  ConflictFilter filter;
  filter.only_open = query.choice("state", {"open", "all"}, "open") == "open";
  const auto table = query.optional_text("table");
  filter.scope = query.optional_text("scope");
  const auto row = query.optional_text("row");
  DS_TRY(query.done());
  if (table) {
    DS_ASSIGN(filter.table, table_named(call, view.schema(), *table));
  }
  if (row && !filter.table) {
    return call.blame("table", error(ErrorCode::bad_value, "table: is missing beside row"));
  }
  if (row) {
    DS_ASSIGN(filter.row, row_named(call, view.schema().table(*filter.table), *row));
  }
  return filter;
}

struct OneDecision {
  std::string id;
  std::string keep;
  std::optional<Value> value;
};

Result<std::vector<OneDecision>> decisions_of(ConsoleCall& call) {
  FieldReader body = call.body();
  std::vector<OneDecision> decisions;
  for (FieldReader& one : body.objects("decisions", limits::console_page_max)) {
    OneDecision& decision = decisions.emplace_back();
    decision.id = one.text("id");
    decision.keep = one.choice("keep", {"winner", "loser", "value", "undo"});
    decision.value = one.value("value", limits::value_bytes_max);
    DS_TRY(one.done());
    if ((decision.keep == "value") != decision.value.has_value()) {
      return call.blame("value", error(ErrorCode::bad_value,
                                       "value: goes with keep \"value\", and only with it"));
    }
  }
  DS_TRY(body.done());
  return decisions;
}

Result<HubChoice> choice_of(SqliteHubStore& store, const ConflictId& id,
                            const OneDecision& decision) {
  using Keep = HubChoice::Keep;
  if (decision.keep == "winner") return HubChoice{Keep::winner, {}};
  if (decision.keep == "loser") return HubChoice{Keep::loser, {}};
  if (decision.keep == "undo") return HubChoice{Keep::undo, {}};
  Value value = decision.value.value_or(Value::null());
  if (value.kind() != Value::Kind::text) return HubChoice{Keep::value, std::move(value)};
  DS_ASSIGN(const auto snapshot, store.snapshot());
  DS_ASSIGN(const auto conflict, snapshot->conflict(id));
  if (!conflict) return error(ErrorCode::not_found, "conflict " + id.hex());
  DS_ASSIGN(Value typed, third_value(store.schema(), *conflict, value.as_text()));
  return HubChoice{Keep::value, std::move(typed)};
}

Result<Position> decide(ConsoleCall& call, const OneDecision& decision) {
  const auto bytes = from_hex(decision.id);
  const auto id = bytes ? ConflictId::from(*bytes) : std::nullopt;
  if (!id) return error(ErrorCode::not_found, "conflict " + decision.id);
  DS_ASSIGN(const HubChoice choice, choice_of(call.store(), *id, decision));
  return decide_conflict(call.store(), *id, choice,
                         {call.who(), call.ports.time.now(), call.ports.random.id<CommitToken>()});
}

}  // namespace

Result<ConsoleAnswer> answer_conflicts(ConsoleCall& call) {
  FieldReader query = call.query();
  DS_ASSIGN(const Page page, read_page(query, call.field));
  DS_ASSIGN(HubView view, HubView::open(call.store(), call.ports.folder.database_file()));
  DS_ASSIGN(const ConflictFilter filter, filter_of(call, query, view));
  DS_ASSIGN(const auto ids, ids_of(view, filter, page));
  ConflictWriter writer(view, call.chinese());
  PageOf entries(page.limit);
  for (const ConflictId& id : ids) {
    if (entries.is_full()) {
      entries.more();
      break;
    }
    DS_ASSIGN(const auto conflict, view.snapshot().conflict(id));
    if (!conflict) continue;
    DS_ASSIGN(const std::string json, writer.json_of(*conflict));
    entries.add(json, {conflict->position.value, id.hex()});
  }
  DS_ASSIGN(const std::int64_t open, count_open(view, filter));
  return ConsoleAnswer::json(JsonLine()
                                 .raw("conflicts", entries.entries())
                                 .number("open", open)
                                 .raw("next", entries.next())
                                 .done());
}

Result<ConsoleAnswer> answer_decide(ConsoleCall& call) {
  DS_ASSIGN(const auto decisions, decisions_of(call));
  JsonList results;
  for (const OneDecision& decision : decisions) {
    const auto decided = decide(call, decision);
    JsonLine line;
    line.text("id", decision.id).boolean("ok", decided.ok());
    if (decided) {
      line.number("position", decided->number());
    } else {
      line.raw("error", error_json(decided.error(), call.request.language));
    }
    results.raw(line.done());
  }
  return ConsoleAnswer::json(JsonLine().raw("results", results.done()).done());
}

}  // namespace doorstep::console
