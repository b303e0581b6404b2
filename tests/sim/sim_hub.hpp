// The township's hub: its disk, its clock, and the process on it, which is the production store,
// sessions, merge and housekeeping. What server/ does with sockets and threads (hub_core.cpp,
// merge_writer.cpp, session_driver.cpp) is done here with events.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/session/hub_session.hpp"
#include "engine/session/partings.hpp"
#include "engine/wire/rescued_work.hpp"
#include "server/contact_notes.hpp"
#include "server/housekeeping.hpp"
#include "server/session_registry.hpp"
#include "server/store/sqlite_hub_store.hpp"
#include "tests/sim/hub_log.hpp"
#include "tests/sim/link.hpp"
#include "tests/sim/script.hpp"
#include "tests/sim/sim_disk.hpp"

namespace doorstep::sim {

class Witness;

class SimHub {
 public:
  SimHub(Context& context, Witness& witness, std::uint64_t seed);
  ~SimHub();
  SimHub(const SimHub&) = delete;
  SimHub& operator=(const SimHub&) = delete;

  /// Once, before anything else: township T and villages X and Y.
  void set_up(std::int64_t horizon_ms);
  /// A device with these scopes, as enrolment would have left it. False: the disk did not take it.
  [[nodiscard]] bool enrol(const DeviceId& device, const KeyPair& keys,
                           std::vector<ScopeId> scopes);
  /// What was rescued from a phone of `device`; false: not now.
  [[nodiscard]] bool take_in(const RescuedWork& work, const DeviceId& device);
  void take(const Line& line, const std::vector<DeviceId>& devices);
  void heal();
  /// `doorstepd schema apply` of the next version, beside the process that serves; nothing when
  /// there is none. Precondition: up().
  void upgrade();
  /// What housekeeping does some day with what waits for rows.
  void admit_what_waits();

  [[nodiscard]] bool up() const { return store_ != nullptr; }
  /// Precondition: up().
  [[nodiscard]] SqliteHubStore& store() { return *store_; }
  [[nodiscard]] const HubIdentity& identity() const { return identity_; }
  [[nodiscard]] SimDisk& disk() { return disk_; }

  /// A connection with this end attached; null when nobody listens.
  [[nodiscard]] std::shared_ptr<Link> answer(const LinkQuality& quality,
                                             const std::optional<Caller>& caller);

 private:
  struct Connection {
    std::shared_ptr<Link> link;
    std::unique_ptr<HubSession> session;
    std::optional<DeviceId> device;
    bool closing = false;
  };
  struct Pushed {
    ConnectionNumber connection = 0;
    PushRequest request;
  };

  [[nodiscard]] Instant now() const { return {context_.true_time().ms + wall_offset_ms_}; }
  [[nodiscard]] std::int64_t soon();
  void after(std::int64_t ms, std::function<void()> task);
  void start();
  void stop_politely();
  bool died();
  void die(bool power_cut, std::int64_t down_ms);

  void input(ConnectionNumber number, const HubInput& input);
  void carry_out(ConnectionNumber number, HubEffect& effect);
  void arm_timer(ConnectionNumber number);
  void look_up(ConnectionNumber number, Hello hello);
  void read_feed(ConnectionNumber number, FeedQuestion question);
  void begin_epoch(ConnectionNumber number, const Hello& hello);
  /// Does the work, which is a hub commit of its own, and tells the session what came of it.
  template <class Answer, class Work>
  void commit_for(ConnectionNumber number, Work work);
  void keep_salvage(ConnectionNumber number, SalvageRequest request);
  void register_successor(ConnectionNumber number, const SuccessorRequest& request);
  void push(ConnectionNumber number, PushRequest request);
  void merge();
  void tell_committed(Position head, const std::vector<ScopeId>& touched, bool tree_changed);
  void end(ConnectionNumber number);
  void write_notes();
  void keep_house();
  void grant(const DeviceId& device, std::int64_t which);
  void revoke(const DeviceId& device, bool lost);
  void decide_pair(const Line& line);
  /// Another process wrote: sessions are told as hub_core.cpp tells them.
  void tell_all(const std::vector<ConnectionNumber>& whom, bool scopes_changed);
  void tell_schema();
  void fold_log();
  bool take_turn_of_fate(const Line& line);
  void back_up(bool told);
  void restore(const Line& line);
  void reset(const Line& line);
  /// What makes a new database, put in place of `before` if it comes through.
  bool in_one_go(const Line& line, const SimDisk::Image& before,
                 const std::function<Status()>& work);
  void found_village();
  [[nodiscard]] CommitToken token() { return random_.id<CommitToken>(); }

  Context& context_;
  Witness& witness_;
  SeededRandom random_;
  SeededRandom fate_;
  HubIdentity identity_;
  SimDisk disk_;
  HubLog log_;
  DeviceId office_;
  std::vector<SimDisk::Image> backups_;
  std::int64_t wall_offset_ms_ = 0;
  std::uint64_t slow_ms_ = 8;  ///< the longest that a piece of work waits for its thread

  // The process.
  std::unique_ptr<SqliteHubStore> store_;
  std::unique_ptr<Housekeeping> housekeeping_;
  SessionRegistry registry_;
  std::map<ConnectionNumber, Connection> connections_;
  Partings partings_;
  /// Small, so that phones find it taken by others.
  std::shared_ptr<HeardRoom> heard_room_ = std::make_shared<HeardRoom>(4'000);
  std::deque<Pushed> pushed_;
  std::map<DeviceId, ContactNote> notes_;
  bool merge_is_due_ = false;
  bool notes_are_due_ = false;
  ConnectionNumber last_connection_ = 0;
  std::uint64_t life_ = 0;

  bool dies_without_power_ = false;
  std::int64_t down_ms_ = 0;
};

}  // namespace doorstep::sim
