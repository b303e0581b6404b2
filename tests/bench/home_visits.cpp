#include "tests/bench/home_visits.hpp"

#include <array>
#include <string_view>

#include "schema/loader.hpp"
#include "tests/bench/harness_words.hpp"
#include "tests/bench/plain_file.hpp"
#include "tests/support/paths.hpp"

namespace doorstep::bench {
namespace {

constexpr std::int64_t first_visit_ms = 1'735'689'600'000;  // 2025-01-01

template <std::size_t N>
Value one_of(Random& random, const std::array<const char*, N>& texts) {
  return Value::text(std::string_view(texts[random.below(N)]));
}

Value draw_glucose(Random& random) {
  return Value::real(static_cast<double>(35 + random.below(126)) / 10);
}

}  // namespace

Schema harness_schema() {
  return must(load_schema_file((test::source_dir() / "tests/bench/peers/harness.toml").string()));
}

HomeVisits::HomeVisits(const Schema& schema, std::uint64_t seed)
    : table_(schema.table(*schema.find_table("home_visit"))),
      random_(seed),
      typed_ms_(first_visit_ms) {}

RowId HomeVisits::new_id() {
  std::array<std::uint8_t, 10> draw{};
  random_.fill(draw);
  const Uuid id = ids_.next({typed_ms_}, draw);
  return *RowId::from(ByteView(id));
}

std::string HomeVisits::note() {
  const std::size_t wanted = (20 + random_.below(101)) * bytes_of_character;
  std::string text;
  while (text.size() < wanted) {
    if (!text.empty()) text += stops[random_.below(stops.size())];
    text += phrases[random_.below(phrases.size())];
  }
  text.resize(wanted);
  return text;
}

VisitRow HomeVisits::draw(const RowId& household) {
  typed_ms_ += 3'000'000;
  VisitRow row{Value::blob(new_id().view())};
  for (const Column& column : table_.columns) {
    const std::string_view name = column.name;
    if (name == "household_id") row.push_back(Value::blob(household.view()));
    if (name == "person_id") row.push_back(Value::null());
    if (name == "visitor") row.push_back(Value::text("志愿者" + std::to_string(random_.below(6))));
    if (name == "visited_at") {
      row.push_back(Value::text(to_rfc3339({typed_ms_}).substr(0, 19) + "Z"));
    }
    if (name == "kind") row.push_back(one_of(random_, kinds));
    if (name == "blood_pressure_sys") {
      row.push_back(Value::integer(static_cast<std::int64_t>(95 + random_.below(91))));
    }
    if (name == "blood_pressure_dia") {
      row.push_back(Value::integer(static_cast<std::int64_t>(55 + random_.below(61))));
    }
    if (name == "glucose") row.push_back(draw_glucose(random_));
    if (name == "needs") row.push_back(one_of(random_, needs));
    if (name == "note") row.push_back(Value::text(note()));
    if (name == "follow_up_at") {
      const auto days = static_cast<std::int64_t>(7 + random_.below(54));
      row.push_back(random_.below(10) < 4
                        ? Value::text(to_rfc3339({typed_ms_ + days * 86'400'000}).substr(0, 10))
                        : Value::null());
    }
  }
  return row;
}

VisitRow HomeVisits::edited(const VisitRow& visit) {
  VisitRow after = visit;
  const auto set = [&](std::string_view name, Value value) {
    after[std::size_t{table_.find_column(name)->index} + 1] = std::move(value);
  };
  set("needs", one_of(random_, needs));
  set("glucose", draw_glucose(random_));
  set("note", Value::text(note()));
  return after;
}

RowChange change_of(const Schema& schema, std::string_view table, const VisitRow& before,
                    const VisitRow& after) {
  RowChange change;
  change.table = *schema.find_table(table);
  change.kind = before.empty() ? RowChange::Kind::insert : RowChange::Kind::update;
  change.row = *key_of(schema.table(change.table), after.front());
  for (std::size_t i = 1; i < after.size(); ++i) {
    if (before.empty() ? after[i].is_null() : after[i] == before[i]) continue;
    change.cells.push_back({ColumnId{static_cast<std::uint16_t>(i - 1)}, after[i], {}});
  }
  return change;
}

std::vector<RowChange> village_rows(const Schema& schema, const std::string& code,
                                    const RowId& household, const std::string& parent) {
  const VisitRow village{Value::text(code), Value::text("村" + code),
                         parent.empty() ? Value::null() : Value::text(parent)};
  const VisitRow home{Value::blob(household.view()), Value::text(code),     Value::integer(1),
                      Value::text("张大山"),         Value::text("1组1号"), Value::null()};
  return {change_of(schema, "village", {}, village), change_of(schema, "household", {}, home)};
}

}  // namespace doorstep::bench
