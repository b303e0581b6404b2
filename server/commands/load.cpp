#include <ostream>

#include "engine/core/json_line.hpp"
#include "server/commands/command.hpp"
#include "server/hub_folder.hpp"
#include "server/log.hpp"
#include "server/os_random.hpp"
#include "server/sample_load.hpp"

namespace doorstep::commands {

Status load(const LoadOptions& options, const Terminal& terminal) {
  DS_ASSIGN(const auto folder, HubFolder::open(options.data));
  DS_ASSIGN(const auto snapshot, folder.store().snapshot());
  DS_ASSIGN(const auto scopes, snapshot->scopes());
  if (!scopes.empty()) {
    return error(ErrorCode::already_exists,
                 "the hub in " + options.data + " has records; nothing was loaded");
  }
  sample::SampleOptions sample;
  sample.seed = options.seed;
  const auto rows = sample::make_village_sample(sample);
  const auto log = make_stderr_log(LogForm::text, LogLevel::warning);
  const SystemTime time;
  OsRandom random;
  DS_ASSIGN(const LoadTally tally, load_rows(folder.store(), *log, time, random, rows));
  if (options.json) {
    terminal.out << JsonLine()
                        .number("rows", tally.rows)
                        .number("transactions", tally.transactions)
                        .number("not_accepted", tally.not_accepted)
                        .done()
                 << '\n';
  } else {
    terminal.out << "Loaded " << tally.rows << " rows of " << options.sample << " in "
                 << tally.transactions << " transactions.\n";
  }
  if (tally.not_accepted > 0) {
    return error(ErrorCode::already_exists,
                 std::to_string(tally.not_accepted) + " rows met others of the same key");
  }
  return {};
}

}  // namespace doorstep::commands
