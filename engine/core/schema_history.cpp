#include "engine/core/schema_history.hpp"

#include <algorithm>
#include <utility>

#include "engine/core/assert.hpp"

namespace doorstep {

SchemaHistory::SchemaHistory(std::vector<Entry> entries) : entries_(std::move(entries)) {
  DS_ASSERT(!entries_.empty());
  const auto add = [&](const std::string& name) {
    OfRole one{name, RoleRights::of(newest(), name), {}};
    for (const Entry& entry : entries_)
      one.views.push_back(SchemaView::of(newest(), entry.schema, one.rights));
    roles_.push_back(std::move(one));
  };
  for (const Role& role : newest().roles()) add(role.name);
  add("");
}

const SchemaHistory::Entry* SchemaHistory::find(const Fingerprint& fingerprint) const {
  const auto found = std::find_if(entries_.rbegin(), entries_.rend(), [&](const Entry& entry) {
    return entry.schema.fingerprint() == fingerprint;
  });
  return found == entries_.rend() ? nullptr : &*found;
}

const SchemaHistory::OfRole& SchemaHistory::find_role(std::string_view role) const {
  const auto found = std::find_if(roles_.begin(), roles_.end() - 1,
                                  [&](const OfRole& one) { return one.name == role; });
  return *found;
}

const SchemaView& SchemaHistory::view_of(const Fingerprint& fingerprint,
                                         std::string_view role) const {
  const Entry* entry = find(fingerprint);
  const auto place =
      entry != nullptr ? entry - entries_.data() : static_cast<std::ptrdiff_t>(entries_.size()) - 1;
  return find_role(role).views[static_cast<std::size_t>(place)];
}

const RoleRights& SchemaHistory::rights_of(std::string_view role) const {
  return find_role(role).rights;
}

}  // namespace doorstep
