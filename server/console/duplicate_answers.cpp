#include <algorithm>
#include <utility>

#include "engine/core/json_line.hpp"
#include "engine/core/value_text.hpp"
#include "engine/session/decide_duplicates.hpp"
#include "server/author_names.hpp"
#include "server/console/content.hpp"
#include "server/console/page.hpp"
#include "server/console/row_words.hpp"
#include "server/duplicate_pair.hpp"

namespace doorstep::console {
namespace {

// More than a hub ever has.
constexpr std::size_t pairs_max = 100'000;

/// Makes pairs JSON, with names and words looked up once each.
class PairWriter {
 public:
  PairWriter(HubSnapshot& snapshot, const HubIdentity& identity, bool chinese)
      : snapshot_(snapshot),
        schema_(snapshot.schemas().newest()),
        names_(snapshot, identity),
        words_(snapshot, chinese) {}

  Result<std::string> json_of(Duplicate pair);

 private:
  Result<std::string> row(const Table& table, const RowId& id, const std::optional<StoredRow>& row);
  Result<std::string> fields(const Table& table, const ShownPair& shown);
  Status put_value(JsonLine& line, std::string_view name, const Column& column, const Value& value);

  HubSnapshot& snapshot_;
  const Schema& schema_;
  AuthorNames names_;
  ValueWords words_;
};

Result<std::string> PairWriter::row(const Table& table, const RowId& id,
                                    const std::optional<StoredRow>& row) {
  JsonLine line;
  line.text("row", text_of_key(table, id));
  if (!row) return line.text("label", text_of_key(table, id)).null("created_by").done();
  DS_ASSIGN(const std::string name, names_.of(row->base));
  return line.text("label", label_of(table, *row)).text("created_by", name).done();
}

Status PairWriter::put_value(JsonLine& line, std::string_view name, const Column& column,
                             const Value& value) {
  if (value.is_null()) {
    line.null(name);
    return {};
  }
  DS_ASSIGN(const std::string words, words_.of(column, value));
  line.text(name, words);
  return {};
}

Result<std::string> PairWriter::fields(const Table& table, const ShownPair& shown) {
  JsonList list;
  for (const bool differs : {true, false}) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const Value a = shown.first ? shown.first->image.values[i] : Value::null();
      const Value b = shown.second ? shown.second->image.values[i] : Value::null();
      if ((a != b) != differs) continue;
      JsonLine line;
      line.text("column", table.columns[i].name);
      DS_TRY(put_value(line, "first", table.columns[i], a));
      DS_TRY(put_value(line, "second", table.columns[i], b));
      list.raw(line.boolean("differs", differs).done());
    }
  }
  return list.done();
}

Result<std::string> PairWriter::json_of(Duplicate found) {
  DS_ASSIGN(const ShownPair shown, look_at(snapshot_, std::move(found)));
  const Duplicate& pair = shown.pair;
  const Table& table = schema_.table(pair.table);
  DS_ASSIGN(const std::string first, row(table, pair.first, shown.first));
  DS_ASSIGN(const std::string second, row(table, pair.second, shown.second));
  DS_ASSIGN(const std::string columns, fields(table, shown));
  JsonLine line;
  line.text("id", pair.id.hex())
      .text("table", table.name)
      .number("score", std::int64_t{pair.score})
      .text("state", name_of(pair.state))
      .raw("first", first)
      .raw("second", second);
  if (pair.survivor) {
    line.text("survivor", text_of_key(table, *pair.survivor));
  } else {
    line.null("survivor");
  }
  line.raw("reasons", reasons_json(table, pair)).raw("fields", columns);
  if (pair.state == DuplicateState::open) {
    line.null("decided_at").null("decided_by");
  } else {
    line.text("decided_at", to_rfc3339(pair.decided_at)).text("decided_by", pair.decided_by);
  }
  return line.done();
}

/// Newest first, then by id.
bool is_after(const Duplicate& pair, const PageEnd& end) {
  if (pair.proposed.value != end.number) return pair.proposed.value < end.number;
  return pair.id.hex() > end.id;
}

