// First loads of phones that see the same are read once and given to all (server/shared_loads.hpp).
#include <doctest/doctest.h>

#include <map>
#include <vector>

#include "engine/session/hub_pull.hpp"
#include "engine/wire/codec.hpp"
#include "engine/wire/frame.hpp"
#include "server/shared_loads.hpp"
#include "tests/server/hub_store_fixture.hpp"

namespace doorstep::test {
namespace {

constexpr std::size_t rows_of_batch = 20;
constexpr std::uint32_t households = 90;  // of Dushi: four batches and what remains
const Instant nine{1'760'000'000'000};

/// What a phone shows of a row: its columns by name.
using Shown = std::map<std::string, Value>;
using Village = std::map<std::pair<std::string, RowId>, Shown>;

/// A phone that is being set up, with the hub's half of its connection.
class LoadingPhone {
 public:
  LoadingPhone(const DeviceId& device, std::vector<ScopeId> scopes)
      : device_(device), scopes_(std::move(scopes)), pull_({rows_of_batch, 1U << 20U}) {}

  void call(HubStore& store) {
    const auto snapshot = store.snapshot().value();
    Hello hello;
    hello.device = device_;
    hello.schema = store.schema().fingerprint();
    pull_.begin(hello, scopes_, {}, {});
    pull_.on_head(snapshot->head());
    Pull asked;
    asked.credit = 100;
    REQUIRE(pull_.on_pull(asked).ok());
  }
  /// One more batch; false once it is up to date.
  bool load(HubStore& store, SharedLoads& loads, Instant now = nine) {
    auto question = pull_.next_question();
    if (!question) return false;
    question->shareable = question->shareable && !in_stream_;
    const auto snapshot = store.snapshot().value();
    const HubPull::Said said =
        pull_.on_answer(loads.answer(*snapshot, *question, now).value(), now);
    REQUIRE_FALSE(said.restart.has_value());
    REQUIRE(said.changes.has_value());
    if (said.frame) {
      const Bytes plain = FrameDecoder().decode(*said.frame).value();
      take(std::get<Changes>(decode(plain).value()));
    } else {
      take(*said.changes);
      in_stream_ = true;
    }
    pull_.on_credit(1);
    return !up_to_date_;
  }
  void load_all(HubStore& store, SharedLoads& loads) {
    while (load(store, loads)) {
    }
    CHECK(up_to_date_);
  }
  [[nodiscard]] const Village& village() const { return village_; }

 private:
  void take(const Changes& changes) {
    REQUIRE(changes.from == Position{});
    CHECK(changes.next.has_value() != changes.checkpoint.has_value());
    for (const RemovalBlock& block : changes.removals) {
      for (const RowId& row : block.rows) village_.erase({block.table, row});
    }
    for (const RowBlock& block : changes.rows) {
      for (std::size_t row = 0; row < block.rows.size(); ++row) {
        Shown& shown = village_[{block.table, block.rows[row]}];
        if (block.whole) shown.clear();
        for (std::size_t i = 0; i < block.columns.size(); ++i) {
          const Value& value = block.cells[row * block.columns.size() + i];
          if (!value.is_null()) shown[block.columns[i]] = value;
        }
      }
    }
    up_to_date_ = changes.checkpoint.has_value();
  }

  DeviceId device_;
  std::vector<ScopeId> scopes_;
  HubPull pull_;
  Village village_;
  bool in_stream_ = false;  // as a session, whose batches follow each other in one stream
  bool up_to_date_ = false;
};

/// A hub with a village, and ten phones that were enrolled for it.
struct Morning {
  SqliteHub hub;
  std::vector<LoadingPhone> phones;

  Morning() {
    commit(store(), [&](HubCommit& open, Position at) {
      std::vector<StoredRow> rows;
      for (std::uint32_t i = 0; i < households; ++i) {
        rows.push_back(household_row(i, dushi, at, "No. " + std::to_string(i), phone(99)));
      }
      put(store(), open, rows);
    });
    for (std::uint8_t i = 1; i <= 10; ++i) {
      enrol(i, {dushi});
      phones.emplace_back(phone(i), std::vector<ScopeId>{dushi});
    }
    for (LoadingPhone& one : phones) one.call(store());
  }
  [[nodiscard]] HubStore& store() { return hub.store(); }
  void enrol(std::uint8_t number, std::vector<ScopeId> scopes, std::string role = "volunteer",
             Sequence merged = {}) {
    commit(store(), [&](HubCommit& open, Position at) {
      DeviceRecord device;
      device.id = phone(number);
      device.role = std::move(role);
      device.scopes = std::move(scopes);
      device.enrolled = device.granted_since = at;
      device.merged = merged;
      REQUIRE(open.put_device(device).ok());
    });
  }
  /// What a phone holds that is set up now, for itself alone.
  [[nodiscard]] Village loaded_alone(std::uint8_t number = 50) {
    enrol(number, {dushi});
    LoadingPhone alone(phone(number), {dushi});
    alone.call(store());
    SharedLoads none;
    alone.load_all(store(), none);
    return alone.village();
  }
};

}  // namespace

TEST_CASE("ten phones that are set up in one morning hold the same, and the hub reads it once") {
  Morning morning;
  SharedLoads loads;
  for (bool more = true; more;) {
    for (LoadingPhone& one : morning.phones) more = one.load(morning.store(), loads);
  }
  const Village alone = morning.loaded_alone();
  CHECK(alone.size() == households);
  for (const LoadingPhone& one : morning.phones) CHECK(one.village() == alone);
  // The first phone could not know that others were to come, and the last batch has the checkpoint,
  // which is each phone's own.
  CHECK(loads.figures().kept == 4);
  CHECK(loads.figures().given == 8 * 4);
}

TEST_CASE("what is merged while ten phones are set up reaches each of them") {
  Morning morning;
  SharedLoads loads;
  const auto all = [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) morning.phones[i].load(morning.store(), loads);
  };
  all(0, 10);
  all(0, 5);
  commit(morning.store(), [&](HubCommit& open, Position at) {
    const Position first = Position::of(at.epoch(), 1);
    const DeviceId author = phone(99);
    // Of what all have, of what half of them have, and of what is still to come: one that is
    // another now, one that died, one that moved to a village that they do not see.
    std::vector<StoredRow> rows;
    for (const std::uint32_t i : {3U, 23U, 63U}) {
      StoredRow other = household_row(i, dushi, first, "moved next door", author);
      other.position = at;
      rows.push_back(other);
      rows.push_back(dead(household_row(i + 1, dushi, first, "gone", author), at));
      StoredRow away = household_row(i + 2, longtan, first, "away", author);
      away.position = away.since = at;
      rows.push_back(away);
      const Departure left{{household, row_id(i + 2)}, dushi, longtan, at};
      REQUIRE(open.put_departures({&left, 1}).ok());
    }
    rows.push_back(household_row(500, dushi, at, "new here", author));
    put(morning.store(), open, rows);
  });
  for (LoadingPhone& one : morning.phones) one.load_all(morning.store(), loads);
  const Village alone = morning.loaded_alone();
  CHECK(alone.size() == households - 6 + 1);
  for (const LoadingPhone& one : morning.phones) CHECK(one.village() == alone);
  CHECK(loads.figures().given > 0);
}

