// Frames: a message as it stands in one binary WebSocket frame. One byte says how: 0 as it is, 1 a
// piece of the connection's zstd stream (RFC 8878; one stream a direction, flushed after each
// message, window at most 2^20). Messages before the stream has begun go plain. Pure; one object
// per direction of a connection, used by one thread.
#pragma once

#include <memory>

#include "engine/core/bytes.hpp"
#include "engine/core/result.hpp"

namespace doorstep {

class FrameEncoder {
 public:
  FrameEncoder();
  ~FrameEncoder();
  FrameEncoder(FrameEncoder&&) noexcept;
  FrameEncoder& operator=(FrameEncoder&&) noexcept;

  /// From the next frame on messages go through the stream.
  void enable_compression(int level);
  [[nodiscard]] Bytes encode(ByteView message);

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
};

class FrameDecoder {
 public:
  FrameDecoder();
  ~FrameDecoder();
  FrameDecoder(FrameDecoder&&) noexcept;
  FrameDecoder& operator=(FrameDecoder&&) noexcept;

  /// Errors: bad_compression (damage, or more than limits::message_bytes_max after expansion),
  /// message_too_large, malformed (unknown first byte, empty frame). After an error the object is
  /// dead.
  [[nodiscard]] Result<Bytes> decode(ByteView frame);

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
};

}  // namespace doorstep
