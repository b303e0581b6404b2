// What a device asks for next.
#include <algorithm>
#include <iterator>

#include "engine/core/defect.hpp"
#include "engine/session/device_session.hpp"

namespace doorstep {

Pull next_pull(const DeviceState& own) {
  Pull request;
  request.cursor = own.cursor;
  request.holds = scopes_fingerprint(own.expected);
  if (own.staged && own.refill) {
    // A reconcile is of everything that the device sees: nothing is new beside it.
    request.scan = own.staged;
    request.refill = own.refill;
    return request;
  }
  // From nothing, everything is new.
  if (own.cursor != Position{} && !DS_DEFECT("grant_without_backfill")) {
    std::set_difference(own.expected.begin(), own.expected.end(), own.held.begin(), own.held.end(),
                        std::back_inserter(request.new_scopes));
    if (!DS_DEFECT("new_column_not_filled")) request.new_columns = own.new_columns;
  }
  const Fingerprint asked = asked_fingerprint(request.new_scopes, request.new_columns);
  if (own.staged && own.staged->asked == asked) request.scan = own.staged;
  // Not while the hub counts another one's work as this device's, or has lost some of it.
  request.own_left_out = !own.successor && !own.restoring;
  return request;
}

Result<Pull> reconcile_pull(DeviceStore& store, const DeviceState& own) {
  Pull request;
  request.cursor = own.cursor;
  request.holds = scopes_fingerprint(own.expected);
  DS_ASSIGN(request.sums, store.bucket_sums());
  return request;
}

}  // namespace doorstep
