#include <ostream>

#include "engine/core/json_line.hpp"
#include "server/commands/command.hpp"
#include "server/commands/find_device.hpp"
#include "server/device_desk.hpp"
#include "server/hub_folder.hpp"
#include "server/hub_time.hpp"
#include "server/os_random.hpp"

namespace doorstep::commands {
namespace {

std::string list_of(const std::vector<ScopeId>& scopes) {
  std::string out;
  for (const ScopeId& scope : scopes) out += (out.empty() ? "" : ",") + scope.code;
  return out;
}

void show(const GrantOptions& options, const Terminal& terminal, const DeviceRecord& before,
          const DeviceRecord& after) {
  const std::string had = list_of(before.scopes);
  const std::string has = list_of(after.scopes);
  if (options.json) {
    terminal.out << JsonLine()
                        .text("device", after.id.hex())
                        .text("name", after.name)
                        .text("before", had)
                        .text("scopes", has)
                        .number("position", after.granted_since.value)
                        .done()
                 << '\n';
  } else if (terminal.chinese) {
    terminal.out << after.name << " 的范围由 " << had << " 改为 " << has << "。\n";
  } else {
    terminal.out << after.name << " had " << had << " and has " << has << " now.\n";
  }
}

}  // namespace

Status grant(const GrantOptions& options, const Terminal& terminal) {
  DS_ASSIGN(const auto folder, HubFolder::open(options.data));
  DS_ASSIGN(const auto snapshot, folder.store().snapshot());
  DS_ASSIGN(const auto wanted, find_device(*snapshot, options.device));
  std::vector<ScopeId> scopes;
  for (const std::string& scope : options.scopes) scopes.push_back({scope});
  OsRandom random;
  DS_ASSIGN(const auto granted,
            grant_device(folder.store(), random, SystemTime().now(), wanted.id, std::move(scopes)));
  show(options, terminal, granted.before, granted.after);
  return {};
}

}  // namespace doorstep::commands
