// The handlers of the console's routes; what each takes and gives is in docs/console-api.md.
#pragma once

#include "server/console/console_request.hpp"

namespace doorstep::console {

// Signing in and out (session_answers.cpp).
[[nodiscard]] Result<ConsoleAnswer> answer_sign_in(ConsoleCall& call);
[[nodiscard]] Result<ConsoleAnswer> answer_session(ConsoleCall& call);
[[nodiscard]] Result<ConsoleAnswer> answer_sign_out(ConsoleCall& call);

// Devices and their rights (device_answers.cpp).
[[nodiscard]] Result<ConsoleAnswer> answer_devices(ConsoleCall& call);
[[nodiscard]] Result<ConsoleAnswer> answer_enrolment(ConsoleCall& call);
[[nodiscard]] Result<ConsoleAnswer> answer_revoke(ConsoleCall& call);
[[nodiscard]] Result<ConsoleAnswer> answer_grant(ConsoleCall& call);

// How the villages do (overview_answer.cpp), and what changes while one looks (news.cpp).
[[nodiscard]] Result<ConsoleAnswer> answer_overview(ConsoleCall& call);
/// A little of what overviews need, ahead of them.
[[nodiscard]] Status count_some_work(ConsolePorts& ports);
[[nodiscard]] Result<ConsoleAnswer> answer_events(ConsoleCall& call);

// Who and what the hub is (hub_answers.cpp).
[[nodiscard]] Result<ConsoleAnswer> answer_scopes(ConsoleCall& call);
[[nodiscard]] Result<ConsoleAnswer> answer_schema(ConsoleCall& call);

}  // namespace doorstep::console
