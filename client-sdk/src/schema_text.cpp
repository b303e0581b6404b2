#include "client-sdk/src/schema_text.hpp"

#include <zstd.h>

#include "client-sdk/src/replica_state.hpp"
#include "engine/core/limits.hpp"

namespace doorstep {
namespace {

constexpr int level = 19;  // written once

}  // namespace

Status save_schema_text(sqlite::Database& db, std::string_view text) {
  Bytes packed(ZSTD_compressBound(text.size()));
  const std::size_t size =
      ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), level);
  if (ZSTD_isError(size) != 0) return error(ErrorCode::internal, ZSTD_getErrorName(size));
  packed.resize(size);
  return save_meta(db, meta::schema, Value::blob(packed));
}

Result<std::string> load_schema_text(sqlite::Database& db) {
  DS_ASSIGN(const Bytes packed, load_meta_blob(db, meta::schema));
  return unpack_schema_text(packed);
}

Result<std::string> unpack_schema_text(ByteView packed) {
  const unsigned long long size = ZSTD_getFrameContentSize(packed.data(), packed.size());
  if (size > limits::schema_bytes_max) return error(ErrorCode::corrupt, "the replica's schema");
  std::string text(static_cast<std::size_t>(size), '\0');
  const std::size_t got = ZSTD_decompress(text.data(), text.size(), packed.data(), packed.size());
  if (ZSTD_isError(got) != 0 || got != text.size()) {
    return error(ErrorCode::corrupt, "the replica's schema");
  }
  return text;
}

}  // namespace doorstep
