// What a frame weighs on the wire: with the WebSocket's header (RFC 6455 section 5.2), without
// TCP's and TLS's. Pure.
#pragma once

#include <cstddef>
#include <cstdint>

namespace doorstep {

enum class Way : std::uint8_t { up, down };  ///< from a device to its hub; from the hub

/// Of a frame as FrameEncoder gives it. One from a device has 4 bytes of mask besides.
[[nodiscard]] constexpr std::uint64_t bytes_on_wire(std::size_t frame, Way way) {
  const std::uint64_t header = frame < 126 ? 2 : frame < 65536 ? 4 : 10;
  return header + frame + (way == Way::up ? 4 : 0);
}

/// The most that a message of so many bytes can weigh once it is a frame, known before it is
/// encoded: the stream passes on what it cannot compress, and adds 3 bytes to every block of at
/// most 128 KiB and at most 18 at its beginning. Blocks that are cut shorter than that are, with
/// room to spare, in the 256th part.
[[nodiscard]] constexpr std::uint64_t bytes_on_wire_max(std::size_t message, Way way) {
  constexpr std::size_t kind = 1;
  constexpr std::size_t stream_begins = 18;
  constexpr std::size_t blocks = 6;
  return bytes_on_wire(kind + message + message / 256 + stream_begins + blocks, way);
}

}  // namespace doorstep
