// The cast of the stories with real processes: a township hub and phones, each a folder or file and
// the commands that people type.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/json.hpp"
#include "tests/support/process.hpp"

namespace doorstep::test {

inline const std::string dushi = "431224103212";  ///< 独石村, the pilot village

/// A hub in a folder; `doorstepd` as a process when it serves.
class TownshipHub {
 public:
  /// doorstepd init in `folder`. `schema_file` empty: the built-in village schema.
  TownshipHub(std::string folder, const std::string& schema_file = {});

  [[nodiscard]] Finished command(
      std::vector<std::string> arguments) const;          ///< doorstepd ARGS --data FOLDER
  void serve(const std::vector<std::string>& more = {});  ///< same port after the first time
  void stop();                                            ///< SIGTERM, waits
  void kill();                                            ///< SIGKILL, waits
  [[nodiscard]] std::string url() const { return url_; }
  [[nodiscard]] bool serving() { return process_ && process_->running(); }
  /// A code for one scope, or several joined by commas.
  [[nodiscard]] std::string enrol(const std::string& name, const std::string& scopes = dushi,
                                  const std::string& role = "village_secretary") const;
  [[nodiscard]] std::string database() const { return folder_ + "/hub.db"; }
  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] const Finished& made() const { return made_; }

 private:
  std::string folder_;
  std::string url_;
  Finished made_;
  std::unique_ptr<Process> process_;
};

/// A volunteer's phone: a replica file and `doorstep`.
class Phone {
 public:
  Phone(std::string file, std::string name, std::int64_t clock_error_ms = 0);

  [[nodiscard]] Finished enrol(const TownshipHub& hub, const std::string& code) const;
  [[nodiscard]] Finished enrol(const TownshipHub& hub) const {
    return enrol(hub, hub.enrol(name_));
  }
  [[nodiscard]] Finished command(
      std::vector<std::string> arguments) const;  ///< doorstep ARGS --db FILE
  [[nodiscard]] Finished sql(const std::string& text) const { return command({"sql", text}); }
  [[nodiscard]] Finished sync() const { return command({"sync", "--json", "--attempts", "20"}); }
  [[nodiscard]] Process start(std::vector<std::string> arguments) const;  ///< beside the test
  [[nodiscard]] Json status() const;
  [[nodiscard]] std::vector<Json> conflicts() const;
  /// First column of the first row, by plain sqlite3 reading the file.
  [[nodiscard]] std::string read(const std::string& select) const;
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& file() const { return file_; }

 private:
  std::string file_;
  std::string name_;
  Environment environment_;
};

/// What `sqlite3 -readonly FILE SELECT` prints, without the last line break.
[[nodiscard]] std::string plain_read(const std::string& file, const std::string& select);
/// The last JSON line of a command's output.
[[nodiscard]] Json last_json(const Finished& finished);

}  // namespace doorstep::test
