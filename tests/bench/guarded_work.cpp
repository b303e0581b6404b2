#include <array>
#include <functional>
#include <memory>
#include <vector>

#include "client-sdk/src/replica_internal.hpp"
#include "engine/core/assert.hpp"
#include "engine/core/limits.hpp"
#include "engine/session/hub_pull.hpp"
#include "engine/wire/codec.hpp"
#include "engine/wire/frame.hpp"
#include "server/store/sqlite_hub_store.hpp"
#include "tests/bench/enrolled_replica.hpp"
#include "tests/bench/guard.hpp"
#include "tests/bench/home_visits.hpp"
#include "tests/bench/phone_bench.hpp"
#include "tests/bench/plain_file.hpp"
#include "tests/support/process.hpp"

namespace doorstep::bench {

/// What callgrind counts; the tool is told this name.
[[gnu::noinline]] void guarded(const std::function<void()>& work);
void guarded(const std::function<void()>& work) { work(); }

namespace {

constexpr std::size_t guarded_rows = 2'000;
constexpr std::size_t rows_of_write = 100;
const ScopeId guarded_village{"431224103212"};

/// A village with its visits, none written yet.
struct GuardedVillage {
  test::ScratchFolder folder{"bench-guard"};
  Schema schema = harness_schema();
  HomeVisits visits{schema, 1};
  RowId household = visits.new_id();
  std::vector<VisitRow> rows;
  WrittenAhead author{1, {guarded_village}};
  std::unique_ptr<SqliteHubStore> hub;

  GuardedVillage() {
    for (std::size_t i = 0; i < guarded_rows; ++i) rows.push_back(visits.draw(household));
    HubIdentity identity;
    identity.id = HubId{{7}};
    identity.name = "bench";
    identity.keys = key_pair_of(Nonce{{7}});
    hub = must(SqliteHubStore::create(folder.file("hub"), schema, identity));
    const std::vector<WrittenAhead> devices{author, WrittenAhead(2, {guarded_village})};
    enrol_all(*hub, devices);
    author.write(schema, {}, village_rows(schema, guarded_village.code, household));
    merge_all(*hub, author);
  }
  void write() {
    for (std::size_t at = 0; at < rows.size(); at += rows_of_write) {
      std::vector<RowChange> changes;
      for (std::size_t i = at; i < at + rows_of_write; ++i) {
        changes.push_back(change_of(schema, "home_visit", {}, rows[i]));
      }
      author.write(schema, {}, std::move(changes));
    }
  }
  [[nodiscard]] std::string replica_file() {
    std::string file = folder.file("replica.db");
    make_replica_file(file, schema, WrittenAhead(2, {guarded_village}), {HubId{{7}}, {}});
    return file;
  }
  void insert_on_phone(const std::string& file, const std::function<void(Replica&)>& insert) {
    const auto replica = must(Replica::open(file));
    insert(*replica);
  }
  void insert(Replica& replica) {
    insert_through_sdk(replica, visits.table(), rows, 0, rows.size(), rows_of_write);
  }
  /// A first load as the hub sends it, message by message.
  [[nodiscard]] std::vector<Bytes> first_load() {
    HubPull pull({limits::changes_rows_max, limits::changes_bytes_target});
    const auto snapshot = must(hub->snapshot());
    Hello reader;
    reader.device = WrittenAhead(2, {guarded_village}).id();
    reader.schema = schema.fingerprint();
    pull.begin(reader, {guarded_village}, {}, {});
    pull.on_head(snapshot->head());
    Pull asked;
    asked.credit = 100;
    must(pull.on_pull(asked));
    std::vector<Bytes> messages;
    while (const auto question = pull.next_question()) {
      auto said = pull.on_answer(must(answer_feed(*snapshot, *question)), {noon_ms});
      DS_ASSERT(said.changes.has_value());
      messages.push_back(encode(*std::move(said.changes)));
    }
    return messages;
  }
};

void apply_first_load(DeviceStore& store, const std::vector<Bytes>& messages) {
  for (const Bytes& bytes : messages) {
    const Message message = must(decode(bytes));
    const auto& changes = std::get<Changes>(message);
    if (changes.checkpoint) {
      const Applied applied = must(store.apply(changes));
      DS_ASSERT(applied.differing.empty());
    } else {
      must(store.stage(changes));
    }
  }
}

void welcome_to(DeviceStore& store, const Schema& schema) {
  Welcome welcome;
  welcome.version = 1;
  welcome.epoch = 1;
  welcome.now = {noon_ms};
  welcome.scopes = {guarded_village};
  welcome.visible = std::vector{guarded_village};
  welcome.schema = schema.fingerprint();
  must(store.note_welcome(welcome, WrittenAhead(2, {}).clock()));
}

void count_phone_inserts() {
  GuardedVillage village;
  village.insert_on_phone(village.replica_file(),
                          [&](Replica& replica) { guarded([&] { village.insert(replica); }); });
}

void count_hub_merge() {
  GuardedVillage village;
  guarded([&] {
    village.write();
    merge_all(*village.hub, village.author);
  });
}

void count_first_load() {
  GuardedVillage village;
  village.write();
  merge_all(*village.hub, village.author);
  const auto messages = village.first_load();
  const auto store = must(open_device_store(village.replica_file()));
  welcome_to(*store, village.schema);
  guarded([&] { apply_first_load(*store, messages); });
}

}  // namespace

bool run_guarded_work(std::string_view name) {
  struct Work {
    std::string_view name;
    void (*run)();
  };
  static constexpr std::array works{Work{"phone inserts", count_phone_inserts},
                                    Work{"hub merge", count_hub_merge},
                                    Work{"first load", count_first_load}};
  for (const Work& work : works) {
    if (work.name != name) continue;
    work.run();
    return true;
  }
  return false;
}

std::map<std::string, double> guarded_sizes() {
  std::map<std::string, double> sizes;
  GuardedVillage village;
  auto plain = make_plain_file(village.folder.file("plain.db"), village.schema, true);
  insert_plain(plain, village.visits.table(), village.rows, 0, village.rows.size(), rows_of_write);
  const double floor = bytes_of_file(village.folder.file("plain.db"));
  constexpr auto rows = static_cast<double>(guarded_rows);

  village.write();
  FrameEncoder up;
  up.enable_compression(SyncRequest{}.compression_level);
  double pushed = 0;
  WrittenAhead author = village.author;
  for (const Push& push : author.take_in_parts(limits::push_bytes_target)) {
    pushed += static_cast<double>(up.encode(encode(push), Flow::more).size());
  }
  sizes["push, bytes a row"] = pushed / rows;
  merge_all(*village.hub, village.author);

  const auto messages = village.first_load();
  FrameEncoder down;
  down.enable_compression(3);
  double pulled = 0;
  for (const Bytes& message : messages)
    pulled += static_cast<double>(down.encode(message, Flow::more).size());
  sizes["first load, bytes a row"] = pulled / rows;

  const std::string loaded = village.replica_file();
  {
    const auto store = must(open_device_store(loaded));
    welcome_to(*store, village.schema);
    apply_first_load(*store, messages);
  }
  sizes["loaded phone's file, times plain"] = bytes_of_file(loaded) / floor;

  GuardedVillage writer;
  const std::string pending = writer.replica_file();
  writer.insert_on_phone(pending, [&](Replica& replica) { writer.insert(replica); });
  sizes["phone's file with all pending, times plain"] = bytes_of_file(pending) / floor;
  sizes["hub's file, times plain"] = bytes_of_file(village.folder.file("hub") + "/hub.db") / floor;
  return sizes;
}

}  // namespace doorstep::bench
