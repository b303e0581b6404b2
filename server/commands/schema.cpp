// doorstepd schema apply|list|show: schemas grow while the hub serves.
#include <algorithm>
#include <map>
#include <ostream>

#include "engine/core/json_line.hpp"
#include "engine/core/schema_difference.hpp"
#include "engine/sqlite/database.hpp"
#include "schema/loader.hpp"
#include "server/commands/command.hpp"
#include "server/hub_folder.hpp"
#include "server/hub_time.hpp"
#include "server/os_random.hpp"
#include "server/text_table.hpp"

namespace doorstep::commands {
namespace {

using Addition = SchemaDifference::Addition;

// What applying a schema would do, or did.
struct SchemaPlan {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  SchemaDifference difference;
  std::map<std::string, std::int64_t> rows;  // in tables that get columns
  std::vector<std::string> behind;           // "李秀英 (version 3)": devices on older schemas
};

Result<std::int64_t> rows_in_table(sqlite::Database& db, const std::string& table) {
  DS_ASSIGN(const auto count, db.one("SELECT count(*) FROM " + sqlite::quote_identifier(table)));
  return count ? count->as_integer() : 0;
}

std::string version_named(const SchemaHistory& schemas, const Fingerprint& fingerprint) {
  if (fingerprint.is_none()) return "has not called yet";
  const auto* entry = schemas.find(fingerprint);
  if (entry == nullptr) return "a schema unknown here";
  return "version " + std::to_string(entry->schema.version());
}

Result<SchemaPlan> plan_of(const HubFolder& folder, HubSnapshot& snapshot, const Schema& schema) {
  const SchemaHistory& schemas = snapshot.schemas();
  SchemaPlan plan;
  plan.from = schemas.newest().version();
  plan.to = schema.version();
  plan.difference = difference_of(schemas.newest(), schema);
  sqlite::OpenOptions read_only;
  read_only.read_only = true;
  DS_ASSIGN(auto db, sqlite::Database::open(folder.database_file().string(), read_only));
  for (const Addition& one : plan.difference.added) {
    if (one.kind != Addition::Kind::column || plan.rows.contains(one.table)) continue;
    DS_ASSIGN(plan.rows[one.table], rows_in_table(db, one.table));
  }
  DS_ASSIGN(const auto devices, snapshot.devices());
  for (const DeviceRecord& device : devices) {
    const bool own = device.key == folder.store().identity().keys.public_key;
    if (own || device.revoked || device.schema == schema.fingerprint()) continue;
    plan.behind.push_back(device.name + " (" + version_named(schemas, device.schema) + ")");
  }
  std::sort(plan.behind.begin(), plan.behind.end());
  return plan;
}

std::string sentence_about(const SchemaPlan& plan, const Addition& one) {
  const std::string rows =
      plan.rows.contains(one.table) ? std::to_string(plan.rows.at(one.table)) : std::string();
  switch (one.kind) {
    case Addition::Kind::table:
      return "table " + one.table + " is added, empty";
    case Addition::Kind::column:
      return "column " + one.table + "." + one.name + " is added, empty in " + rows + " rows";
    case Addition::Kind::state:
      return "state of " + one.table + "." + one.name + " is added";
    case Addition::Kind::role:
      return "role " + one.name + " is added";
    case Addition::Kind::rule:
      return "rule " + one.name + " of " + one.table + " holds from now on";
    case Addition::Kind::match_key:
      return "match key " + one.name + " of " + one.table + " proposes duplicates from now on";
    case Addition::Kind::change:
      return one.table + ": " + one.name;
  }
  return {};
}

std::string array_of_texts(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    if (out.size() > 1) out += ',';
    out += json_string(text);
  }
  return out + "]";
}

void print_plan(const SchemaPlan& plan, const SchemaOptions& options, const Terminal& terminal) {
  std::vector<std::string> added;
  for (const Addition& one : plan.difference.added) added.push_back(sentence_about(plan, one));
  const bool applied = !options.dry_run && plan.difference.is_additive();
  if (options.json) {
    terminal.out << JsonLine()
                        .boolean("applied", applied)
                        .number("from", std::uint64_t{plan.from})
                        .number("to", std::uint64_t{plan.to})
                        .raw("added", array_of_texts(added))
                        .raw("refused", array_of_texts(plan.difference.refused))
                        .raw("devices_on_older", array_of_texts(plan.behind))
                        .done()
                 << '\n';
    return;
  }
  const std::string versions = std::to_string(plan.from) + " to " + std::to_string(plan.to);
  if (!plan.difference.is_additive()) {
    terminal.out << "Version " << versions << " cannot be applied:\n";
    for (const std::string& reason : plan.difference.refused)
      terminal.out << "  " << reason << '\n';
    return;
  }
  terminal.out << (applied ? "Applied version " : "Would apply version ") << versions << ":\n";
  if (added.empty()) terminal.out << "  nothing is added\n";
  for (const std::string& sentence : added) terminal.out << "  " << sentence << '\n';
  if (plan.behind.empty()) return;
  terminal.out << "Devices that go on with an older schema until they are upgraded:\n";
  for (const std::string& device : plan.behind) terminal.out << "  " << device << '\n';
}

Status refusal_of(const SchemaPlan& plan) {
  if (plan.difference.is_additive()) return {};
  const std::size_t count = plan.difference.refused.size();
  return error(ErrorCode::schema_refused,
               std::to_string(count) + (count == 1 ? " reason" : " reasons") + " above");
}

}  // namespace

