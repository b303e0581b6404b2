#include <ostream>

#include "engine/core/json_line.hpp"
#include "server/commands/command.hpp"
#include "server/device_desk.hpp"
#include "server/hub_folder.hpp"
#include "server/hub_time.hpp"
#include "server/os_random.hpp"
#include "server/qr_text.hpp"

namespace doorstep::commands {
namespace {

void show(const EnrolOptions& options, const Terminal& terminal, const std::string& code,
          Instant expires) {
  if (options.json) {
    terminal.out << JsonLine()
                        .text("code", code)
                        .text("expires_at", to_rfc3339(expires))
                        .text("name", options.name)
                        .text("role", options.role)
                        .done()
                 << '\n';
    return;
  }
  if (terminal.chinese) {
    terminal.out << "请让“" << options.name << "”在手机上扫描，或输入登记码：\n\n";
  } else {
    terminal.out << "Let " << options.name << " scan this on the phone, or type the code:\n\n";
  }
  if (const auto picture = qr_text(code, terminal.colours); picture.ok()) {
    terminal.out << picture.value() << '\n';
  }
  terminal.out << "  " << code << "\n\n";
  if (terminal.chinese) {
    terminal.out << "只能用一次，有效期到 " << to_rfc3339(expires) << "（一小时）。\n";
  } else {
    terminal.out << "It works once, until " << to_rfc3339(expires) << " (an hour).\n";
  }
}

}  // namespace

Status enrol(const EnrolOptions& options, const Terminal& terminal) {
  DS_ASSIGN(const auto folder, HubFolder::open(options.data));
  OsRandom random;
  std::vector<ScopeId> scopes;
  for (const std::string& scope : options.scopes) scopes.push_back({scope});
  DS_ASSIGN(const auto issued, issue_code(folder.store(), random, SystemTime().now(), options.name,
                                          options.role, std::move(scopes)));
  show(options, terminal, issued.text, issued.record.expires);
  return {};
}

}  // namespace doorstep::commands
