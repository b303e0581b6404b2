#include "tests/support/random_history.hpp"

#include <algorithm>

namespace doorstep::test {
namespace {

Column column(std::string name, MergePolicy policy, ColumnType type = ColumnType::text) {
  Column made;
  made.name = std::move(name);
  made.type = type;
  made.policy = policy;
  return made;
}

Column reference_to(TableId parent) {
  Column made = column("parent_id", MergePolicy::latest, ColumnType::uuid);
  made.references = parent;
  return made;
}

Table place_table() {
  Table table;
  table.name = "place";
  table.columns = {column("village", MergePolicy::latest),
                   column("name", MergePolicy::latest),
                   column("claimant", MergePolicy::first),
                   column("high", MergePolicy::max, ColumnType::integer),
                   column("low", MergePolicy::min, ColumnType::integer),
                   column("boxes", MergePolicy::counter, ColumnType::integer),
                   column("labels", MergePolicy::set),
                   column("remarks", MergePolicy::concat),
                   column("phone", MergePolicy::review),
                   column("stage", MergePolicy::ranked),
                   column("order_by", MergePolicy::first),
                   column("order_at", MergePolicy::first, ColumnType::integer),
                   column("verdict", MergePolicy::hub)};
  table.columns[9].states = {"asked", "seen", "voted", "paid"};
  table.columns[10].group = "order";
  table.columns[11].group = "order";
  table.scope = {ScopeRule::Kind::column, ColumnId{0}};
  return table;
}

Table box_table() {
  Table table;
  table.name = "box";
  table.columns = {column("village", MergePolicy::latest), column("name", MergePolicy::latest),
                   column("remarks", MergePolicy::concat),
                   column("count", MergePolicy::counter, ColumnType::integer),
                   column("labels", MergePolicy::set)};
  table.scope = {ScopeRule::Kind::column, ColumnId{0}};
  table.on_delete = DeletePolicy::delete_wins;
  return table;
}

Table child_table(std::string name, TableId parent = TableId{0}) {
  Table table;
  table.name = std::move(name);
  table.columns = {reference_to(parent), column("text", MergePolicy::latest),
                   column("score", MergePolicy::max, ColumnType::integer)};
  table.scope = {ScopeRule::Kind::via, ColumnId{0}};
  return table;
}

std::string describe(const Table& table, const RowChange& change) {
  static constexpr const char* kinds[] = {" insert ", " update ", " remove "};
  std::string text = kinds[static_cast<std::size_t>(change.kind)];
  text += std::string(change.row.text());
  if (change.observed) text += " @" + std::to_string(change.observed->number());
  for (const CellChange& cell : change.cells) {
    text += " " + table.column(cell.column).name + "=";
    if (const auto* value = std::get_if<Value>(&cell.edit)) text += value->display();
    if (const auto* delta = std::get_if<CounterDelta>(&cell.edit))
      text += std::to_string(delta->amount);
    if (const auto* edit = std::get_if<SetEdit>(&cell.edit)) {
      for (const std::string& element : edit->adds) text += "+" + element;
      for (const std::string& element : edit->removes) text += "-" + element;
    }
    if (cell.decision != Decision::none)
      text += cell.decision == Decision::decide ? "(decides)" : "(undoes)";
    if (cell.observed) text += "@" + std::to_string(cell.observed->number());
  }
  return text;
}

}  // namespace

const Schema& history_schema() {
  static const Schema schema = [] {
    Schema::Parts parts;
    parts.name = "history";
    parts.tables = {place_table(),
                    child_table("note"),
                    child_table("entry"),
                    child_table("task"),
                    child_table("line", TableId{3}),
                    box_table(),
                    child_table("slip", TableId{5})};
    parts.tables[1].on_delete = DeletePolicy::delete_wins;
    parts.tables[2].append_only = true;
    parts.tables[0].rules = {{"boxes_left", "SELECT 1", "there are no boxes left"}};
    parts.tables[2].rules = {{"points_left", "SELECT 1", "there are no points left"}};
    return Schema::make(std::move(parts)).value();
  }();
  return schema;
}

const Schema& grown_history_schema() {
  static const Schema schema = [] {
    const Schema& before = history_schema();
    Schema::Parts parts;
    parts.name = before.name();
    parts.version = before.version() + 1;
    parts.tables = before.tables();
    auto& place = parts.tables[history_table("place").index].columns;
    place.push_back(column("nickname", MergePolicy::latest));
    place.push_back(column("owner", MergePolicy::first));
    place.push_back(column("visits", MergePolicy::counter, ColumnType::integer));
    auto& task = parts.tables[history_table("task").index].columns;
    task.push_back(column("mood", MergePolicy::latest));
    parts.tables.push_back(child_table("pet"));
    return Schema::make(std::move(parts)).value();
  }();
  return schema;
}

TableId history_table(std::string_view name) { return history_schema().find_table(name).value(); }

Position history_position(std::size_t number) { return Position::of(1, number); }

Value random_value(Dice& dice, const Column& column) {
  static constexpr const char* words[] = {"apricot", "barley", "cedar", "duck"};
  if (dice.chance(15)) return Value::null();
  if (column.type == ColumnType::integer)
    return Value::integer(static_cast<std::int64_t>(dice.below(6)));
  if (!column.states.empty()) return Value::text(column.states[dice.below(column.states.size())]);
  return Value::text(words[dice.below(4)]);
}

namespace {

// What the township itself writes: it has seen everything and alone writes policy `hub`.
std::vector<IncomingTransaction> verdict_of_hub(Dice& dice, const NaiveHub& hub, std::size_t now,
                                                std::size_t head, Sequence sequence) {
  std::vector<RowKey> places;
  for (const auto& [key, row] : hub.rows()) {
    if (key.table == TableId{0} && row.live) places.push_back(key);
  }
  if (places.empty()) return {};
  const RowKey chosen = places[dice.below(places.size())];
  IncomingTransaction made;
  made.id.device.bytes[15] = 0xff;
  made.id.sequence = sequence;
  made.by_hub = true;
  made.stamp = {static_cast<std::int64_t>(now), static_cast<std::int64_t>(now)};
  made.content.observed = history_position(head);
  const auto verdict = history_schema().table(chosen.table).find_column("verdict").value();
  RowChange change{chosen.table, chosen.row, RowChange::Kind::update, std::nullopt, {}};
  change.cells.push_back({verdict, Value::text(dice.chance(50) ? "granted" : "refused"), {}});
  made.content.changes.push_back(std::move(change));
  return {made};
}

}  // namespace

namespace {

// Two places that one person may have registered twice: no author wrote both in one commit.
std::optional<HubAct> twins(Dice& dice, const NaiveHub& hub) {
  std::vector<RowKey> places;
  std::map<RowKey, std::set<std::pair<DeviceId, Position>>> versions;
  for (const auto& [key, row] : hub.rows()) {
    if (key.table != TableId{0} || !row.live) continue;
    places.push_back(key);
    for (const auto& [cell, writes] : row.writes) {
      for (const NaiveWrite& write : writes) versions[key].insert({write.author, write.position});
    }
  }
  if (places.size() < 2) return std::nullopt;
  const RowKey loser = places[dice.below(places.size())];
  const RowKey survivor = places[dice.below(places.size())];
  const auto& ours = versions[survivor];
  const bool met = std::any_of(versions[loser].begin(), versions[loser].end(),
                               [&](const auto& version) { return ours.contains(version); });
  if (loser == survivor || met) return std::nullopt;
  return HubAct{HubAct::Kind::propose, loser, survivor};
}

}  // namespace

bool take_act(NaiveHub& hub, const HubAct& act, Position position) {
  if (act.kind == HubAct::Kind::grow) {
    hub.grow(grown_history_schema(), position);
    return true;
  }
  const bool joins = act.kind == HubAct::Kind::join;
  if (joins && hub.join(act.loser, act.survivor, position)) return true;
  hub.commit({}, position);
  return !joins;
}

History random_history(std::uint64_t seed, std::size_t steps, HistoryKind kind) {
  static const SchemaView old_view = SchemaView::of(grown_history_schema(), history_schema());
  Dice dice(seed);
  const Schema& schema = history_schema();
  const bool grows = kind == HistoryKind::whole && seed % 3 == 0;
  std::size_t grows_at = steps;
  NaiveHub hub(schema);
  std::vector<NaiveDevice> devices;
  const std::size_t device_count = 5 + dice.below(3);
  for (std::size_t i = 0; i < device_count; ++i) {
    std::set<ScopeId> scopes{ScopeId{"x"}, ScopeId{"y"}};
    if (dice.chance(30)) scopes.erase(ScopeId{dice.chance(50) ? "x" : "y"});
    DeviceId id;
    id.bytes[15] = static_cast<std::uint8_t>(0xa0 + i);
    devices.emplace_back(schema, id, scopes, static_cast<std::int64_t>(dice.below(20)) - 10,
                         grows ? &old_view : nullptr);
  }
  if (grows) grows_at = steps / 5 + dice.below(steps / 2);
  History history;
  const auto upload = [&](bool all) {
    std::vector<IncomingTransaction> batch;
    for (std::size_t tries = all ? 200 : 1 + dice.below(8); tries > 0; --tries) {
      NaiveDevice& device = devices[dice.below(devices.size())];
      if (device.has_unsent()) batch.push_back(device.send(history.commits.size() + 1));
    }
    if (batch.empty()) return;
    hub.commit(batch, history_position(history.commits.size() + 1));
    history.commits.push_back(std::move(batch));
  };
  const auto act = [&](const HubAct& next) {
    take_act(hub, next, history_position(history.commits.size() + 1));
    history.acts[history.commits.size()] = next;
    history.commits.emplace_back();
  };
  std::size_t next_row = 0;
  Sequence hub_sequence{1};
  for (std::size_t step = 0; step < steps; ++step) {
    if (step == grows_at) act({HubAct::Kind::grow, {}, {}});
    NaiveDevice& device = devices[dice.below(devices.size())];
    if (step >= grows_at && dice.chance(30)) device.upgrade(grown_history_schema());
    if (kind == HistoryKind::whole && dice.chance(8)) {
      if (auto pair = twins(dice, hub)) {
        act(*pair);
        pair->kind = HubAct::Kind::join;
        act(*pair);
      }
    }
    const std::size_t what = dice.below(21) / 2;
    if (what < 5) device.write(dice, static_cast<std::int64_t>(step), next_row);
    if (what >= 5 && what < 8) upload(false);
    if (what == 8 || what == 9) device.pull(hub, history.commits.size());
    if (what < 10) continue;
    const auto verdict = verdict_of_hub(dice, hub, step + 20, history.commits.size(), hub_sequence);
    if (verdict.empty()) continue;
    hub_sequence = hub_sequence.next();
    hub.commit(verdict, history_position(history.commits.size() + 1));
    history.commits.push_back(verdict);
  }
  upload(true);
  return history;
}

std::string describe(const History& history) {
  std::string text;
  for (std::size_t i = 0; i < history.commits.size(); ++i) {
    text += "\ncommit " + std::to_string(i + 1);
    if (const auto act = history.acts.find(i); act != history.acts.end()) {
      static constexpr const char* acts[] = {" proposes ", " joins ", " grows "};
      text += acts[static_cast<std::size_t>(act->second.kind)];
      text += std::string(act->second.loser.row.text()) + " into " +
              std::string(act->second.survivor.row.text());
    }
    for (const IncomingTransaction& transaction : history.commits[i]) {
      text += "\n  " + transaction.id.device.hex().substr(30) + " #" +
              std::to_string(transaction.id.sequence.value) + " observed " +
              std::to_string(transaction.content.observed.number()) + " stamp " +
              std::to_string(transaction.stamp.lo) + ".." + std::to_string(transaction.stamp.hi);
      for (const RowChange& change : transaction.content.changes) {
        text += "\n   " + describe(grown_history_schema().table(change.table), change);
      }
    }
  }
  return text;
}

}  // namespace doorstep::test
