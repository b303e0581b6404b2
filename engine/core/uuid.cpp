#include "engine/core/uuid.hpp"

#include <algorithm>

namespace doorstep {
namespace {

constexpr std::int64_t uuid_ms_max = (std::int64_t{1} << 48) - 1;
constexpr std::uint16_t counter_max = 0x0FFF;
// A fresh millisecond starts with the counter's top bit clear, so that at least 2,048 ids fit
// before the time part must run ahead.
constexpr std::uint16_t counter_seed_mask = 0x07FF;

Uuid assemble(std::int64_t ms, std::uint16_t counter, std::span<const std::uint8_t, 8> tail) {
  Uuid id{};
  for (std::size_t i = 0; i < 6; ++i) {
    id[i] = static_cast<std::uint8_t>(ms >> (8 * (5 - static_cast<int>(i))));
  }
  id[6] = static_cast<std::uint8_t>(0x70U | counter >> 8U);
  id[7] = static_cast<std::uint8_t>(counter & 0xFFU);
  std::copy(tail.begin(), tail.end(), id.begin() + 8);
  id[8] = static_cast<std::uint8_t>(0x80U | (id[8] & 0x3FU));
  return id;
}

std::int64_t clamp_ms(Instant now) { return std::clamp<std::int64_t>(now.ms, 0, uuid_ms_max); }

std::uint16_t counter_of(std::span<const std::uint8_t, 10> random) {
  return static_cast<std::uint16_t>((random[0] << 8U | random[1]) & counter_max);
}

}  // namespace

Uuid uuid7(Instant now, std::span<const std::uint8_t, 10> random) {
  return assemble(clamp_ms(now), counter_of(random), random.subspan<2>());
}

Uuid UuidSource::next(Instant now, std::span<const std::uint8_t, 10> random) {
  const std::int64_t ms = clamp_ms(now);
  if (ms > last_ms_) {
    last_ms_ = ms;
    counter_ = counter_of(random) & counter_seed_mask;
  } else if (counter_ < counter_max) {
    ++counter_;
  } else {
    ++last_ms_;
    counter_ = counter_of(random) & counter_seed_mask;
  }
  return assemble(last_ms_, counter_, random.subspan<2>());
}

std::string format_uuid(const Uuid& id) {
  std::string out = to_hex(id);
  for (const std::size_t at : {8U, 13U, 18U, 23U}) out.insert(at, 1, '-');
  return out;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  std::string digits(text);
  if (text.size() == 36) {
    for (const std::size_t at : {23U, 18U, 13U, 8U}) {
      if (digits[at] != '-') return std::nullopt;
      digits.erase(at, 1);
    }
  }
  const auto bytes = from_hex(digits);
  if (!bytes || bytes->size() != 16) return std::nullopt;
  Uuid id{};
  std::copy(bytes->begin(), bytes->end(), id.begin());
  return id;
}

}  // namespace doorstep
