#include "engine/core/sight.hpp"

namespace doorstep {
namespace {

/// Positions of two histories say nothing about each other.
bool comparable(Position a, Position b) {
  return a != Position{} && b != Position{} && a.epoch() == b.epoch();
}

}  // namespace

const Reoffered* Sight::find(const CellVersion& standing) const {
  if (others_ == nullptr) return nullptr;
  const auto found = others_->find({standing.author, standing.position});
  return found != others_->end() ? &found->second : nullptr;
}

bool Sight::sees(const CellVersion& standing) const {
  if (standing.position <= observed_) return true;
  const Reoffered* other = find(standing);
  return other != nullptr && comparable(other->was, before_) && other->was <= before_;
}

bool Sight::is_seen_by(const CellVersion& standing) const {
  if (was_ == Position{}) return false;
  const Reoffered* other = find(standing);
  return other != nullptr && comparable(was_, other->observed) && was_ <= other->observed;
}

bool Sight::stood_before(const CellVersion& standing) const {
  const Reoffered* other = find(standing);
  return other != nullptr && comparable(was_, other->was) && was_ < other->was;
}

}  // namespace doorstep
