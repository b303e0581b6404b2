#include "tests/support/history_difference.hpp"

#include "engine/core/group.hpp"

namespace doorstep::test {

std::string text_of(const std::vector<Value>& values) {
  std::string text;
  for (const Value& value : values) text += value.display() + " | ";
  return text;
}

std::vector<NaiveLoser> losers_of(const Schema& schema, const Conflict& conflict) {
  std::vector<NaiveLoser> losers;
  const Table& table = schema.table(conflict.key.table);
  std::optional<std::pair<DeviceId, Position>> decider;
  if (conflict.decision) decider.emplace(conflict.decision->author, conflict.decision->position);
  const auto add = [&](std::string_view column, const Value& value) {
    losers.push_back({table.name, std::string(conflict.key.row.text()), std::string(column),
                      value.display(), conflict.loser.version.author.hex(),
                      conflict.loser.version.position.value, text_of(conflict.state, decider)});
  };
  if (!conflict.column) {
    add("", Value::null());
    return losers;
  }
  const auto columns = cell_columns(table, *conflict.column);
  const auto values = values_of_cell(table, columns, conflict.loser.value);
  DS_ASSERT(values.has_value());
  for (std::size_t i = 0; i < columns.size(); ++i) add(table.column(columns[i]).name, (*values)[i]);
  return losers;
}

namespace {

std::string loser_text(const NaiveLoser& loser) {
  const auto& [table, row, column, value, author, position, state] = loser;
  return table + " " + row + " " + column + "=" + value + " by " + author.substr(30) + " in " +
         std::to_string(Position{position}.number()) + ", " + state;
}

std::multiset<NaiveLoser> all_losers(EngineHub& engine) {
  std::multiset<NaiveLoser> all;
  for (const Conflict& conflict : engine.records()) {
    for (NaiveLoser& loser : losers_of(grown_history_schema(), conflict))
      all.insert(std::move(loser));
  }
  return all;
}

std::string difference(const std::multiset<NaiveLoser>& model,
                       const std::multiset<NaiveLoser>& engine) {
  if (model == engine) return {};
  std::string text;
  for (const NaiveLoser& loser : model) {
    if (model.count(loser) > engine.count(loser))
      text += "\n  only the model: " + loser_text(loser);
  }
  for (const NaiveLoser& loser : engine) {
    if (engine.count(loser) > model.count(loser))
      text += "\n  only the engine: " + loser_text(loser);
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

std::string unheard(const StoredRow* before, const StoredRow& after, Position commit) {
  if (before == nullptr || before->live != after.live || before->scope != after.scope) {
    return after.position == commit
               ? ""
               : "a row appeared, went or moved and kept its place in the feed";
  }
  if (!after.live || after.since == commit) return {};
  for (std::uint16_t i = 0; i < after.image.values.size(); ++i) {
    const bool is_new = i >= before->image.values.size();
    const Value old = is_new ? Value::null() : before->image.values[i];
    if (old == after.image.values[i]) continue;
    if (after.position != commit || after.changed(ColumnId{i}) != commit)
      return "a change kept its place in the feed";
  }
  return {};
}

}  // namespace

std::string difference(const NaiveHub& model, EngineHub& engine) {
  for (const auto& [key, row] : model.rows()) {
    const auto found = engine.rows().find(key);
    if (found == engine.rows().end())
      return std::string(key.row.text()) + " is unknown to the engine";
    const std::string text = difference(row, model.shown(key), found->second);
    if (!text.empty()) return std::string(key.row.text()) + ": " + text;
  }
  if (engine.rows().size() != model.rows().size())
    return "the engine has rows that the model does not know";
  return difference(model.losers(), all_losers(engine));
}

std::string departure_difference(const NaiveHub& model, EngineHub& engine, Position commit) {
  std::map<RowKey, ScopeId> left;
  for (const Departure& departure : engine.departures()) {
    if (departure.position != commit) return "a departure of another commit";
    if (!left.emplace(departure.key, departure.from).second) return "a row left twice";
    if (departure.to != model.rows().at(departure.key).scope)
      return "a departure to where the row is not";
  }
  return left == model.left() ? "" : "departures differ";
}

std::string outcome_difference(const std::vector<NaiveOutcome>& model,
                               const std::vector<Outcome>& engine) {
  for (std::size_t i = 0; i < model.size(); ++i) {
    const Outcome& outcome = engine.at(i);
    if (outcome.kind == model[i].kind && outcome.depends_on == model[i].depends_on) continue;
    const bool is_in =
        outcome.kind == Outcome::Kind::accepted || outcome.kind == Outcome::Kind::merged;
    const bool expected_in =
        model[i].kind == Outcome::Kind::accepted || model[i].kind == Outcome::Kind::merged;
    if (model[i].twice && is_in && expected_in) continue;
    std::string lost;
    for (const LostCell& cell : outcome.lost)
      lost += ", lost " + cell.table + " " + std::string(cell.row.text()) + " " + cell.column;
    return "transaction " + std::to_string(i + 1) + " is " + std::string(name_of(model[i].kind)) +
           " " + std::to_string(model[i].depends_on.value) + ", the engine says " +
           std::string(name_of(outcome.kind)) + " " + std::to_string(outcome.depends_on.value) +
           (outcome.reason ? " (" + outcome.reason->text() + ")" : "") + lost;
  }
  return {};
}

std::string unheard(const std::map<RowKey, StoredRow>& before,
                    const std::map<RowKey, StoredRow>& after, Position commit) {
  for (const auto& [key, row] : after) {
    const auto old = before.find(key);
    const std::string text = unheard(old == before.end() ? nullptr : &old->second, row, commit);
    if (!text.empty()) return std::string(key.row.text()) + ": " + text;
  }
  return {};
}

}  // namespace doorstep::test
