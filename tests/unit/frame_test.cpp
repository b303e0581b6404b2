// Frames and the connection's zstd stream.
#include "engine/wire/frame.hpp"

#include <doctest/doctest.h>
#include <zstd.h>

#include <string>

#include "engine/core/limits.hpp"

namespace doorstep {
namespace {

Bytes message_of(std::string_view text) {
  const ByteView view = bytes_of(text);
  return {view.begin(), view.end()};
}

/// A frame whose stream piece expands to `size` zero bytes.
Bytes bomb(std::size_t size) {
  FrameEncoder encoder;
  encoder.enable_compression(3);
  return encoder.encode(Bytes(size));
}

TEST_CASE("frames: before compression begins a message travels as it is behind one byte") {
  FrameEncoder encoder;
  FrameDecoder decoder;
  const Bytes frame = encoder.encode(message_of("hello"));
  CHECK(to_hex(frame) == "0068656c6c6f");
  CHECK(decoder.decode(frame).value() == message_of("hello"));
}

TEST_CASE(
    "frames: each message can be read when its frame arrives, and a repeat costs a few bytes") {
  FrameEncoder encoder;
  FrameDecoder decoder;
  CHECK(decoder.decode(encoder.encode(message_of("plain first"))).value() ==
        message_of("plain first"));
  encoder.enable_compression(3);
  std::string visit = "visit";
  for (int i = 0; i < 200; ++i) visit += std::to_string(i * 7919);
  const Bytes first = encoder.encode(message_of(visit));
  CHECK(decoder.decode(first).value() == message_of(visit));
  const Bytes second = encoder.encode(message_of(visit));
  CHECK(decoder.decode(second).value() == message_of(visit));
  CHECK(second.size() < 30);
  CHECK(decoder.decode(encoder.encode({})).value().empty());
}

TEST_CASE("frames: the largest message passes and one byte more is refused") {
  FrameDecoder decoder;
  const Result<Bytes> largest = decoder.decode(bomb(limits::message_bytes_max));
  REQUIRE(largest.ok());
  CHECK(largest->size() == limits::message_bytes_max);
  FrameDecoder other;
  const Bytes over = bomb(limits::message_bytes_max + 1);
  CHECK(over.size() < 10'000);
  CHECK(other.decode(over).error().code == ErrorCode::bad_compression);
}

TEST_CASE("frames: a frame beyond the limit is refused before it is looked at") {
  FrameDecoder decoder;
  CHECK(decoder.decode(Bytes(limits::frame_bytes_max)).ok());
  CHECK(decoder.decode(Bytes(limits::frame_bytes_max + 1)).error().code ==
        ErrorCode::message_too_large);
}

TEST_CASE("frames: a window above 2^20 is refused, whatever it would expand to") {
  Bytes wide(1024);
  wide[0] = 1;
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 21);
  const Bytes content(100);
  ZSTD_inBuffer in{content.data(), content.size(), 0};
  ZSTD_outBuffer out{wide.data() + 1, wide.size() - 1, 0};
  ZSTD_compressStream2(context, &out, &in, ZSTD_e_flush);
  ZSTD_freeCCtx(context);
  wide.resize(1 + out.pos);
  FrameDecoder decoder;
  CHECK(decoder.decode(wide).error().code == ErrorCode::bad_compression);
}

TEST_CASE("frames: an empty frame, an unknown kind and a damaged stream each have their error") {
  CHECK(FrameDecoder().decode({}).error().code == ErrorCode::malformed);
  CHECK(FrameDecoder().decode(Bytes{2, 0x80}).error().code == ErrorCode::malformed);
  CHECK(FrameDecoder().decode(Bytes{1, 1, 2, 3, 4}).error().code == ErrorCode::bad_compression);
}

TEST_CASE("frames: after damage nothing more is read from the stream") {
  FrameDecoder decoder;
  CHECK_FALSE(decoder.decode(Bytes{1, 1, 2, 3, 4}).ok());
  CHECK(decoder.decode(Bytes{0, 0x80}).error().code == ErrorCode::bad_compression);
}

TEST_CASE("frames: no change of one bit in a stream brings the reader down") {
  FrameEncoder encoder;
  encoder.enable_compression(3);
  const Bytes frame =
      encoder.encode(message_of("a visit to the Wang household, a visit to the Li household"));
  for (std::size_t bit = 0; bit < frame.size() * 8; ++bit) {
    Bytes damaged = frame;
    damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ 1U << bit % 8);
    FrameDecoder decoder;
    const Result<Bytes> read = decoder.decode(damaged);
    CHECK((!read.ok() || read->size() <= limits::message_bytes_max));
  }
}

}  // namespace
}  // namespace doorstep
