#include "tests/bench/calling_device.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "client-sdk/src/sync_run.hpp"
#include "engine/core/limits.hpp"
#include "engine/wire/codec.hpp"
#include "engine/wire/version.hpp"

namespace doorstep::bench {
namespace {

constexpr std::string_view upgrade =
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: ZG9vcnN0ZXAgYmVuY2ggLQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

// RFC 6455, section 5.2.
constexpr std::uint8_t binary_frame = 2;
constexpr std::uint8_t closing_frame = 8;
constexpr std::uint8_t ping_frame = 9;
constexpr std::uint8_t pong_frame = 10;

/// Of a whole frame at the beginning of `bytes`: bytes of its header and of its payload; the first
/// is zero while it has not all come.
struct FrameSize {
  std::size_t header = 0;
  std::size_t payload = 0;
};

FrameSize frame_size(ByteView bytes) {
  if (bytes.size() < 2) return {};
  const std::size_t shortly = bytes[1] & 0x7FU;
  const std::size_t more = shortly == 127 ? 8 : shortly == 126 ? 2 : 0;
  if (bytes.size() < 2 + more) return {};
  std::size_t payload = more == 0 ? shortly : 0;
  for (std::size_t i = 0; i < more; ++i) payload = payload << 8U | bytes[2 + i];
  if (bytes.size() - 2 - more < payload) return {};
  return {2 + more, payload};
}

}  // namespace

CallingDevice::CallingDevice(std::uint16_t port, TlsClients* tls, const HubId& hub,
                             const Schema& schema, Call call)
    : stream_(port, tls), hub_(hub), schema_(schema), call_(std::move(call)) {
  stream_.send(bytes_of(upgrade));
}

void CallingDevice::step() {
  const Bytes came = stream_.receive();
  result_.bytes_received += came.size();
  came_.insert(came_.end(), came.begin(), came.end());
  if (!upgraded_) read_upgrade();
  if (upgraded_) read_frames();
  if (stream_.lost()) fail("the connection was lost");
}

void CallingDevice::read_upgrade() {
  const std::string_view text = text_of(came_);
  const std::size_t end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) return;
  if (!text.starts_with("HTTP/1.1 101")) return fail(std::string(text.substr(0, 40)));
  came_.erase(came_.begin(), came_.begin() + static_cast<std::ptrdiff_t>(end) + 4);
  upgraded_ = true;
}

void CallingDevice::read_frames() {
  std::size_t read = 0;
  while (true) {
    const ByteView left = ByteView(came_).subspan(read);
    const FrameSize size = frame_size(left);
    if (size.header == 0) break;
    const ByteView payload = left.subspan(size.header, size.payload);
    take(left[0] & 0x0FU, {payload.begin(), payload.end()});
    read += size.header + size.payload;
  }
  came_.erase(came_.begin(), came_.begin() + static_cast<std::ptrdiff_t>(read));
  if (came_.empty()) came_.shrink_to_fit();
}

void CallingDevice::take(std::uint8_t opcode, Bytes payload) {
  if (opcode == ping_frame) return send_frame(pong_frame, payload);
  if (opcode == closing_frame) return fail("the hub closed the connection");
  if (opcode != binary_frame || done_) return;
  const auto bytes = decoder_.decode(payload);
  if (!bytes) return fail(bytes.error().text());
  const auto message = decode(*bytes);
  if (!message) return fail(message.error().text());
  on(*message);
}

void CallingDevice::on(const Message& message) {
  if (const auto* challenge = std::get_if<Challenge>(&message)) return on_challenge(*challenge);
  if (const auto* changes = std::get_if<Changes>(&message)) return on_changes(*changes);
  if (const auto* ack = std::get_if<Ack>(&message)) {
    while (!in_flight_.empty() && in_flight_.front().first <= ack->through) {
      bytes_in_flight_ -= in_flight_.front().second;
      in_flight_.pop_front();
    }
    if (!ack->items.empty()) fail("not everything was accepted");
    return push_more();
  }
  if (const auto* error = std::get_if<ErrorMessage>(&message)) {
    return fail("error " + std::to_string(error->code) + " " + error->detail);
  }
  if (std::holds_alternative<Busy>(message)) fail("the hub is busy");
}

