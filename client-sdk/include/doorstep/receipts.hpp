// What a volunteer may believe about a record: where it is. Plain data; the calls are in
// replica.hpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/core/ids.hpp"
#include "engine/core/time.hpp"
#include "engine/core/value.hpp"

namespace doorstep {

struct Receipt {
  enum class State : std::uint8_t {
    on_this_phone,    ///< not durable at the township yet; `why` when the township puts it off
    at_township,      ///< durable there
    needs_attention,  ///< refused, or its value met another one and a person must look; see `why`
    discarded         ///< refused, and given up by a person on this phone
  };
  State state = State::at_township;
  Sequence transaction;  ///< the own transaction that this speaks of; zero: none is kept any more
  /// at_township: in the hub commit of this position, or before it.
  Position position;
  std::optional<Instant> at;         ///< when the township said so, on its clock
  std::optional<Instant> at_county;  ///< when the county had it; empty: not known
  std::string why;
};

struct RecordReceipt {
  std::string table;
  Value key;
  Receipt receipt;
};

/// Everything that is not simply at the township.
struct RecordReceipts {
  std::vector<RecordReceipt> records;  ///< ascending by table and key
  std::uint64_t on_this_phone = 0;     ///< how many of them
  std::uint64_t needs_attention = 0;
  /// Not among them: at the township, but no checkpoint has confirmed it here yet.
  std::uint64_t at_township = 0;
};

[[nodiscard]] std::string_view name_of(Receipt::State state);

}  // namespace doorstep
