// A phone: its disk, its clocks, and the process on it, which is the production SDK. The process
// may die at any change of its disk; everything that it had in memory is then gone.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "client-sdk/src/replica_internal.hpp"
#include "client-sdk/src/sqlite_device_store.hpp"
#include "engine/core/backoff.hpp"
#include "engine/ports/clock.hpp"
#include "engine/session/device_session.hpp"
#include "engine/wire/rescued_work.hpp"
#include "tests/sim/link.hpp"
#include "tests/sim/phone_log.hpp"
#include "tests/sim/script.hpp"
#include "tests/sim/sim_disk.hpp"
#include "tests/sim/sim_files.hpp"

namespace doorstep::sim {

class Witness;
class PhoneWindow;

class PhoneClock final : public Clock {
 public:
  explicit PhoneClock(const EventQueue& events) : events_(events) {}
  [[nodiscard]] ClockProbe read() const override;

  std::int64_t wall_offset_ms = 0;
  std::int64_t drift_ppm = 0;
  BootId boot;
  std::int64_t boot_began_ms = 0;  ///< since the run began

 private:
  const EventQueue& events_;
};

class SimPhone {
 public:
  /// A connection to the hub with the hub's end attached; null when nobody answers.
  using Dial = std::function<std::shared_ptr<Link>(const LinkQuality& quality,
                                                   const std::optional<Caller>& caller)>;
  /// Puts a device on the hub's record and fills in the hub's schema; false: not now.
  using Enrol = std::function<bool(NewReplica& replica)>;
  /// Carries a sealed file of `device` to the hub; false: not now.
  using HandIn = std::function<bool(const RescuedWork& work, const DeviceId& device)>;
  struct World {
    Dial dial;
    Enrol enrol;
    HandIn hand_in;
  };

  SimPhone(Context& context, Witness& witness, std::string name, NewReplica enrolment, World world,
           std::uint64_t seed);
  ~SimPhone();
  SimPhone(const SimPhone&) = delete;
  SimPhone& operator=(const SimPhone&) = delete;

  /// Once, before anything else: with a new replica, or as a copy of another phone.
  void set_up();
  void set_up_as(const SimPhone& original);
  /// Keeps what is on its disk now, for a copy or a restore.
  void take_image();
  [[nodiscard]] bool has_image() const { return !image_.empty(); }
  void take(const Line& line);
  /// No more faults; syncs until it is up to date.
  void heal();

  [[nodiscard]] const std::string& name() const { return name_; }
  /// By which it goes: a copy takes another one day.
  [[nodiscard]] DeviceId device() const { return device_; }
  [[nodiscard]] const NewReplica& enrolment() const { return enrolment_; }
  [[nodiscard]] bool up() const { return replica_ != nullptr; }
  [[nodiscard]] bool syncing() const { return session_ != nullptr; }
  [[nodiscard]] SimDisk& disk() { return disk_; }
  [[nodiscard]] PhoneWindow& window() { return *window_; }
  [[nodiscard]] const PhoneClock& clock() const { return clock_; }

 private:
  enum class Wants : std::uint8_t { nothing, one_sync, live };

  [[nodiscard]] std::string path() const { return name_ + "/replica.db"; }
  [[nodiscard]] ReplicaSeams seams();
  [[nodiscard]] Instant boot_now() const { return {clock_.read().boot_ms}; }
  /// `task` unless the process has died since.
  void after(std::int64_t ms, std::function<void()> task);
  bool take_fault(const Line& line);
  bool take_sync(const Line& line);
  void write(const Line& line);

  bool take_turn_of_fate(const Line& line);
  void restore(const Line& line);
  void enrol_again();
  bool take_damage(const Line& line);
  void damage(const Line& line);
  /// The app is closed, and its user does what the guide says.
  void look_after();
  void look_after_soon();
  void rescue();
  void find_sealed_files();
  void hand_in();
  void lose_keys();
  void begin_anew();
  [[nodiscard]] bool is_sick(ErrorCode code) const;
  /// A hub that was set back to before it was enrolled does not know it.
  void enrol_where_unknown(const Error& why);
  void rot(const Line& line);
  void upgrade(const Line& line);
  void start();
  void note_identity();
  void stop_politely();
  /// Notices a dead machine; true when it is, with everything of the process gone.
  bool died();
  void die(bool power_cut, std::int64_t down_ms);

  void connect();
  [[nodiscard]] Status open_store();
  void step(const DeviceInput& input);
  void carry_out(DeviceEffect& effect);
  void arm_timer();
  void watch(std::uint64_t connection);
  [[nodiscard]] bool is_expected(ErrorCode code);
  void connection_ended(const Error* reason);
  void hang_up();

  Context& context_;
  Witness& witness_;
  std::string name_;
  NewReplica enrolment_;
  DeviceId device_;
  World world_;
  SeededRandom random_;  // the phone's own: ids, jitter
  SeededRandom fate_;    // the world's: what a power cut leaves
  PhoneClock clock_;
  SimDisk disk_;
  SimFiles files_;
  PhoneLog log_;
  LinkQuality quality_;
  std::optional<std::uint64_t> bytes_max_;  ///< of the connection that is open
  Sequence push_mark_;                      ///< likewise
  Sequence sent_through_;  ///< a hint that outlives a connection, and a process too
  std::optional<std::uint64_t> snip_after_;  ///< the next connection is cut after so many bytes

  // The process. Order matters: what is below uses what is above.
  std::shared_ptr<Replica> replica_;
  std::unique_ptr<PhoneWindow> window_;
  std::unique_ptr<SqliteDeviceStore> store_;
  std::unique_ptr<DeviceSession> session_;
  std::shared_ptr<Link> link_;
  std::optional<std::int64_t> hub_asked_ms_;
  Backoff backoff_;
  Wants wants_ = Wants::nothing;
  std::uint32_t attempts_left_ = 0;
  bool comes_again_ = false;
  std::int64_t heard_ms_ = 0;
  std::uint64_t life_ = 0;
  std::uint64_t connection_ = 0;
  /// Of the schemas, when this connection began.
  std::uint32_t version_then_ = 1;
  std::uint32_t hub_version_then_ = 1;

  SimDisk::Image image_;
  struct SealedFile {
    RescuedWork work;
    DeviceId device;
    bool handed_in = false;
  };
  std::map<Hash, SealedFile> sealed_;  ///< that came of rescues, also earlier ones
  bool looked_after_ = false;          ///< and nobody was told yet
  bool kept_rows_ = false;             ///< then
  bool keys_lost_ = false;             ///< there is no replica until it is enrolled again
  bool dies_without_power_ = false;
  std::int64_t down_ms_ = 0;
};

}  // namespace doorstep::sim
