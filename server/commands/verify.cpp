#include <ostream>

#include "engine/core/json_line.hpp"
#include "engine/sqlite/database.hpp"
#include "server/commands/command.hpp"
#include "server/hub_folder.hpp"

namespace doorstep::commands {
namespace {

struct Findings {
  std::string integrity;  ///< what SQLite says; "ok"
  std::size_t scopes = 0;
  std::vector<ScopeId> differing;
  std::uint64_t positions = 0;
  std::vector<Position> missing;

  [[nodiscard]] bool fine() const {
    return integrity == "ok" && differing.empty() && missing.empty();
  }
};

Result<std::string> integrity_of(const HubFolder& folder) {
  sqlite::OpenOptions options;
  options.read_only = true;
  DS_ASSIGN(auto db, sqlite::Database::open(folder.database_file().string(), options));
  DS_ASSIGN(const auto said, db.one("pragma integrity_check"));
  return std::string(said ? said->as_text() : std::string_view("no answer"));
}

Status compare_digests(HubSnapshot& snapshot, Findings& findings) {
  DS_ASSIGN(const auto scopes, snapshot.scopes());
  DS_ASSIGN(const auto running, snapshot.digests(scopes));
  DS_ASSIGN(const auto scanned, snapshot.scan_digests(scopes));
  findings.scopes = scopes.size();
  for (std::size_t i = 0; i < scopes.size(); ++i) {
    if (running[i] != scanned[i]) findings.differing.push_back(scopes[i]);
  }
  return {};
}

// Every commit of this epoch up to the head must be there: a gap is a lost commit.
Status count_positions(HubSnapshot& snapshot, Findings& findings) {
  const Position head = snapshot.head();
  for (std::uint64_t number = 1; number <= head.number(); ++number) {
    const Position position = Position::of(head.epoch(), number);
    DS_ASSIGN(const auto token, snapshot.token(position));
    if (!token) findings.missing.push_back(position);
  }
  findings.positions = head.number();
  return {};
}

std::string json_of(const Findings& findings) {
  std::string scopes;
  for (const ScopeId& scope : findings.differing) {
    scopes += (scopes.empty() ? "" : ",") + json_string(scope.code);
  }
  std::string missing;
  for (const Position& position : findings.missing) {
    missing += (missing.empty() ? "" : ",") + std::to_string(position.value);
  }
  return JsonLine()
      .boolean("ok", findings.fine())
      .text("integrity", findings.integrity)
      .number("scopes", static_cast<std::uint64_t>(findings.scopes))
      .raw("differing", "[" + scopes + "]")
      .number("positions", findings.positions)
      .raw("missing", "[" + missing + "]")
      .done();
}

void show(const Findings& findings, std::ostream& out) {
  out << "SQLite integrity: " << findings.integrity << '\n'
      << "Digests: " << findings.scopes << " scopes, " << findings.differing.size()
      << " differ from their rows\n";
  for (const ScopeId& scope : findings.differing) out << "  scope " << scope.code << '\n';
  out << "Positions: " << findings.positions << ", " << findings.missing.size() << " missing\n";
  for (const Position& position : findings.missing)
    out << "  position " << position.number() << '\n';
  if (findings.fine()) out << "All is well.\n";
}

}  // namespace

Status verify(const ListOptions& options, const Terminal& terminal) {
  DS_ASSIGN(const auto folder, HubFolder::open(options.data));
  Findings findings;
  DS_ASSIGN(findings.integrity, integrity_of(folder));
  DS_ASSIGN(const auto snapshot, folder.store().snapshot());
  DS_TRY(compare_digests(*snapshot, findings));
  DS_TRY(count_positions(*snapshot, findings));
  if (options.json) {
    terminal.out << json_of(findings) << '\n';
  } else {
    show(findings, terminal.out);
  }
  if (!findings.fine()) return error(ErrorCode::corrupt, folder.database_file().string());
  return {};
}

}  // namespace doorstep::commands
