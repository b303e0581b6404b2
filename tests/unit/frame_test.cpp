// Frames and the connection's zstd stream.
#include "engine/wire/frame.hpp"

#include <doctest/doctest.h>
#include <zstd.h>

#include <string>

#include "engine/core/limits.hpp"
#include "engine/ports/random.hpp"

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

std::string long_visit() {
  std::string visit = "visit";
  for (int i = 0; i < 200; ++i) visit += std::to_string(i * 7919);
  return visit;
}

TEST_CASE(
    "frames: of messages that follow each other each can be read when it arrives, and a repeat "
    "costs a few bytes") {
  FrameEncoder encoder;
  FrameDecoder decoder;
  CHECK(decoder.decode(encoder.encode(message_of("plain first"))).value() ==
        message_of("plain first"));
  encoder.enable_compression(3);
  const Bytes visit = message_of(long_visit());
  CHECK(decoder.decode(encoder.encode(visit, Flow::more)).value() == visit);
  const Bytes second = encoder.encode(visit, Flow::more);
  CHECK(decoder.decode(second).value() == visit);
  CHECK(second.size() < 30);
  CHECK(decoder.decode(encoder.encode({})).value().empty());
  const Bytes between = encoder.encode(visit);
  CHECK(decoder.decode(between).value() == visit);
  CHECK(between.size() < 30);
  const Bytes last = encoder.encode(visit, Flow::last);
  CHECK(decoder.decode(last).value() == visit);
  CHECK(last.size() < 30);
}

TEST_CASE("frames: a message by itself is compressed where that is shorter, and needs no other") {
  FrameEncoder encoder;
  encoder.enable_compression(3);
  const Bytes visit = message_of(long_visit());
  const Bytes first = encoder.encode(visit);
  CHECK(first.size() < visit.size());
  CHECK(encoder.encode(visit) == first);
  CHECK(encoder.encode(visit, Flow::last) == first);
  CHECK(FrameDecoder().decode(first).value() == visit);
  CHECK(to_hex(encoder.encode(message_of("hello"))) == "0068656c6c6f");
  Bytes noise(100);
  for (std::size_t i = 0; i < noise.size(); ++i)
    noise[i] = static_cast<std::uint8_t>(i * i * 37U + i * 101U);
  CHECK(encoder.encode(noise).size() == noise.size() + 1);
}

TEST_CASE("frames: after the last of several messages another stream begins") {
  FrameEncoder encoder;
  FrameDecoder decoder;
  encoder.enable_compression(3);
  const Bytes visit = message_of(long_visit());
  for (int i = 0; i < 3; ++i) {
    const Bytes begins = encoder.encode(visit, Flow::more);
    CHECK(FrameDecoder().decode(begins).value() == visit);
    CHECK(decoder.decode(begins).value() == visit);
    CHECK(decoder.decode(encoder.encode(visit, Flow::last)).value() == visit);
  }
  Bytes beyond = encoder.encode(visit);
  beyond.push_back(0);
  CHECK(decoder.decode(beyond).error().code == ErrorCode::bad_compression);
}

namespace {

/// Letters that no compression finds twice but where they were said before.
Bytes own_edits(std::size_t size, std::uint64_t seed) {
  SeededRandom random(seed);
  Bytes edits(size);
  random.fill(edits);
  return edits;
}

}  // namespace

