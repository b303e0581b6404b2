#include "tests/sim/link.hpp"

#include <algorithm>

namespace doorstep::sim {
namespace {

constexpr std::int64_t frame_header_bytes = 60;
constexpr std::uint64_t notice_ms_max = 60'000;

}  // namespace

void Link::send(Side to, Bytes frame) {
  Pipe& pipe = pipe_to(to);
  const auto bytes = static_cast<std::int64_t>(frame.size()) + frame_header_bytes;
  const std::int64_t now = context_.events.now();
  pipe.free_at = std::max(pipe.free_at, now) + bytes * 1000 / quality_.bytes_per_s;
  pipe.sent_bytes += static_cast<std::uint64_t>(bytes);
  const std::uint64_t end = pipe.sent_bytes;
  // Jitter may delay a message, but not past the one behind it.
  const auto jitter = static_cast<std::int64_t>(random_.below(4));
  pipe.free_at += jitter;
  context_.events.at(pipe.free_at + quality_.latency_ms, [self = shared_from_this(), to, end,
                                                          held = std::move(frame)] {
    Pipe& arrived = self->pipe_to(to);
    if (arrived.over || end > arrived.open_through) return;
    arrived.arrived_bytes = end;
    const std::uint64_t all = self->to_hub_.arrived_bytes + self->to_phone_.arrived_bytes;
    if (self->cut_after_ && all >= *self->cut_after_) self->cut(0, 0);
    // A copy: whoever is called may let go of this end.
    if (const auto deliver = arrived.end.frame) deliver(held);
  });
}

void Link::lose(Side side) {
  Pipe& pipe = pipe_to(side);
  if (pipe.over) return;
  pipe.over = true;
  const End end = std::move(pipe.end);
  pipe.end = {};
  if (end.lost) end.lost();
}

void Link::lose_after(Side side, std::int64_t ms) {
  context_.events.after(ms, [self = shared_from_this(), side] { self->lose(side); });
}

void Link::close(Side to) {
  Pipe& pipe = pipe_to(to);
  if (cut_) return;
  const std::int64_t last = std::max(pipe.free_at, context_.events.now());
  lose_after(to, last - context_.events.now() + quality_.latency_ms);
}

void Link::cut(std::int64_t bytes_to_hub, std::int64_t bytes_to_phone) {
  if (cut_) return;
  cut_ = true;
  ++context_.counts.cuts;
  to_hub_.open_through = to_hub_.arrived_bytes + static_cast<std::uint64_t>(bytes_to_hub);
  to_phone_.open_through = to_phone_.arrived_bytes + static_cast<std::uint64_t>(bytes_to_phone);
  lose_after(Side::hub, static_cast<std::int64_t>(random_.below(notice_ms_max)));
  lose_after(Side::phone, static_cast<std::int64_t>(random_.below(notice_ms_max)));
}

void Link::silence(Side to, bool pings) {
  pipe_to(to).open_through = pipe_to(to).arrived_bytes;
  if (!pings) return;
  // The pings of the transport find out in the end.
  lose_after(Side::hub, 2 * static_cast<std::int64_t>(notice_ms_max));
  lose_after(Side::phone, 2 * static_cast<std::int64_t>(notice_ms_max));
}

void Link::drop(Side side, bool told) {
  Pipe& own = pipe_to(side);
  own.over = true;
  own.end = {};
  const Side other = side == Side::hub ? Side::phone : Side::hub;
  if (cut_) return;
  cut_ = true;
  lose_after(other, quality_.latency_ms +
                        (told ? 0 : static_cast<std::int64_t>(random_.below(notice_ms_max))));
}

}  // namespace doorstep::sim
