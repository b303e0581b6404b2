// One example of everything that has a form in bytes, from one village morning: what the golden
// vectors in schema/golden are made from and what damage tests start with. Values never change.
#pragma once

#include <string>
#include <vector>

#include "engine/core/schema.hpp"
#include "engine/wire/codec.hpp"

namespace doorstep::test {

/// household (uuid key; labels a set, boxes a counter), visit (append-only), village (text key).
[[nodiscard]] const Schema& village_schema();

/// An id whose bytes are `first`, `first` + 1, ...
template <class Id>
[[nodiscard]] Id id_from(std::uint8_t first) {
  Id id;
  for (std::size_t i = 0; i < Id::size; ++i) id.bytes[i] = static_cast<std::uint8_t>(first + i);
  return id;
}
[[nodiscard]] RowId uuid_row(std::uint8_t first);

struct NamedMessage {
  std::string name;  ///< of the golden file
  Message message;
};
/// One of each kind, in the order of their numbers.
[[nodiscard]] std::vector<NamedMessage> sample_messages();

[[nodiscard]] Transaction sample_transaction();
[[nodiscard]] RowImage sample_image();
[[nodiscard]] StoredRow sample_exceptions();
[[nodiscard]] Outcome sample_outcome();

struct NamedBytes {
  std::string name;
  Bytes bytes;
};
/// Every sample encoded: the messages, transaction, image, cells and outcome.
[[nodiscard]] std::vector<NamedBytes> sample_encodings();
/// Decodes bytes of the sample `name` and encodes the result again; the decoder's error otherwise.
[[nodiscard]] Result<Bytes> recode(const std::string& name, ByteView bytes);

}  // namespace doorstep::test
