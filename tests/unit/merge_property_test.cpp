// The engine's merge against a naive model that keeps every write, over thousands of random
// histories. DOORSTEP_SEED=n replays one of them and prints it.
#include <doctest/doctest.h>

#include <cstdlib>
#include <functional>
#include <string>

#include "engine/core/group.hpp"
#include "engine/core/merge.hpp"
#include "tests/support/naive_model.hpp"
#include "tests/support/random_history.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr std::uint64_t history_count = 800;
#else
constexpr std::uint64_t history_count = 6000;
#endif

/// A hub's store in memory round the engine's merge, as merge.hpp asks its callers to do.
struct EngineHub {
  std::map<RowKey, StoredRow> rows;
  std::map<ConflictId, Conflict> conflicts;
  std::map<std::pair<ScopeId, TableId>, ColumnDigests> digests;

  MergeResult commit(std::span<const IncomingTransaction> transactions, Position position) {
    const Schema& schema = history_schema();
    RowSet loaded;
    for (MissingRows wanted = missing(schema, transactions, loaded); !wanted.empty();
         wanted = missing(schema, transactions, loaded)) {
      for (const RowKey& key : wanted.rows) {
        loaded.load(key, rows.contains(key) ? std::optional(rows.at(key)) : std::nullopt);
      }
      for (const RowKey& key : wanted.conflicts) loaded.load_conflicts(key, records_of(key));
      for (const ChildQuery& query : wanted.children) loaded.load_children(query, children(query));
    }
    MergeResult result = merge(schema, transactions, loaded, position);
    for (const StoredRow& row : result.rows) rows[row.key()] = row;
    for (const Conflict& conflict : result.conflicts) conflicts[conflict.id] = conflict;
    for (const auto& [where, sums] : result.digests.sums()) {
      ColumnDigests& total = digests[where];
      total.resize(sums.size());
      for (std::size_t i = 0; i < sums.size(); ++i) total[i] += sums[i];
    }
    return result;
  }

  [[nodiscard]] std::vector<RowId> children(const ChildQuery& query) const {
    const Value parent = value_of_key(history_schema().table(TableId{0}), query.parent);
    std::vector<RowId> found;
    for (const auto& [key, row] : rows) {
      if (key.table == query.child && row.live && row.image.values[query.via.index] == parent)
        found.push_back(key.row);
    }
    return found;
  }

  [[nodiscard]] std::vector<Conflict> records_of(const RowKey& key) const {
    std::vector<Conflict> found;
    for (const auto& [id, conflict] : conflicts) {
      if (conflict.key == key && !conflict.withdrawn) found.push_back(conflict);
    }
    return found;
  }

  [[nodiscard]] std::multiset<NaiveLoser> losers() const {
    std::multiset<NaiveLoser> all;
    for (const auto& [id, conflict] : conflicts) {
      if (conflict.withdrawn) continue;
      const Table& table = history_schema().table(conflict.key.table);
      const auto add = [&](std::string_view column, const Value& value) {
        all.insert({table.name, std::string(conflict.key.row.text()), std::string(column),
                    value.display(), conflict.loser.version.author.hex(),
                    conflict.loser.version.position.value});
      };
      if (!conflict.column) {
        add("", Value::null());
        continue;
      }
      // A group is one record of all its columns.
      const auto columns = cell_columns(table, *conflict.column);
      const auto values = values_of_cell(table, columns, conflict.loser.value);
      REQUIRE(values.has_value());
      for (std::size_t i = 0; i < columns.size(); ++i)
        add(table.column(columns[i]).name, (*values)[i]);
    }
    return all;
  }
};

std::string text_of(const std::vector<Value>& values) {
  std::string text;
  for (const Value& value : values) text += value.display() + " | ";
  return text;
}

std::string text_of(const NaiveLoser& loser) {
  const auto& [table, row, column, value, author, position] = loser;
  return table + " " + row + " " + column + "=" + value + " by " + author.substr(30) + " in " +
         std::to_string(Position{position}.number());
}

std::string difference(const std::multiset<NaiveLoser>& model,
                       const std::multiset<NaiveLoser>& engine) {
  std::string text;
  for (const NaiveLoser& loser : model) {
    if (model.count(loser) > engine.count(loser)) text += "\n  only the model: " + text_of(loser);
  }
  for (const NaiveLoser& loser : engine) {
    if (engine.count(loser) > model.count(loser)) text += "\n  only the engine: " + text_of(loser);
  }
  return text;
}

/// Where the row differs from the model's; empty when it does not.
std::string difference(const NaiveRow& model, const RowImage& image, const StoredRow& engine) {
  if (model.live != engine.live)
    return model.live ? "live in the model only" : "live in the engine only";
  if (model.scope != engine.scope)
    return "scope " + model.scope.code + ", the engine says " + engine.scope.code;
  if (!model.live) return {};
  if (image != engine.image)
    return "\n  model  " + text_of(image.values) + "\n  engine " + text_of(engine.image.values);
  if (model.since != engine.since) {
    return "since " + std::to_string(model.since.number()) + ", the engine says " +
           std::to_string(engine.since.number());
  }
  return {};
}

/// What shows must move in the feed: a device below this commit would otherwise never hear of it.
std::string unheard(const StoredRow* before, const StoredRow& after, Position commit) {
  if (before == nullptr || before->live != after.live || before->scope != after.scope) {
    return after.position == commit
               ? ""
               : "a row appeared, went or moved and kept its place in the feed";
  }
  if (!after.live || after.since == commit) return {};
  for (std::uint16_t i = 0; i < after.image.values.size(); ++i) {
    if (before->image.values[i] == after.image.values[i]) continue;
    if (after.position != commit || after.changed(ColumnId{i}) != commit)
      return "a change kept its place in the feed";
  }
  return {};
}

