#include <ostream>

#include "engine/core/json_line.hpp"
#include "engine/core/size_text.hpp"
#include "server/commands/command.hpp"
#include "server/commands/find_device.hpp"
#include "server/device_desk.hpp"
#include "server/hub_folder.hpp"
#include "server/hub_time.hpp"
#include "server/os_random.hpp"
#include "server/text_table.hpp"

namespace doorstep::commands {
namespace {

std::string scopes_of(const DeviceRecord& device) {
  std::string out;
  for (const ScopeId& scope : device.scopes) out += (out.empty() ? "" : ",") + scope.code;
  return out;
}

std::string scopes_json(const DeviceRecord& device) {
  std::string out = "[";
  for (const ScopeId& scope : device.scopes) {
    if (out.size() > 1) out += ',';
    out += json_string(scope.code);
  }
  return out + "]";
}

// "3, 2026-11-22T..." rows that reconciles have put right there, and when the last were.
std::string healed_of(const DeviceRecord& device) {
  if (!device.healed_at) return "0";
  return std::to_string(device.healed) + ", " + to_rfc3339(*device.healed_at);
}

std::string json_of(const DeviceRecord& device, Position head, const SchemaHistory& schemas) {
  JsonLine line;
  line.text("device", device.id.hex())
      .text("name", device.name)
      .text("role", device.role)
      .raw("scopes", scopes_json(device))
      .text("state", state_of(device))
      .text("last_contact_at", to_rfc3339(device.last_contact))
      .number("lag", lag_of(device, head))
      .number("pending", pending_of(device))
      .number("merged", device.merged.value)
      .number("clock_offset_ms", -device.clock_offset_ms)
      .number("healed", device.healed)
      .text("software", device.software)
      .text("schema", schema_of(device, schemas));
  if (device.free_bytes) {
    line.number("free_bytes", *device.free_bytes);
  } else {
    line.null("free_bytes");
  }
  if (!device.predecessor.is_none()) line.text("predecessor", device.predecessor.hex());
  if (device.healed_at) line.text("healed_at", to_rfc3339(*device.healed_at));
  if (device.revoked) line.text("revoked_at", to_rfc3339(*device.revoked));
  return line.done();
}

}  // namespace

Status devices(const ListOptions& options, const Terminal& terminal) {
  DS_ASSIGN(const auto folder, HubFolder::open(options.data));
  DS_ASSIGN(const auto snapshot, folder.store().snapshot());
  DS_ASSIGN(const auto all, devices_of(folder.store(), *snapshot));
  const Position head = snapshot->head();
  TextTable table({"NAME", "ROLE", "SCOPES", "STATE", "LAST CONTACT", "LAG", "PENDING", "CLOCK",
                   "FREE", "HEALED", "SCHEMA", "SOFTWARE", "DEVICE", "COPY OF"});
  for (const DeviceRecord& device : all) {
    if (options.json) {
      terminal.out << json_of(device, head, snapshot->schemas()) << '\n';
      continue;
    }
    table.add({device.name, device.role, scopes_of(device), std::string(state_of(device)),
               to_rfc3339(device.last_contact), std::to_string(lag_of(device, head)),
               std::to_string(pending_of(device)), std::to_string(-device.clock_offset_ms) + " ms",
               device.free_bytes ? size_text(*device.free_bytes) : "-", healed_of(device),
               schema_of(device, snapshot->schemas()), device.software, device.id.hex(),
               device.predecessor.is_none() ? "" : device.predecessor.hex()});
  }
  if (!options.json) terminal.out << table.text();
  return {};
}

Status revoke(const RevokeOptions& options, const Terminal& terminal) {
  DS_ASSIGN(const auto folder, HubFolder::open(options.data));
  DS_ASSIGN(const auto snapshot, folder.store().snapshot());
  DS_ASSIGN(const auto wanted, find_device(*snapshot, options.device));
  OsRandom random;
  DS_ASSIGN(const auto device,
            revoke_device(folder.store(), random, SystemTime().now(), wanted.id, options.lost));
  if (terminal.chinese) {
    terminal.out << "已停用 " << device.name << (device.lost ? "（报失）" : "") << "："
                 << device.id.hex() << '\n';
  } else {
    terminal.out << device.name << " is revoked" << (device.lost ? " and reported lost" : "")
                 << ": " << device.id.hex() << '\n';
  }
  return {};
}

}  // namespace doorstep::commands
