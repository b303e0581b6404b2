// What a township does about its devices: one-time codes, rights and their end, and how each is
// shown. Behind the commands and the console alike; each change is a commit of its own that a
// running serve notices.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/ports/hub_store.hpp"
#include "engine/ports/random.hpp"

namespace doorstep {

struct IssuedCode {
  std::string text;  ///< as the phone types or scans it
  CodeRecord record;
};

/// A code for one device, valid for an hour. Durable on return. Errors: what check_role() and
/// check_scopes() say.
[[nodiscard]] Result<IssuedCode> issue_code(HubStore& store, Random& random, Instant now,
                                            std::string name, std::string role,
                                            std::vector<ScopeId> scopes);

/// The schema has it, or has no roles at all. Error not_found says which there are.
[[nodiscard]] Status check_role(const Schema& schema, const std::string& role);

/// Each is a unit of the scope tree. A hub that has no units yet takes any code: the first phone
/// may be what brings them. Errors: usage for what cannot be a code, not_found.
[[nodiscard]] Status check_scopes(HubSnapshot& snapshot, const std::vector<ScopeId>& scopes);

/// Ends a device's enrolment, or reports one that has ended lost as well. Error device_unknown.
[[nodiscard]] Result<DeviceRecord> revoke_device(HubStore& store, Random& random, Instant now,
                                                 const DeviceId& device, bool lost);

struct Granted {
  DeviceRecord before;
  DeviceRecord after;
};
/// Gives a device these scopes and no others. Errors: device_unknown, device_revoked, and what
/// check_scopes() says.
[[nodiscard]] Result<Granted> grant_device(HubStore& store, Random& random, Instant now,
                                           const DeviceId& device, std::vector<ScopeId> scopes);

/// Those that call, by name: all but the hub's own author.
[[nodiscard]] Result<std::vector<DeviceRecord>> devices_of(HubStore& store, HubSnapshot& snapshot);

/// Hub commits that the device has not seen; it may see none of what they changed.
[[nodiscard]] std::uint64_t lag_of(const DeviceRecord& device, Position head);
/// What it had to send when it last called, without what has arrived since.
[[nodiscard]] std::uint64_t pending_of(const DeviceRecord& device);
/// "active", "revoked", "lost".
[[nodiscard]] std::string_view state_of(const DeviceRecord& device);
/// The version of its schema: "4", "? 0f3a..." for one that this hub never had, "-" before the
/// first call.
[[nodiscard]] std::string schema_of(const DeviceRecord& device, const SchemaHistory& schemas);
/// It has not called for a week, or never.
[[nodiscard]] bool is_silent(const DeviceRecord& device, Instant now);

}  // namespace doorstep
