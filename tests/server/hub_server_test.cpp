// The hub over real sockets: devices that behave, and callers that do not.
#include <doctest/doctest.h>

#include <set>
#include <vector>

#include "engine/core/digest.hpp"
#include "server/net/hub_server.hpp"
#include "server/session_driver.hpp"
#include "tests/server/callers.hpp"
#include "tests/server/test_hub.hpp"
#include "tests/server/test_phone.hpp"

namespace doorstep::test {
namespace {

std::optional<ErrorCode> code_in(const std::optional<Message>& message) {
  if (!message) return std::nullopt;
  const auto* refused = std::get_if<ErrorMessage>(&*message);
  return refused == nullptr ? std::nullopt : error_code_of(refused->code);
}

// Households of Dushi, as if somebody else had written them.
void settle(TestHub& hub, std::uint32_t households) {
  const TableId id = hub.schema().find_table("household").value();
  const Table& table = hub.schema().table(id);
  const auto commit = hub.store().begin().value();
  std::vector<StoredRow> rows(households);
  DigestChanges digests;
  for (std::uint32_t i = 0; i < households; ++i) {
    StoredRow& row = rows[i];
    std::array<std::uint8_t, 16> key{};
    key[6] = 0x70;
    key[8] = 0x80;
    key[12] = 1;
    key[14] = static_cast<std::uint8_t>(i >> 8U);
    key[15] = static_cast<std::uint8_t>(i);
    row.table = id;
    row.id = RowId::from(ByteView(key)).value();
    row.scope.code = dushi;
    row.position = row.since = commit->position();
    row.base = {row.position, DeviceId{{9}}, Stamp::at(hub.time().now())};
    row.image.values.resize(table.columns.size());
    row.image.values[table.find_column("village_code").value().index] = Value::text(dushi);
    row.image.values[table.find_column("head_name").value().index] =
        Value::text("王" + std::to_string(i));
    digests.replace(hub.schema(), nullptr, &row);
  }
  REQUIRE(commit->put_rows(rows).ok());
  REQUIRE(commit->add_digests(digests).ok());
  REQUIRE(commit->commit(hub.time().now(), CommitToken{{1}}).ok());
}

}  // namespace

TEST_CASE("one volunteer registers a household and another's open phone gets it at once") {
  TestHub hub;
  hub.start();
  TestPhone writer = enrolled_phone(hub, 1, "李秀英");
  TestPhone reader = enrolled_phone(hub, 2, "王芳");
  reader.pull({}, true);
  CHECK(reader.listen_for<Changes>().rows.empty());

  const auto answer = writer.push(hub.schema(), hub.new_household(1));
  REQUIRE(answer.has_value());
  REQUIRE(std::holds_alternative<Ack>(*answer));
  const Changes changes = reader.listen_for<Changes>();
  REQUIRE(changes.rows.size() == 1);
  CHECK(changes.rows.front().table == "household");
  CHECK(changes.rows.front().scope.code == dushi);
  CHECK(changes.rows.front().whole);
  REQUIRE(changes.checkpoint.has_value());
}

TEST_CASE("phones that are set up at the same time get the whole village, each in its own words") {
  constexpr std::uint32_t households = 5000;  // three batches
  TestHub hub;
  settle(hub, households);
  hub.start();
  std::vector<TestPhone> phones;
  for (std::uint64_t i = 1; i <= 3; ++i) phones.push_back(enrolled_phone(hub, i, "volunteer"));
  for (TestPhone& phone : phones) phone.pull({}, true);
  std::vector<Checkpoint::ScopeDigest> digests;
  for (TestPhone& phone : phones) {
    std::set<RowId> seen;
    std::optional<Checkpoint> checkpoint;
    while (!checkpoint) {
      const Changes changes = phone.listen_for<Changes>();
      for (const RowBlock& block : changes.rows) seen.insert(block.rows.begin(), block.rows.end());
      checkpoint = changes.checkpoint;
    }
    CHECK(seen.size() == households);
    if (digests.empty()) digests = checkpoint->digests;
    CHECK(checkpoint->digests == digests);
  }
  // They stay in the picture, like any other phone.
  const auto answer = phones[0].push(hub.schema(), hub.new_household(1));
  REQUIRE(answer.has_value());
  CHECK(phones[2].listen_for<Changes>().checkpoint.has_value());
}

TEST_CASE("a phone that is killed on a busy hub and calls again hears of all that it had sent") {
  TestHub hub;
  hub.start();
  TestPhone phone = enrolled_phone(hub, 1, "李秀英");
  TestPhone neighbour = enrolled_phone(hub, 2, "王芳");
  neighbour.disconnect();

  auto busy = hub.store().begin().value();  // nobody else merges meanwhile
  phone.send(hub.schema(), hub.new_household(1));
  phone.send(hub.schema(), hub.new_household(2));
  phone.say(ErrorMessage{static_cast<std::uint64_t>(ErrorCode::internal), "killed"});
  CHECK_FALSE(phone.listen().has_value());  // the hub has read all of it

  phone.connect(hub.url());
  phone.call();
  neighbour.connect(hub.url());
  const auto served = neighbour.hello();  // others do not wait for it
  REQUIRE(served.has_value());
  CHECK(std::holds_alternative<Welcome>(*served));

  busy.reset();
  CHECK(phone.listen_for<Welcome>().merged == Sequence{2});
}

TEST_CASE("a code works once: the second phone that tries it is told to ask for a new one") {
  TestHub hub;
  hub.start();
  const std::string code = hub.issue_code("李秀英");
  TestPhone first(1);
  first.connect(hub.url());
  const auto answer = first.enrol(code);
  REQUIRE(answer.has_value());
  const auto* enrolled = std::get_if<Enrolled>(&*answer);
  REQUIRE(enrolled != nullptr);
  CHECK(enrolled->hub_name == "桥江镇");
  CHECK(enrolled->device_name == "李秀英");
  CHECK(enrolled->scopes == std::vector<ScopeId>{{dushi}});

  TestPhone second(2);
  second.connect(hub.url());
  CHECK(code_in(second.enrol(code)) == ErrorCode::code_unknown);
}

TEST_CASE("a code past its hour and a code that was never issued are refused") {
  TestHub hub;
  hub.start();
  const std::string code = hub.issue_code("李秀英");
  hub.time().advance(limits::enrolment_code_ms + 1);
  TestPhone late(1);
  late.connect(hub.url());
  CHECK(code_in(late.enrol(code)) == ErrorCode::code_unknown);

  TestPhone guessing(2);
  guessing.connect(hub.url());
  CHECK(code_in(guessing.enrol(EnrolmentCode{}.text())) == ErrorCode::code_unknown);
  check_still_serving(hub, 3);
}

TEST_CASE("a phone that speaks only a later protocol is told so") {
  TestHub hub;
  hub.start();
  TestPhone phone(1);
  phone.version = 999;
  phone.connect(hub.url());
  CHECK(code_in(phone.hello()) == ErrorCode::version_unsupported);
  CHECK_FALSE(phone.listen().has_value());
}

TEST_CASE("a phone that the hub does not know is told to enrol") {
  TestHub hub;
  hub.start();
  TestPhone phone(1);
  phone.schema = hub.schema().fingerprint();
  phone.connect(hub.url());
  CHECK(code_in(phone.hello()) == ErrorCode::device_unknown);
}

TEST_CASE("a browser gets a short answer, a health check a JSON object") {
  TestHub hub;
  hub.start();
  RawSocket browser(hub.url());
  browser.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const std::string page = browser.read_to_end();
  CHECK(page.starts_with("HTTP/1.1 426 "));
  CHECK(page.find("doorstep hub") != std::string::npos);

  RawSocket check(hub.url());
  check.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const std::string health = check.read_to_end();
  CHECK(health.starts_with("HTTP/1.1 200 OK"));
  CHECK(health.find("\"status\":\"ok\"") != std::string::npos);
  CHECK(health.find("\"name\":\"桥江镇\"") != std::string::npos);
}

TEST_CASE("beyond its connections a hub turns callers away and goes on with those it has") {
  TestHub hub;
  ListenOptions small;
  small.connections_max = 1;
  hub.start(small);
  TestPhone first(1);
  first.connect(hub.url());
  RawSocket second(hub.url());
  CHECK(second.read_to_end().empty());
  first.client().send_text("still here?");
  CHECK(refusal(first) == ErrorCode::malformed);
}

TEST_CASE("a revocation by another process closes the phone's open connection") {
  TestHub hub;
  hub.start();
  TestPhone phone = enrolled_phone(hub, 1, "李秀英");
  TestPhone other = enrolled_phone(hub, 2, "王芳");

  auto beside = HubFolder::open(hub.folder().dir());
  REQUIRE(beside.ok());
  auto commit = beside->store().begin();
  REQUIRE(commit.ok());
  auto record = (*commit)->device(phone.device());
  REQUIRE(record.ok());
  REQUIRE(record.value().has_value());
  record.value()->revoked = hub.time().now();
  REQUIRE((*commit)->put_device(*record.value()).ok());
  OsRandom random;
  REQUIRE((*commit)->commit(hub.time().now(), random.id<CommitToken>()).ok());

  CHECK(refusal(phone) == ErrorCode::device_revoked);
  const auto answer = other.push(hub.schema(), hub.new_household(9));
  REQUIRE(answer.has_value());
  CHECK(std::holds_alternative<Ack>(*answer));
}

TEST_CASE("a hub that stops tells its phones when to come back and keeps what it acknowledged") {
  TestHub hub;
  hub.start();
  TestPhone phone = enrolled_phone(hub, 1, "李秀英");
  const auto answer = phone.push(hub.schema(), hub.new_household(1));
  REQUIRE(answer.has_value());
  REQUIRE(std::holds_alternative<Ack>(*answer));
  RawSocket silent(hub.url());
  hub.server().stop();
  CHECK(phone.listen_for<Busy>().retry_after_ms > 0);
  CHECK_FALSE(phone.listen().has_value());
  CHECK(silent.read_to_end().empty());

  const auto record = hub.device(phone.device());
  REQUIRE(record.has_value());
  CHECK(record->merged == Sequence{1});
  CHECK(record->software == "test phone");
}

TEST_CASE("plain ws:// is for loopback; elsewhere it must be asked for") {
  TestHub hub;
  NullLogSink log;
  OsRandom random;
  ListenOptions open;
  open.host = "0.0.0.0";
  const HubCore::Ports ports{hub.store(), log, hub.time(), random};
  CHECK(HubServer::start(ports, open).error().code == ErrorCode::usage);
  open.insecure = true;
  CHECK(HubServer::start(ports, open).ok());
}

TEST_CASE("all connections of a hub share the room for pushes that it remembers") {
  TestHub hub;
  NullLogSink log;
  OsRandom random;
  HubCore core({hub.store(), log, hub.time(), random}, [](const auto& work) { work(); });
  const auto room = core.session_options({}, {}).heard_room;
  REQUIRE(room != nullptr);
  CHECK(room == core.session_options({}, {}).heard_room);
  CHECK(room->free() == heard_bytes_of_all_max);
}

TEST_CASE("a connection that is over has let go of the common room, whoever still works for it") {
  struct NoLink final : Link {
    void send(Bytes /*frame*/) override {}
    void close() override {}
    void hold(bool /*held*/) override {}
    void wake_at(std::optional<std::int64_t> /*deadline_ms*/) override {}
  };
  TestHub hub;
  NullLogSink log;
  OsRandom random;
  HubCore core({hub.store(), log, hub.time(), random}, [](const auto& work) { work(); });
  const auto room = core.session_options({}, {}).heard_room;
  const long without = room.use_count();
  NoLink link;
  const auto driver = SessionDriver::start(core, link, {}, "a phone", {});
  CHECK(room.use_count() > without);
  driver->ended("its link broke");
  CHECK(room.use_count() == without);
  driver->tick();
  driver->frame(Bytes(7, 1));
  driver->ended("once more");
  CHECK(core.connections() == 0);
}

TEST_CASE("a port that is taken is an error that says so") {
  TestHub hub;
  hub.start();
  NullLogSink log;
  OsRandom random;
  ListenOptions taken;
  taken.port = port_of(hub.url());
  const HubCore::Ports ports{hub.store(), log, hub.time(), random};
  CHECK(HubServer::start(ports, taken).error().code == ErrorCode::listen_failed);
}

TEST_CASE("two hubs on one folder: the second is told that it is in use") {
  TestHub hub;
  REQUIRE(hub.folder().lock_for_serving().ok());
  auto second = HubFolder::open(hub.folder().dir());
  REQUIRE(second.ok());
  CHECK(second->lock_for_serving().error().code == ErrorCode::hub_in_use);
}

}  // namespace doorstep::test
