// The code that a township secretary reads out to a volunteer.
#include "engine/wire/enrolment_code.hpp"

#include <doctest/doctest.h>

#include "engine/core/hash.hpp"

namespace doorstep {
namespace {

EnrolmentCode sample_code() {
  EnrolmentCode code;
  for (std::uint8_t i = 0; i < 10; ++i) {
    code.secret[i] = static_cast<std::uint8_t>(i * 29);
    code.hub_fingerprint[i] = static_cast<std::uint8_t>(255 - i);
  }
  return code;
}

TEST_CASE("enrolment code: it is eight groups of four digits and is read as it was written") {
  const std::string text = sample_code().text();
  CHECK(text == "00EK-MNVM-J6QC-QT05-ZZZF-VZ7V-ZBWZ-HXZP");
  const EnrolmentCode read = EnrolmentCode::parse(text).value();
  CHECK(read.secret == sample_code().secret);
  CHECK(read.hub_fingerprint == sample_code().hub_fingerprint);
}

TEST_CASE("enrolment code: typed in lower case with spaces and look-alikes it is the same code") {
  const EnrolmentCode read =
      EnrolmentCode::parse(" oOek mnvm j6qc-qto5zzzf vz7v zbwz hxzp\n").value();
  CHECK(read.text() == sample_code().text());
  std::string ones = sample_code().text();
  ones.replace(0, 4, "1111");
  std::string typed = ones;
  typed.replace(0, 4, "iLlI");
  CHECK(EnrolmentCode::parse(typed).value().text() == ones);
}

TEST_CASE("enrolment code: a digit too few, too many or of another alphabet is no code") {
  const std::string text = sample_code().text();
  CHECK(EnrolmentCode::parse("").error().code == ErrorCode::code_unknown);
  CHECK(EnrolmentCode::parse(text.substr(1)).error().code == ErrorCode::code_unknown);
  CHECK(EnrolmentCode::parse(text + "0").error().code == ErrorCode::code_unknown);
  CHECK(EnrolmentCode::parse("U" + text.substr(1)).error().code == ErrorCode::code_unknown);
  CHECK(EnrolmentCode::parse("独" + text.substr(1)).error().code == ErrorCode::code_unknown);
}

TEST_CASE("enrolment code: it vouches for the hub that issued it and for no other") {
  initialise_crypto();
  PublicKey hub;
  hub.bytes.fill(7);
  PublicKey other;
  other.bytes.fill(8);
  EnrolmentCode code = sample_code();
  code.hub_fingerprint = fingerprint_of(hub);
  CHECK(code.vouches_for(hub));
  CHECK_FALSE(code.vouches_for(other));
}

}  // namespace
}  // namespace doorstep
