#include "client-sdk/src/rescue.hpp"

#include <algorithm>
#include <sstream>

#include "client-sdk/src/damage.hpp"
#include "client-sdk/src/damaged_replica.hpp"
#include "client-sdk/src/rebuilt_replica.hpp"
#include "client-sdk/src/rescued_chain.hpp"
#include "client-sdk/src/sync_lock.hpp"
#include "client-sdk/src/system_ports.hpp"
#include "engine/core/defect.hpp"
#include "engine/core/hash.hpp"
#include "engine/ports/fault.hpp"
#include "engine/wire/rescued_work.hpp"

namespace doorstep {
namespace {

/// 20260418T093000Z, fit for a file's name.
std::string name_of_time(Instant at) {
  std::string text;
  for (const char c : to_rfc3339(at)) {
    if (c == '.') break;
    if (c != '-' && c != ':' && c != 'Z') text += c;
  }
  return text + "Z";
}

bool waits_for_a_person(const DamagedReplica& damaged, Sequence sequence) {
  const auto found = damaged.rejected().find(sequence);
  if (found == damaged.rejected().end()) return false;
  const auto state = found->second.find("state");
  return state != found->second.end() && state->second == Value::text("waiting");
}

/// One rescue, from the mark to its removal. Every step can be done again.
class Rescue {
 public:
  Rescue(std::string path, const ReplicaSeams& seams)
      : path_(std::move(path)), seams_(seams), files_(files_of(seams)) {}

  Result<RescueReport> run() {
    DS_TRY(begin());
    if (!is_begun_) return report_;
    report_.damaged_file = path_ + ".damaged-" + time_;
    report_.sealed_file = path_ + ".rescued-" + time_;
    // Killed between the last two steps: everything is in its place.
    if (files_.exists(report_.damaged_file) && files_.exists(path_)) placed_ = true;
    if (!placed_) DS_TRY(put_aside());
    DS_ASSIGN(auto damaged, DamagedReplica::read(report_.damaged_file, files_));
    const auto identity = identity_in(damaged, seams_);
    const RescuedChain chain = chain_in(damaged, identity ? &identity->schema : nullptr,
                                        identity ? &identity->enrolment.device : nullptr);
    count(chain, damaged);
    if (!placed_) DS_TRY(seal(damaged, identity, chain));
    DS_FAULT("rescue.sealed");
    report_.enrol_again = !identity;
    if (identity && !placed_) DS_TRY(put_in_place(damaged, *identity, chain));
    DS_FAULT("rescue.placed");
    return end();
  }

 private:
  Status begin() {
    const std::string mark = rescue_mark(path_);
    if (files_.exists(mark)) {
      const Bytes bytes = files_.read_all(mark);
      std::istringstream begun{std::string(text_of(bytes))};
      std::getline(begun, time_);
      std::getline(begun, report_.damage);
      is_begun_ = !time_.empty();
      if (is_begun_) return {};
    }
    DS_ASSIGN(report_.damage, find_damage(path_, seams_));
    if (report_.damage.empty()) return {};
    std::replace(report_.damage.begin(), report_.damage.end(), '\n', ' ');
    // Clocks go back: what an earlier rescue has kept stays.
    const std::string now = name_of_time(Instant{clock_of(seams_).read().wall_ms});
    time_ = now;
    for (int n = 2;
         files_.exists(path_ + ".damaged-" + time_) || files_.exists(path_ + ".rescued-" + time_);
         ++n)
      time_ = now + "-" + std::to_string(n);
    const std::string text = time_ + "\n" + report_.damage + "\n";
    DS_TRY(files_.write_private(mark, bytes_of(text)));
    is_begun_ = true;
    DS_FAULT("rescue.begun");
    return {};
  }

