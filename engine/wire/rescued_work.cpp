#include "engine/wire/rescued_work.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "engine/core/limits.hpp"
#include "engine/wire/cbor_reader.hpp"
#include "engine/wire/cbor_writer.hpp"

namespace doorstep {
namespace {

constexpr std::string_view first_line = "doorstep rescued work 1\n";
constexpr std::size_t seal_bytes = Hash::size + Signature::size;

template <class Id>
void put_optional(CborWriter& out, const std::optional<Id>& id) {
  if (id) {
    out.id(*id);
  } else {
    out.null();
  }
}

template <class Id>
std::optional<Id> take_optional(CborReader& in) {
  if (in.take_null()) return std::nullopt;
  return in.id<Id>();
}

Hash hash_of_file(ByteView head) {
  const std::array<ByteView, 1> parts{head};
  return hash_of(parts);
}

RescuedTransaction read_transaction(CborReader& in) {
  in.array_of(5);
  RescuedTransaction one;
  one.sequence = Sequence{in.number()};
  one.hash = in.id<Hash>();
  const ByteView body = in.bytes();
  one.body.assign(body.begin(), body.end());
  one.rejected = in.boolean();
  one.on_phone = in.boolean();
  return one;
}

}  // namespace

Bytes encode_rescued(const RescuedWork& work) {
  CborWriter out;
  out.array(7);
  out.integer(work.at.ms);
  put_optional(out, work.device);
  put_optional(out, work.key_seed);
  // As they were read: damage may have made them no text.
  out.bytes(bytes_of(work.device_name));
  out.bytes(bytes_of(work.hub_name));
  out.number(work.unreadable);
  out.array(work.transactions.size());
  for (const RescuedTransaction& one : work.transactions) {
    out.array(5);
    out.number(one.sequence.value);
    out.id(one.hash);
    out.bytes(one.body);
    out.boolean(one.rejected);
    out.boolean(one.on_phone);
  }
  const Bytes content = out.take();
  Bytes file;
  file.reserve(first_line.size() + content.size() + seal_bytes);
  for (const ByteView part : {bytes_of(first_line), ByteView(content)}) {
    std::copy(part.begin(), part.end(), std::back_inserter(file));
  }
  const Hash hash = hash_of_file(file);
  Signature signature;
  if (work.key_seed) signature = sign(key_pair_of(*work.key_seed), hash.view());
  for (const ByteView part : {hash.view(), signature.view()}) {
    std::copy(part.begin(), part.end(), std::back_inserter(file));
  }
  return file;
}

Result<RescuedWork> decode_rescued(ByteView bytes) {
  if (bytes.size() < first_line.size() + seal_bytes ||
      text_of(bytes.first(first_line.size())) != first_line) {
    return error(ErrorCode::malformed, "no file of rescued work");
  }
  const ByteView head = bytes.first(bytes.size() - seal_bytes);
  const auto hash = Hash::from(bytes.subspan(head.size(), Hash::size));
  const auto signature = Signature::from(bytes.last(Signature::size));
  if (!hash || !signature || hash_of_file(head) != *hash) {
    return error(ErrorCode::malformed, "the file is not as it was written");
  }
  DS_ASSIGN(CborReader in,
            CborReader::open(head.subspan(first_line.size()), limits::rescued_file_bytes_max));
  in.array_of(7);
  RescuedWork work;
  work.at = Instant{in.integer()};
  work.device = take_optional<DeviceId>(in);
  work.key_seed = take_optional<Nonce>(in);
  work.device_name = std::string(text_of(in.bytes()));
  work.hub_name = std::string(text_of(in.bytes()));
  work.unreadable = in.number();
  const std::size_t count = in.array();
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    work.transactions.push_back(read_transaction(in));
  }
  if (!in.ok()) return in.error();
  work.is_signed =
      work.key_seed && verify(key_pair_of(*work.key_seed).public_key, hash->view(), *signature);
  return work;
}

}  // namespace doorstep
