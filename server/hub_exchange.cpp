#include "server/hub_exchange.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <system_error>
#include <utility>

#include "engine/core/defect.hpp"
#include "engine/sqlite/database.hpp"
#include "schema/loader.hpp"
#include "server/hub_folder.hpp"
#include "server/hub_health.hpp"
#include "server/store/sqlite_hub_backup.hpp"

namespace doorstep {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view staging_name = "incoming";
constexpr std::array<std::string_view, 3> parts_of_database = {"", "-wal", "-shm"};

Error failed(const fs::path& file, const std::error_code& failure) {
  return error(
      failure == std::errc::no_space_on_device ? ErrorCode::disk_full : ErrorCode::io_error,
      file.string() + ": " + failure.message());
}

fs::path with(fs::path file, std::string_view ending) { return file += ending; }

/// The folder of what is to come goes in the end, whether or not it came into place.
class Staging {
 public:
  explicit Staging(fs::path folder) : folder_(std::move(folder)) {}
  ~Staging() {
    std::error_code none;
    fs::remove_all(folder_, none);
  }
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

 private:
  fs::path folder_;
};

/// Empty; what an interrupted exchange left there goes.
Result<fs::path> make_staging(const fs::path& dir) {
  fs::path staging = dir / staging_name;
  std::error_code failure;
  fs::remove_all(staging, failure);
  fs::create_directories(staging, failure);
  if (failure) return failed(staging, failure);
  fs::permissions(staging, fs::perms::owner_all, failure);
  return staging;
}

/// "hub.db.20261122T095300Z", with a number behind it when that is taken.
fs::path name_for_old(const fs::path& database, Instant now) {
  std::string when = to_rfc3339(now).substr(0, 19) + "Z";
  std::erase_if(when, [](char c) { return c == '-' || c == ':'; });
  fs::path name = with(database, "." + when);
  std::error_code none;
  for (int i = 2; fs::exists(name, none); ++i) {
    name = with(database, "." + when + "-" + std::to_string(i));
  }
  return name;
}

/// The old database goes aside, the staged one in its place.
Result<fs::path> exchange(const fs::path& dir, const fs::path& staging, Instant now) {
  const fs::path database = dir / "hub.db";
  fs::path old;
  std::error_code failure;
  if (fs::exists(database, failure)) {
    old = name_for_old(database, now);
    for (const std::string_view part : parts_of_database) {
      if (!fs::exists(with(database, part), failure)) continue;
      fs::rename(with(database, part), with(old, part), failure);
      if (failure) return failed(old, failure);
    }
  }
  fs::rename(staging / "hub.db", database, failure);
  if (failure) return failed(database, failure);
  DS_TRY(sync_folder(dir));
  return old;
}

struct Known {
  HubId hub;
  std::uint64_t epoch = 0;
};

/// Who the hub in place is, as far as its database can still be read.
std::optional<Known> known_of(const fs::path& dir) {
  std::error_code none;
  if (!fs::exists(dir / "hub.db", none)) return std::nullopt;
  const auto folder = HubFolder::open(dir);
  if (!folder) return std::nullopt;
  const HubIdentity& identity = folder->store().identity();
  return Known{identity.id, identity.epoch};
}

/// A copy of a hub.db may have its newest commits in a file beside it.
Status copy_in(const fs::path& file, const fs::path& staged) {
  std::error_code failure;
  if (!fs::is_regular_file(file, failure)) return error(ErrorCode::not_a_hub, file.string());
  fs::copy_file(file, staged, failure);
  if (failure) return failed(staged, failure);
  fs::permissions(staged, fs::perms::owner_read | fs::perms::owner_write, failure);
  if (fs::exists(with(file, "-wal"), failure)) {
    fs::copy_file(with(file, "-wal"), with(staged, "-wal"), failure);
    if (failure) return failed(staged, failure);
  }
  return {};
}

Status check_whole(const HubFolder& folder, const fs::path& file) {
  DS_ASSIGN(const HubHealth health, examine(folder));
  if (!health.fine()) return error(ErrorCode::corrupt, file.string());
  return {};
}

/// The same device at a hub that has no rows.
DeviceRecord begun_anew(DeviceRecord device, Position commit) {
  device.enrolled = device.granted_since = commit;
  device.cursor = device.settled = Position{};
  device.cut_epoch = 0;
  device.cut = Position{};
  device.cut_through = Sequence{};
  return device;
}

}  // namespace

Result<std::uint64_t> begin_restored(HubStore& store, std::uint64_t known, Instant now,
                                     Random& random) {
  DS_ASSIGN(const auto snapshot, store.snapshot());
  DS_ASSIGN(const auto commit, store.begin());
  DS_ASSIGN(const auto epochs, commit->epochs().all());
  const std::uint64_t parent = epochs.back().epoch;
  std::uint64_t next = std::max(parent, known) + 1;
  if (!DS_DEFECT("restore_keeps_epoch"))
    DS_TRY(commit->epochs().begin({next, parent, snapshot->head(), now, true}));
  DS_TRY(commit->commit(now, random.id<CommitToken>()));
  return next;
}

Status fill_anew(HubStore& store, const std::vector<DeviceRecord>& devices, std::int64_t horizon_ms,
                 Instant now, Random& random) {
  DS_ASSIGN(const auto commit, store.begin());
  for (const DeviceRecord& device : devices) {
    DS_TRY(commit->put_device(begun_anew(device, commit->position())));
  }
  DS_TRY(commit->put_horizon(horizon_ms));
  return commit->commit(now, random.id<CommitToken>());
}

Result<HubExchange> restore_hub(const fs::path& dir, const fs::path& file, Instant now,
                                Random& random) {
  const std::optional<Known> known = known_of(dir);
  DS_ASSIGN(const fs::path staging, make_staging(dir));
  const Staging cleared(staging);
  DS_TRY(copy_in(file, staging / "hub.db"));
  HubExchange done;
  {
    DS_ASSIGN(const auto folder, HubFolder::open(staging));
    if (known && known->hub != folder.store().identity().id) {
      return error(ErrorCode::other_hub, file.string());
    }
    DS_TRY(check_whole(folder, file));
    DS_ASSIGN(done.epoch, begin_restored(folder.store(), known ? known->epoch : 0, now, random));
    DS_ASSIGN(const auto snapshot, folder.store().snapshot());
    done.head = snapshot->head();
  }
  DS_ASSIGN(done.put_away, exchange(dir, staging, now));
  return done;
}

Result<HubExchange> reset_hub(const fs::path& dir, Instant now, Random& random) {
  HubExchange done;
  const fs::path staging = dir / staging_name;
  const Staging cleared(staging);
  {
    DS_ASSIGN(const auto folder, HubFolder::open(dir));
    DS_ASSIGN(const auto snapshot, folder.store().snapshot());
    DS_ASSIGN(const auto devices, snapshot->devices());
    DS_ASSIGN(const std::int64_t horizon_ms, snapshot->horizon_ms());
    HubIdentity identity = folder.store().identity();
    ++identity.epoch;
    done.epoch = identity.epoch;
    DS_ASSIGN(auto schema, load_schema(snapshot->schemas().newest().source(), "the hub's schema"));
    DS_TRY(make_staging(dir));
    DS_ASSIGN(const auto store, SqliteHubStore::create(staging, std::move(schema), identity));
    DS_TRY(fill_anew(*store, devices, horizon_ms, now, random));
    DS_ASSIGN(const auto after, store->snapshot());
    done.head = after->head();
  }
  DS_ASSIGN(done.put_away, exchange(dir, staging, now));
  return done;
}

}  // namespace doorstep