  // The log first: it belongs to a file of the same name.
  Status put_aside() {
    const std::string& aside = report_.damaged_file;
    if (!files_.exists(path_)) return {};
    if (files_.exists(path_ + "-wal")) DS_TRY(files_.rename(path_ + "-wal", aside + "-wal"));
    DS_FAULT("rescue.log_aside");
    DS_TRY(files_.rename(path_, aside));
    files_.remove(path_ + "-shm");
    DS_FAULT("rescue.aside");
    return files_.sync_folder_of(path_);
  }

  void count(const RescuedChain& chain, const DamagedReplica& damaged) {
    for (const KeptTransaction& one : chain.unsent) report_.unsent += one.rejected ? 0U : 1U;
    for (const auto& [sequence, row] : damaged.rejected()) {
      const bool waits = sequence <= chain.last && waits_for_a_person(damaged, sequence);
      report_.rejected += waits ? 1U : 0U;
    }
    report_.left = chain.left.size();
    report_.unreadable = chain.unreadable;
  }

  Status seal(const DamagedReplica& damaged, const std::optional<RescuedIdentity>& identity,
              const RescuedChain& chain) {
    RescuedWork work;
    work.at = Instant{clock_of(seams_).read().wall_ms};
    if (identity) {
      work.device = identity->enrolment.device;
      work.key_seed = identity->enrolment.keys.seed;
      work.device_name = identity->enrolment.device_name;
      work.hub_name = identity->enrolment.hub_name;
    }
    work.unreadable = chain.unreadable;
    const auto add = [&](const KeptTransaction& one, bool on_phone) {
      const Sequence told{one.sequence.value - chain.earlier.value};
      work.transactions.push_back({told, one.hash, one.body, one.rejected, on_phone});
    };
    // Rejected ones of before wait in the new replica; without one they are the township's.
    for (const auto& [sequence, found] : damaged.transactions()) {
      const bool before = sequence > chain.earlier && sequence <= chain.included;
      if (!before || !waits_for_a_person(damaged, sequence)) continue;
      add(found.front(), identity.has_value());
      work.transactions.back().rejected = true;
    }
    for (const KeptTransaction& one : chain.unsent) add(one, true);
    for (const KeptTransaction& one : chain.left) {
      if (!DS_DEFECT("sealed_file_forgets")) add(one, false);
    }
    return files_.write_private(report_.sealed_file, encode_rescued(work));
  }

  Status put_in_place(DamagedReplica& damaged, const RescuedIdentity& identity,
                      const RescuedChain& chain) {
    const std::string draft = path_ + ".rescuing";
    DS_ASSIGN(const Rebuilt rebuilt, rebuild_replica(draft, damaged, identity, chain, seams_));
    report_.rows_kept = rebuilt.rows_kept;
    report_.rows = rebuilt.rows;
    DS_TRY(files_.sync(draft));
    files_.remove(draft + "-wal");
    files_.remove(draft + "-shm");
    DS_FAULT("rescue.built");
    DS_TRY(files_.rename(draft, path_));
    return files_.sync_folder_of(path_);
  }

  Result<RescueReport> end() {
    files_.remove(rescue_mark(path_));
    DS_TRY(files_.sync_folder_of(path_));
    return report_;
  }

  std::string path_;
  const ReplicaSeams& seams_;
  const ReplicaFiles& files_;
  std::string time_;
  bool is_begun_ = false;
  bool placed_ = false;
  RescueReport report_;
};

}  // namespace

Result<RescueReport> rescue_replica(const std::string& path, const ReplicaSeams& seams) {
  initialise_crypto();
  const ReplicaFiles& files = files_of(seams);
  if (!files.exists(path) && !files.exists(rescue_mark(path))) {
    return error(ErrorCode::not_a_replica, path + ": no such file");
  }
  DS_ASSIGN(const SyncLock lock, SyncLock::take(path));
  return Rescue(path, seams).run();
}

Result<RescueReport> rescue_replica(const std::string& path) {
  return rescue_replica(path, ReplicaSeams{});
}

}  // namespace doorstep
