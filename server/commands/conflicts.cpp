#include <map>
#include <ostream>

#include "engine/core/json_line.hpp"
#include "engine/wire/codec.hpp"
#include "server/commands/command.hpp"
#include "server/hub_folder.hpp"
#include "server/text_table.hpp"

namespace doorstep::commands {
namespace {

// More than a person reads; the newest come first.
constexpr std::size_t listed_max = 100'000;

using Names = std::map<DeviceId, std::string>;

Result<Names> device_names(HubSnapshot& snapshot) {
  DS_ASSIGN(const auto all, snapshot.devices());
  Names names;
  for (const DeviceRecord& device : all) names[device.id] = device.name;
  return names;
}

std::string name_in(const Names& names, const DeviceId& device) {
  const auto found = names.find(device);
  return found == names.end() ? device.hex() : found->second;
}

std::string row_text(const Schema& schema, const Conflict& conflict) {
  const Value key = value_of_key(schema.table(conflict.key.table), conflict.key.row);
  return key.kind() == Value::Kind::blob ? to_hex(key.as_blob()) : std::string(key.as_text());
}

std::string json_of(const Schema& schema, const Conflict& conflict, const Names& names) {
  const ConflictRecord record = record_of(schema, conflict);
  return JsonLine()
      .text("id", record.id.hex())
      .text("table", record.table)
      .text("row", row_text(schema, conflict))
      .text("column", record.column)
      .text("policy", name_of(record.policy))
      .value("winner", record.winner.value)
      .value("loser", record.loser.value)
      .text("winner_author", record.winner.version.author.hex())
      .text("loser_author", record.loser.version.author.hex())
      .text("state", name_of(record.state))
      .text("winner_name", name_in(names, record.winner.version.author))
      .text("loser_name", name_in(names, record.loser.version.author))
      .text("winner_at", to_rfc3339(record.winner.version.stamp.latest()))
      .text("loser_at", to_rfc3339(record.loser.version.stamp.latest()))
      .boolean("order_uncertain", record.order_uncertain)
      .text("scope", conflict.scope.code)
      .done();
}

std::vector<std::string> table_row(const Schema& schema, const Conflict& conflict,
                                   const Names& names) {
  const ConflictRecord record = record_of(schema, conflict);
  return {record.table + "." + (record.column.empty() ? "(delete)" : record.column),
          row_text(schema, conflict),
          std::string(name_of(record.state)),
          record.winner.value.display(),
          name_in(names, record.winner.version.author),
          record.loser.value.display(),
          name_in(names, record.loser.version.author),
          to_rfc3339(record.loser.version.stamp.latest())};
}

}  // namespace

Status conflicts(const ListOptions& options, const Terminal& terminal) {
  DS_ASSIGN(const auto folder, HubFolder::open(options.data));
  const Schema& schema = folder.store().schema();
  DS_ASSIGN(const auto snapshot, folder.store().snapshot());
  DS_ASSIGN(const auto names, device_names(*snapshot));
  DS_ASSIGN(const auto found, snapshot->conflicts(options.only_open, listed_max));
  TextTable table({"CELL", "ROW", "STATE", "STANDS", "BY", "LOST", "BY", "AT"});
  for (const Conflict& conflict : found) {
    if (options.json) {
      terminal.out << json_of(schema, conflict, names) << '\n';
    } else {
      table.add(table_row(schema, conflict, names));
    }
  }
  if (!options.json) terminal.out << table.text();
  return {};
}

Status quarantine(const ListOptions& options, const Terminal& terminal) {
  DS_ASSIGN(const auto folder, HubFolder::open(options.data));
  DS_ASSIGN(const auto snapshot, folder.store().snapshot());
  DS_ASSIGN(const auto names, device_names(*snapshot));
  DS_ASSIGN(const auto found, snapshot->quarantine(listed_max));
  TextTable table({"DEVICE", "NAME", "SEQUENCE", "BYTES", "REASON"});
  for (const QuarantineRecord& record : found) {
    const std::string name = name_in(names, record.id.device);
    if (options.json) {
      terminal.out << JsonLine()
                          .text("device", record.id.device.hex())
                          .text("name", name)
                          .number("sequence", record.id.sequence.value)
                          .text("hash", record.id.hash.hex())
                          .text("reason", name_of(record.reason.code))
                          .text("detail", record.reason.detail)
                          .number("bytes", static_cast<std::uint64_t>(record.body.size()))
                          .done()
                   << '\n';
    } else {
      table.add({record.id.device.hex(), name, std::to_string(record.id.sequence.value),
                 std::to_string(record.body.size()), record.reason.text()});
    }
  }
  if (!options.json) terminal.out << table.text();
  return {};
}

}  // namespace doorstep::commands
