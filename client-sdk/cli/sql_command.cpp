#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <doorstep/replica.hpp>
#include <memory>

#include "client-sdk/cli/bindings.hpp"
#include "client-sdk/cli/commands.hpp"
#include "client-sdk/cli/device_clock.hpp"
#include "client-sdk/cli/speech.hpp"
#include "client-sdk/src/replica_internal.hpp"
#include "engine/core/json_line.hpp"

namespace doorstep::cli {
namespace {

struct SqlOptions {
  std::string db;
  std::string sql;
  std::vector<std::string> binds;
  bool normal = false;
  bool json = false;  // rows are JSON lines either way
};

void print_rows(const SqlResult& result) {
  for (const ResultSet& set : result.sets) {
    for (const auto& row : set.rows) {
      JsonLine line;
      for (std::size_t i = 0; i < set.columns.size(); ++i) line.value(set.columns[i], row[i]);
      fmt::print("{}\n", line.done());
    }
  }
}

Result<SqlResult> run_sql(const SqlOptions& options) {
  Bindings bindings;
  for (const std::string& text : options.binds) {
    DS_ASSIGN(Binding binding, parse_binding(text, "--bind"));
    bindings.push_back(std::move(binding));
  }
  ReplicaOptions replica_options;
  if (options.normal) replica_options.synchronous = Synchronous::normal;
  ReplicaSeams seams;
  seams.clock = &device_clock();
  DS_ASSIGN(const auto replica, open_replica(options.db, replica_options, seams));
  // Reads need no write lock; what query() refuses because it writes becomes a transaction.
  auto read = replica->query(options.sql, bindings);
  if (read || read.error().code != ErrorCode::sql_refused) return read;
  return replica->execute(options.sql, bindings);
}

int run(const SqlOptions& options) {
  const auto result = run_sql(options);
  if (!result) return fail(result.error());
  print_rows(*result);
  return 0;
}

}  // namespace

void add_sql(CLI::App& app, int& status) {
  auto options = std::make_shared<SqlOptions>();
  auto* command =
      app.add_subcommand("sql", "Run SQL in one transaction; rows as JSON lines / 执行 SQL");
  command->add_option("--db", options->db, "The replica")->required();
  command->add_option("sql", options->sql, "One or more statements")->required();
  command->add_option("--bind", options->binds,
                      "A parameter: name=text or name:=JSON (repeat as needed)");
  command->add_flag("--normal", options->normal,
                    "synchronous NORMAL: faster; the last commits may be gone after a power cut");
  command->add_flag("--json", options->json, "Accepted for symmetry: rows are JSON lines anyway");
  command->footer(
      "Blobs and ids print as lowercase hexadecimal. SQL functions: uuid7(), uuid(text), "
      "uuid_text(blob).\n"
      "Examples:\n"
      "  doorstep sql --db wang.db \"select uuid_text(id), head_name from household limit 3\"\n"
      "  doorstep sql --db wang.db \"update resident set phone = :p where id = uuid(:id)\" \\\n"
      "      --bind p=13800000000 --bind id=018f3a6e-...");
  command->callback([options, &status] { status = run(*options); });
}

}  // namespace doorstep::cli
