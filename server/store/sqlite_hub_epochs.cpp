#include "server/store/sqlite_hub_epochs.hpp"

#include <utility>

#include "engine/core/assert.hpp"
#include "engine/core/limits.hpp"

namespace doorstep {
namespace {

Status put_gap_row(HubConnection& hub, const GapRecord& gap) {
  DS_ASSIGN(const std::int64_t device, hub.number_of(gap.device));
  DS_ASSIGN(const HubQuery insert,
            hub.query("INSERT INTO ds_gap (device, from_sequence, through_sequence, head_hash,"
                      " noticed_ms) VALUES (?1, ?2, ?3, ?4, ?5)"));
  insert->bind(1, device);
  insert->bind_unsigned(2, gap.from.value);
  insert->bind_unsigned(3, gap.through.value);
  insert->bind(4, gap.head.view());
  insert->bind(5, gap.noticed.ms);
  return insert->run();
}

Status put_reoffered_row(HubConnection& hub, const DeviceId& author, Position position,
                         const Reoffered& what) {
  DS_ASSIGN(const std::int64_t device, hub.number_of(author));
  DS_ASSIGN(const HubQuery insert,
            hub.query("INSERT OR REPLACE INTO ds_reoffered (device, position, was, observed)"
                      " VALUES (?1, ?2, ?3, ?4)"));
  insert->bind(1, device);
  insert->bind(2, position);
  insert->bind(3, what.was);
  insert->bind(4, what.observed);
  return insert->run();
}

Result<std::optional<Reoffered>> read_reoffered(HubConnection& hub, const DeviceId& author,
                                                Position position) {
  DS_ASSIGN(const std::optional<std::int64_t> device, hub.find_device(author));
  if (!device) return std::optional<Reoffered>();
  DS_ASSIGN(
      const HubQuery find,
      hub.query("SELECT was, observed FROM ds_reoffered WHERE device = ?1 AND position = ?2"));
  find->bind(1, *device);
  find->bind(2, position);
  DS_ASSIGN(const bool found, find->step());
  if (!found) return std::optional<Reoffered>();
  return std::optional(Reoffered{find->position(0), find->position(1)});
}

}  // namespace

Result<std::vector<EpochRecord>> read_epochs(HubConnection& hub) {
  DS_ASSIGN(const HubQuery all,
            hub.query("SELECT epoch, parent, parent_position, noticed_ms, announced FROM ds_epoch"
                      " ORDER BY epoch"));
  std::vector<EpochRecord> epochs;
  for (;;) {
    DS_ASSIGN(const bool found, all->step());
    if (!found) break;
    EpochRecord& epoch = epochs.emplace_back();
    epoch.epoch = all->unsigned_integer(0);
    if (!all->is_null(1)) epoch.parent = all->unsigned_integer(1);
    epoch.parent_position = all->position(2);
    epoch.noticed = Instant{all->integer(3)};
    epoch.announced = all->integer(4) != 0;
  }
  if (epochs.empty()) return error(ErrorCode::corrupt, "ds_epoch is empty");
  return epochs;
}

Result<std::vector<GapRecord>> read_gaps(HubConnection& hub, const DeviceId& device) {
  std::vector<GapRecord> gaps;
  DS_ASSIGN(const std::optional<std::int64_t> number, hub.find_device(device));
  if (!number) return gaps;
  DS_ASSIGN(const HubQuery all,
            hub.query("SELECT from_sequence, through_sequence, head_hash, noticed_ms FROM ds_gap"
                      " WHERE device = ?1 ORDER BY from_sequence"));
  all->bind(1, *number);
  for (;;) {
    DS_ASSIGN(const bool found, all->step());
    if (!found) return gaps;
    gaps.push_back({device, Sequence{all->unsigned_integer(0)}, Sequence{all->unsigned_integer(1)},
                    all->id<Hash>(2), Instant{all->integer(3)}});
  }
}

Result<Position> read_backed_up(HubConnection& hub) {
  DS_ASSIGN(const HubQuery find, hub.query("SELECT value FROM ds_meta WHERE name = 'backed_up'"));
  DS_ASSIGN(const bool found, find->step());
  return found ? find->position(0) : Position{};
}

Result<std::optional<std::string>> read_signed_by(HubConnection& hub, Position position) {
  DS_ASSIGN(const HubQuery find, hub.query("SELECT name FROM ds_signed WHERE position = ?1"));
  find->bind(1, position);
  DS_ASSIGN(const bool found, find->step());
  if (!found) return std::optional<std::string>();
  return std::optional(std::string(find->text(0)));
}

Status put_epoch(sqlite::Database& db, const EpochRecord& epoch) {
  DS_ASSIGN(
      sqlite::Statement insert,
      db.prepare("INSERT INTO ds_epoch (epoch, parent, parent_position, noticed_ms, announced)"
                 " VALUES (?1, ?2, ?3, ?4, ?5)"));
  insert.bind_unsigned(1, epoch.epoch);
  if (epoch.parent) {
    insert.bind_unsigned(2, *epoch.parent);
  } else {
    insert.bind_null(2);
  }
  insert.bind(3, epoch.parent_position);
  insert.bind(4, epoch.noticed.ms);
  insert.bind(5, std::int64_t{epoch.announced ? 1 : 0});
  return insert.run();
}

Result<std::uint64_t> read_epoch(sqlite::Database& db) {
  DS_ASSIGN(const std::optional<Value> newest, db.one("SELECT max(epoch) FROM ds_epoch"));
  if (!newest || newest->kind() != Value::Kind::integer || newest->as_integer() < 1) {
    return error(ErrorCode::corrupt, "ds_epoch is empty");
  }
  return static_cast<std::uint64_t>(newest->as_integer());
}

template <class Work>
auto SqliteHubEpochs::attempt(const Work& work) -> decltype(work()) {
  if (failure_) return *failure_;
  auto result = work();
  if (!result) failure_ = result.error();
  return result;
}

Result<std::vector<EpochRecord>> SqliteHubEpochs::all() {
  return attempt([&] { return read_epochs(hub_); });
}

Status SqliteHubEpochs::begin(const EpochRecord& epoch) {
  DS_ASSERT(epoch.epoch > position_.epoch() && epoch.epoch <= limits::epoch_max);
  DS_TRY(attempt([&] { return put_epoch(hub_.db(), epoch); }));
  position_ = Position::of(epoch.epoch, position_.number());
  return {};
}

Status SqliteHubEpochs::put_reoffered(const DeviceId& author, const Reoffered& what) {
  return attempt([&] { return put_reoffered_row(hub_, author, position_, what); });
}

Result<std::optional<Reoffered>> SqliteHubEpochs::reoffered(const DeviceId& author,
                                                            Position position) {
  return attempt([&] { return read_reoffered(hub_, author, position); });
}

Status SqliteHubEpochs::put_gap(const GapRecord& gap) {
  return attempt([&] { return put_gap_row(hub_, gap); });
}

Result<std::vector<GapRecord>> SqliteHubEpochs::gaps(const DeviceId& device) {
  return attempt([&] { return read_gaps(hub_, device); });
}

Status SqliteHubEpochs::put_backed_up(Position position) {
  return attempt([&]() -> Status {
    DS_ASSIGN(const HubQuery put,
              hub_.query("INSERT INTO ds_meta (name, value) VALUES ('backed_up', ?1)"
                         " ON CONFLICT (name) DO UPDATE SET value = max(value, ?1)"));
    put->bind(1, position);
    return put->run();
  });
}

Status SqliteHubEpochs::put_signed_by(std::string_view name) {
  return attempt([&]() -> Status {
    DS_ASSIGN(const HubQuery put,
              hub_.query("INSERT OR REPLACE INTO ds_signed (position, name) VALUES (?1, ?2)"));
    put->bind(1, position_);
    put->bind(2, name);
    return put->run();
  });
}

}  // namespace doorstep
