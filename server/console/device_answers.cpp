#include <set>

#include "engine/core/bytes.hpp"
#include "engine/core/json_line.hpp"
#include "engine/core/limits.hpp"
#include "server/console/answers.hpp"
#include "server/device_desk.hpp"
#include "server/qr_text.hpp"
#include "server/store/sqlite_hub_values.hpp"

namespace doorstep::console {
namespace {

std::string list_of(const std::vector<ScopeId>& scopes) {
  JsonList list;
  for (const ScopeId& scope : scopes) list.text(scope.code);
  return list.done();
}

/// Null before its first call.
std::optional<Instant> contact_of(const DeviceRecord& device) {
  if (device.last_contact.ms == 0) return std::nullopt;
  return device.last_contact;
}

/// What devices are shown against.
struct Present {
  Position head;
  Instant now;
  std::set<DeviceId> connected;
};

Present present(const ConsoleCall& call, HubSnapshot& snapshot) {
  const auto* connected = call.ports.connected;
  return {snapshot.head(), call.ports.time.now(),
          connected == nullptr ? std::set<DeviceId>() : connected->all()};
}

std::string device_json(const DeviceRecord& device, const Present& here,
                        const SchemaHistory& schemas) {
  JsonLine line;
  line.text("device", device.id.hex())
      .text("name", device.name)
      .text("role", device.role)
      .raw("scopes", list_of(device.scopes))
      .text("state", state_of(device))
      .boolean("connected", here.connected.contains(device.id))
      .boolean("silent", is_silent(device, here.now))
      .time("last_contact_at", contact_of(device))
      .number("lag", lag_of(device, here.head))
      .number("pending", pending_of(device))
      .number("merged", device.merged.value)
      .number("clock_offset_ms", -device.clock_offset_ms);
  if (device.free_bytes) {
    line.number("free_bytes", *device.free_bytes);
  } else {
    line.null("free_bytes");
  }
  line.number("healed", device.healed)
      .time("healed_at", device.healed_at)
      .text("software", device.software)
      .text("schema", schema_of(device, schemas));
  if (device.predecessor.is_none()) {
    line.null("predecessor");
  } else {
    line.text("predecessor", device.predecessor.hex());
  }
  return line.time("revoked_at", device.revoked)
      .number("enrolled_position", device.enrolled.number())
      .done();
}

/// As it is now.
Result<ConsoleAnswer> one_device(ConsoleCall& call, const DeviceId& id) {
  DS_ASSIGN(const auto snapshot, call.store().snapshot());
  DS_ASSIGN(const auto device, snapshot->device(id));
  if (!device) return error(ErrorCode::device_unknown, id.hex());
  return ConsoleAnswer::json(device_json(*device, present(call, *snapshot), snapshot->schemas()));
}

Result<DeviceId> wanted_device(const ConsoleCall& call) {
  const std::string& text = call.request.parts.front();
  const auto bytes = from_hex(text);
  const auto id = bytes ? DeviceId::from(*bytes) : std::nullopt;
  if (!id) return error(ErrorCode::device_unknown, text);
  return *id;
}

/// Codes that nobody has used and that still work; nobody can tell from them what the code is.
Result<std::string> open_codes(sqlite::Database& db, Instant now) {
  DS_ASSIGN(auto all, db.prepare("SELECT name, role, scopes, expires_ms FROM ds_code"
                                 " WHERE expires_ms >= ?1 ORDER BY expires_ms DESC, name"));
  all.bind(1, now.ms);
  JsonList list;
  for (;;) {
    DS_ASSIGN(const bool found, all.step());
    if (!found) return list.done();
    DS_ASSIGN(const auto scopes, scopes_of_text(all.text(2)));
    list.raw(JsonLine()
                 .text("name", all.text(0))
                 .text("role", all.text(1))
                 .raw("scopes", list_of(scopes))
                 .text("expires_at", to_rfc3339({all.integer(3)}))
                 .done());
  }
}

/// The body's scopes, each of them a unit of this hub.
Result<std::vector<ScopeId>> known_scopes(ConsoleCall& call,
                                          const std::vector<std::string>& codes) {
  std::vector<ScopeId> scopes;
  for (const std::string& code : codes) scopes.push_back({code});
  DS_ASSIGN(const auto snapshot, call.store().snapshot());
  const Status known = check_scopes(*snapshot, scopes);
  if (known) return scopes;
  if (known.error().code != ErrorCode::not_found) return known.error();
  return call.blame("scopes", error(ErrorCode::bad_value, known.error().detail));
}

}  // namespace

Result<ConsoleAnswer> answer_devices(ConsoleCall& call) {
  DS_TRY(call.query().done());
  DS_ASSIGN(const auto snapshot, call.store().snapshot());
  DS_ASSIGN(const auto all, devices_of(call.store(), *snapshot));
  const Present here = present(call, *snapshot);
  JsonList devices;
  for (const DeviceRecord& device : all) {
    devices.raw(device_json(device, here, snapshot->schemas()));
  }
  DS_ASSIGN(auto db, call.read_database());
  DS_ASSIGN(const auto codes, open_codes(db, here.now));
  return ConsoleAnswer::json(JsonLine().raw("devices", devices.done()).raw("codes", codes).done());
}

Result<ConsoleAnswer> answer_enrolment(ConsoleCall& call) {
  FieldReader body = call.body();
  const std::string name = body.text("name");
  const std::string role = body.text("role", limits::name_bytes_max);
  const auto codes = body.texts("scopes", limits::scope_count_max, limits::scope_bytes_max);
  DS_TRY(body.done());
  const Status known = check_role(call.store().schema(), role);
  if (!known) return call.blame("role", error(ErrorCode::bad_value, known.error().detail));
  DS_ASSIGN(auto scopes, known_scopes(call, codes));
  ConsolePorts& ports = call.ports;
  DS_ASSIGN(const auto issued, issue_code(call.store(), ports.random, ports.time.now(), name, role,
                                          std::move(scopes)));
  DS_ASSIGN(const auto modules, qr_modules(issued.text));
  ports.log.write(LogLevel::info, "console_enrolment",
                  {{"by", call.who()}, {"name", name}, {"role", role}});
  JsonList qr;
  for (const std::string& row : modules) qr.text(row);
  return ConsoleAnswer::json(JsonLine()
                                 .text("code", issued.text)
                                 .text("url", ports.phones_url)
                                 .text("expires_at", to_rfc3339(issued.record.expires))
                                 .text("name", name)
                                 .text("role", role)
                                 .raw("scopes", list_of(issued.record.scopes))
                                 .raw("qr", qr.done())
                                 .done());
}

Result<ConsoleAnswer> answer_revoke(ConsoleCall& call) {
  FieldReader body = call.body();
  const bool lost = body.boolean("lost", false);
  DS_TRY(body.done());
  DS_ASSIGN(const auto id, wanted_device(call));
  ConsolePorts& ports = call.ports;
  DS_ASSIGN(const auto device,
            revoke_device(call.store(), ports.random, ports.time.now(), id, lost));
  ports.log.write(
      LogLevel::info, "console_revoked",
      {{"by", call.who()}, {"device", id.hex()}, {"state", std::string(state_of(device))}});
  return one_device(call, id);
}

Result<ConsoleAnswer> answer_grant(ConsoleCall& call) {
  FieldReader body = call.body();
  const auto codes = body.texts("scopes", limits::scope_count_max, limits::scope_bytes_max);
  DS_TRY(body.done());
  DS_ASSIGN(const auto id, wanted_device(call));
  DS_ASSIGN(auto scopes, known_scopes(call, codes));
  ConsolePorts& ports = call.ports;
  DS_ASSIGN(const auto granted,
            grant_device(call.store(), ports.random, ports.time.now(), id, std::move(scopes)));
  ports.log.write(LogLevel::info, "console_granted",
                  {{"by", call.who()}, {"device", granted.after.id.hex()}});
  return one_device(call, id);
}

}  // namespace doorstep::console
