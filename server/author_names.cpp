#include "server/author_names.hpp"

#include "engine/session/commit_merge.hpp"
#include "server/explain.hpp"

namespace doorstep {
namespace {

template <class Key>
Result<std::string> once(std::map<Key, std::string>& known, const Key& key, HubSnapshot& snapshot,
                         const HubIdentity& identity, const CellVersion& version) {
  const auto found = known.find(key);
  if (found != known.end()) return found->second;
  DS_ASSIGN(const std::string name, author_name(snapshot, identity, version));
  return known.emplace(key, name).first->second;
}

}  // namespace

AuthorNames::AuthorNames(HubSnapshot& snapshot, const HubIdentity& identity)
    : snapshot_(snapshot), identity_(identity), hub_(hub_author(identity)) {}

Result<std::string> AuthorNames::of(const CellVersion& version) {
  if (version.author == hub_) {
    return once(hub_commits_, version.position, snapshot_, identity_, version);
  }
  return once(devices_, version.author, snapshot_, identity_, version);
}

}  // namespace doorstep