Status schema_apply(const SchemaOptions& options, const Terminal& terminal) {
  DS_ASSIGN(const Schema schema, load_schema_file(options.file));
  DS_ASSIGN(const auto folder, HubFolder::open(options.data));
  {
    DS_ASSIGN(const auto snapshot, folder.store().snapshot());
    DS_ASSIGN(const SchemaPlan plan, plan_of(folder, *snapshot, schema));
    const bool same_text = snapshot->schemas().newest().source() == schema.source();
    if (options.dry_run || !plan.difference.is_additive() || same_text) {
      print_plan(plan, options, terminal);
      return refusal_of(plan);
    }
  }
  OsRandom random;
  const Instant now = SystemTime().now();
  DS_ASSIGN(const auto commit, folder.store().begin());
  // Again under the lock: another apply may have been faster.
  if (const auto now_refused = difference_of(commit->schemas().newest(), schema).refused;
      !now_refused.empty()) {
    return error(ErrorCode::schema_refused, now_refused.front());
  }
  DS_TRY(commit->put_schema(schema, now));
  DS_ASSIGN(const auto before, folder.store().snapshot());
  DS_ASSIGN(const SchemaPlan plan, plan_of(folder, *before, schema));
  DS_TRY(commit->commit(now, random.id<CommitToken>()));
  print_plan(plan, options, terminal);
  return {};
}

Status schema_list(const SchemaOptions& options, const Terminal& terminal) {
  DS_ASSIGN(const auto folder, HubFolder::open(options.data));
  DS_ASSIGN(const auto snapshot, folder.store().snapshot());
  DS_ASSIGN(const auto devices, snapshot->devices());
  TextTable table({"VERSION", "SINCE", "POSITION", "DEVICES", "FINGERPRINT"});
  for (const auto& entry : snapshot->schemas().entries()) {
    const Fingerprint fingerprint = entry.schema.fingerprint();
    const auto on_it = static_cast<std::uint64_t>(
        std::count_if(devices.begin(), devices.end(), [&](const DeviceRecord& device) {
          return device.schema == fingerprint && !device.revoked;
        }));
    const std::string since = entry.since == Position{} ? "init" : to_rfc3339(entry.applied);
    if (options.json) {
      terminal.out << JsonLine()
                          .number("version", std::uint64_t{entry.schema.version()})
                          .text("fingerprint", fingerprint.hex())
                          .text("since", since)
                          .number("position", entry.since.value)
                          .number("devices", on_it)
                          .done()
                   << '\n';
    } else {
      table.add({std::to_string(entry.schema.version()), since,
                 std::to_string(entry.since.number()), std::to_string(on_it), fingerprint.hex()});
    }
  }
  if (!options.json) terminal.out << table.text();
  return {};
}

Status schema_show(const SchemaOptions& options, const Terminal& terminal) {
  DS_ASSIGN(const auto folder, HubFolder::open(options.data));
  terminal.out << folder.store().schema().source();
  return {};
}

}  // namespace doorstep::commands
