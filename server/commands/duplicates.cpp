#include <ostream>
#include <utility>

#include "engine/core/json_line.hpp"
#include "engine/core/value_text.hpp"
#include "engine/session/decide_duplicates.hpp"
#include "server/commands/command.hpp"
#include "server/duplicate_pair.hpp"
#include "server/hub_folder.hpp"
#include "server/hub_time.hpp"
#include "server/os_random.hpp"
#include "server/text_table.hpp"

namespace doorstep::commands {
namespace {

// More than a person reads; the newest come first.
constexpr std::size_t pairs_listed_max = 100'000;
// A pair is named by its id or the beginning of it.
constexpr std::size_t id_digits_min = 4;

std::string json_of(const Schema& schema, const ShownPair& shown) {
  const Duplicate& pair = shown.pair;
  const Table& table = schema.table(pair.table);
  std::string fields = "[";
  for (const Difference& one : differences(table, shown)) {
    fields += (fields.size() > 1 ? "," : "") + JsonLine()
                                                   .text("column", one.column)
                                                   .value("first", one.first)
                                                   .value("second", one.second)
                                                   .done();
  }
  JsonLine line;
  line.text("id", pair.id.hex())
      .text("table", table.name)
      .text("first", text_of_key(table, pair.first))
      .text("second", text_of_key(table, pair.second))
      .number("score", std::int64_t{pair.score})
      .text("state", name_of(pair.state))
      .raw("reasons", reasons_json(table, pair))
      .raw("differing", fields + "]");
  if (pair.survivor) {
    line.text("survivor", text_of_key(table, *pair.survivor));
  } else {
    line.null("survivor");
  }
  if (pair.state == DuplicateState::open) {
    line.null("decided_at").null("decided_by");
  } else {
    line.text("decided_at", to_rfc3339(pair.decided_at)).text("decided_by", pair.decided_by);
  }
  return line.done();
}

std::string reasons_text(const Table& table, const Duplicate& pair) {
  std::string text;
  for (const MatchReason& reason : pair.reasons) {
    if (!text.empty()) text += ", ";
    text += reason.key;
    if (reason.similarity < 100) text += " " + std::to_string(reason.similarity) + "%";
    std::string columns;
    for (const std::string& name : columns_of(table, reason)) {
      columns += (columns.empty() ? "" : " ") + name;
    }
    text += " (" + columns + ")";
  }
  return text;
}

void print_pair(const Schema& schema, const ShownPair& shown, const Terminal& terminal) {
  const Duplicate& pair = shown.pair;
  const Table& table = schema.table(pair.table);
  terminal.out << pair.id.hex() << "  " << table.name << "  " << pair.score << "  "
               << name_of(pair.state) << "  " << reasons_text(table, pair) << '\n';
  TextTable text({"", text_of_key(table, pair.first), text_of_key(table, pair.second)});
  for (const Difference& one : differences(table, shown)) {
    text.add({one.column, one.first.display(), one.second.display()});
  }
  terminal.out << text.text() << '\n';
}

Status list_pairs(const DuplicatesOptions& options, HubStore& store, const Terminal& terminal) {
  DS_ASSIGN(const auto snapshot, store.snapshot());
  DS_ASSIGN(auto pairs, snapshot->duplicates(!options.all, pairs_listed_max));
  for (Duplicate& pair : pairs) {
    DS_ASSIGN(const ShownPair shown, look_at(*snapshot, std::move(pair)));
    if (options.json) {
      terminal.out << json_of(store.schema(), shown) << '\n';
    } else {
      print_pair(store.schema(), shown, terminal);
    }
  }
  return {};
}

Result<Duplicate> find_pair(HubStore& store, const std::string& wanted) {
  DS_ASSIGN(const auto snapshot, store.snapshot());
  DS_ASSIGN(const auto pairs, snapshot->duplicates(false, pairs_listed_max));
  const Duplicate* found = nullptr;
  for (const Duplicate& pair : pairs) {
    if (wanted.size() < id_digits_min || !pair.id.hex().starts_with(wanted)) continue;
    if (found != nullptr) return error(ErrorCode::usage, wanted + " fits several pairs");
    found = &pair;
  }
  if (found == nullptr) return error(ErrorCode::not_found, "pair " + wanted);
  return *found;
}

Result<DuplicateOutcome> decide_pair(const DuplicatesOptions& options, HubStore& store) {
  DS_ASSIGN(const Duplicate pair, find_pair(store, options.pair));
  OsRandom random;
  const DuplicateDecision decision{pair.id, options.by.empty() ? store.identity().name : options.by,
                                   SystemTime().now(), random.id<CommitToken>()};
  switch (options.action) {
    case DuplicatesOptions::Action::accept: {
      DS_ASSIGN(const auto survivor,
                survivor_of(store.schema().table(pair.table), options.survivor));
      return accept_duplicate(store, decision, survivor);
    }
    case DuplicatesOptions::Action::reject:
      return reject_duplicate(store, decision);
    case DuplicatesOptions::Action::unmerge:
    case DuplicatesOptions::Action::list:
      break;
  }
  return unmerge_duplicate(store, decision);
}

}  // namespace

Status duplicates(const DuplicatesOptions& options, const Terminal& terminal) {
  DS_ASSIGN(const auto folder, HubFolder::open(options.data));
  if (options.action == DuplicatesOptions::Action::list) {
    return list_pairs(options, folder.store(), terminal);
  }
  DS_ASSIGN(const DuplicateOutcome outcome, decide_pair(options, folder.store()));
  if (options.json) {
    DS_ASSIGN(const auto snapshot, folder.store().snapshot());
    DS_ASSIGN(const ShownPair shown, look_at(*snapshot, outcome.pair));
    terminal.out << json_of(folder.store().schema(), shown) << '\n';
    return {};
  }
  if (terminal.chinese) {
    terminal.out << outcome.pair.id.hex() << "：" << name_of(outcome.pair.state) << "，引用 "
                 << outcome.references << " 处，不同的值 " << outcome.conflicts << " 个\n";
  } else {
    terminal.out << outcome.pair.id.hex() << " is " << name_of(outcome.pair.state) << ": "
                 << outcome.references << " references moved, " << outcome.conflicts
                 << " values differed\n";
  }
  return {};
}

}  // namespace doorstep::commands
