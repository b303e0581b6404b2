// One connection: a reliable stream of messages each way, with latency and bandwidth, until it is
// cut. As with TCP nothing inside is lost, doubled or put in another order; a cut loses what has
// not arrived, which is a suffix of either direction, also the rest of a message; and each end
// learns of it when it learns, or never.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <optional>

#include "engine/core/bytes.hpp"
#include "engine/ports/random.hpp"
#include "tests/sim/context.hpp"

namespace doorstep::sim {

struct LinkQuality {
  std::int64_t latency_ms = 30;
  std::int64_t bytes_per_s = 200'000;
};

class Link : public std::enable_shared_from_this<Link> {
 public:
  enum class Side : std::uint8_t { phone, hub };
  struct End {
    std::function<void(const Bytes&)> frame;
    std::function<void()> lost;  ///< called once: closed by the other side, or given up
  };

  Link(Context& context, LinkQuality quality, std::uint64_t seed)
      : context_(context), quality_(quality), random_(seed) {}

  void attach(Side side, End end) { pipe_to(side).end = std::move(end); }
  /// To the side named.
  void send(Side to, Bytes frame);
  /// What was sent arrives before.
  void close(Side to);
  /// The first `bytes` still under way to each side arrive, in whole messages. Each side learns of
  /// it up to a minute later.
  void cut(std::int64_t bytes_to_hub, std::int64_t bytes_to_phone);
  /// cut() of all that is under way, as soon as so many bytes have arrived, both ways together.
  void cut_after(std::uint64_t bytes) { cut_after_ = bytes; }
  /// Nothing arrives there any more: half-open. Pings find out after two minutes, or nobody does.
  void silence(Side to, bool pings);
  /// This side's process is gone: nothing is called there any more. The other learns of it, at
  /// once (its system answers) or much later (no power).
  void drop(Side side, bool told);
  [[nodiscard]] bool whole() const { return !cut_; }

 private:
  struct Pipe {
    End end;
    std::int64_t free_at = 0;      // the sender's line is busy until then
    std::uint64_t sent_bytes = 0;  // of all messages, with each one's end
    std::uint64_t arrived_bytes = 0;
    std::uint64_t open_through = std::numeric_limits<std::uint64_t>::max();
    bool over = false;
  };
  Pipe& pipe_to(Side side) { return side == Side::hub ? to_hub_ : to_phone_; }
  void lose(Side side);
  void lose_after(Side side, std::int64_t ms);

  Context& context_;
  LinkQuality quality_;
  SeededRandom random_;
  Pipe to_hub_;
  Pipe to_phone_;
  std::optional<std::uint64_t> cut_after_;
  bool cut_ = false;
};

}  // namespace doorstep::sim
