#include "engine/core/json_line.hpp"
#include "server/console/answers.hpp"
#include "server/console/gate.hpp"

namespace doorstep::console {
namespace {

constexpr std::string_view software = "doorstepd 0.1.0";
constexpr std::uint64_t api_version = 1;

ConsoleAnswer answer_me(const ConsoleCall& call, const Person& person) {
  const HubIdentity& hub = call.store().identity();
  const Schema& schema = call.store().schema();
  return ConsoleAnswer::json(
      JsonLine()
          .text("name", person.name)
          .text("role", name_of(person.role))
          .text("csrf", person.csrf)
          .text("expires_at", to_rfc3339(person.expires))
          .raw("hub", JsonLine()
                          .text("id", hub.id.hex())
                          .text("name", hub.name)
                          .number("epoch", hub.epoch)
                          .done())
          .raw("schema", JsonLine()
                             .text("name", schema.name())
                             .number("version", std::uint64_t{schema.version()})
                             .done())
          .text("software", software)
          .number("api", api_version)
          .done());
}

}  // namespace

Result<ConsoleAnswer> answer_sign_in(ConsoleCall& call) {
  FieldReader body = call.body();
  const std::string code = body.text("code");
  DS_TRY(body.done());
  const ConsoleRequest& request = call.request;
  auto signed_in = call.ports.accounts.sign_in(code, request.peer, call.ports.time.now());
  if (!signed_in) {
    const Error& why = signed_in.error();
    call.ports.log.write(LogLevel::warning, "console_sign_in_refused",
                         {{"peer", request.peer}, {"why", std::string(name_of(why.code))}});
    return call.blame("code", why);
  }
  const Person& person = signed_in->person;
  call.ports.log.write(
      LogLevel::info, "console_signed_in",
      {{"peer", request.peer}, {"name", person.name}, {"role", std::string(name_of(person.role))}});
  ConsoleAnswer answer = answer_me(call, person);
  answer.headers.emplace_back("Set-Cookie", session_cookie(signed_in->session, request.secure));
  return answer;
}

Result<ConsoleAnswer> answer_session(ConsoleCall& call) {
  DS_TRY(call.query().done());
  return answer_me(call, *call.request.person);
}

Result<ConsoleAnswer> answer_sign_out(ConsoleCall& call) {
  DS_TRY(call.body().done());
  DS_TRY(call.ports.accounts.sign_out(call.request.session));
  ConsoleAnswer answer;
  answer.headers.emplace_back("Set-Cookie", session_cookie("", call.request.secure));
  return answer;
}

}  // namespace doorstep::console
