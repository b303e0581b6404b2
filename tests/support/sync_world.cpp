#include "tests/support/sync_world.hpp"

#include <map>
#include <utility>

#include "engine/core/hash.hpp"
#include "engine/session/merge_pushes.hpp"

namespace doorstep::test {
namespace {

HubIdentity new_hub(Random& random) {
  HubIdentity identity;
  identity.id = random.id<HubId>();
  identity.name = "Qiaojiang";
  identity.keys = key_pair_of(random.id<Nonce>());
  return identity;
}

}  // namespace

SyncWorld::SyncWorld(std::uint64_t seed, Schema with_schema, const MakeHub& make_hub)
    : schema(std::move(with_schema)), random(seed) {
  initialise_crypto();
  const HubIdentity identity = new_hub(random);
  hub = make_hub ? make_hub(schema, identity) : std::make_unique<MemoryHubStore>(schema, identity);
  Phone& office = add_phone("office", {"T"});
  const auto unit = [&](std::string_view name, std::string_view parent) {
    return image_of(schema, "org_unit",
                    {{"name", Value::text(name)},
                     {"parent", parent.empty() ? Value::null() : Value::text(parent)}});
  };
  write(office, {{"org_unit", code("T"), unit("township", "")},
                 {"org_unit", code("X"), unit("village X", "T")},
                 {"org_unit", code("Y"), unit("village Y", "T")}});
  push_directly(office);
  // It never calls; nobody is to wait for it.
  auto commit = hub->begin().value();
  DeviceRecord record = commit->device(office.store->state().value().device).value().value();
  record.revoked = now;
  DS_ASSERT(commit->put_device(record).ok());
  DS_ASSERT(commit->commit(now, new_token()).ok());
  phones.clear();
}

Phone& SyncWorld::add_phone(const std::string& name, std::vector<std::string> scopes) {
  auto phone = std::make_unique<Phone>();
  phone->name = name;
  phone->boot = random.id<BootId>();
  phone->boot_began_ms = now.ms - 1000;
  const MemoryDeviceStore::Identity identity{random.id<DeviceId>(), key_pair_of(random.id<Nonce>()),
                                             hub->identity().id, hub->identity().keys.public_key};
  phone->store = std::make_unique<MemoryDeviceStore>(schema, identity);
  auto commit = hub->begin().value();
  DeviceRecord record;
  record.id = identity.device;
  record.key = identity.keys.public_key;
  record.name = name;
  record.enrolled = record.granted_since = commit->position();
  for (const std::string& scope : scopes) record.scopes.push_back({scope});
  DS_ASSERT(commit->put_device(record).ok());
  DS_ASSERT(commit->commit(now, new_token()).ok());
  phones.push_back(std::move(phone));
  return *phones.back();
}

Phone& SyncWorld::clone_phone(const Phone& of) {
  auto phone = std::make_unique<Phone>();
  phone->name = of.name + " (clone)";
  phone->store = std::make_unique<MemoryDeviceStore>(*of.store);
  phone->boot = random.id<BootId>();
  phone->boot_began_ms = now.ms;
  phones.push_back(std::move(phone));
  return *phones.back();
}

void SyncWorld::grant(const Phone& phone, std::vector<ScopeId> scopes) {
  auto commit = hub->begin().value();
  const DeviceId device = phone.store->state().value().device;
  DS_ASSERT(grant_scopes(*commit, device, std::move(scopes)).ok());
  DS_ASSERT(commit->commit(now, new_token()).ok());
}

ClockProbe SyncWorld::clocks(const Phone& phone) const {
  return {now.ms + phone.wall_offset_ms, phone.boot, now.ms - phone.boot_began_ms};
}

HubSession::Options SyncWorld::hub_options() {
  HubSession::Options options;
  options.identity = hub->identity();
  options.nonce = random.id<Nonce>();
  options.heard_room = heard_room;
  return options;
}

Sequence SyncWorld::write(Phone& phone, const std::vector<Write>& rows) {
  std::vector<MemoryDeviceStore::RowWrite> writes;
  for (const Write& row : rows)
    writes.push_back({{table_id(schema, row.table), row.id}, row.image});
  const auto sequence = phone.store->write(writes, clocks(phone)).value();
  return sequence.value_or(phone.store->state().value().last);
}

Sequence SyncWorld::edit(Phone& phone, const std::string& table, const RowId& id, Fields fields) {
  const auto image = phone.store->row({table_id(schema, table), id});
  DS_ASSERT(image.has_value());
  return write(phone, {{table, id, with(schema, table, *image, fields)}});
}

Sequence SyncWorld::insert(Phone& phone, const std::string& table, const RowId& id, Fields fields) {
  return write(phone, {{table, id, image_of(schema, table, fields)}});
}

Sequence SyncWorld::remove(Phone& phone, const std::string& table, const RowId& id) {
  return write(phone, {{table, id, std::nullopt}});
}

Value SyncWorld::shown(const Phone& phone, const std::string& table, const RowId& id,
                       const std::string& column) const {
  const auto image = phone.store->row({table_id(schema, table), id});
  return image ? field(schema, table, *image, column) : Value::null();
}

bool SyncWorld::shows(const Phone& phone, const std::string& table, const RowId& id) const {
  return phone.store->row({table_id(schema, table), id}).has_value();
}

std::optional<StoredRow> SyncWorld::hub_row(const std::string& table, const RowId& id) {
  return hub->snapshot().value()->row({table_id(schema, table), id}).value();
}

Position SyncWorld::head() { return hub->snapshot().value()->head(); }

void SyncWorld::push_directly(Phone& phone) {
  const DeviceState state = phone.store->state().value();
  const std::vector<PushRequest> requests{
      {state.device, phone.store->outbox(state.acknowledged, ~std::size_t{0}).value(),
       clocks(phone), now}};
  const auto results = merge_pushes(*hub, log, requests, now, new_token());
  DS_ASSERT(phone.store->acknowledge(results.front().value().ack).ok());
}

void SyncWorld::note_contact(const Hello& hello) {
  auto commit = hub->begin().value();
  auto record = commit->device(hello.device).value();
  if (!record || (record->cursor == hello.cursor && record->last == hello.last)) return;
  note_call(*record, hello.cursor, hello.last, hello.pending);
  record->last_contact = now;
  DS_ASSERT(commit->put_device(*record).ok());
  DS_ASSERT(commit->commit(now, new_token()).ok());
}

CollectReport SyncWorld::collect(std::size_t items_per_commit) {
  CollectOptions options;
  options.items_per_commit = items_per_commit;
  options.new_token = [this] { return new_token(); };
  return collect_dead(*hub, now, options).value();
}

std::string SyncWorld::difference(Phone& phone) {
  const DeviceState state = phone.store->state().value();
  if (state.pending != 0) return phone.name + " has " + std::to_string(state.pending) + " pending";
  if (state.included != state.last) return phone.name + " waits for its own work to be included";
  if (phone.store->overlay_rows() != 0) return phone.name + " has rows in its overlay";
  auto snapshot = hub->snapshot().value();
  const auto tree = snapshot->scope_tree().value();
  const auto visible = visible_scopes(state.scopes, tree);
  const auto sums = snapshot->digests(visible).value();
  const auto scanned = snapshot->scan_digests(visible).value();
  for (std::size_t i = 0; i < visible.size(); ++i) {
    if (sums[i] != scanned[i])
      return "the hub's running sum of " + visible[i].code + " is not its rows'";
    if (phone.store->digest(visible[i]) != sums[i])
      return phone.name + " differs in scope " + visible[i].code;
  }
  for (const auto& [key, image] : phone.store->rows()) {
    const auto row = snapshot->row(key).value();
    const std::string name = schema.table(key.table).name + " " + to_hex(key.row.view());
    if (!row || !row->live) return phone.name + " shows the ghost " + name;
    if (row->image != image) return phone.name + " shows other values of " + name;
  }
  return {};
}

}  // namespace doorstep::test
