#include "tests/unit/merge_village.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace doorstep::test {
namespace {

Column column(std::string name, ColumnType type, MergePolicy policy = MergePolicy::latest) {
  Column out;
  out.name = std::move(name);
  out.type = type;
  out.policy = policy;
  return out;
}

Column reference(std::string name, TableId target, ColumnType type = ColumnType::uuid) {
  Column out = column(std::move(name), type);
  out.references = target;
  return out;
}

Table scoped(std::string name, std::vector<Column> columns) {
  Table table;
  table.name = std::move(name);
  table.columns = std::move(columns);
  table.scope = {ScopeRule::Kind::column, ColumnId{0}};
  return table;
}

Table hanging(std::string name, std::vector<Column> columns) {
  Table table = scoped(std::move(name), std::move(columns));
  table.scope = {ScopeRule::Kind::via, ColumnId{0}};
  return table;
}

Schema make_schema() {
  using T = ColumnType;
  using P = MergePolicy;
  Table unit;
  unit.name = "org_unit";
  unit.key = "code";
  unit.key_type = T::text;
  unit.columns = {column("name", T::text), reference("parent_code", org_unit, T::text)};
  unit.scope = {ScopeRule::Kind::key, {}};
  Table families =
      scoped("household",
             {column("village_code", T::text), column("phone", T::text), column("latest", T::text),
              column("first", T::text, P::first), column("max", T::integer, P::max),
              column("min", T::integer, P::min), column("counter", T::integer, P::counter),
              column("set", T::text, P::set), column("concat", T::text, P::concat),
              reference("sister_id", household), column("ranked", T::text, P::ranked),
              column("review", T::text, P::review), column("hub", T::text, P::hub),
              column("group", T::text, P::first), column("group_at", T::integer, P::first)});
  families.columns[families.find_column("ranked")->index].states = {"asked", "claimed", "done"};
  for (const char* one : {"group", "group_at"})
    families.columns[families.find_column(one)->index].group = "claim";
  Table residents =
      hanging("resident", {reference("household_id", household), column("name", T::text)});
  Table visits =
      hanging("visit", {reference("resident_id", resident), column("findings", T::text)});
  visits.append_only = true;
  Table services = scoped("service", {column("village_code", T::text), column("name", T::text)});
  services.on_delete = DeletePolicy::delete_wins;
  Table requests = hanging("request", {reference("service_id", service), column("name", T::text)});
  Table stalls = scoped("stall", families.columns);
  stalls.on_delete = DeletePolicy::delete_wins;
  Schema::Parts parts;
  parts.name = "merge_tests";
  parts.tables = {unit, families, residents, visits, services, requests, stalls};
  parts.tree = ScopeTree{org_unit, ColumnId{1}};
  auto made = Schema::make(std::move(parts));
  REQUIRE_MESSAGE(made.ok(), (made.ok() ? "" : made.error().text()));
  return std::move(made).value();
}

std::string text_of_loser(const Conflict& conflict) {
  const Table& table = merge_schema().table(conflict.key.table);
  const std::string place = conflict.column ? table.column(*conflict.column).name : "delete";
  const Value& value = conflict.loser.value;
  const std::string shown =
      value.kind() == Value::Kind::text ? std::string(value.as_text()) : value.display();
  const char author = static_cast<char>(conflict.loser.version.author.bytes[15]);
  return place + ": " + (conflict.column ? shown + " " : "") + "by " + author;
}

std::string shown_text(const Value& value) {
  return value.kind() == Value::Kind::text ? std::string(value.as_text()) : value.display();
}

}  // namespace

const Schema& merge_schema() {
  static const Schema schema = make_schema();
  return schema;
}

ColumnId column_of(TableId table, std::string_view name) {
  const auto found = merge_schema().table(table).find_column(name);
  REQUIRE(found.has_value());
  return *found;
}

RowId row(char name) {
  Bytes bytes(16, 0);
  bytes[15] = static_cast<std::uint8_t>(name);
  return *RowId::from(bytes);
}

DeviceId phone_of(char name) {
  DeviceId id;
  id.bytes[15] = static_cast<std::uint8_t>(name);
  return id;
}

Value ref(char name) { return Value::blob(row(name).view()); }

Write::Write(char author) {
  transaction_.id.device = phone_of(author);
  at(720);
}

Write& Write::seen(Position observed) {
  transaction_.content.observed = observed;
  return *this;
}

