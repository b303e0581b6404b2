// The commands of doorstepd as functions, so that tests call them as people do. Each returns the
// exit status: 0 done, 1 not done (and standard error says what to do), 2 wrong usage.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/limits.hpp"
#include "engine/core/result.hpp"

namespace doorstep::commands {

/// Where a command speaks, and in which language to a secretary.
struct Terminal {
  std::ostream& out;
  std::ostream& err;
  bool chinese = false;
  bool colours = false;  ///< `out` is a terminal that knows ANSI codes
};

/// The whole command line without the program's name.
[[nodiscard]] int run(const std::vector<std::string>& arguments, const Terminal& terminal);

struct InitOptions {
  std::string data;
  std::string schema;  ///< file; empty: the built-in village schema
  std::string name = "hub";
  bool json = false;
};
[[nodiscard]] Status init(const InitOptions& options, const Terminal& terminal);

struct ServeOptions {
  std::string data;
  std::string listen = "127.0.0.1:7300";
  std::string tls_certificate;
  std::string tls_key;
  bool insecure_listen = false;
  std::string console;  ///< HOST:PORT; empty: no console
  std::vector<std::string> console_hosts;
  bool json = false;
  bool log_json = false;
  bool verbose = false;
};
/// Returns after SIGTERM or SIGINT.
[[nodiscard]] Status serve(const ServeOptions& options, const Terminal& terminal);

struct ConsoleCodeOptions {
  std::string data;
  std::string name;
  std::string role = "secretary";
  bool json = false;
};
/// A code with which one person signs in to the console, once, within an hour.
[[nodiscard]] Status console_code(const ConsoleCodeOptions& options, const Terminal& terminal);

struct EnrolOptions {
  std::string data;
  std::vector<std::string> scopes;
  std::string role;
  std::string name;
  bool json = false;
};
[[nodiscard]] Status enrol(const EnrolOptions& options, const Terminal& terminal);

struct ListOptions {
  std::string data;
  bool json = false;
};
struct ConflictOptions {
  std::string data;
  bool json = false;
  bool only_open = false;
  std::string table;      ///< empty: of all
  std::size_t limit = 0;  ///< zero: all
};
[[nodiscard]] Status devices(const ListOptions& options, const Terminal& terminal);
[[nodiscard]] Status conflicts(const ConflictOptions& options, const Terminal& terminal);
/// Not ok also when something is wrong with the data; what, was printed.
[[nodiscard]] Status verify(const ListOptions& options, const Terminal& terminal);

struct CompareOptions {
  std::string data;
  std::string device;                              ///< as for revoke
  std::int64_t wait_ms = limits::compare_wait_ms;  ///< for the device to answer
  bool last = false;                               ///< only shows the last answer
  bool json = false;
};
/// Asks a device what it holds and shows how that differs from the hub; a running serve passes the
/// question on at once or when the device calls. Without an answer in time the last one is shown.
/// Errors: rows_differ when something differs that nothing explains, not_answered, device_revoked.
[[nodiscard]] Status compare(const CompareOptions& options, const Terminal& terminal);

struct CollectCommandOptions {
  std::string data;
  bool dry_run = false;
  bool json = false;
  std::int64_t horizon_days = 0;  ///< sets the hub's horizon first; zero: leaves it
};
[[nodiscard]] Status collect(const CollectCommandOptions& options, const Terminal& terminal);

struct DuplicatesOptions {
  enum class Action : std::uint8_t { list, accept, reject, unmerge };
  Action action = Action::list;
  std::string data;
  std::string pair;      ///< id of the pair, or at least its first four digits
  std::string survivor;  ///< accept: id of the row that stays; empty: the older one
  std::string by;        ///< who decides; empty: the hub's name
  bool all = false;      ///< list: those that were decided too
  bool json = false;
};
/// Lists pairs with the fields in which they differ, or decides one. Works beside a running hub.
[[nodiscard]] Status duplicates(const DuplicatesOptions& options, const Terminal& terminal);

struct QuarantineOptions {
  enum class Action : std::uint8_t { list, show, admit, discard };
  Action action = Action::list;
  std::string data;
  std::vector<std::string> ids;  ///< of transactions, or at least their first four digits
  std::string by;                ///< who decides; empty: the hub's name
  bool all = false;              ///< list: those that were settled too
  bool json = false;
};
/// Lists transactions that wait for a person, shows what is in them, or settles them, all that are
/// named or none. Works beside a running hub.
[[nodiscard]] Status quarantine(const QuarantineOptions& options, const Terminal& terminal);

struct ImportRescuedOptions {
  std::string data;
  std::string file;    ///< FILE.rescued-TIME, as `doorstep rescue` wrote it
  std::string device;  ///< as for revoke; empty: as the file says
  bool json = false;
};
/// What was rescued from a damaged phone and cannot be sent by it goes into quarantine.
[[nodiscard]] Status import_rescued_work(const ImportRescuedOptions& options,
                                         const Terminal& terminal);

struct BackupOptions {
  std::string data;
  std::string file;
  bool json = false;
};
/// One whole file, beside a running hub; then phones hear how far it reaches.
[[nodiscard]] Status backup(const BackupOptions& options, const Terminal& terminal);

struct RestoreOptions {
  std::string data;
  std::string file;
  bool json = false;
};
/// Error hub_in_use while a serve runs, and what restore_hub() says.
[[nodiscard]] Status restore(const RestoreOptions& options, const Terminal& terminal);

struct ResetOptions {
  std::string data;
  bool yes = false;
  bool json = false;
};
/// Errors usage without `yes`, hub_in_use.
[[nodiscard]] Status reset(const ResetOptions& options, const Terminal& terminal);

struct RestoredOptions {
  std::string data;
  std::string discard;  ///< device whose rows are settled; empty: list
  bool json = false;
};
/// The hub's epochs and, for every phone that came from a lost one, what it brought.
[[nodiscard]] Status restored(const RestoredOptions& options, const Terminal& terminal);

struct RevokeOptions {
  std::string data;
  std::string device;  ///< id, the beginning of one, or the name that it was enrolled under
  bool lost = false;
};
[[nodiscard]] Status revoke(const RevokeOptions& options, const Terminal& terminal);

struct DecideOptions {
  std::string data;
  std::string conflict;    ///< 32 hexadecimal digits
  std::string keep;        ///< winner, loser, or a third value
  bool has_value = false;  ///< `value` is the third value
  std::string value;
  bool undo = false;
  std::string by;  ///< who decides; empty: the hub's name
  bool json = false;
};
/// A commit of its own, by the hub as author; noticed by a running `serve`.
[[nodiscard]] Status decide(const DecideOptions& options, const Terminal& terminal);

struct ExplainOptions {
  std::string data;
  std::string table;
  std::string row;  ///< uuid or text key
  std::string column;
  bool json = false;
};
[[nodiscard]] Status explain_cell(const ExplainOptions& options, const Terminal& terminal);

struct GrantOptions {
  std::string data;
  std::string device;  ///< as for revoke
  std::vector<std::string> scopes;
  bool json = false;
};
/// Gives a device other scopes than it has; a running serve notices at once.
[[nodiscard]] Status grant(const GrantOptions& options, const Terminal& terminal);

struct LoadOptions {
  std::string data;
  std::string sample;
  std::uint64_t seed = 1;
  bool json = false;
};
/// Merges a generated village through the hub's own merge, as the author "hub", 500 rows a
/// transaction. Goes on where an earlier load of the same was stopped; error already_exists over
/// anything else.
[[nodiscard]] Status load(const LoadOptions& options, const Terminal& terminal);

struct ReportOptions {
  enum class Kind : std::uint8_t { weekly, monthly, publicity };
  enum class Form : std::uint8_t { table, json, csv, html };
  Kind kind = Kind::weekly;
  Form form = Form::table;
  std::string data;
  std::string scope;    ///< a unit's code; empty: the one above all others
  std::string period;   ///< such as 2026-W47; empty: the last whole one
  std::string figures;  ///< file; empty: those of the village
};
/// The figures of a period, beside a running hub, all from one of its commits.
[[nodiscard]] Status report(const ReportOptions& options, const Terminal& terminal);

struct CloseOptions {
  std::string data;
  std::string scope;
  std::string period;
  std::string by;
  std::string why;
  std::string figures;  ///< as for report
  bool anyway = false;  ///< also before its end
  bool json = false;
};
/// Fixes the figures of a unit in a period, as a row that syncs to those who may see it. A second
/// closing needs `why` and amends the first. Error usage without it, and before the period's end.
[[nodiscard]] Status close_period(const CloseOptions& options, const Terminal& terminal);

struct ClosedOptions {
  std::string data;
  std::string scope;    ///< empty: all
  std::string period;   ///< empty: all
  std::string figures;  ///< as for report
  ReportOptions::Form form = ReportOptions::Form::table;
};
/// Closed periods with what came later: figures as closed and now, and each late row.
[[nodiscard]] Status closed_periods(const ClosedOptions& options, const Terminal& terminal);

struct SchemaOptions {
  std::string data;
  std::string file;  ///< apply
  bool dry_run = false;
  bool json = false;
};
/// Brings a newer schema, beside a running `serve` too; with dry_run only says what would happen.
/// Error schema_refused when it does not only add; every reason was printed.
[[nodiscard]] Status schema_apply(const SchemaOptions& options, const Terminal& terminal);
/// Every schema that the hub ever had, oldest first, with how many devices are on it.
[[nodiscard]] Status schema_list(const SchemaOptions& options, const Terminal& terminal);
/// The text of the newest.
[[nodiscard]] Status schema_show(const SchemaOptions& options, const Terminal& terminal);

/// A script for bash.
[[nodiscard]] std::string bash_completion();

/// "code: message: detail" with what to do, in the terminal's language.
[[nodiscard]] std::string explain(const Error& reason, const Terminal& terminal);

}  // namespace doorstep::commands