TEST_CASE("a phone that sees something else, or has sent work, is read for itself") {
  Morning morning;
  SharedLoads loads;
  REQUIRE(morning.phones[0].load(morning.store(), loads));
  REQUIRE(morning.phones[1].load(morning.store(), loads));
  CHECK(loads.figures().kept == 1);
  const std::vector<ScopeId> both{longtan, dushi};
  morning.enrol(20, both);
  morning.enrol(21, both);
  morning.enrol(22, {dushi}, "doctor");
  morning.enrol(23, {dushi}, "doctor");
  morning.enrol(24, {dushi}, "volunteer", Sequence{1});
  const auto load_one = [&](std::uint8_t number, const std::vector<ScopeId>& scopes) {
    LoadingPhone one(phone(number), scopes);
    one.call(morning.store());
    CHECK(one.load(morning.store(), loads));
  };
  for (std::uint8_t number = 20; number <= 21; ++number) load_one(number, both);
  for (std::uint8_t number = 22; number <= 24; ++number) load_one(number, {dushi});
  // Two of a kind share, with nobody else.
  CHECK(loads.figures().kept == 3);
  CHECK(loads.figures().given == 0);
  load_one(3, {dushi});
  CHECK(loads.figures().given == 1);
}

TEST_CASE("a batch is not given out once something was collected that it does not know of") {
  Morning morning;
  SharedLoads loads;
  for (std::size_t i = 0; i < 2; ++i) REQUIRE(morning.phones[i].load(morning.store(), loads));
  CHECK(loads.figures().kept == 1);
  commit(morning.store(), [&](HubCommit& open, Position at) {
    const Position first = Position::of(at.epoch(), 1);
    put(morning.store(), open, {dead(household_row(3, dushi, first, "gone", phone(99)), at)});
  });
  const Position head = morning.store().snapshot().value()->head();
  commit(morning.store(), [&](HubCommit& open, Position) {
    REQUIRE(open.collect({dushi, head, {}, 100}).value().tombstones == 1);
  });
  LoadingPhone& late = morning.phones[2];
  late.load_all(morning.store(), loads);
  CHECK(late.village() == morning.loaded_alone());
  CHECK(late.village().size() == households - 1);
}

TEST_CASE("shared batches are kept up to their limit and for their time, the oldest go first") {
  Morning morning;
  // Of two phones the second has what is shared.
  const auto load = [&](std::size_t before, std::size_t phone, SharedLoads& loads) {
    morning.phones[before].load(morning.store(), loads);
    morning.phones[phone].load_all(morning.store(), loads);
  };
  SharedLoads first;
  load(9, 0, first);
  const SharedLoads::Figures all = first.figures();
  REQUIRE(all.kept == 4);

  SharedLoads enough(all.bytes);
  load(8, 1, enough);
  CHECK(enough.figures().kept == 4);
  SharedLoads one_less(all.bytes - 1);
  load(7, 2, one_less);
  CHECK(one_less.figures().kept == 3);
  CHECK(one_less.figures().bytes < all.bytes);
  // The first of them has gone: it is read again.
  morning.phones[3].load(morning.store(), one_less);
  CHECK(one_less.figures().given == 0);

  enough.look_after({nine.ms + SharedLoads::kept_ms_max});
  CHECK(enough.figures().kept == 4);
  morning.phones[4].load(morning.store(), enough, {nine.ms + SharedLoads::kept_ms_max});
  CHECK(enough.figures().given == 1);
  enough.look_after({nine.ms + SharedLoads::kept_ms_max + 1});
  CHECK(enough.figures().kept == 0);
  CHECK(enough.figures().bytes == 0);
  morning.phones[5].load(morning.store(), first, {nine.ms + SharedLoads::kept_ms_max + 1});
  CHECK(first.figures().given == 0);
}

}  // namespace doorstep::test
