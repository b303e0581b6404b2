// The bytes of own transactions as ds_outbox and ds_rejected keep them: as they are, or, of large
// ones that get shorter by it, compressed (a frame of zstd, which no transaction begins like).
// Hashes are of the bytes themselves.
#pragma once

#include <memory>

#include "engine/core/change.hpp"
#include "engine/core/result.hpp"
#include "engine/core/schema.hpp"

namespace doorstep {

/// Used by one thread at a time; holds some 100 KB once it has compressed.
class BodyPacker {
 public:
  BodyPacker();
  ~BodyPacker();
  BodyPacker(const BodyPacker&) = delete;
  BodyPacker& operator=(const BodyPacker&) = delete;

  /// nullopt: it is kept as it is.
  [[nodiscard]] std::optional<Bytes> packed(ByteView body);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// Error corrupt.
[[nodiscard]] Result<Bytes> body_of(ByteView stored);
/// The same, decoded; errors of decode_transaction() too.
[[nodiscard]] Result<Transaction> transaction_in(const Schema& schema, ByteView stored);

}  // namespace doorstep
