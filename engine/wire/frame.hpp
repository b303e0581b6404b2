// Frames: a message as it stands in one binary WebSocket frame. One byte says how: 0 as it is, 1 a
// piece of a zstd stream (RFC 8878; flushed after each message, window at most 2^20). A stream
// begins with the first of several messages that follow each other and ends with the last of them;
// a message by itself is a stream of one piece. So a connection at rest holds no compression state:
// streams of one direction, 1 MiB and more each, would cost a hub with ten thousand quiet phones
// its memory. Live changes come one by one, each much like those before it: both ends keep the last
// 4 KiB of them (kind 2; 3 and 4 where keeping begins), and the next is compressed against that.
// 1,015 bytes from phone to phone without it, with it 345. What a device has pushed comes back to
// it (SEMANTICS A6), so the stream that answers its pull is compressed against the first 256 KiB of
// its pushes on this connection, which both ends remember until then (kind 5): of concurrent edits
// 75 bytes each, up, down and echo, without it 88. Pure but for one spare context a thread;
// one object per direction of a connection, used by one thread at a time.
#pragma once

#include <memory>
#include <optional>

#include "engine/core/bytes.hpp"
#include "engine/core/result.hpp"
#include "engine/wire/heard_pushes.hpp"

namespace doorstep {

/// What follows a message in its direction.
enum class Flow {
  alone,  ///< nothing is known: a piece of the open stream, or a message by itself
  more,   ///< one like it at once: a stream begins if none is open
  last,   ///< nothing for now: an open stream ends with it
  talk    ///< likewise, and what comes later is like it: kept, and compressed against what is kept
};

class FrameEncoder {
 public:
  /// `room`: what all connections of this hub may remember of pushes together; nullptr: no limit.
  explicit FrameEncoder(std::shared_ptr<HeardRoom> room = nullptr);
  ~FrameEncoder();
  FrameEncoder(FrameEncoder&&) noexcept;
  FrameEncoder& operator=(FrameEncoder&&) noexcept;

  /// From the next frame on messages are compressed, those that get shorter by it.
  void enable_compression(int level);
  [[nodiscard]] Bytes encode(ByteView message, Flow flow = Flow::alone);
  /// The other end has sent this message and told its decoder (said()). Remembered, while there is
  /// room, until a stream begins, which refers to it, and no more once one message was the last of
  /// its kind.
  void heard(ByteView message);
  /// May a compressed frame that was made elsewhere and stands alone come next? Not within a
  /// stream.
  [[nodiscard]] bool takes_frame() const { return level_ > 0 && stream_ == nullptr; }
  /// What is kept of a talk goes; the next message of one begins anew.
  void forget() { kept_.reset(); }
  [[nodiscard]] bool keeps() const { return kept_ != nullptr; }

 private:
  struct Stream;
  std::optional<Bytes> talk_piece(ByteView message);
  Bytes stream_piece(ByteView message, Flow flow, bool answers);
  void stop_hearing();

  int level_ = 0;
  bool deaf_ = false;               ///< the first pull is answered
  std::unique_ptr<Stream> stream_;  ///< the open one
  std::unique_ptr<Bytes> kept_;     ///< of a talk: most connections have none
  std::shared_ptr<HeardRoom> room_;
  std::unique_ptr<HeardPushes> heard_;
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
  /// This end has sent a message that the other remembers: every push, in order.
  void said(ByteView message);

 private:
  struct Stream;
  [[nodiscard]] Result<Bytes> read_piece(ByteView piece);
  [[nodiscard]] Result<Bytes> read_answer(ByteView content);
  [[nodiscard]] Result<Bytes> read_talk(std::uint8_t kind, ByteView piece);

  std::unique_ptr<Stream> stream_;  ///< the open one
  std::unique_ptr<Bytes> kept_;     ///< as the encoder keeps it
  std::unique_ptr<HeardPushes> said_;
  bool dead_ = false;
};

}  // namespace doorstep
