#include "engine/wire/frame.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <zstd.h>

#include "engine/core/assert.hpp"
#include "engine/core/limits.hpp"

namespace doorstep {
namespace {

constexpr std::uint8_t plain_frame = 0;
constexpr std::uint8_t stream_frame = 1;
constexpr std::uint8_t talk_frame = 2;
constexpr std::uint8_t first_talk_frame = 3;
constexpr std::uint8_t first_plain_frame = 4;
constexpr std::uint8_t answer_frame = 5;
constexpr std::size_t said_size_bytes = 4;      // how much of what was said a stream refers to
constexpr std::size_t answer_bytes_min = 1024;  // a shorter one is hardly worth a look at it all
// Of a live message these are not said: a zstd frame's magic number, its header's first byte (one
// segment, four bytes of content size), and the header of its only block (RFC 8878 section 3.1.1).
constexpr std::array<std::uint8_t, 5> zstd_begins = {0x28, 0xB5, 0x2F, 0xFD, 0xA0};
constexpr std::size_t content_size_bytes = 4;
constexpr std::size_t block_header_bytes = 3;
constexpr std::uint32_t last_compressed_block = 1 + (2U << 1U);
constexpr std::size_t talk_size_bytes = 2;  // of the message, said instead
// Of harness's live changes 110 bytes each, 118 at level 3, 109 at 19; 9, 4 and 110 us each.
constexpr int talk_level_min = 6;
constexpr int window_log = 20;
constexpr std::size_t compressed_bytes_min = 48;  // shorter messages hardly ever get shorter

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};
using Compressor = std::unique_ptr<ZSTD_CCtx, FreeContext>;
using Decompressor = std::unique_ptr<ZSTD_DCtx, FreeContext>;

// Making a context costs more than compressing a short message with it, so each thread keeps one of
// either kind. What comes out does not depend on what a context was used for before.
struct Spare {
  Compressor compressor;
  Decompressor decompressor;
};
thread_local Spare spare;

void must(std::size_t code) { DS_ASSERT(ZSTD_isError(code) == 0); }

Compressor take_compressor(int level) {
  Compressor context = std::move(spare.compressor);
  if (!context) context.reset(ZSTD_createCCtx());
  DS_ASSERT(context != nullptr);
  must(ZSTD_CCtx_reset(context.get(), ZSTD_reset_session_and_parameters));
  must(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level));
  must(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_windowLog, window_log));
  return context;
}

Decompressor take_decompressor() {
  Decompressor context = std::move(spare.decompressor);
  if (!context) context.reset(ZSTD_createDCtx());
  DS_ASSERT(context != nullptr);
  must(ZSTD_DCtx_reset(context.get(), ZSTD_reset_session_and_parameters));
  must(ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, window_log));
  return context;
}

Bytes framed(std::uint8_t kind, ByteView content) {
  Bytes frame;
  frame.reserve(1 + content.size());
  frame.push_back(kind);
  frame.insert(frame.end(), content.begin(), content.end());
  return frame;
}

Bytes piece_of(ZSTD_CCtx* context, ByteView message, ZSTD_EndDirective end) {
  Bytes frame(1 + ZSTD_compressBound(message.size()));
  frame.front() = stream_frame;
  ZSTD_inBuffer in{message.data(), message.size(), 0};
  ZSTD_outBuffer out{frame.data(), frame.size(), 1};
  for (;;) {
    const std::size_t left = ZSTD_compressStream2(context, &out, &in, end);
    must(left);
    if (left == 0) break;
    frame.resize(frame.size() + left);
    out.dst = frame.data();
    out.size = frame.size();
  }
  frame.resize(out.pos);
  return frame;
}

// Both ends do the same with the same messages.
void keep(std::unique_ptr<Bytes>& kept, ByteView message) {
  if (!kept) kept = std::make_unique<Bytes>();
  const ByteView newest = message.last(std::min(message.size(), limits::talk_bytes_kept));
  const std::size_t room = limits::talk_bytes_kept - newest.size();
  const std::size_t gone = kept->size() - std::min(kept->size(), room);
  Bytes next;
  next.reserve(kept->size() - gone + newest.size());
  next.assign(kept->begin() + static_cast<std::ptrdiff_t>(gone), kept->end());
  next.insert(next.end(), newest.begin(), newest.end());
  *kept = std::move(next);
}

void append_low_first(Bytes& out, std::uint32_t number, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(number >> 8 * i));
}

/// The content of a zstd frame's block, when it has one only and that is compressed. The frame was
/// made without content size: magic number, two bytes of header.
std::optional<ByteView> only_block(ByteView frame) {
  constexpr std::size_t header = 4 + 2;
  if (frame.size() < header + block_header_bytes) return std::nullopt;
  const std::uint32_t block = frame[header] | static_cast<std::uint32_t>(frame[header + 1]) << 8U |
                              static_cast<std::uint32_t>(frame[header + 2]) << 16U;
  const ByteView content = frame.subspan(header + block_header_bytes);
  const bool only = block == last_compressed_block + (content.size() << 3U);
  return only ? std::optional(content) : std::nullopt;
}

