// The small things that draws of messages are made of; only inside a rapidcheck property.
#pragma once

#include <rapidcheck.h>

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "engine/wire/message.hpp"

namespace doorstep::test::draw {

inline std::size_t below(std::size_t end) { return *rc::gen::inRange<std::size_t>(0, end); }
inline bool coin() { return below(2) == 1; }

/// Small and large alike, so that every head length is met.
inline std::uint64_t number(std::uint64_t max = std::numeric_limits<std::uint64_t>::max()) {
  const std::uint64_t any = *rc::gen::arbitrary<std::uint64_t>();
  const auto bits = static_cast<unsigned>(below(64));
  return (*rc::gen::inRange<std::uint64_t>(0, 1000) * 0x9e3779b97f4a7c15U + any) >> bits & max;
}
inline std::int64_t integer() { return static_cast<std::int64_t>(number()); }
inline Position position() { return {number(std::numeric_limits<std::int64_t>::max())}; }
inline Sequence sequence() { return {number(std::numeric_limits<std::int64_t>::max())}; }
inline Instant instant() { return {integer()}; }
inline std::uint16_t small() { return static_cast<std::uint16_t>(number(0xffff)); }

inline Bytes bytes(std::size_t size) {
  Bytes out(size);
  for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(below(256));
  return out;
}

inline std::string text() {
  static const std::vector<std::string> words = {"", "visit", "独石村", "é",
                                                 "a longer note about the visit "};
  std::string out;
  for (std::size_t left = below(4); left > 0; --left) out += words[below(words.size())];
  return out;
}
inline std::string name() { return "column_" + std::to_string(below(20)); }

template <class Id>
Id id() {
  return *Id::from(bytes(Id::size));
}

inline RowId row() {
  return coin() ? *RowId::from(bytes(16)) : *RowId::from(bytes(1 + below(limits::key_bytes_max)));
}

template <class Draw>
auto some(std::size_t end, Draw draw) {
  std::vector<decltype(draw())> out;
  for (std::size_t left = below(end); left > 0; --left) out.push_back(draw());
  return out;
}

template <class Draw>
auto maybe(Draw draw) {
  using Drawn = decltype(draw());
  return coin() ? std::optional<Drawn>(draw()) : std::nullopt;
}

/// One of the three messages of wire/recognition.hpp.
[[nodiscard]] Message recognition(std::size_t index);

}  // namespace doorstep::test::draw
