// The handlers of the console's routes; what each takes and gives is in docs/console-api.md.
#pragma once

#include "server/console/console_request.hpp"

namespace doorstep::console {

// Who and what the hub is (hub_answers.cpp).
[[nodiscard]] Result<ConsoleAnswer> answer_scopes(ConsoleCall& call);
[[nodiscard]] Result<ConsoleAnswer> answer_schema(ConsoleCall& call);

}  // namespace doorstep::console
