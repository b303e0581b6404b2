// The secretary at the console of a township's hub: requests go through the console's routes as its
// HTTP server hands them over, beside the hub's own process.
#pragma once

#include <string>

#include "server/console/accounts.hpp"
#include "server/console/routes.hpp"
#include "server/console/work_figures.hpp"
#include "server/hub_time.hpp"
#include "server/os_random.hpp"
#include "tests/scenario/township.hpp"

namespace doorstep::test {

class ConsoleDesk {
 public:
  /// `name`: of the secretary who is signed in.
  explicit ConsoleDesk(const Township& township, const std::string& name = "李秀英");

  /// What the console answers; `path` with its query, without "/api/v1".
  [[nodiscard]] console::ConsoleAnswer ask(const std::string& method, const std::string& path,
                                           const std::string& body = {});
  /// The body of an answer that must be 200.
  [[nodiscard]] Json get(const std::string& path);
  [[nodiscard]] Json post(const std::string& path, const std::string& body);
  /// "400 bad_value limit": the status, the error's name and its field.
  [[nodiscard]] std::string refused(const std::string& method, const std::string& path,
                                    const std::string& body = {});
  /// Of the hub's newest commit.
  [[nodiscard]] std::uint64_t position();

  Language language = Language::chinese;

 private:
  std::string name_;
  OsRandom random_;
  SystemTime time_;
  NullLogSink log_;
  HubFolder folder_;
  std::unique_ptr<console::Accounts> accounts_;
  console::WorkFigures work_;
};

}  // namespace doorstep::test
