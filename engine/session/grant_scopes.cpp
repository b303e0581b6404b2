#include <algorithm>
#include <utility>

#include "engine/session/merge_pushes.hpp"

namespace doorstep {

Result<DeviceRecord> grant_scopes(HubCommit& commit, const DeviceId& device,
                                  std::vector<ScopeId> scopes) {
  std::sort(scopes.begin(), scopes.end());
  scopes.erase(std::unique(scopes.begin(), scopes.end()), scopes.end());
  DS_ASSIGN(auto record, commit.device(device));
  if (!record) return error(ErrorCode::device_unknown, device.hex());
  if (record->scopes == scopes) return *record;
  // What was observed at this commit's position comes from a checkpoint under the new grants.
  DS_TRY(commit.put_past_grant(device, {record->scopes, record->granted_since, commit.position()}));
  record->scopes = std::move(scopes);
  record->granted_since = commit.position();
  DS_TRY(commit.put_device(*record));
  return *record;
}

}  // namespace doorstep
