#include "engine/core/schema_history.hpp"

#include <algorithm>
#include <utility>

#include "engine/core/assert.hpp"

namespace doorstep {

SchemaHistory::SchemaHistory(std::vector<Entry> entries) : entries_(std::move(entries)) {
  DS_ASSERT(!entries_.empty());
  for (Entry& entry : entries_) entry.view = SchemaView::of(newest(), entry.schema);
}

const SchemaHistory::Entry* SchemaHistory::find(const Fingerprint& fingerprint) const {
  const auto found = std::find_if(entries_.rbegin(), entries_.rend(), [&](const Entry& entry) {
    return entry.schema.fingerprint() == fingerprint;
  });
  return found == entries_.rend() ? nullptr : &*found;
}

const SchemaView& SchemaHistory::view_of(const Fingerprint& fingerprint) const {
  const Entry* entry = find(fingerprint);
  return entry != nullptr ? entry->view : entries_.back().view;
}

}  // namespace doorstep
