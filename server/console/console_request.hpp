// What the console is asked and what it answers, without sockets: the HTTP server makes a
// ConsoleRequest of each request under /api/v1, a handler of the route table makes the answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/result.hpp"
#include "engine/core/time.hpp"
#include "engine/ports/log_sink.hpp"
#include "engine/ports/random.hpp"
#include "engine/sqlite/database.hpp"
#include "schema/error_text.hpp"
#include "server/connected_devices.hpp"
#include "server/console/accounts.hpp"
#include "server/console/field_reader.hpp"
#include "server/console/json_value.hpp"
#include "server/console/work_figures.hpp"
#include "server/hub_folder.hpp"
#include "server/hub_time.hpp"

namespace doorstep::console {

struct ConsoleRequest {
  std::string method;              ///< "GET", "POST", ...
  std::string path;                ///< decoded, without the query: "/api/v1/devices"
  std::vector<std::string> parts;  ///< what stood for each {...} of the route's pattern, in order
  JsonValue query = JsonValue::object();  ///< every value a string; of a name given twice: refused
  JsonValue body = JsonValue::object();   ///< of a request with a body: always an object
  Language language = Language::chinese;
  std::string session;           ///< the cookie's secret; empty: none was sent
  std::optional<Person> person;  ///< set for every route that is not open to all
  std::string host;              ///< as the Host header has it, with the port
  std::string peer;              ///< address of the caller
  bool secure = false;           ///< the caller reached us, or a proxy before us, over TLS
};

struct ConsoleAnswer {
  unsigned status = 200;
  std::string type = "application/json";
  std::string body = "{}";
  std::vector<std::pair<std::string, std::string>> headers = {};  ///< beside those of every answer

  [[nodiscard]] static ConsoleAnswer json(std::string text) {
    ConsoleAnswer answer;
    answer.body = std::move(text);
    return answer;
  }
};

/// What handlers work with. Quick and slow routes run on a thread each, with a folder each; the
/// rest is shared and thread-safe.
struct ConsolePorts {
  HubFolder& folder;
  Accounts& accounts;
  LogSink& log;
  const HubTime& time;
  Random& random;
  WorkFigures& work;  ///< this thread's own, for slow routes
  /// To the running server, now; null: there is none.
  const ConnectedDevices* connected = nullptr;
  std::string phones_url = {};  ///< where phones connect: "wss://..."
};

/// One request on its way through a handler.
struct ConsoleCall {
  const ConsoleRequest& request;
  ConsolePorts& ports;
  std::string field = {};  ///< the input at fault, once one is

  [[nodiscard]] SqliteHubStore& store() const { return ports.folder.store(); }
  /// A connection of its own for SELECTs on the hub's tables, beside whatever the store does.
  [[nodiscard]] Result<sqlite::Database> read_database() const;
  /// Reads the body's or the query's fields; faults name their field here. As long as the call.
  [[nodiscard]] FieldReader body() { return FieldReader(request.body, field); }
  [[nodiscard]] FieldReader query() { return FieldReader(request.query, field); }
  /// Notes the field at fault and gives the error back: `return call.blame("scopes", error(...))`.
  [[nodiscard]] Error blame(std::string_view name, Error reason) {
    field = name;
    return reason;
  }
  [[nodiscard]] bool chinese() const { return request.language == Language::chinese; }
  /// Name of who is signed in; empty on open routes.
  [[nodiscard]] std::string who() const {
    return request.person ? request.person->name : std::string();
  }
};

using ConsoleHandler = Result<ConsoleAnswer> (*)(ConsoleCall&);

}  // namespace doorstep::console
