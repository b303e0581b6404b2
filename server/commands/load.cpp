#include <ostream>

#include "engine/core/json_line.hpp"
#include "server/commands/command.hpp"
#include "server/hub_folder.hpp"
#include "server/log.hpp"
#include "server/os_random.hpp"
#include "server/sample_load.hpp"

namespace doorstep::commands {
namespace {

// A snapshot that outlives this question would keep the whole county in the write-ahead log.
Result<bool> has_records(HubStore& store) {
  DS_ASSIGN(const auto snapshot, store.snapshot());
  DS_ASSIGN(const auto scopes, snapshot->scopes());
  return !scopes.empty();
}

}  // namespace

Status load(const LoadOptions& options, const Terminal& terminal) {
  DS_ASSIGN(const auto folder, HubFolder::open(options.data));
  DS_ASSIGN(const bool used, has_records(folder.store()));
  if (used) {
    return error(ErrorCode::already_exists,
                 "the hub in " + options.data + " has records; nothing was loaded");
  }
  sample::SampleOptions sample;
  sample.seed = options.seed;
  const auto log = make_stderr_log(LogForm::text, LogLevel::warning);
  const SystemTime time;
  OsRandom random;
  const std::size_t parts = options.sample == "xupu" ? sample::county_parts() : 1;
  LoadTally tally;
  for (std::size_t part = 0; part < parts; ++part) {
    const auto rows =
        parts == 1 ? sample::make_village_sample(sample) : sample::make_county_part(sample, part);
    DS_ASSIGN(const LoadTally one, load_rows(folder.store(), *log, time, random, rows));
    tally += one;
    if (parts > 1 && terminal.colours) {
      terminal.err << '\r' << part << '/' << parts - 1 << (terminal.chinese ? " 个村" : " villages")
                   << std::flush;
    }
  }
  if (parts > 1 && terminal.colours) terminal.err << '\n';
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
