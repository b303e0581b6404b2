#include "engine/wire/heard_pushes.hpp"

#include <algorithm>

namespace doorstep {

std::size_t HeardRoom::take(std::size_t wanted) {
  const std::size_t taken = std::min(wanted, free_);
  free_ -= taken;
  return taken;
}

HeardPushes::~HeardPushes() {
  if (room_) room_->give_back(bytes_.size());
}

void HeardPushes::add(ByteView message) {
  if (full_) return;
  std::size_t fits = std::min(message.size(), heard_bytes_max - bytes_.size());
  if (room_) fits = room_->take(fits);
  full_ = fits < message.size();
  const ByteView part = message.first(fits);
  bytes_.insert(bytes_.end(), part.begin(), part.end());
}

}  // namespace doorstep
