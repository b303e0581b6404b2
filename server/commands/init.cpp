#include <ostream>

#include "engine/core/json_line.hpp"
#include "engine/wire/enrolment_code.hpp"
#include "schema/loader.hpp"
#include "server/commands/command.hpp"
#include "server/hub_folder.hpp"
#include "server/os_random.hpp"
#include "server/village_schema.hpp"

namespace doorstep::commands {

Status init(const InitOptions& options, const Terminal& terminal) {
  DS_ASSIGN(auto schema, options.schema.empty()
                             ? load_schema(village_schema_text(), "schema/village.toml")
                             : load_schema_file(options.schema));
  OsRandom random;
  const std::string schema_name = schema.name();
  const std::size_t tables = schema.tables().size();
  DS_ASSIGN(const auto folder,
            HubFolder::create(options.data, std::move(schema), options.name, random));
  const HubIdentity& hub = folder.store().identity();
  const std::string fingerprint = to_hex(fingerprint_of(hub.keys.public_key));
  if (options.json) {
    terminal.out << JsonLine()
                        .text("hub", hub.id.hex())
                        .text("name", hub.name)
                        .text("fingerprint", fingerprint)
                        .text("schema", schema_name)
                        .text("data", folder.dir().string())
                        .done()
                 << '\n';
    return {};
  }
  terminal.out << "Hub " << hub.name << " is ready in " << folder.dir().string() << ": schema "
               << schema_name << " with " << tables << " tables, key fingerprint " << fingerprint
               << ".\n"
               << "Next: doorstepd serve --data " << folder.dir().string()
               << " --listen 127.0.0.1:7300\n";
  return {};
}

}  // namespace doorstep::commands