std::string difference(const NaiveHub& model, const EngineHub& engine) {
  for (const auto& [key, row] : model.rows()) {
    const auto found = engine.rows.find(key);
    if (found == engine.rows.end())
      return std::string(key.row.text()) + " is unknown to the engine";
    const std::string text = difference(row, model.shown(key), found->second);
    if (!text.empty()) return std::string(key.row.text()) + ": " + text;
  }
  if (engine.rows.size() != model.rows().size())
    return "the engine has rows that the model does not know";
  return difference(model.losers(), engine.losers());
}

std::string difference(const NaiveHub& model, const std::vector<Departure>& departures,
                       Position commit) {
  std::map<RowKey, ScopeId> left;
  for (const Departure& departure : departures) {
    if (departure.position != commit) return "a departure of another commit";
    if (!left.emplace(departure.key, departure.from).second) return "a row left twice";
    if (departure.to != model.rows().at(departure.key).scope)
      return "a departure to where the row is not";
  }
  return left == model.left() ? "" : "departures differ";
}

/// The running sums must be what a scan of the rows gives.
std::string damaged_digests(const EngineHub& hub) {
  DigestChanges scan;
  for (const auto& [key, row] : hub.rows) scan.replace(history_schema(), nullptr, &row);
  for (const auto& [where, sums] : hub.digests) {
    const auto found = scan.sums().find(where);
    if (found != scan.sums().end() ? found->second != sums : sums != ColumnDigests(sums.size())) {
      return "the running digest of " + history_schema().table(where.second).name +
             " is not that of its rows";
    }
  }
  return {};
}

/// Plays one history into both; empty, or how and in which commit they differ.
std::string play(const History& history) {
  NaiveHub model(history_schema());
  EngineHub engine;
  for (std::size_t i = 0; i < history.commits.size(); ++i) {
    const Position position = history_position(i + 1);
    const std::string where = "commit " + std::to_string(i + 1) + ": ";
    const auto kinds = model.commit(history.commits[i], position);
    const std::map<RowKey, StoredRow> before = engine.rows;
    const MergeResult result = engine.commit(history.commits[i], position);
    for (std::size_t t = 0; t < kinds.size(); ++t) {
      const Outcome& outcome = result.outcomes.at(t);
      if (outcome.kind == kinds[t]) continue;
      return where + "transaction " + std::to_string(t + 1) + " is " +
             std::string(name_of(kinds[t])) + ", the engine says " +
             std::string(name_of(outcome.kind)) +
             (outcome.reason ? " (" + outcome.reason->text() + ")" : "");
    }
    for (const std::string& text :
         {difference(model, engine), difference(model, result.departures, position),
          damaged_digests(engine)}) {
      if (!text.empty()) return where + text;
    }
    for (const StoredRow& row : result.rows) {
      const auto old = before.find(row.key());
      const std::string text = unheard(old == before.end() ? nullptr : &old->second, row, position);
      if (!text.empty()) return where + std::string(row.id.text()) + ": " + text;
    }
  }
  return {};
}

/// The same transactions in the same order, each in a commit of its own; what had been observed is
/// the same.
History one_by_one(const History& history) {
  std::vector<std::size_t> last{0};
  for (const auto& batch : history.commits) last.push_back(last.back() + batch.size());
  const auto moved = [&](Position& position) {
    position = history_position(last[position.number()]);
  };
  History split;
  for (const auto& batch : history.commits) {
    for (IncomingTransaction transaction : batch) {
      moved(transaction.content.observed);
      for (RowChange& change : transaction.content.changes) {
        if (change.observed) moved(*change.observed);
        for (CellChange& cell : change.cells) {
          if (cell.observed) moved(*cell.observed);
        }
      }
      split.commits.push_back({std::move(transaction)});
    }
  }
  return split;
}

EngineHub played(const History& history) {
  EngineHub hub;
  for (std::size_t i = 0; i < history.commits.size(); ++i)
    hub.commit(history.commits[i], history_position(i + 1));
  return hub;
}

/// Empty when batching changes nothing that anyone is shown.
std::string compare_with_one_by_one(const History& history) {
  const EngineHub batched = played(history);
  const EngineHub single = played(one_by_one(history));
  if (batched.rows.size() != single.rows.size()) return "batching makes other rows";
  for (const auto& [key, row] : batched.rows) {
    const StoredRow& other = single.rows.at(key);
    if (row.live != other.live)
      return std::string(key.row.text()) + ": batching decides whether it lives";
    if (row.live && (row.scope != other.scope || row.image != other.image)) {
      return std::string(key.row.text()) + ":\n  batched    " + text_of(row.image.values) +
             "\n  one by one " + text_of(other.image.values);
    }
  }
  return damaged_digests(single);
}

/// Runs `property` on history after history, short ones first, and stops at the first that breaks
/// it.
void for_all_histories(const std::function<std::string(const History&)>& property) {
  const char* replay = std::getenv("DOORSTEP_SEED");
  const std::uint64_t first = replay != nullptr ? std::strtoull(replay, nullptr, 10) : 1;
  const std::uint64_t last = replay != nullptr ? first : history_count;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    const History history = random_history(seed, 6 + seed / 150);
    const std::string failure = property(history);
    if (replay != nullptr) MESSAGE(describe(history));
    REQUIRE_MESSAGE(failure.empty(), "DOORSTEP_SEED=" << seed << " " << failure);
  }
}

}  // namespace

TEST_CASE(
    "whatever phones write, upload and pull, the hub shows and reports what a naive model does") {
  for_all_histories(play);
}

TEST_CASE("how the hub cuts uploads into commits changes nothing that anyone is shown") {
  for_all_histories(compare_with_one_by_one);
}
