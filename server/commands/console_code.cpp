#include <ostream>

#include "engine/core/json_line.hpp"
#include "server/commands/command.hpp"
#include "server/console/accounts.hpp"
#include "server/hub_folder.hpp"
#include "server/hub_time.hpp"
#include "server/os_random.hpp"

namespace doorstep::commands {

Status console_code(const ConsoleCodeOptions& options, const Terminal& terminal) {
  // Only beside a hub: a mistyped folder must not get accounts.
  DS_ASSIGN(const auto folder, HubFolder::open(options.data));
  const auto role = console::role_of(options.role);
  if (!role) return error(ErrorCode::usage, "--role secretary or office");
  OsRandom random;
  DS_ASSIGN(const auto accounts, console::Accounts::open(folder.dir(), random));
  DS_ASSIGN(const auto code, accounts->make_code(options.name, *role, SystemTime().now()));
  if (options.json) {
    terminal.out << JsonLine()
                        .text("code", code.text)
                        .text("expires_at", to_rfc3339(code.expires))
                        .text("name", options.name)
                        .text("role", options.role)
                        .done()
                 << '\n';
  } else if (terminal.chinese) {
    terminal.out << options.name << " 登录控制台用的代码：\n\n  " << code.text
                 << "\n\n只能用一次，有效期到 " << to_rfc3339(code.expires) << "（一小时）。\n";
  } else {
    terminal.out << options.name << " signs in to the console with:\n\n  " << code.text
                 << "\n\nIt works once, until " << to_rfc3339(code.expires) << " (an hour).\n";
  }
  return {};
}

}  // namespace doorstep::commands
