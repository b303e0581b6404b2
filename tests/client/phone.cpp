#include "tests/client/phone.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "client-sdk/src/replica_state.hpp"
#include "engine/core/hash.hpp"
#include "engine/sqlite/database.hpp"
#include "engine/wire/codec.hpp"
#include "schema/loader.hpp"

namespace doorstep::test {
namespace {

std::string print_value(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null:
      return "-";
    case Value::Kind::text:
      return std::string(value.as_text());
    case Value::Kind::blob:
      return to_hex(value.as_blob());
    default:
      return value.display();
  }
}

}  // namespace

const std::string& small_schema_text() {
  static const std::string text = R"toml(
name = "small"
version = 1

[tables.household]
scope = "village"
[tables.household.columns]
village = "text"
head = "text"
phone = "text"
score = "real"
members = "integer"
visited = { type = "date", policy = "max" }
labels = { type = "text", policy = "set" }
remarks = { type = "text", policy = "concat" }
checked = "boolean"
verdict = { type = "text", policy = "hub" }

[tables.visit]
via = "household_id"
append_only = true
corrects = "corrects"
[tables.visit.columns]
household_id = { type = "uuid", references = "household" }
note = "text"
happened = "timestamp"
corrects = { type = "uuid", references = "visit" }

[tables.supply]
key = "code"
key_type = "text"
scope = "village"
[tables.supply.columns]
village = "text"
boxes = { type = "integer", policy = "counter" }

[tables.request]
scope = "village"
[tables.request.columns]
village = "text"
wanted = "text"
claimed_by = { type = "text", policy = "first", group = "claim" }
claimed_on = { type = "date", policy = "first", group = "claim" }
)toml";
  return text;
}

const Schema& small_schema() {
  static const Schema schema = [] {
    auto loaded = load_schema(small_schema_text(), "small.toml");
    REQUIRE_MESSAGE(loaded.ok(), loaded.error().text());
    return *std::move(loaded);
  }();
  return schema;
}

NewReplica enrolment(std::uint64_t seed) {
  initialise_crypto();
  SeededRandom random(seed);
  NewReplica made;
  made.schema = small_schema_text();
  made.device = random.id<DeviceId>();
  made.device_name = "phone " + std::to_string(seed);
  made.role = "volunteer";
  made.keys = key_pair_of(random.id<Nonce>());
  made.hub = HubId{{7}};
  made.hub_name = "Qiaojiang";
  made.hub_url = "ws://127.0.0.1:1";
  made.scopes = {ScopeId{"t1"}, ScopeId{"v1"}};
  return made;
}

ReplicaPhone::ReplicaPhone(std::string path, std::uint64_t seed, ReplicaOptions options)
    : random(seed), path_(std::move(path)), options_(std::move(options)) {
  if (!std::filesystem::exists(path_)) {
    const auto made = create_replica(path_, enrolment(seed));
    REQUIRE_MESSAGE(made.ok(), made.error().text());
  }
  open();
}

void ReplicaPhone::open() {
  auto opened = open_replica(path_, options_, seams());
  REQUIRE_MESSAGE(opened.ok(), opened.error().text());
  replica_ = *std::move(opened);
}

void ReplicaPhone::close() {
  store_.reset();
  replica_.reset();
}

void ReplicaPhone::restart() {
  close();
  open();
}

ReplicaSeams ReplicaPhone::seams() {
  ReplicaSeams seams;
  seams.clock = &clock;
  seams.random = &random;
  seams.pages_max = pages_max;
  return seams;
}

DeviceStore& ReplicaPhone::store() {
  if (!store_) {
    auto opened = open_device_store(path_, options_, seams());
    REQUIRE_MESSAGE(opened.ok(), opened.error().text());
    store_ = *std::move(opened);
  }
  return *store_;
}

SqlResult ReplicaPhone::run(const std::string& sql, const Bindings& bindings) {
  auto result = replica_->execute(sql, bindings);
  REQUIRE_MESSAGE(result.ok(), sql << ": " << result.error().text());
  return *std::move(result);
}

std::string ReplicaPhone::read(const std::string& sql) {
  const auto result = replica_->query(sql);
  REQUIRE_MESSAGE(result.ok(), sql << ": " << result.error().text());
  return print(*result);
}

Error ReplicaPhone::refused(const std::string& sql, const Bindings& bindings) {
  const auto result = replica_->execute(sql, bindings);
  REQUIRE_FALSE_MESSAGE(result.ok(), sql);
  return result.error();
}

std::vector<Transaction> ReplicaPhone::sent(Sequence after) {
  const auto push = store().outbox(after, limits::transaction_bytes_max);
  REQUIRE_MESSAGE(push.ok(), push.error().text());
  std::vector<Transaction> transactions;
  for (const Bytes& body : push->bodies) {
    auto decoded = decode_transaction(small_schema(), body);
    REQUIRE_MESSAGE(decoded.ok(), decoded.error().text());
    transactions.push_back(*std::move(decoded));
  }
  return transactions;
}

ReplicaStatus ReplicaPhone::status() {
  auto status = replica_->status();
  REQUIRE_MESSAGE(status.ok(), status.error().text());
  return *std::move(status);
}

std::string ReplicaPhone::outside(const std::string& sql) const {
  auto db = sqlite::Database::open(path_, {});
  REQUIRE_MESSAGE(db.ok(), db.error().text());
  const auto done = db->run(sql);
  return done ? "" : done.error().detail;
}

std::string print(const SqlResult& result) {
  std::string text;
  for (const ResultSet& set : result.sets) {
    for (const auto& row : set.rows) {
      if (!text.empty()) text += '\n';
      for (std::size_t i = 0; i < row.size(); ++i)
        text += (i == 0 ? "" : "|") + print_value(row[i]);
    }
  }
  return text;
}

RowId row_id(std::uint8_t number) {
  Bytes bytes(16, 0);
  bytes.back() = number;
  return *RowId::from(ByteView(bytes));
}

Binding id_binding(std::uint8_t number, std::string name) {
  return {std::move(name), Value::blob(row_id(number).view())};
}

}  // namespace doorstep::test