Write& Write::at(std::int64_t minute, std::int64_t error_minutes) {
  transaction_.stamp = Stamp::at({minute * 60'000});
  transaction_.stamp.lo = Stamp::at({(minute - error_minutes) * 60'000}).lo;
  return *this;
}

Write& Write::insert(TableId table, char name, Fields fields) {
  return change(RowChange::Kind::insert, table, name, std::move(fields));
}

Write& Write::update(TableId table, char name, Fields fields) {
  return change(RowChange::Kind::update, table, name, std::move(fields));
}

Write& Write::remove(TableId table, char name) {
  return change(RowChange::Kind::remove, table, name, {});
}

Write& Write::increment(char name, std::int64_t amount) {
  change(RowChange::Kind::update, household, name, {});
  transaction_.content.changes.back().cells.push_back(
      {column_of(household, "counter"), CounterDelta{amount}, std::nullopt});
  return *this;
}

Write& Write::edit_set(char name, SetElements adds, SetElements removes) {
  change(RowChange::Kind::update, household, name, {});
  transaction_.content.changes.back().cells.push_back(
      {column_of(household, "set"), SetEdit{std::move(adds), std::move(removes)}, std::nullopt});
  return *this;
}

Write& Write::having_seen(std::string_view column, Position observed) {
  RowChange& change = transaction_.content.changes.back();
  const ColumnId id = column_of(change.table, column);
  auto at = std::find_if(change.cells.begin(), change.cells.end(),
                         [&](const CellChange& cell) { return !(cell.column < id); });
  if (at == change.cells.end() || at->column != id) {
    at = change.cells.insert(at, {id, Value::null(), std::nullopt});
  }
  at->observed = observed;
  return *this;
}

Write& Write::change(RowChange::Kind kind, TableId table, char name, Fields fields) {
  RowChange change;
  change.table = table;
  change.row = test::row(name);
  change.kind = kind;
  for (auto& [field, value] : fields) {
    const ColumnId id = column_of(table, field);
    CellChange cell{id, std::move(value), std::nullopt};
    const MergePolicy policy = merge_schema().table(table).column(id).policy;
    if (policy == MergePolicy::counter) {
      cell.edit = CounterDelta{std::get<Value>(cell.edit).as_integer()};
    } else if (policy == MergePolicy::set) {
      cell.edit = SetEdit{*parse_set(std::get<Value>(cell.edit)), {}};
    }
    change.cells.push_back(std::move(cell));
  }
  std::sort(change.cells.begin(), change.cells.end(),
            [](const CellChange& a, const CellChange& b) { return a.column < b.column; });
  transaction_.content.changes.push_back(std::move(change));
  return *this;
}

RowSet Township::load(const std::vector<IncomingTransaction>& transactions) {
  RowSet set;
  rounds_ = 0;
  for (;;) {
    const MissingRows wanted = missing(merge_schema(), transactions, set);
    if (wanted.empty()) return set;
    ++rounds_;
    for (const RowKey& key : wanted.rows) {
      const auto found = rows_.find(key);
      set.load(key, found == rows_.end() ? std::nullopt : std::optional(found->second));
    }
    for (const RowKey& key : wanted.conflicts) {
      std::vector<Conflict> records;
      for (const auto& [id, record] : records_) {
        if (record.key == key && !record.withdrawn) records.push_back(record);
      }
      set.load_conflicts(key, std::move(records));
    }
    for (const ChildQuery& query : wanted.children) {
      std::vector<RowId> children;
      for (const auto& [key, stored] : rows_) {
        if (key.table != query.child) continue;
        const Value& via = stored.image.values[query.via.index];
        if (!via.is_null() && via == Value::blob(query.parent.view())) children.push_back(key.row);
      }
      set.load_children(query, std::move(children));
    }
  }
}

Position Township::commit(std::vector<IncomingTransaction> transactions) {
  for (IncomingTransaction& one : transactions) {
    const char author = static_cast<char>(one.id.device.bytes[15]);
    one.id.sequence = Sequence{++sequences_[author]};
  }
  RowSet set = load(transactions);
  ++number_;
  for (const IncomingTransaction& one : transactions) {
    if (!one.reoffer) continue;
    reoffered_[{one.id.device, head()}] = {one.reoffer->was, one.content.observed};
  }
  for (const auto& [where, what] : reoffered_) set.load_reoffered(where.first, where.second, what);
  last_ = merge(merge_schema(), transactions, set, head());
  REQUIRE(last_.outcomes.size() == transactions.size());
  for (const StoredRow& changed : last_.rows) rows_[changed.key()] = changed;
  for (const Conflict& record : last_.conflicts) records_[record.id] = record;
  check_digests();
  return head();
}

/// The running sums must say what a scan of all rows says.
void Township::check_digests() {
  for (const auto& [place, columns] : last_.digests.sums()) {
    ColumnDigests& sums = sums_[place];
    sums.resize(columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) sums[i] += columns[i];
  }
  DigestChanges scan;
  for (const auto& [key, stored] : rows_) scan.replace(merge_schema(), nullptr, &stored);
  for (const auto& [place, columns] : sums_) {
    const auto found = scan.sums().find(place);
    const ColumnDigests nothing(columns.size());
    CHECK(columns == (found == scan.sums().end() ? nothing : found->second));
  }
}

Position Township::found_household(Fields fields) {
  fields.emplace_back("village_code", Value::text("X"));
  return commit({Write('S').at(0).insert(household, 'w', std::move(fields))});
}

const StoredRow& Township::row(TableId table, char name) const {
  const auto found = rows_.find({table, test::row(name)});
  REQUIRE(found != rows_.end());
  return found->second;
}

bool Township::has(TableId table, char name) const {
  const auto found = rows_.find({table, test::row(name)});
  return found != rows_.end() && found->second.live;
}

Value Township::shown(TableId table, char name, std::string_view column) const {
  return row(table, name).image.values[column_of(table, column).index];
}

std::vector<std::string> Township::losers() const {
  std::vector<std::string> out;
  for (const auto& [id, record] : records_) {
    if (!record.withdrawn) out.push_back(text_of_loser(record));
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string records_in_words(const Township& hub) {
  std::vector<std::string> out;
  for (const auto& [id, record] : hub.records()) {
    if (record.withdrawn) continue;
    const Table& table = merge_schema().table(record.key.table);
    std::string line = record.column ? table.column(*record.column).name : "delete";
    if (record.column) line += ": " + shown_text(record.loser.value);
    line += " by " + std::string(1, static_cast<char>(record.loser.version.author.bytes[15]));
    line += ", " + std::string(name_of(record.state));
    if (record.decision) {
      line += " by " + std::string(1, static_cast<char>(record.decision->author.bytes[15]));
    }
    CHECK(record.decision.has_value() == (record.state == ConflictState::decided));
    out.push_back(std::move(line));
  }
  std::sort(out.begin(), out.end());
  std::string joined;
  for (const std::string& line : out) joined += (joined.empty() ? "" : "; ") + line;
  return joined;
}

}  // namespace doorstep::test