Result<Duplicate> find_pair(HubStore& store, const std::string& wanted) {
  DS_ASSIGN(const auto snapshot, store.snapshot());
  DS_ASSIGN(const auto pairs, snapshot->duplicates(false, pairs_max));
  const auto found = std::find_if(pairs.begin(), pairs.end(),
                                  [&](const Duplicate& pair) { return pair.id.hex() == wanted; });
  if (found == pairs.end()) return error(ErrorCode::not_found, "pair " + wanted);
  return *found;
}

Error state_error(const Duplicate& pair) {
  return error(ErrorCode::duplicate_state,
               "it is " + std::string(name_of(pair.state)) +
                   (pair.decided_by.empty() ? "" : " by " + pair.decided_by));
}

Result<DuplicateOutcome> settle(ConsoleCall& call, const Duplicate& pair, const std::string& action,
                                const std::optional<RowId>& survivor) {
  const DuplicateDecision decision{pair.id, call.who(), call.ports.time.now(),
                                   call.ports.random.id<CommitToken>()};
  if (action == "accept") return accept_duplicate(call.store(), decision, survivor);
  if (action == "reject") return reject_duplicate(call.store(), decision);
  return unmerge_duplicate(call.store(), decision);
}

}  // namespace

Result<ConsoleAnswer> answer_duplicates(ConsoleCall& call) {
  FieldReader query = call.query();
  const bool only_open = query.choice("state", {"open", "all"}, "open") == "open";
  DS_ASSIGN(const Page page, read_page(query, call.field));
  DS_TRY(query.done());
  DS_ASSIGN(const auto snapshot, call.store().snapshot());
  DS_ASSIGN(auto pairs, snapshot->duplicates(only_open, pairs_max));
  const auto open = std::count_if(pairs.begin(), pairs.end(), [](const Duplicate& pair) {
    return pair.state == DuplicateState::open;
  });
  PairWriter writer(*snapshot, call.store().identity(), call.chinese());
  PageOf entries(page.limit);
  for (Duplicate& pair : pairs) {
    if (page.after && !is_after(pair, *page.after)) continue;
    if (entries.is_full()) {
      entries.more();
      break;
    }
    PageEnd end{pair.proposed.value, pair.id.hex()};
    DS_ASSIGN(const std::string json, writer.json_of(std::move(pair)));
    entries.add(json, std::move(end));
  }
  return ConsoleAnswer::json(JsonLine()
                                 .raw("duplicates", entries.entries())
                                 .number("open", static_cast<std::int64_t>(open))
                                 .raw("next", entries.next())
                                 .done());
}

Result<ConsoleAnswer> answer_duplicate(ConsoleCall& call) {
  FieldReader body = call.body();
  const std::string action = body.choice("action", {"accept", "reject", "unmerge"});
  const auto wanted = body.optional_text("survivor");
  DS_TRY(body.done());
  if (wanted && action != "accept") {
    return call.blame("survivor",
                      error(ErrorCode::bad_value, "survivor: goes with action \"accept\""));
  }
  DS_ASSIGN(const Duplicate pair, find_pair(call.store(), call.request.parts[0]));
  const Table& table = call.store().schema().table(pair.table);
  const auto survivor = survivor_of(table, wanted.value_or(""));
  if (!survivor) return call.blame("survivor", survivor.error());
  if (*survivor && **survivor != pair.first && **survivor != pair.second) {
    return call.blame("survivor", error(ErrorCode::bad_value, "survivor: none of the two"));
  }
  const auto wanted_state = action == "unmerge" ? DuplicateState::accepted : DuplicateState::open;
  if (pair.state != wanted_state) return state_error(pair);
  DS_ASSIGN(const DuplicateOutcome outcome, settle(call, pair, action, *survivor));
  if (!outcome.changed) return state_error(outcome.pair);
  DS_ASSIGN(const auto snapshot, call.store().snapshot());
  PairWriter writer(*snapshot, call.store().identity(), call.chinese());
  DS_ASSIGN(const std::string json, writer.json_of(outcome.pair));
  return ConsoleAnswer::json(json);
}

}  // namespace doorstep::console
