#include "tests/bench/raw_hops.hpp"

#include <array>
#include <span>

#include "tests/bench/plain_file.hpp"

namespace doorstep::bench {
namespace {

constexpr std::array<std::uint8_t, 4> mask = {0x37, 0xFA, 0x21, 0x3D};
constexpr std::size_t short_payload_max = 125;
constexpr std::uint8_t binary_frame = 0x82;
constexpr std::uint8_t masked = 0x80;
constexpr std::uint8_t two_byte_size = 126;

void apply_mask(std::span<std::uint8_t> payload) {
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] ^= mask[i % mask.size()];
}

/// A binary frame of so many bytes (RFC 6455 section 5.2); clients mask theirs.
Bytes frame_of(std::size_t payload, bool of_client) {
  Bytes frame{binary_frame};
  const std::uint8_t bit = of_client ? masked : 0;
  if (payload <= short_payload_max) {
    frame.push_back(static_cast<std::uint8_t>(bit | payload));
  } else {
    frame.push_back(bit | two_byte_size);
    frame.push_back(static_cast<std::uint8_t>(payload >> 8U));
    frame.push_back(static_cast<std::uint8_t>(payload));
  }
  if (of_client) frame.insert(frame.end(), mask.begin(), mask.end());
  const std::size_t header = frame.size();
  frame.resize(header + payload, 0x5A);
  if (of_client) apply_mask(std::span(frame).subspan(header));
  return frame;
}

/// Reads one frame; false at the end.
bool read_frame(const Socket& from, bool of_client) {
  std::array<std::uint8_t, 4> head{};
  if (!from.read_all(head.data(), 2)) return false;
  std::size_t payload = head[1] & ~masked;
  if (payload == two_byte_size) {
    if (!from.read_all(head.data(), 2)) return false;
    payload = std::size_t{head[0]} << 8U | head[1];
  }
  if (of_client && !from.read_all(head.data(), mask.size())) return false;
  Bytes body(payload);
  if (!from.read_all(body.data(), body.size())) return false;
  if (of_client) apply_mask(body);
  return true;
}

}  // namespace

void RawHops::Node::commit(const Workload& workload, const VisitEdit& edit) {
  update.bind(1, edit.value);
  update.bind(2, workload.visits[edit.visit][0]);
  must(update.run());
}

RawHops::Node RawHops::node(const std::string& file) const {
  Node made{make_plain_file(file, workload_.schema, false), {}};
  insert_ground(made.db, workload_);
  insert_plain(made.db, workload_.visit_table(), workload_.visits, 0, workload_.visits.size(), 100);
  must(made.db.run("PRAGMA synchronous = FULL"));
  made.update =
      must(made.db.prepare(update_sql(workload_.visit_table(), workload_.live.at(0).column), true));
  return made;
}

RawHops::RawHops(const Workload& workload, const std::string& files, const Hops& hops)
    : workload_(workload),
      hops_(hops),
      first_(node(files + "floor-first.db")),
      hub_(node(files + "floor-hub.db")),
      second_(node(files + "floor-second.db")),
      listener_(Socket::listener()),
      slow_(hops.one_way_ms > 0 ? std::make_unique<LinkProxy>(listener_.port(), hops.one_way_ms)
                                : nullptr),
      from_first_(connected()),
      at_hub_first_(listener_.accept()),
      from_second_(connected()),
      at_hub_second_(listener_.accept()) {
  relaying_ = std::thread([this] { relay(); });
  receiving_ = std::thread([this] { receive(); });
}

RawHops::~RawHops() {
  from_first_.shut_down();
  relaying_.join();
  receiving_.join();
}

Socket RawHops::connected() const {
  return Socket::connected_to(slow_ ? slow_->port() : listener_.port());
}

double RawHops::change(const std::vector<VisitEdit>& edits, std::size_t number) {
  const VisitEdit& edit = edits.at(number);
  edit_ = &edit;
  const std::uint64_t before = arrived_;
  return seconds_of([&] {
    first_.commit(workload_, edit);
    DS_ASSERT(from_first_.write_all(frame_of(hops_.up, true)));
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return arrived_ > before; });
  });
}

void RawHops::relay() {
  while (read_frame(at_hub_first_, true)) {
    hub_.commit(workload_, *edit_.load());
    if (!at_hub_second_.write_all(frame_of(hops_.down, false))) break;
  }
  at_hub_second_.shut_down();
}

void RawHops::receive() {
  while (read_frame(from_second_, false)) {
    second_.commit(workload_, *edit_.load());
    const std::lock_guard lock(mutex_);
    ++arrived_;
    changed_.notify_all();
  }
}

}  // namespace doorstep::bench
