// A hub, phones and links between them in one thread, for tests of sessions: what is under way
// stands in queues, a test decides what happens next, where a link is cut and in which order the
// hub's work is done.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/ports/memory_device_store.hpp"
#include "engine/ports/memory_hub_store.hpp"
#include "engine/ports/random.hpp"
#include "engine/session/collect_dead.hpp"
#include "engine/session/device_session.hpp"
#include "engine/session/hub_session.hpp"
#include "engine/session/partings.hpp"
#include "tests/support/small_village.hpp"

namespace doorstep::test {

/// One volunteer's phone: its replica and its clocks.
struct Phone {
  std::string name;
  std::unique_ptr<MemoryDeviceStore> store;
  BootId boot;
  std::int64_t boot_began_ms = 0;   ///< true time
  std::int64_t wall_offset_ms = 0;  ///< how wrong the phone's clock is
  Sequence push_mark = {};          ///< outlives its process
};

class SyncWorld {
 public:
  using MakeHub =
      std::function<std::unique_ptr<HubStore>(const Schema& schema, const HubIdentity& identity)>;
  /// A hub with township T and villages X and Y below it; a MemoryHubStore unless told. The schema
  /// has the org_unit of small_village().
  explicit SyncWorld(std::uint64_t seed = 1, Schema with_schema = small_village(),
                     const MakeHub& make_hub = {});

  Phone& add_phone(const std::string& name, std::vector<std::string> scopes);
  /// A copy of `of` as a cloned phone or a restored backup would be.
  Phone& clone_phone(const Phone& of);

  /// Gives a phone other scopes, as `doorstepd grant` does.
  void grant(const Phone& phone, std::vector<ScopeId> scopes);

  void pass(std::int64_t ms) { now.ms += ms; }
  [[nodiscard]] ClockProbe clocks(const Phone& phone) const;
  [[nodiscard]] HubSession::Options hub_options();

  /// One transaction on the phone; aborts when the store refuses. Rows by table name.
  struct Write {
    std::string table;
    RowId id;
    std::optional<RowImage> image;
  };
  Sequence write(Phone& phone, const std::vector<Write>& rows);
  /// Changes columns of a row that the phone shows.
  Sequence edit(Phone& phone, const std::string& table, const RowId& id, Fields fields);
  Sequence insert(Phone& phone, const std::string& table, const RowId& id, Fields fields);
  Sequence remove(Phone& phone, const std::string& table, const RowId& id);
  /// A column as the phone shows it; NULL when the row is not there.
  [[nodiscard]] Value shown(const Phone& phone, const std::string& table, const RowId& id,
                            const std::string& column) const;
  [[nodiscard]] bool shows(const Phone& phone, const std::string& table, const RowId& id) const;
  [[nodiscard]] std::optional<StoredRow> hub_row(const std::string& table, const RowId& id);
  [[nodiscard]] Position head();

  /// Merges everything that the phone has not pushed, without a session.
  void push_directly(Phone& phone);
  /// What the phone differs in from the hub, in words; empty when equal by rows and digests and
  /// nothing is pending.
  [[nodiscard]] std::string difference(Phone& phone);

  /// As a server does when a device has called; nothing when that is known already.
  void note_contact(const Hello& hello);
  /// Takes what no device needs any more out of the feeds.
  CollectReport collect(std::size_t items_per_commit = limits::collect_items_per_commit);

  [[nodiscard]] CommitToken new_token() { return random.id<CommitToken>(); }

  Schema schema;
  SeededRandom random;
  NullLogSink log;
  Instant now{1'760'000'000'000};
  std::unique_ptr<HubStore> hub;
  Partings partings;  ///< what the hub remembers until it stops
  std::shared_ptr<HeardRoom> heard_room = std::make_shared<HeardRoom>();
  std::uint64_t connections = 0;  ///< that it ever had
  std::vector<std::unique_ptr<Phone>> phones;
};

}  // namespace doorstep::test
