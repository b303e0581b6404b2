#include "server/hub_health.hpp"

#include <set>

#include "engine/sqlite/database.hpp"

namespace doorstep {
namespace {

Result<std::string> integrity_of(const HubFolder& folder) {
  sqlite::OpenOptions options;
  options.read_only = true;
  DS_ASSIGN(auto db, sqlite::Database::open(folder.database_file().string(), options));
  DS_ASSIGN(const auto said, db.one("pragma integrity_check"));
  return std::string(said ? said->as_text() : std::string_view("no answer"));
}

Status compare_digests(HubSnapshot& snapshot, HubHealth& health) {
  DS_ASSIGN(const auto scopes, snapshot.scopes());
  DS_ASSIGN(const auto running, snapshot.digests(scopes));
  DS_ASSIGN(const auto scanned, snapshot.scan_digests(scopes));
  health.scopes = scopes.size();
  for (std::size_t i = 0; i < scopes.size(); ++i) {
    if (running[i] != scanned[i]) health.differing.push_back(scopes[i]);
  }
  return {};
}

/// Commits are numbered through all epochs; an epoch says after which commit of its parent it
/// began.
Status count_positions(HubSnapshot& snapshot, HubHealth& health) {
  DS_ASSIGN(const auto epochs, snapshot.epochs());
  health.epochs = epochs.size();
  health.epoch = epochs.back().epoch;
  const Position head = snapshot.head();
  std::set<CommitToken> seen;
  auto epoch = epochs.begin();
  for (std::uint64_t number = 1; number <= head.number(); ++number) {
    while (epoch + 1 != epochs.end() && (epoch + 1)->parent_position.number() < number) ++epoch;
    const Position position = Position::of(epoch->epoch, number);
    DS_ASSIGN(const auto token, snapshot.token(position));
    if (!token) {
      health.missing.push_back(position);
    } else if (token->is_none() || !seen.insert(*token).second) {
      health.tokens.push_back(position);
    }
  }
  health.positions = head.number();
  return {};
}

}  // namespace

Result<HubHealth> examine(const HubFolder& folder) {
  HubHealth health;
  DS_ASSIGN(health.integrity, integrity_of(folder));
  DS_ASSIGN(const auto snapshot, folder.store().snapshot());
  DS_TRY(compare_digests(*snapshot, health));
  DS_TRY(count_positions(*snapshot, health));
  DS_ASSIGN(health.backed_up, snapshot->backed_up());
  return health;
}

}  // namespace doorstep