/// The zstd frame of a live message, as what is said of it tells; nothing when it says too little.
std::optional<Bytes> talk_as_frame(ByteView said) {
  if (said.size() < talk_size_bytes) return std::nullopt;
  const ByteView block = said.subspan(talk_size_bytes);
  Bytes frame(zstd_begins.begin(), zstd_begins.end());
  frame.reserve(frame.size() + content_size_bytes + block_header_bytes + block.size());
  append_low_first(frame, said[0] + 256U * said[1], content_size_bytes);
  if (block.size() >> 21U != 0) return std::nullopt;  // no block's header has room for so much
  append_low_first(frame, last_compressed_block + (static_cast<std::uint32_t>(block.size()) << 3U),
                   block_header_bytes);
  frame.insert(frame.end(), block.begin(), block.end());
  return frame;
}

Error damaged(const char* detail) { return error(ErrorCode::bad_compression, detail); }

}  // namespace

struct FrameEncoder::Stream {
  Compressor context;
  std::unique_ptr<HeardPushes> refers_to = {};
};

FrameEncoder::FrameEncoder(std::shared_ptr<HeardRoom> room) : room_(std::move(room)) {}
FrameEncoder::~FrameEncoder() = default;
FrameEncoder::FrameEncoder(FrameEncoder&&) noexcept = default;
FrameEncoder& FrameEncoder::operator=(FrameEncoder&&) noexcept = default;

void FrameEncoder::enable_compression(int level) { level_ = level; }

Bytes FrameEncoder::encode(ByteView message, Flow flow) {
  if (level_ == 0) return framed(plain_frame, message);
  const bool of_several = flow == Flow::more || flow == Flow::last;
  const bool answers = of_several && !stream_ && heard_ && !heard_->bytes().empty() &&
                       message.size() >= answer_bytes_min;
  if (stream_ || flow == Flow::more || answers) return stream_piece(message, flow, answers);
  if (flow == Flow::last) stop_hearing();
  if (message.size() < compressed_bytes_min) return framed(plain_frame, message);
  if (flow == Flow::talk) {
    if (auto piece = talk_piece(message)) return *std::move(piece);
  }
  Compressor context = take_compressor(level_);
  must(ZSTD_CCtx_setPledgedSrcSize(context.get(), message.size()));
  Bytes frame = piece_of(context.get(), message, ZSTD_e_end);
  spare.compressor = std::move(context);
  if (frame.size() <= message.size()) return frame;
  return framed(plain_frame, message);
}

Bytes FrameEncoder::stream_piece(ByteView message, Flow flow, bool answers) {
  if (!stream_) stream_ = std::make_unique<Stream>(Stream{take_compressor(level_)});
  ZSTD_CCtx* const context = stream_->context.get();
  if (answers) {
    stream_->refers_to = std::move(heard_);
    const ByteView pushed = stream_->refers_to->bytes();
    must(ZSTD_CCtx_refPrefix(context, pushed.data(), pushed.size()));
  }
  if (answers || flow == Flow::last) stop_hearing();
  const bool ends = flow == Flow::last || flow == Flow::talk;
  Bytes frame = piece_of(context, message, ends ? ZSTD_e_end : ZSTD_e_flush);
  if (answers) {
    Bytes begin{answer_frame};
    const std::size_t pushed = stream_->refers_to->bytes().size();
    append_low_first(begin, static_cast<std::uint32_t>(pushed), said_size_bytes);
    begin.insert(begin.end(), frame.begin() + 1, frame.end());
    frame = std::move(begin);
  }
  if (!ends) return frame;
  spare.compressor = std::move(stream_->context);
  stream_.reset();
  return frame;
}

void FrameEncoder::heard(ByteView message) {
  if (deaf_) return;
  if (!heard_) heard_ = std::make_unique<HeardPushes>(room_);
  heard_->add(message);
}

void FrameEncoder::stop_hearing() {
  deaf_ = true;
  heard_.reset();
}

// A large message would drive out all that is kept and would be helped little by it.
std::optional<Bytes> FrameEncoder::talk_piece(ByteView message) {
  if (message.size() > limits::talk_bytes_kept / 2) return std::nullopt;
  Compressor context = take_compressor(std::max(level_, talk_level_min));
  must(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_contentSizeFlag, 0));
  must(ZSTD_CCtx_setPledgedSrcSize(context.get(), message.size()));
  if (kept_) must(ZSTD_CCtx_refPrefix(context.get(), kept_->data(), kept_->size()));
  const Bytes piece = piece_of(context.get(), message, ZSTD_e_end);
  spare.compressor = std::move(context);
  const auto block = only_block(ByteView(piece).subspan(1));
  if (!block || 1 + talk_size_bytes + block->size() > message.size()) {
    if (kept_) return std::nullopt;
    keep(kept_, message);
    return framed(first_plain_frame, message);
  }
  Bytes frame;
  frame.reserve(1 + talk_size_bytes + block->size());
  frame.push_back(kept_ ? talk_frame : first_talk_frame);
  append_low_first(frame, static_cast<std::uint32_t>(message.size()), talk_size_bytes);
  frame.insert(frame.end(), block->begin(), block->end());
  keep(kept_, message);
  return frame;
}

