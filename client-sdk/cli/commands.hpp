// The subcommands of `doorstep`. Each registers itself with its options and examples; what runs
// writes its exit status (0 done, 1 not done, 2 wrong usage) to `status`.
#pragma once

namespace CLI {
class App;
}

namespace doorstep::cli {

void add_init(CLI::App& app, int& status);
void add_sql(CLI::App& app, int& status);
void add_sync(CLI::App& app, int& status);
void add_status(CLI::App& app, int& status);
void add_conflicts(CLI::App& app, int& status);
void add_decide(CLI::App& app, int& status);
void add_explain(CLI::App& app, int& status);
void add_rejected(CLI::App& app, int& status);
void add_report(CLI::App& app, int& status);
void add_rescue(CLI::App& app, int& status);
void add_schema(CLI::App& app, int& status);
void add_verify(CLI::App& app, int& status);
void add_completion(CLI::App& app, int& status);

}  // namespace doorstep::cli