void CallingDevice::on_challenge(const Challenge& challenge) {
  const WrittenAhead& device = *call_.device;
  Hello hello;
  hello.version_min = protocol_version_min;
  hello.version_max = protocol_version_max;
  hello.device = device.id();
  hello.signature = sign(device.keys(), proof_text(challenge, stream_.binding(), device.id()));
  hello.schema = hello.schema_held = schema_.fingerprint();
  hello.hub = hub_;
  hello.last = device.last();
  hello.clock = device.clock();
  hello.software = "doorstep bench";
  for (const Push& push : call_.pushes) hello.pending += push.bodies.size();
  hello.holds = scopes_fingerprint({});
  send(hello);
  encoder_.enable_compression(SyncRequest{}.compression_level);
  push_more();
}

void CallingDevice::push_more() {
  while (next_push_ < call_.pushes.size()) {
    Push& push = call_.pushes[next_push_];
    std::size_t bytes = 0;
    for (const Bytes& body : push.bodies) bytes += body.size();
    if (bytes_in_flight_ > 0 && bytes_in_flight_ + bytes > limits::push_bytes_in_flight_max) return;
    bytes_in_flight_ += bytes;
    in_flight_.emplace_back(push.last(), bytes);
    ++next_push_;
    send(std::exchange(push, {}), next_push_ < call_.pushes.size() ? Flow::more : Flow::last);
  }
  if (std::exchange(pulled_, true)) return;
  Pull pull;
  pull.include = call_.device->last();
  pull.live = call_.live;
  pull.credit = static_cast<std::uint32_t>(limits::changes_in_flight_max);
  pull.holds = scopes_fingerprint({});
  send(pull);
}

void CallingDevice::on_changes(const Changes& changes) {
  for (const RowBlock& block : changes.rows) result_.rows += block.rows.size();
  if (!changes.checkpoint || call_.live) send(Credit{1});
  if (changes.checkpoint && changes.checkpoint->included >= call_.device->last()) finish();
}

void CallingDevice::send(const Message& message, Flow flow) {
  const Bytes plain = encode(message);
  if (std::holds_alternative<Push>(message)) decoder_.said(plain);
  send_frame(binary_frame, encoder_.encode(plain, flow));
}

void CallingDevice::send_frame(std::uint8_t opcode, ByteView payload) {
  const std::size_t size = payload.size();
  const std::size_t more = size > 0xFFFF ? 8 : size > 125 ? 2 : 0;
  // A mask of four zeros is one too, and leaves the payload as it is.
  Bytes frame(2 + more + 4 + size);
  frame[0] = static_cast<std::uint8_t>(0x80U | opcode);
  frame[1] = static_cast<std::uint8_t>(0x80U | (more == 8 ? 127 : more == 2 ? 126 : size));
  for (std::size_t i = 0; i < more; ++i) {
    frame[2 + i] = static_cast<std::uint8_t>(size >> (8 * (more - 1 - i)));
  }
  std::copy(payload.begin(), payload.end(), frame.end() - static_cast<std::ptrdiff_t>(size));
  result_.bytes_sent += frame.size();
  stream_.send(frame);
}

void CallingDevice::fail(std::string why) {
  if (done_) return;
  result_.failure = std::move(why);
  done_ = true;
}

// What it needed to talk is dropped, so that thousands of them fit into one process.
void CallingDevice::finish() {
  done_ = true;
  encoder_ = FrameEncoder();
  decoder_ = FrameDecoder();
  call_.pushes = {};
}

}  // namespace doorstep::bench
