// Is this exactly one data item of the protocol's CBOR? The first pass over everything that comes
// from outside: after it readers may trust every count, so nothing is allocated for what is not
// there. Pure.
#pragma once

#include "engine/core/bytes.hpp"
#include "engine/core/limits.hpp"
#include "engine/core/result.hpp"

namespace doorstep {

/// Errors: message_too_large (more than `bytes_max` bytes or limits::cbor_items_max items),
/// too_deep (arrays nested more than `depth_max`, at most limits::cbor_depth_max), malformed
/// (anything else: ends early, bytes left over, not the shortest form, indefinite lengths, maps,
/// tags, 16- and 32-bit reals, NaN, -0.0, text that is not UTF-8 or holds U+0000).
[[nodiscard]] Status check_cbor(ByteView bytes, std::size_t bytes_max,
                                std::size_t depth_max = limits::cbor_depth_max);

}  // namespace doorstep
