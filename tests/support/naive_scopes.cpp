#include "tests/support/naive_scopes.hpp"

#include <algorithm>
#include <array>

namespace doorstep::test {
namespace {

using Tree = std::map<ScopeId, ScopeId>;

const std::array<const char*, 4> villages{"X", "Y", "Z", "W"};

bool is_above(const Tree& tree, const ScopeId& upper, ScopeId at) {
  for (std::size_t level = 0; level < limits::scope_depth_max && !at.empty(); ++level) {
    if (at == upper) return true;
    const auto parent = tree.find(at);
    at = parent == tree.end() ? ScopeId{} : parent->second;
  }
  return false;
}

std::vector<StoredRow> all_rows(HubSnapshot& snapshot) {
  FeedRequest everything;
  everything.scopes = snapshot.scopes().value();
  everything.rows_max = std::size_t{1} << 20;
  everything.bytes_max = std::size_t{1} << 30;
  return snapshot.feed(everything).value().rows;
}

ScopeId scope_of(const Schema& schema, const std::map<RowKey, RowImage>& rows, const RowKey& key) {
  const Table& table = schema.table(key.table);
  if (table.scope.kind == ScopeRule::Kind::key) return {std::string(key.row.text())};
  const Value& value = rows.at(key).values[table.scope.column.index];
  if (table.scope.kind == ScopeRule::Kind::column) return {std::string(value.as_text())};
  const TableId parent = table.column(table.scope.column).references.value();
  return scope_of(schema, rows, {parent, key_of(schema.table(parent), value).value()});
}

}  // namespace

std::map<ScopeId, std::map<RowKey, RowImage>> naive_view(SyncWorld& world,
                                                         const std::vector<ScopeId>& granted) {
  auto snapshot = world.hub->snapshot().value();
  std::map<RowKey, RowImage> rows;
  for (const StoredRow& row : all_rows(*snapshot)) {
    if (row.live) rows.emplace(row.key(), row.image);
  }
  Tree tree;
  const auto units = snapshot->scope_tree().value();
  for (const auto& [code, parent] : units) tree[code] = parent;
  std::map<ScopeId, std::map<RowKey, RowImage>> seen;
  for (const auto& [key, image] : rows) {
    const ScopeId scope = scope_of(world.schema, rows, key);
    const bool visible = std::any_of(granted.begin(), granted.end(), [&](const ScopeId& one) {
      return is_above(tree, one, scope) || is_above(tree, scope, one);
    });
    if (visible) seen[scope].emplace(key, image);
  }
  return seen;
}

ScopeHistory::ScopeHistory(std::uint64_t seed) : world_(seed), dice_(seed) {
  Phone& county = world_.add_phone("county", {"C", "T"});
  const auto unit = [&](const char* name, const char* parent) {
    world_.insert(county, "org_unit", code(name),
                  {{"name", Value::text(name)},
                   {"parent", *parent == 0 ? Value::null() : Value::text(parent)}});
  };
  unit("C", "");
  unit("U", "C");
  unit("Z", "U");
  unit("W", "U");
  sync(world_, county);
  world_.edit(county, "org_unit", code("T"), {{"parent", Value::text("C")}});
  for (const char* scope : {"C", "T", "U"}) {
    world_.insert(county, "supply", numbered(++next_), {{"village_code", Value::text(scope)}});
  }
  for (const char* village : villages) {
    for (int n = 0; n < 2; ++n) {
      const RowId house = numbered(++next_);
      world_.insert(county, "household", house, {{"village_code", Value::text(village)}});
      world_.insert(county, "resident", numbered(++next_), {{"household_id", key_value(house)}});
    }
  }
  sync(world_, county);
  world_.add_phone("of X", {"X"});
  world_.add_phone("of X and Y", {"X", "Y"});
  world_.add_phone("of Z", {"Z"});
  world_.add_phone("township U", {"U"});
  settle_all();
}

/// Where this phone may work, as far as it knows.
std::vector<std::string> ScopeHistory::villages_of(const Phone& phone) {
  const auto held = phone.store->state().value().held;
  std::vector<std::string> found;
  for (const char* village : villages) {
    if (std::binary_search(held.begin(), held.end(), ScopeId{village})) found.emplace_back(village);
  }
  return found;
}

void ScopeHistory::change_house(Phone& phone, const RowId& house, const RowImage& image) {
  const auto reach = villages_of(phone);
  if (dice_.chance(35) && !reach.empty()) {
    ++moves_;
    world_.write(phone,
                 {{"household", house,
                   with(world_.schema, "household", image,
                        {{"village_code",
                          Value::text(std::string_view(reach[dice_.below(reach.size())]))}})}});
    return;
  }
  world_.write(phone, {{"household", house,
                        with(world_.schema, "household", image,
                             {{"phone", Value::text(std::to_string(++next_))}})}});
}

void ScopeHistory::write(Phone& phone) {
  std::vector<std::pair<RowKey, RowImage>> houses;
  std::vector<std::pair<RowKey, RowImage>> residents;
  for (const auto& row : phone.store->rows()) {
    const std::string& table = world_.schema.table(row.first.table).name;
    if (table == "household") houses.push_back(row);
    if (table == "resident") residents.push_back(row);
  }
  const auto reach = villages_of(phone);
  const std::size_t choice = dice_.below(10);
  if (choice == 0 && !reach.empty()) {
    world_.insert(
        phone, "household", numbered(++next_),
        {{"village_code", Value::text(std::string_view(reach[dice_.below(reach.size())]))}});
  } else if (choice < 4 && !houses.empty()) {
    const RowId visit = numbered(++next_);
    visits_.insert(visit);
    world_.insert(phone, "visit", visit,
                  {{"household_id", key_value(houses[dice_.below(houses.size())].first.row)}});
  } else if (choice < 5 && !houses.empty()) {
    world_.insert(phone, "resident", numbered(++next_),
                  {{"household_id", key_value(houses[dice_.below(houses.size())].first.row)}});
  } else if (choice < 8 && !houses.empty()) {
    const auto& [key, image] = houses[dice_.below(houses.size())];
    change_house(phone, key.row, image);
  } else if (!residents.empty()) {
    const auto& [key, image] = residents[dice_.below(residents.size())];
    if (dice_.chance(20)) {
      world_.remove(phone, "resident", key.row);
    } else {
      world_.write(phone, {{"resident", key.row,
                            with(world_.schema, "resident", image,
                                 {{"phone", Value::text(std::to_string(++next_))}})}});
    }
  }
}

void ScopeHistory::call(Phone& phone) {
  const std::size_t choice = dice_.below(10);
  LinkOptions options;
  options.rows_max = 1 + dice_.below(6);
  if (choice < 2 && phone.store->state().value().pending > 0) {
    world_.push_directly(phone);  // and the link is gone before the pull
  } else if (choice < 6) {
    options.cut_after = 2 + dice_.below(12);
    sync(world_, phone, options);
  } else {
    sync(world_, phone, options);
  }
}

void ScopeHistory::regrant(Phone& phone) {
  const std::array<std::vector<ScopeId>, 8> choices{
      {{{"X"}}, {{"Y"}}, {{"Z"}}, {{"X"}, {"Y"}}, {{"W"}, {"X"}}, {{"T"}}, {{"U"}}, {{"C"}}}};
  world_.grant(phone, choices[dice_.below(choices.size())]);
  ++grants_;
  if (phone.store->state().value().pending > 0) ++late_;
}

void ScopeHistory::step() {
  world_.pass(static_cast<std::int64_t>(dice_.below(60'000)) + 1);
  // The first is the county's own and keeps its grants.
  const std::size_t who = dice_.below(world_.phones.size());
  Phone& phone = *world_.phones[who];
  const std::size_t choice = dice_.below(20);
  if (choice < 12) {
    write(phone);
  } else if (choice < 18 || who == 0) {
    call(phone);
  } else {
    regrant(phone);
  }
}

void ScopeHistory::run(std::size_t steps) {
  for (; steps > 0; --steps) step();
}

void ScopeHistory::settle_all() {
  settle(world_);
  settle(world_);
}

std::string ScopeHistory::difference() {
  for (const auto& phone : world_.phones) {
    for (const auto& [sequence, outcome] : phone->store->outcomes()) {
      if (!outcome.reason) continue;
      return phone->name + ", transaction " + std::to_string(sequence.value) + ": " +
             outcome.reason->text();
    }
    const DeviceState state = phone->store->state().value();
    std::map<RowKey, RowImage> wanted;
    const auto view = naive_view(world_, state.scopes);
    for (const auto& [scope, rows] : view) {
      Digest sum;
      for (const auto& [key, image] : rows) {
        sum += digest_of_row(world_.schema.table(key.table), key.row, image);
      }
      if (phone->store->digest(scope) != sum) return phone->name + ": the digest of " + scope.code;
      wanted.insert(rows.begin(), rows.end());
    }
    if (phone->store->rows() != wanted) return phone->name + " shows other rows";
    if (auto found = world_.difference(*phone); !found.empty()) return found;
  }
  for (const RowId& visit : visits_) {
    const auto row = world_.hub_row("visit", visit);
    if (!row || !row->live) return "visit " + to_hex(visit.view()) + " is nowhere";
  }
  return {};
}

}  // namespace doorstep::test
