#include "server/device_desk.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "engine/core/hash.hpp"
#include "engine/core/limits.hpp"
#include "engine/session/merge_pushes.hpp"
#include "engine/wire/enrolment_code.hpp"

namespace doorstep {
namespace {

constexpr std::int64_t silent_ms = std::int64_t{7} * 24 * 3'600'000;

/// Those that call: the hub's own author is nobody's to change.
Result<DeviceRecord> device_in(HubStore& store, HubCommit& commit, const DeviceId& device) {
  DS_ASSIGN(auto record, commit.device(device));
  if (!record || record->key == store.identity().keys.public_key) {
    return error(ErrorCode::device_unknown, device.hex());
  }
  return std::move(*record);
}

}  // namespace

Status check_role(const Schema& schema, const std::string& role) {
  const auto& roles = schema.roles();
  const bool known =
      std::any_of(roles.begin(), roles.end(), [&](const Role& each) { return each.name == role; });
  if (known || roles.empty()) return {};
  std::string names;
  for (const Role& each : roles) names += (names.empty() ? "" : ", ") + each.name;
  return error(ErrorCode::not_found, "role " + role + "; the schema has " + names);
}

Status check_scopes(HubSnapshot& snapshot, const std::vector<ScopeId>& scopes) {
  DS_ASSIGN(const auto tree, snapshot.scope_tree());
  for (const ScopeId& scope : scopes) {
    if (scope.empty() || scope.code.size() > limits::scope_bytes_max) {
      return error(ErrorCode::usage, "--scope '" + scope.code + "'");
    }
    const bool known = std::any_of(tree.begin(), tree.end(),
                                   [&](const auto& node) { return node.first == scope; });
    if (!known && !tree.empty()) return error(ErrorCode::not_found, "scope " + scope.code);
  }
  return {};
}

Result<IssuedCode> issue_code(HubStore& store, Random& random, Instant now, std::string name,
                              std::string role, std::vector<ScopeId> scopes) {
  IssuedCode issued;
  CodeRecord& record = issued.record;
  record.name = std::move(name);
  record.role = std::move(role);
  record.expires = now + limits::enrolment_code_ms;
  record.scopes = std::move(scopes);
  std::sort(record.scopes.begin(), record.scopes.end());
  record.scopes.erase(std::unique(record.scopes.begin(), record.scopes.end()), record.scopes.end());
  DS_TRY(check_role(store.schema(), record.role));
  DS_ASSIGN(const auto snapshot, store.snapshot());
  DS_TRY(check_scopes(*snapshot, record.scopes));

  EnrolmentCode code;
  random.fill(code.secret);
  code.hub_fingerprint = fingerprint_of(store.identity().keys.public_key);
  issued.text = code.text();
  const std::array<ByteView, 1> secret{code.secret};
  record.secret_hash = hash_of(secret);
  DS_ASSIGN(const auto commit, store.begin());
  DS_TRY(commit->put_code(record));
  DS_TRY(commit->commit(now, random.id<CommitToken>()));
  return issued;
}

Result<DeviceRecord> revoke_device(HubStore& store, Random& random, Instant now,
                                   const DeviceId& device, bool lost) {
  DS_ASSIGN(const auto commit, store.begin());
  DS_ASSIGN(auto record, device_in(store, *commit, device));
  if (!record.revoked) record.revoked = now;
  record.lost = record.lost || lost;
  DS_TRY(commit->put_device(record));
  DS_TRY(commit->commit(now, random.id<CommitToken>()));
  return record;
}

Result<Granted> grant_device(HubStore& store, Random& random, Instant now, const DeviceId& device,
                             std::vector<ScopeId> scopes) {
  DS_ASSIGN(const auto snapshot, store.snapshot());
  DS_TRY(check_scopes(*snapshot, scopes));
  DS_ASSIGN(const auto commit, store.begin());
  DS_ASSIGN(auto before, device_in(store, *commit, device));
  if (before.revoked) return error(ErrorCode::device_revoked, before.name);
  DS_ASSIGN(auto after, grant_scopes(*commit, device, std::move(scopes)));
  DS_TRY(commit->commit(now, random.id<CommitToken>()));
  return Granted{std::move(before), std::move(after)};
}

Result<std::vector<DeviceRecord>> devices_of(HubStore& store, HubSnapshot& snapshot) {
  DS_ASSIGN(auto all, snapshot.devices());
  const PublicKey& own = store.identity().keys.public_key;
  std::erase_if(all, [&](const DeviceRecord& device) { return device.key == own; });
  std::sort(all.begin(), all.end(), [](const DeviceRecord& a, const DeviceRecord& b) {
    return std::tie(a.name, a.id) < std::tie(b.name, b.id);
  });
  return all;
}

std::uint64_t lag_of(const DeviceRecord& device, Position head) {
  return head.number() - std::min(head.number(), device.cursor.number());
}

std::uint64_t pending_of(const DeviceRecord& device) {
  const std::uint64_t arrived = std::min(device.last.value, device.merged.value);
  return std::min(device.pending, device.last.value - arrived);
}

std::string_view state_of(const DeviceRecord& device) {
  if (device.lost) return "lost";
  return device.revoked ? "revoked" : "active";
}

std::string schema_of(const DeviceRecord& device, const SchemaHistory& schemas) {
  if (device.schema.is_none()) return "-";
  const auto* entry = schemas.find(device.schema);
  if (entry == nullptr) return "? " + device.schema.hex();
  return std::to_string(entry->schema.version());
}

bool is_silent(const DeviceRecord& device, Instant now) {
  return now - device.last_contact >= silent_ms;
}

}  // namespace doorstep
