#include <ostream>

#include "engine/core/json_line.hpp"
#include "server/commands/command.hpp"
#include "server/hub_folder.hpp"
#include "server/hub_health.hpp"

namespace doorstep::commands {
namespace {

std::string json_of(const std::vector<Position>& positions) {
  std::string list;
  for (const Position& position : positions) {
    list += (list.empty() ? "" : ",") + std::to_string(position.value);
  }
  return "[" + list + "]";
}

std::string json_of(const HubHealth& health) {
  std::string scopes;
  for (const ScopeId& scope : health.differing) {
    scopes += (scopes.empty() ? "" : ",") + json_string(scope.code);
  }
  return JsonLine()
      .boolean("ok", health.fine())
      .text("integrity", health.integrity)
      .number("scopes", static_cast<std::uint64_t>(health.scopes))
      .raw("differing", "[" + scopes + "]")
      .number("epoch", health.epoch)
      .number("positions", health.positions)
      .raw("missing", json_of(health.missing))
      .raw("bad_tokens", json_of(health.tokens))
      .number("backed_up", health.backed_up.value)
      .done();
}

void list(const std::vector<Position>& positions, std::ostream& out) {
  for (const Position& position : positions) {
    out << "  position " << position.number() << " of epoch " << position.epoch() << '\n';
  }
}

void show(const HubHealth& health, std::ostream& out) {
  out << "SQLite integrity: " << health.integrity << '\n'
      << "Digests: " << health.scopes << " scopes, " << health.differing.size()
      << " differ from their rows\n";
  for (const ScopeId& scope : health.differing) out << "  scope " << scope.code << '\n';
  out << "Positions: " << health.positions << ", " << health.missing.size() << " missing\n";
  list(health.missing, out);
  out << "Tokens: " << health.positions - health.missing.size() << ", " << health.tokens.size()
      << " wrong\n";
  list(health.tokens, out);
  out << "Epoch: " << health.epoch << " (" << health.epochs << " so far)\n";
  if (health.backed_up == Position{}) {
    out << "Backup: none is known\n";
  } else {
    out << "Backup: through position " << health.backed_up.number() << " of " << health.positions
        << '\n';
  }
  if (health.fine()) out << "All is well.\n";
}

}  // namespace

Status verify(const ListOptions& options, const Terminal& terminal) {
  DS_ASSIGN(const auto folder, HubFolder::open(options.data));
  DS_ASSIGN(const HubHealth health, examine(folder));
  if (options.json) {
    terminal.out << json_of(health) << '\n';
  } else {
    show(health, terminal.out);
  }
  if (!health.fine()) return error(ErrorCode::corrupt, folder.database_file().string());
  return {};
}

}  // namespace doorstep::commands
