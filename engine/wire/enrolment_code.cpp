#include "engine/wire/enrolment_code.hpp"

#include <algorithm>

#include "engine/core/hash.hpp"

namespace doorstep {
namespace {

// Crockford's base 32: no I, L, O, U.
constexpr std::string_view digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t digit_count = 32;  // 160 bits
constexpr std::size_t group = 4;

std::optional<std::uint8_t> digit_of(char c) {
  if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  if (c == 'O') c = '0';
  if (c == 'I' || c == 'L') c = '1';
  const std::size_t at = digits.find(c);
  if (at == std::string_view::npos) return std::nullopt;
  return static_cast<std::uint8_t>(at);
}

}  // namespace

std::array<std::uint8_t, 10> fingerprint_of(const PublicKey& key) {
  std::array<std::uint8_t, 10> out{};
  const Nonce hash = long_hash(key.view());
  std::copy_n(hash.bytes.begin(), out.size(), out.begin());
  return out;
}

std::string EnrolmentCode::text() const {
  std::array<std::uint8_t, 20> all{};
  std::ranges::copy(secret, all.begin());
  std::ranges::copy(hub_fingerprint, all.begin() + secret.size());
  std::string out;
  for (std::size_t i = 0; i < digit_count; ++i) {
    if (i > 0 && i % group == 0) out += '-';
    // Five bits from bit 5 * i on, most significant first.
    unsigned value = 0;
    for (std::size_t bit = 5 * i; bit < 5 * i + 5; ++bit) {
      value = value << 1U | (all[bit / 8] >> (7 - bit % 8) & 1U);
    }
    out += digits[value];
  }
  return out;
}

Result<EnrolmentCode> EnrolmentCode::parse(std::string_view text) {
  std::array<std::uint8_t, 20> all{};
  std::size_t count = 0;
  for (const char c : text) {
    if (c == '-' || c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    const std::optional<std::uint8_t> digit = digit_of(c);
    if (!digit) return error(ErrorCode::code_unknown, "a character that codes do not have");
    if (count == digit_count) return error(ErrorCode::code_unknown, "longer than a code");
    for (std::size_t i = 0; i < 5; ++i) {
      const std::size_t bit = 5 * count + i;
      const unsigned set = *digit >> (4 - i) & 1U;
      all[bit / 8] = static_cast<std::uint8_t>(all[bit / 8] | set << (7 - bit % 8));
    }
    ++count;
  }
  if (count != digit_count) return error(ErrorCode::code_unknown, "shorter than a code");
  EnrolmentCode code;
  std::copy_n(all.begin(), code.secret.size(), code.secret.begin());
  std::copy_n(all.begin() + code.secret.size(), code.hub_fingerprint.size(),
              code.hub_fingerprint.begin());
  return code;
}

bool EnrolmentCode::vouches_for(const PublicKey& key) const {
  return hub_fingerprint == fingerprint_of(key);
}

}  // namespace doorstep
