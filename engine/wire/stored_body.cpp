#include "engine/wire/stored_body.hpp"

#include <zstd.h>

#include <algorithm>
#include <array>

#include "engine/core/limits.hpp"
#include "engine/wire/codec.hpp"

namespace doorstep {
namespace {

constexpr std::array<std::uint8_t, 4> frame_magic{0x28, 0xB5, 0x2F, 0xFD};
constexpr std::size_t packed_bytes_min = 2048;  // less saves no page
constexpr int body_level = 1;

bool is_packed(ByteView stored) {
  return stored.size() >= frame_magic.size() &&
         std::equal(frame_magic.begin(), frame_magic.end(), stored.begin());
}

Result<Bytes> unpacked_body(ByteView stored) {
  const unsigned long long size = ZSTD_getFrameContentSize(stored.data(), stored.size());
  if (size > limits::transaction_bytes_max) return error(ErrorCode::corrupt, "a packed body");
  Bytes body(static_cast<std::size_t>(size));
  const std::size_t got = ZSTD_decompress(body.data(), body.size(), stored.data(), stored.size());
  if (ZSTD_isError(got) != 0 || got != body.size()) {
    return error(ErrorCode::corrupt, "a packed body");
  }
  return body;
}

}  // namespace

struct BodyPacker::Context {
  ZSTD_CCtx* zstd = ZSTD_createCCtx();
  Context() = default;
  ~Context() { ZSTD_freeCCtx(zstd); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
};

BodyPacker::BodyPacker() = default;
BodyPacker::~BodyPacker() = default;

std::optional<Bytes> BodyPacker::packed(ByteView body) {
  if (body.size() < packed_bytes_min) return std::nullopt;
  if (!context_) context_ = std::make_unique<Context>();
  Bytes out(ZSTD_compressBound(body.size()));
  const std::size_t size = ZSTD_compressCCtx(context_->zstd, out.data(), out.size(), body.data(),
                                             body.size(), body_level);
  if (ZSTD_isError(size) != 0 || size >= body.size()) return std::nullopt;
  out.resize(size);
  return out;
}

Result<Bytes> body_of(ByteView stored) {
  if (is_packed(stored)) return unpacked_body(stored);
  return Bytes(stored.begin(), stored.end());
}

Result<Transaction> transaction_in(const Schema& schema, ByteView stored) {
  if (!is_packed(stored)) return decode_transaction(schema, stored);
  DS_ASSIGN(const Bytes body, unpacked_body(stored));
  return decode_transaction(schema, body);
}

}  // namespace doorstep
