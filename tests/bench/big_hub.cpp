#include "tests/bench/big_hub.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "tests/bench/plain_file.hpp"

namespace doorstep::bench {
namespace {

constexpr std::size_t rows_per_commit = 100'000;
constexpr std::size_t rows_per_village = 4'000;
constexpr std::size_t rows_per_conflict = 200;
constexpr std::int64_t noon = 1'700'000'000'000;
constexpr std::array<std::string_view, 12> surnames = {"王", "李", "张", "刘", "陈", "杨",
                                                       "黄", "赵", "吴", "周", "徐", "孙"};
constexpr std::array<std::string_view, 16> given = {"建国", "秀英", "桂花", "志强", "大山", "丽",
                                                    "小明", "玉兰", "德华", "海燕", "文",   "春梅",
                                                    "国庆", "红",   "永康", "翠"};

const DeviceId author{{1, 2, 3}};

RowId id_of(std::uint8_t kind, std::size_t number) {
  std::array<std::uint8_t, 16> bytes{};
  bytes[0] = 1;
  bytes[6] = 0x70;
  bytes[8] = 0x80;
  bytes[9] = kind;
  for (std::size_t i = 0; i < 6; ++i) {
    bytes[15 - i] = static_cast<std::uint8_t>(number >> (8U * i));
  }
  return *RowId::from(ByteView(bytes));
}

std::string village_of(std::size_t row) {
  return std::to_string(431224100000 + row / rows_per_village);
}

std::string name_of_person(std::size_t number) {
  const std::size_t mixed = number * 2'654'435'761U >> 7U;
  return std::string(surnames[mixed % surnames.size()]) +
         std::string(given[mixed / surnames.size() % given.size()]);
}

const Table& table_of(const Schema& schema, std::string_view name) {
  return schema.table(*schema.find_table(name));
}

RowImage blank(const Schema& schema, std::string_view name) {
  RowImage image;
  image.values.resize(table_of(schema, name).columns.size());
  return image;
}

void set(const Schema& schema, std::string_view name, RowImage& image, std::string_view column,
         Value value) {
  image.values[table_of(schema, name).find_column(column)->index] = std::move(value);
}

class BigHub {
 public:
  BigHub(SqliteHubStore& store, const Schema& schema) : store_(store), schema_(schema) {}

  void fill(std::size_t rows) {
    for (std::size_t first = 0; first < rows; first += rows_per_commit) {
      auto commit = must(store_.begin());
      position_ = commit->position();
      std::vector<StoredRow> all;
      for (std::size_t i = first; i < std::min(rows, first + rows_per_commit); ++i) {
        if (i % rows_per_village == 0) all.push_back(unit(village_of(i)));
        all.push_back(row(i));
        if (i % rows_per_conflict == 0) conflict(*commit, i);
      }
      must(commit->put_rows(all));
      join_blocks(*commit, all);
      must(commit->commit({noon}, CommitToken{{1}}));
    }
  }

 private:
  [[nodiscard]] StoredRow stored(std::string_view name, const RowId& id, std::string village,
                                 RowImage image) const {
    StoredRow row;
    row.table = *schema_.find_table(name);
    row.id = id;
    row.scope = {std::move(village)};
    row.position = row.since = position_;
    row.base = {position_, author, Stamp::at({noon})};
    row.image = std::move(image);
    return row;
  }
  [[nodiscard]] StoredRow unit(const std::string& code) const {
    RowImage image = blank(schema_, "org_unit");
    set(schema_, "org_unit", image, "name", Value::text("村" + code));
    set(schema_, "org_unit", image, "level", Value::text("village"));
    return stored("org_unit", *RowId::from(code), code, std::move(image));
  }
  /// Of ten rows the first is a household, then three residents and six visits of it.
  [[nodiscard]] StoredRow row(std::size_t i) const {
    const std::size_t number = i / 10;
    const Value home = Value::blob(id_of(1, number).view());
    if (i % 10 == 0) {
      return stored("household", id_of(1, number), village_of(i),
                    big_hub_household(schema_, number));
    }
    if (i % 10 < 4) {
      RowImage image = blank(schema_, "resident");
      set(schema_, "resident", image, "household_id", home);
      set(schema_, "resident", image, "name", Value::text(name_of_person(i)));
      const std::string year = std::to_string(1930 + i % 90);
      set(schema_, "resident", image, "born",
          Value::text(year + "-0" + std::to_string(i % 9 + 1) + "-11"));
      return stored("resident", id_of(2, i), village_of(i), std::move(image));
    }
    RowImage image = blank(schema_, "visit");
    set(schema_, "visit", image, "household_id", home);
    set(schema_, "visit", image, "visitor", Value::text("李秀英"));
    set(schema_, "visit", image, "visited_on", Value::text("2024-05-01"));
    set(schema_, "visit", image, "typed_at", Value::integer(noon));
    set(schema_, "visit", image, "kind", Value::text("routine"));
    set(schema_, "visit", image, "findings", Value::text("血压 120/80，家中一切都好"));
    return stored("visit", id_of(3, i), village_of(i), std::move(image));
  }
  void conflict(HubCommit& commit, std::size_t i) const {
    const TableId in = *schema_.find_table("household");
    Conflict record;
    record.key = {in, id_of(1, i / 10)};
    record.column = table_of(schema_, "household").find_column("phone");
    record.winner = {Value::text("1"), {position_, author, Stamp::at({noon})}};
    record.loser = {Value::text("2"), {position_, DeviceId{{9}}, Stamp::at({noon})}};
    record.id = conflict_id_of("household", record.key.row, "phone", record.loser.version);
    record.state = i / rows_per_conflict % 2 == 0 ? ConflictState::open : ConflictState::automatic;
    record.scope = {village_of(i)};
    record.position = position_;
    must(commit.put_conflicts({&record, 1}));
  }
  void join_blocks(HubCommit& commit, const std::vector<StoredRow>& rows) const {
    for (const StoredRow& row : rows) {
      const std::vector<MatchBlock> blocks = match_blocks(schema_.table(row.table), row);
      if (!blocks.empty()) must(commit.duplicates().change_blocks(row.key(), {}, blocks));
    }
  }

  SqliteHubStore& store_;
  const Schema& schema_;
  Position position_;
};

HubIdentity new_identity() {
  HubIdentity identity;
  identity.id = HubId{{7}};
  identity.name = "bench";
  identity.keys = key_pair_of(Nonce{{7}});
  return identity;
}

}  // namespace

std::unique_ptr<SqliteHubStore> make_big_hub(const std::filesystem::path& folder,
                                             const Schema& schema, std::size_t rows) {
  SqliteHubOptions options;
  options.synchronous_normal = true;
  auto store = must(SqliteHubStore::create(folder, schema, new_identity(), options));
  BigHub(*store, schema).fill(rows);
  return store;
}

RowImage big_hub_household(const Schema& schema, std::size_t number) {
  constexpr std::string_view in = "household";
  RowImage image = blank(schema, in);
  set(schema, in, image, "village_code", Value::text(village_of(number * 10)));
  set(schema, in, image, "villager_group", Value::integer(static_cast<int>(number % 7) + 1));
  set(schema, in, image, "courtyard", Value::text("院" + std::to_string(number % 40)));
  set(schema, in, image, "head_name", Value::text(name_of_person(number)));
  set(schema, in, image, "phone", Value::text(std::to_string(13'800'000'000 + number)));
  set(schema, in, image, "address", Value::text(std::to_string(number % 400) + "号"));
  return image;
}

}  // namespace doorstep::bench