TEST_CASE("frames: what a phone has pushed comes back to it for a few bytes") {
  FrameEncoder hub;
  FrameDecoder phone;
  hub.enable_compression(3);
  const Bytes first = own_edits(5'000, 1);
  const Bytes second = own_edits(5'000, 2);
  for (const Bytes& push : {first, second}) {
    phone.said(push);
    hub.heard(push);
  }
  phone.said(own_edits(2'000, 3));  // still on its way
  const Bytes begins = hub.encode(second, Flow::more);
  CHECK(begins.size() < 60);
  CHECK(FrameDecoder().decode(begins).error().code == ErrorCode::bad_compression);
  FrameDecoder other;
  other.said(first);
  CHECK(other.decode(begins).error().code == ErrorCode::bad_compression);
  CHECK(phone.decode(begins).value() == second);
  phone.said(own_edits(500'000, 4));
  const Bytes ends = hub.encode(first, Flow::last);
  CHECK(ends.size() < 60);
  CHECK(phone.decode(ends).value() == first);
  // The pull is answered: from here on the hub remembers nothing.
  hub.heard(first);
  const Bytes later = hub.encode(first, Flow::last);
  CHECK(later.size() > first.size());
  CHECK(phone.decode(later).value() == first);
}

TEST_CASE("frames: both ends remember as much of what was pushed, and the hub no more than that") {
  FrameEncoder hub;
  FrameDecoder phone;
  hub.enable_compression(3);
  const Bytes push = own_edits(100'000, 5);
  for (int i = 0; i < 5; ++i) {
    phone.said(push);
    hub.heard(push);
  }
  const Bytes answer = hub.encode(push, Flow::last);
  CHECK(answer.size() < 200);
  CHECK(phone.decode(answer).value() == push);
  CHECK(to_hex(ByteView(answer).first(5)) == "0500000400");
}

TEST_CASE("frames: all connections of a hub remember as much as there is room for, and no more") {
  const auto room = std::make_shared<HeardRoom>(100'000);
  const Bytes push = own_edits(60'000, 7);
  FrameEncoder first(room);
  FrameEncoder second(room);
  FrameEncoder third(room);
  FrameDecoder phone;  // each phone remembers the same
  for (FrameEncoder* hub : {&first, &second, &third}) {
    hub->enable_compression(3);
    hub->heard(push);
  }
  phone.said(push);
  CHECK(room->free() == 0);

  CHECK(to_hex(ByteView(first.encode(push, Flow::last)).first(5)) == "0560ea0000");
  CHECK(room->free() == 60'000);
  // There is room again, but what comes now does not follow what is remembered.
  second.heard(push);
  third.heard(push);
  CHECK(room->free() == 60'000);

  const Bytes part = second.encode(push, Flow::last);
  CHECK(to_hex(ByteView(part).first(5)) == "05409c0000");
  CHECK(part.size() > 20'000);
  CHECK(part.size() < 20'100);
  CHECK(phone.decode(part).value() == push);
  const Bytes nothing = third.encode(push, Flow::last);
  CHECK(nothing.size() > 60'000);
  CHECK(phone.decode(nothing).value() == push);
  {
    FrameEncoder cut(room);
    cut.heard(push);
    CHECK(room->free() == 40'000);
  }
  CHECK(room->free() == 100'000);
}

TEST_CASE("frames: a push that fits to the last byte is remembered whole, one byte more is not") {
  const Bytes push = own_edits(2'000, 8);
  const auto weight = [&](std::size_t bytes) {
    FrameEncoder hub(std::make_shared<HeardRoom>(bytes));
    FrameDecoder phone;
    hub.enable_compression(3);
    for (int i = 0; i < 2; ++i) {
      phone.said(push);
      hub.heard(push);
    }
    const Bytes answer = hub.encode(push, Flow::last);
    CHECK(phone.decode(answer).value() == push);
    return to_hex(ByteView(answer).first(5));
  };
  CHECK(weight(4'000) == "05a00f0000");
  CHECK(weight(3'999) == "059f0f0000");
  CHECK(weight(2'000) == "05d0070000");
}

TEST_CASE("frames: a short answer, an ack and a live change refer to no push") {
  FrameEncoder hub;
  hub.enable_compression(3);
  const Bytes push = own_edits(2'000, 6);
  hub.heard(push);
  CHECK(FrameDecoder().decode(hub.encode(push)).value() == push);
  CHECK(FrameDecoder().decode(hub.encode(push, Flow::talk)).value() == push);
  const Bytes checkpoint(ByteView(push).begin(), ByteView(push).begin() + 60);
  CHECK(FrameDecoder().decode(hub.encode(checkpoint, Flow::last)).value() == checkpoint);
  CHECK(FrameDecoder().decode(hub.encode(push, Flow::last)).value() == push);
}

namespace {

/// One live change: a random part and what all of them have in common.
Bytes live_change(int number) {
  std::string text = "home_visit 431224103212 note 血压较上次平稳，已提醒按时服药，下月复查血糖";
  for (int i = 0; i < 8; ++i) text += static_cast<char>(33 + (number * 7919 + i * i * 31) % 90);
  return message_of(text);
}

}  // namespace

TEST_CASE("frames: of a talk the next message is compressed against those before it") {
  FrameEncoder encoder;
  FrameDecoder decoder;
  encoder.enable_compression(3);
  CHECK_FALSE(encoder.keeps());
  const Bytes first = encoder.encode(live_change(1), Flow::talk);
  CHECK(first.front() == 4);  // too short to be compressed by itself
  CHECK(encoder.keeps());
  CHECK(decoder.decode(first).value() == live_change(1));
  std::vector<Bytes> said;
  for (int i = 2; i < 200; ++i) {  // far more than is kept
    said.push_back(encoder.encode(live_change(i), Flow::talk));
    CHECK(said.back().front() == 2);
    CHECK(said.back().size() < 40);
    CHECK(decoder.decode(said.back()).value() == live_change(i));
    // Others come between them and are not kept.
    CHECK(decoder.decode(encoder.encode(message_of("ack"))).value() == message_of("ack"));
    CHECK(decoder.decode(encoder.encode(message_of(long_visit()))).ok());
  }
  SUBCASE("one that is missing is noticed") {
    FrameDecoder later;
    CHECK(later.decode(said.back()).error().code == ErrorCode::bad_compression);
    CHECK(later.decode(first).error().code == ErrorCode::bad_compression);
  }
  SUBCASE("when the sender lets go, it begins anew") {
    encoder.forget();
    CHECK_FALSE(encoder.keeps());
    const Bytes anew = encoder.encode(live_change(1), Flow::talk);
    CHECK(anew == first);
    CHECK(decoder.decode(anew).value() == live_change(1));
    CHECK(decoder.decode(encoder.encode(live_change(2), Flow::talk)).value() == live_change(2));
  }
  SUBCASE("a long message stands alone") {
    std::string much;
    while (much.size() <= limits::talk_bytes_kept / 2) much += std::to_string(much.size() * 7919);
    const Bytes alone = encoder.encode(message_of(much), Flow::talk);
    CHECK(alone.front() == 1);
    CHECK(decoder.decode(alone).value() == message_of(much));
    CHECK(decoder.decode(encoder.encode(live_change(9), Flow::talk)).value() == live_change(9));
  }
  SUBCASE("what is damaged or cut off is refused") {
    Bytes cut = encoder.encode(live_change(300), Flow::talk);
    cut.pop_back();
    CHECK(decoder.decode(cut).error().code == ErrorCode::bad_compression);
  }
}

TEST_CASE("frames: a talk ends an open stream, and begins after it") {
  FrameEncoder encoder;
  FrameDecoder decoder;
  encoder.enable_compression(3);
  CHECK(decoder.decode(encoder.encode(live_change(1), Flow::more)).value() == live_change(1));
  CHECK(decoder.decode(encoder.encode(live_change(2), Flow::talk)).value() == live_change(2));
  CHECK_FALSE(encoder.keeps());
  Bytes twice = live_change(3);
  twice.insert(twice.end(), twice.begin(), twice.end());
  const Bytes begins = encoder.encode(twice, Flow::talk);
  CHECK(begins.front() == 3);
  CHECK(begins.size() < twice.size() * 2 / 3);
  CHECK(decoder.decode(begins).value() == twice);
  CHECK(decoder.decode(encoder.encode(live_change(4), Flow::talk)).value() == live_change(4));
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
  CHECK(FrameDecoder().decode(Bytes{6, 0x80}).error().code == ErrorCode::malformed);
  CHECK(FrameDecoder().decode(Bytes{3, 0x80}).error().code == ErrorCode::bad_compression);
  CHECK(FrameDecoder().decode(Bytes{3, 9, 0, 0x80}).error().code == ErrorCode::bad_compression);
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
