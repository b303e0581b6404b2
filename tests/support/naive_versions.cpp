#include "tests/support/naive_versions.hpp"

#include <algorithm>

#include "tests/support/grown_village.hpp"

namespace doorstep::test {
namespace {

constexpr std::array<std::string_view, 4> answered = {"phone", "mood", "helper", "fax"};

}  // namespace

VersionsHistory::VersionsHistory(std::uint64_t seed)
    : world_(seed),
      random_(seed),
      forms_{small_village(), grown_village(), twice_grown_village()},
      residents_{numbered(2), numbered(3)} {
  for (const char* name : {"李秀英", "王建国", "陈明", "赵兰", "孙强"}) {
    people_.push_back({&world_.add_phone(name, {"X"}), 0, {}});
  }
  Phone& first = *people_.front().phone;
  world_.insert(first, "household", numbered(1), {{"village_code", Value::text("X")}});
  for (const RowId& resident : residents_) {
    world_.insert(first, "resident", resident, {{"household_id", key_value(numbered(1))}});
  }
  settle(world_);
}

void VersionsHistory::step() {
  world_.pass(static_cast<std::int64_t>(random_.below(100'000)));
  Person& person = people_[random_.below(people_.size())];
  const std::uint64_t choice = random_.below(20);
  if (choice < 8) {
    answer(person);
  } else if (choice < 17) {
    LinkOptions options;
    options.rows_max = 1 + random_.below(3);
    if (random_.below(3) == 0) options.cut_after = 1 + random_.below(8);
    static_cast<void>(connect(person, options));
  } else if (choice < 18) {
    grow_hub();
  } else {
    upgrade(person);
  }
}

void VersionsHistory::answer(Person& person) {
  const Schema& schema = person.phone->store->schema();
  const TableId table = table_id(schema, "resident");
  const RowId resident = residents_[random_.below(residents_.size())];
  const std::string_view column = answered[random_.below(answered.size())];
  const auto row = person.phone->store->row({table, resident});
  if (!row || !schema.table(table).find_column(column)) return;
  const std::string text = person.phone->name + " " + std::to_string(answers_.size());
  const Cell cell{resident, std::string(column)};
  answers_[text] = {cell, person.shown[cell]};
  const std::vector<MemoryDeviceStore::RowWrite> rows{
      {{table, resident}, with(schema, "resident", *row, {{column, Value::text(text)}})}};
  DS_ASSERT(person.phone->store->write(rows, world_.clocks(*person.phone)).ok());
  look(person);
}

void VersionsHistory::upgrade(Person& person) {
  if (person.form + 1 < forms_.size()) person.phone->store->take_schema(forms_[++person.form]);
}

void VersionsHistory::grow_hub() {
  if (hub_form_ + 1 >= forms_.size()) return;
  auto commit = world_.hub->begin().value();
  DS_ASSERT(commit->put_schema(forms_[++hub_form_], world_.now).ok());
  DS_ASSERT(commit->commit(world_.now, world_.new_token()).ok());
}

std::optional<Error> VersionsHistory::connect(Person& person, LinkOptions options) {
  const TestLink link = sync(world_, *person.phone, options);
  look(person);
  if (link.device_error) return link.device_error;
  return link.hub_error;
}

void VersionsHistory::look(Person& person) {
  const Schema& schema = person.phone->store->schema();
  const TableId table = table_id(schema, "resident");
  for (const RowId& resident : residents_) {
    const auto row = person.phone->store->row({table, resident});
    if (!row) continue;
    for (const std::string_view column : answered) {
      if (!schema.table(table).find_column(column)) continue;
      const Value value = field(schema, "resident", *row, column);
      if (!value.is_null()) person.shown[{resident, std::string(column)}].emplace(value.as_text());
    }
  }
}

bool VersionsHistory::is_accounted_for(const std::string& text, const Answer& answer) {
  auto snapshot = world_.hub->snapshot().value();
  const Schema& schema = snapshot->schemas().newest();
  const auto row = snapshot->row({table_id(schema, "resident"), answer.cell.row}).value();
  const Value wanted = Value::text(text);
  if (field(schema, "resident", row->image, answer.cell.column) == wanted) return true;
  ConflictQuery all;
  all.count_max = 100'000;
  for (const Conflict& conflict : snapshot->conflicts(all).value()) {
    if (conflict.loser.value == wanted) return true;
  }
  return std::any_of(answers_.begin(), answers_.end(), [&](const auto& other) {
    return other.second.cell == answer.cell && other.second.known.contains(text);
  });
}

std::string VersionsHistory::finish() {
  while (hub_form_ + 1 < forms_.size()) grow_hub();
  for (Person& person : people_) {
    while (person.form + 1 < forms_.size()) upgrade(person);
  }
  for (int round = 0; round < 2; ++round) {
    for (Person& person : people_) {
      if (const auto failed = connect(person, {}))
        return person.phone->name + ": " + failed->text();
    }
  }
  auto snapshot = world_.hub->snapshot().value();
  for (const Person& person : people_) {
    const DeviceState state = person.phone->store->state().value();
    if (state.pending != 0 || !state.new_columns.empty()) return person.phone->name + " waits";
    for (const auto& [key, image] : person.phone->store->rows()) {
      const auto row = snapshot->row(key).value();
      if (!row || row->image != image) return person.phone->name + " shows other values";
    }
  }
  for (const auto& [text, answer] : answers_) {
    if (!is_accounted_for(text, answer)) return "lost without a word: " + text;
  }
  return {};
}

}  // namespace doorstep::test
