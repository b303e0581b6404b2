// Handlers of the routes that show and settle what is in the hub: conflicts, duplicates,
// quarantine, records, reports. What each takes and gives is in docs/console-api.md.
#pragma once

#include "server/console/console_request.hpp"

namespace doorstep::console {

[[nodiscard]] Result<ConsoleAnswer> answer_conflicts(ConsoleCall& call);
[[nodiscard]] Result<ConsoleAnswer> answer_decide(ConsoleCall& call);

[[nodiscard]] Result<ConsoleAnswer> answer_duplicates(ConsoleCall& call);
[[nodiscard]] Result<ConsoleAnswer> answer_duplicate(ConsoleCall& call);

[[nodiscard]] Result<ConsoleAnswer> answer_quarantine(ConsoleCall& call);
[[nodiscard]] Result<ConsoleAnswer> answer_quarantined(ConsoleCall& call);
[[nodiscard]] Result<ConsoleAnswer> answer_settle(ConsoleCall& call);

[[nodiscard]] Result<ConsoleAnswer> answer_records(ConsoleCall& call);
[[nodiscard]] Result<ConsoleAnswer> answer_record(ConsoleCall& call);
[[nodiscard]] Result<ConsoleAnswer> answer_timeline(ConsoleCall& call);
[[nodiscard]] Result<ConsoleAnswer> answer_history(ConsoleCall& call);

[[nodiscard]] Result<ConsoleAnswer> answer_report(ConsoleCall& call);

}  // namespace doorstep::console