struct FrameDecoder::Stream {
  Decompressor context;
  bool ended = false;
  Bytes refers_to = {};

  Result<Bytes> inflate(ByteView piece);
};

FrameDecoder::FrameDecoder() = default;
FrameDecoder::~FrameDecoder() = default;
FrameDecoder::FrameDecoder(FrameDecoder&&) noexcept = default;
FrameDecoder& FrameDecoder::operator=(FrameDecoder&&) noexcept = default;

Result<Bytes> FrameDecoder::Stream::inflate(ByteView piece) {
  Bytes message;
  ZSTD_inBuffer in{piece.data(), piece.size(), 0};
  // One byte more than is allowed shows that it is too much; one more than is said, that it is all.
  const unsigned long long said = ZSTD_getFrameContentSize(piece.data(), piece.size());
  const std::size_t first = said < limits::message_bytes_max ? static_cast<std::size_t>(said) + 1
                                                             : 4 * piece.size() + 512;
  const auto room = [&] {
    return std::min(std::max(first, 2 * message.size()), limits::message_bytes_max + 1);
  };
  ZSTD_outBuffer out{nullptr, 0, 0};
  while (in.pos < in.size || out.pos == out.size) {
    message.resize(room());
    out = {message.data(), message.size(), out.pos};
    const std::size_t before = in.pos;
    const std::size_t state = ZSTD_decompressStream(context.get(), &out, &in);
    if (ZSTD_isError(state) != 0) return damaged(ZSTD_getErrorName(state));
    if (out.pos > limits::message_bytes_max) return damaged("expands beyond the limit");
    ended = state == 0;
    if (ended || (out.pos < out.size && in.pos == before)) break;
  }
  if (in.pos < in.size) return damaged("bytes that the stream does not take");
  message.resize(out.pos);
  return message;
}

Result<Bytes> FrameDecoder::decode(ByteView frame) {
  if (dead_) return damaged("the stream is broken");
  dead_ = true;
  if (frame.size() > limits::frame_bytes_max) return error(ErrorCode::message_too_large, "a frame");
  if (frame.empty()) return error(ErrorCode::malformed, "an empty frame");
  const ByteView content = frame.subspan(1);
  const std::uint8_t kind = frame.front();
  if (kind > answer_frame) return error(ErrorCode::malformed, "a frame of an unknown kind");
  Result<Bytes> message = kind == stream_frame   ? read_piece(content)
                          : kind == plain_frame  ? Bytes(content.begin(), content.end())
                          : kind == answer_frame ? read_answer(content)
                                                 : read_talk(kind, content);
  dead_ = !message.ok();
  return message;
}

Result<Bytes> FrameDecoder::read_piece(ByteView piece) {
  if (!stream_) stream_ = std::make_unique<Stream>(Stream{take_decompressor()});
  Result<Bytes> message = stream_->inflate(piece);
  if (message && stream_->ended) {
    spare.decompressor = std::move(stream_->context);
    stream_.reset();
  }
  return message;
}

void FrameDecoder::said(ByteView message) {
  if (!said_) said_ = std::make_unique<HeardPushes>();
  said_->add(message);
}

Result<Bytes> FrameDecoder::read_answer(ByteView content) {
  if (stream_) return damaged("begins within a stream");
  if (content.size() < said_size_bytes) return damaged("says too little");
  std::size_t size = 0;
  for (std::size_t i = 0; i < said_size_bytes; ++i) size |= std::size_t{content[i]} << 8 * i;
  if (!said_ || size > said_->bytes().size()) return damaged("refers to what was not said");
  stream_ = std::make_unique<Stream>(Stream{take_decompressor()});
  // More may be said while it lasts.
  const ByteView said = said_->bytes().first(size);
  stream_->refers_to.assign(said.begin(), said.end());
  must(ZSTD_DCtx_refPrefix(stream_->context.get(), stream_->refers_to.data(), size));
  return read_piece(content.subspan(said_size_bytes));
}

Result<Bytes> FrameDecoder::read_talk(std::uint8_t kind, ByteView piece) {
  if (kind != talk_frame) kept_.reset();
  if (kind == first_plain_frame) {
    keep(kept_, piece);
    return Bytes(piece.begin(), piece.end());
  }
  if (kind == talk_frame && !kept_) return damaged("goes on from what was not said");
  const auto frame = talk_as_frame(piece);
  if (!frame) return damaged("says too little");
  Stream alone{take_decompressor()};
  if (kept_) must(ZSTD_DCtx_refPrefix(alone.context.get(), kept_->data(), kept_->size()));
  Result<Bytes> message = alone.inflate(*frame);
  if (message && !alone.ended) return damaged("a message that does not end");
  if (!message) return message;
  keep(kept_, *message);
  spare.decompressor = std::move(alone.context);
  return message;
}

}  // namespace doorstep
