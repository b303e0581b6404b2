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

std::string_view said(const Terminal& terminal, std::string_view english,
                      std::string_view chinese) {
  return terminal.chinese ? chinese : english;
}

void list(const std::vector<Position>& positions, const Terminal& terminal) {
  for (const Position& position : positions) {
    if (terminal.chinese) {
      terminal.out << "  第 " << position.epoch() << " 代第 " << position.number() << " 次\n";
    } else {
      terminal.out << "  position " << position.number() << " of epoch " << position.epoch()
                   << '\n';
    }
  }
}

void show_backup(const HubHealth& health, const Terminal& terminal) {
  std::ostream& out = terminal.out;
  if (health.backed_up == Position{}) {
    out << said(terminal, "Backup: none is known\n", "备份：未见备份\n");
  } else if (terminal.chinese) {
    out << "备份：到第 " << health.backed_up.number() << " 次提交，共 " << health.positions
        << " 次\n";
  } else {
    out << "Backup: through position " << health.backed_up.number() << " of " << health.positions
        << '\n';
  }
}

void show(const HubHealth& health, const Terminal& terminal) {
  std::ostream& out = terminal.out;
  out << said(terminal, "SQLite integrity: ", "SQLite 完整性：") << health.integrity << '\n';
  out << said(terminal, "Digests: ", "摘要：") << health.scopes
      << said(terminal, " scopes, ", " 个范围，") << health.differing.size()
      << said(terminal, " differ from their rows\n", " 个与数据不符\n");
  for (const ScopeId& scope : health.differing) {
    out << said(terminal, "  scope ", "  范围 ") << scope.code << '\n';
  }
  out << said(terminal, "Positions: ", "提交：") << health.positions
      << said(terminal, ", ", " 次，缺 ") << health.missing.size()
      << said(terminal, " missing\n", " 次\n");
  list(health.missing, terminal);
  out << said(terminal, "Tokens: ", "标记：") << health.positions - health.missing.size()
      << said(terminal, ", ", " 个，错 ") << health.tokens.size()
      << said(terminal, " wrong\n", " 个\n");
  list(health.tokens, terminal);
  out << said(terminal, "Epoch: ", "代：") << health.epoch << said(terminal, " (", "（共 ")
      << health.epochs << said(terminal, " so far)\n", " 代）\n");
  show_backup(health, terminal);
  if (health.fine()) out << said(terminal, "All is well.\n", "一切正常。\n");
}

}  // namespace

Status verify(const ListOptions& options, const Terminal& terminal) {
  DS_ASSIGN(const auto folder, HubFolder::open(options.data));
  DS_ASSIGN(const HubHealth health, examine(folder));
  if (options.json) {
    terminal.out << json_of(health) << '\n';
  } else {
    show(health, terminal);
  }
  if (!health.fine()) return error(ErrorCode::corrupt, folder.database_file().string());
  return {};
}

}  // namespace doorstep::commands
