#include "engine/wire/frame.hpp"

#include <array>

#include <zstd.h>

#include "engine/core/assert.hpp"
#include "engine/core/limits.hpp"

namespace doorstep {
namespace {

constexpr std::uint8_t plain_frame = 0;
constexpr std::uint8_t stream_frame = 1;
constexpr int window_log = 20;

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

Error damaged(const char* detail) { return error(ErrorCode::bad_compression, detail); }

}  // namespace

struct FrameEncoder::Stream {
  std::unique_ptr<ZSTD_CCtx, FreeContext> context{ZSTD_createCCtx()};
  Bytes buffer = Bytes(ZSTD_CStreamOutSize());
};

FrameEncoder::FrameEncoder() = default;
FrameEncoder::~FrameEncoder() = default;
FrameEncoder::FrameEncoder(FrameEncoder&&) noexcept = default;
FrameEncoder& FrameEncoder::operator=(FrameEncoder&&) noexcept = default;

void FrameEncoder::enable_compression(int level) {
  if (stream_) return;
  auto stream = std::make_unique<Stream>();
  ZSTD_CCtx* context = stream->context.get();
  DS_ASSERT(context != nullptr);
  DS_ASSERT(ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)) == 0);
  DS_ASSERT(ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log)) == 0);
  stream_ = std::move(stream);
}

Bytes FrameEncoder::encode(ByteView message) {
  if (!stream_) {
    Bytes frame{plain_frame};
    frame.insert(frame.end(), message.begin(), message.end());
    return frame;
  }
  Bytes frame{stream_frame};
  ZSTD_inBuffer in{message.data(), message.size(), 0};
  std::size_t left = 1;
  while (left > 0) {
    ZSTD_outBuffer out{stream_->buffer.data(), stream_->buffer.size(), 0};
    left = ZSTD_compressStream2(stream_->context.get(), &out, &in, ZSTD_e_flush);
    DS_ASSERT(ZSTD_isError(left) == 0);
    frame.insert(frame.end(), stream_->buffer.begin(),
                 stream_->buffer.begin() + static_cast<std::ptrdiff_t>(out.pos));
  }
  return frame;
}

struct FrameDecoder::Stream {
  std::unique_ptr<ZSTD_DCtx, FreeContext> context;  // made at the first piece of a stream
  Bytes buffer;
  bool dead = false;

  Result<Bytes> inflate(ByteView piece);
};

FrameDecoder::FrameDecoder() : stream_(std::make_unique<Stream>()) {}
FrameDecoder::~FrameDecoder() = default;
FrameDecoder::FrameDecoder(FrameDecoder&&) noexcept = default;
FrameDecoder& FrameDecoder::operator=(FrameDecoder&&) noexcept = default;

Result<Bytes> FrameDecoder::Stream::inflate(ByteView piece) {
  if (!context) {
    context.reset(ZSTD_createDCtx());
    DS_ASSERT(context != nullptr);
    DS_ASSERT(
        ZSTD_isError(ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, window_log)) == 0);
    buffer.resize(ZSTD_DStreamOutSize());
  }
  Bytes message;
  ZSTD_inBuffer in{piece.data(), piece.size(), 0};
  bool full = true;
  while (in.pos < in.size || full) {
    ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
    const std::size_t before = in.pos;
    const std::size_t state = ZSTD_decompressStream(context.get(), &out, &in);
    if (ZSTD_isError(state) != 0) return damaged(ZSTD_getErrorName(state));
    if (state == 0) return damaged("the stream ended");
    if (message.size() + out.pos > limits::message_bytes_max)
      return damaged("expands beyond the limit");
    message.insert(message.end(), buffer.begin(),
                   buffer.begin() + static_cast<std::ptrdiff_t>(out.pos));
    full = out.pos == out.size;
    if (out.pos == 0 && in.pos == before) break;
  }
  if (in.pos < in.size) return damaged("bytes that the stream does not take");
  return message;
}

Result<Bytes> FrameDecoder::decode(ByteView frame) {
  if (stream_->dead) return damaged("the stream is broken");
  stream_->dead = true;
  if (frame.size() > limits::frame_bytes_max) return error(ErrorCode::message_too_large, "a frame");
  if (frame.empty()) return error(ErrorCode::malformed, "an empty frame");
  const ByteView content = frame.subspan(1);
  if (frame.front() == stream_frame) {
    Result<Bytes> message = stream_->inflate(content);
    stream_->dead = !message.ok();
    return message;
  }
  if (frame.front() != plain_frame)
    return error(ErrorCode::malformed, "a frame of an unknown kind");
  stream_->dead = false;
  return Bytes(content.begin(), content.end());
}

}  // namespace doorstep
