#include "tests/server/hub_store_fixture.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace doorstep::test {

namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder() {
  std::string name = (fs::temp_directory_path() / "doorstep-hub-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

namespace {

Column column(std::string name, ColumnType type, MergePolicy policy = MergePolicy::latest) {
  Column out;
  out.name = std::move(name);
  out.type = type;
  out.policy = policy;
  return out;
}

Column reference(std::string name, ColumnType type, TableId table) {
  Column out = column(std::move(name), type);
  out.references = table;
  return out;
}

Table table(std::string name, std::vector<Column> columns, ScopeRule scope) {
  Table out;
  out.name = std::move(name);
  out.columns = std::move(columns);
  out.scope = scope;
  return out;
}

CellVersion version(Position position, const DeviceId& author) {
  const auto ms = static_cast<std::int64_t>(position.number()) * 1000;
  return {position, author, Stamp::at(Instant{ms})};
}

StoredRow new_row(TableId table_id, RowId id, const ScopeId& village, Position position,
                  const DeviceId& author, std::vector<Value> values) {
  StoredRow row;
  row.table = table_id;
  row.id = id;
  row.scope = village;
  row.position = position;
  row.since = position;
  row.base = version(position, author);
  row.image.values = std::move(values);
  return row;
}

std::string name_of_row(const RowId& id) {
  return id.view().size() == 16 ? to_hex(id.view().subspan(12)) : std::string(id.text());
}

}  // namespace

Schema store_village() {
  using T = ColumnType;
  Schema::Parts parts;
  parts.name = "small_village";
  parts.source = "the text of the schema of a small village";
  Table units =
      table("org_unit", {column("name", T::text), reference("parent_code", T::text, org_unit)},
            {ScopeRule::Kind::key, {}});
  units.key = "code";
  units.key_type = T::text;
  parts.tables.push_back(std::move(units));
  parts.tables.push_back(
      table("household",
            {column("village_code", T::text), column("address", T::text, MergePolicy::review),
             column("helpers", T::text, MergePolicy::set),
             column("boxes", T::integer, MergePolicy::counter), column("distance_km", T::real),
             column("photo", T::blob)},
            {ScopeRule::Kind::column, {0}}));
  parts.tables.push_back(table("visit",
                               {reference("household_id", T::uuid, household),
                                column("note", T::text), column("day", T::date)},
                               {ScopeRule::Kind::via, {0}}));
  parts.tree = ScopeTree{org_unit, {1}};
  return Schema::make(std::move(parts)).value();
}

HubIdentity township() {
  HubIdentity identity;
  identity.id.bytes.fill(7);
  identity.name = "Qiaojiang";
  identity.keys.seed.bytes.fill(3);
  identity.keys.public_key.bytes.fill(4);
  identity.epoch = 2;
  return identity;
}

SqliteHub::SqliteHub()
    : store_(SqliteHubStore::create(folder_.path(), store_village(), township()).value()) {}

Result<std::unique_ptr<SqliteHubStore>> open_hub(const fs::path& folder, SqliteHubOptions options) {
  const auto load = [](std::string_view text) -> Result<Schema> {
    Schema schema = store_village();
    if (text != schema.source()) return error(ErrorCode::schema_invalid, std::string(text));
    return schema;
  };
  return SqliteHubStore::open(folder, load, options);
}

DeviceId phone(std::uint8_t number) {
  DeviceId id;
  id.bytes.fill(number);
  return id;
}

RowId row_id(std::uint32_t number) {
  std::array<std::uint8_t, 16> bytes{};
  bytes[0] = 1;
  for (unsigned i = 0; i < 4; ++i)
    bytes[12 + i] = static_cast<std::uint8_t>(number >> (8U * (3U - i)));
  return RowId::from(ByteView(bytes)).value();
}

CommitToken token_of(Position position) {
  CommitToken token;
  for (unsigned i = 0; i < 8; ++i)
    token.bytes[i] = static_cast<std::uint8_t>(position.value * 131 >> i);
  return token;
}

StoredRow household_row(std::uint32_t number, const ScopeId& village, Position position,
                        std::string_view address, const DeviceId& author) {
  return new_row(household, row_id(number), village, position, author,
                 {Value::text(village.code), Value::text(address), Value::null(), Value::integer(0),
                  Value::real(1.5), Value::blob({})});
}

StoredRow visit_row(std::uint32_t number, std::uint32_t of_household, const ScopeId& village,
                    Position position, std::string_view note) {
  return new_row(
      visit, row_id(number), village, position, phone(1),
      {Value::blob(row_id(of_household).view()), Value::text(note), Value::text("2026-03-03")});
}

StoredRow unit_row(std::string_view code, std::string_view parent, Position position) {
  return new_row(org_unit, RowId::from(code).value(), ScopeId{std::string(code)}, position,
                 phone(1),
                 {Value::text("unit"), parent.empty() ? Value::null() : Value::text(parent)});
}

StoredRow dead(StoredRow row, Position position, const DeviceId& author) {
  row.live = false;
  row.position = position;
  row.death = version(position, author);
  return row;
}

Conflict conflict_of(std::uint32_t number, const ScopeId& village, Position position,
                     ConflictState state, const DeviceId& loser) {
  Conflict conflict;
  conflict.key = {household, row_id(number)};
  conflict.column = ColumnId{1};
  conflict.policy = MergePolicy::review;
  conflict.winner = {Value::text("No. 8"), version(position, phone(9))};
  conflict.loser = {Value::text("No. 9"), version(position, loser)};
  conflict.id = conflict_id_of("household", conflict.key.row, "address", conflict.loser.version);
  conflict.state = state;
  conflict.scope = village;
  conflict.position = position;
  return conflict;
}

Position commit(HubStore& store, const std::function<void(HubCommit&, Position)>& work) {
  auto open = store.begin().value();
  const Position position = open->position();
  work(*open, position);
  REQUIRE(open->commit(Instant{1000}, token_of(position)).ok());
  return position;
}

void put(HubStore& store, HubCommit& commit, const std::vector<StoredRow>& rows) {
  DigestChanges digests;
  for (const StoredRow& row : rows) {
    const auto before = commit.fetch(row.table, {&row.id, 1}).value();
    digests.replace(store.schema(), before[0] ? &*before[0] : nullptr, &row);
    REQUIRE(commit.put_rows({&row, 1}).ok());
  }
  REQUIRE(commit.add_digests(digests).ok());
}

std::vector<std::string> lines_of(const Schema& schema, const FeedBatch& batch) {
  std::vector<std::string> lines;
  for (const StoredRow& row : batch.rows) {
    lines.push_back(schema.table(row.table).name + "/" + name_of_row(row.id) +
                    (row.live ? "" : " dead"));
  }
  for (const Departure& departure : batch.departures) {
    lines.push_back(schema.table(departure.key.table).name + "/" + name_of_row(departure.key.row) +
                    " to " + departure.to.code);
  }
  for (const Conflict& conflict : batch.conflicts) {
    lines.push_back("conflict " + name_of_row(conflict.key.row) +
                    (conflict.withdrawn ? " withdrawn" : ""));
  }
  return lines;
}

FeedBatch read_once(HubStore& store, const FeedRequest& request) {
  auto snapshot = store.snapshot().value();
  return snapshot->feed(request).value();
}

std::vector<std::string> read_all(HubStore& store, FeedRequest request) {
  std::vector<std::string> lines;
  for (;;) {
    const FeedBatch batch = read_once(store, request);
    const auto more = lines_of(store.schema(), batch);
    REQUIRE((batch.complete || !more.empty()));  // an unfinished batch moves on
    lines.insert(lines.end(), more.begin(), more.end());
    request.scan = batch.next;
    if (batch.complete) return lines;
  }
}

FeedRequest pull(const DeviceId& device, std::vector<ScopeId> scopes, Position cursor,
                 std::size_t rows_max) {
  std::sort(scopes.begin(), scopes.end());
  FeedRequest request;
  request.device = device;
  request.scopes = std::move(scopes);
  request.cursor = cursor;
  request.scan.position = cursor;
  request.rows_max = rows_max;
  request.bytes_max = std::size_t{1} << 30;
  return request;
}

}  // namespace doorstep::test
