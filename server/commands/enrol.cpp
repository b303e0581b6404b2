#include <algorithm>
#include <ostream>

#include "engine/core/json_line.hpp"
#include "engine/core/limits.hpp"
#include "engine/wire/enrolment_code.hpp"
#include "server/commands/command.hpp"
#include "server/commands/find_device.hpp"
#include "server/hub_folder.hpp"
#include "server/hub_time.hpp"
#include "server/os_random.hpp"
#include "server/qr_text.hpp"

namespace doorstep::commands {
namespace {

Status check_role(const Schema& schema, const std::string& role) {
  const auto& roles = schema.roles();
  const bool known =
      std::any_of(roles.begin(), roles.end(), [&](const Role& each) { return each.name == role; });
  if (known || roles.empty()) return {};
  std::string names;
  for (const Role& each : roles) names += (names.empty() ? "" : ", ") + each.name;
  return error(ErrorCode::not_found, "role " + role + "; the schema has " + names);
}

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
  HubStore& store = folder.store();
  OsRandom random;
  const Instant now = SystemTime().now();

  CodeRecord record;
  record.name = options.name;
  record.role = options.role;
  record.expires = now + limits::enrolment_code_ms;
  for (const std::string& scope : options.scopes) record.scopes.push_back({scope});
  std::sort(record.scopes.begin(), record.scopes.end());
  record.scopes.erase(std::unique(record.scopes.begin(), record.scopes.end()), record.scopes.end());
  DS_TRY(check_role(store.schema(), options.role));
  DS_ASSIGN(const auto snapshot, store.snapshot());
  DS_TRY(check_scopes(*snapshot, record.scopes));

  EnrolmentCode code;
  random.fill(code.secret);
  code.hub_fingerprint = fingerprint_of(store.identity().keys.public_key);
  const std::array<ByteView, 1> secret{code.secret};
  record.secret_hash = hash_of(secret);
  DS_ASSIGN(const auto commit, store.begin());
  DS_TRY(commit->put_code(record));
  DS_TRY(commit->commit(now, random.id<CommitToken>()));
  show(options, terminal, code.text(), record.expires);
  return {};
}

}  // namespace doorstep::commands
