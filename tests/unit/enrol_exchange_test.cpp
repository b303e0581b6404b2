// A new phone and the hub whose code it was given: what the phone answers, and whom it does not
// trust.
#include "engine/session/enrol_exchange.hpp"

#include <doctest/doctest.h>

#include "engine/ports/random.hpp"
#include "engine/wire/codec.hpp"
#include "engine/wire/frame.hpp"
#include "engine/wire/version.hpp"

using namespace doorstep;

namespace {

Bytes frame_of(const Message& message) { return FrameEncoder().encode(encode(message)); }

/// A hub that has printed a code, and a phone that somebody typed it into.
struct Enrolment {
  SeededRandom random{7};
  KeyPair hub_keys = key_pair_of(random.id<Nonce>());
  Bytes binding{1, 2, 3};
  Challenge challenge;
  EnrolRequest request;

  Enrolment() {
    challenge.version_min = protocol_version_min;
    challenge.version_max = protocol_version_max;
    challenge.hub = random.id<HubId>();
    challenge.hub_key = hub_keys.public_key;
    challenge.nonce = random.id<Nonce>();
    request.code.hub_fingerprint = fingerprint_of(hub_keys.public_key);
    random.fill(request.code.secret);
    request.device = random.id<DeviceId>();
    request.keys = key_pair_of(random.id<Nonce>());
    request.clock = {1'000, BootId{{1}}, 5};
    request.binding = binding;
  }

  [[nodiscard]] Result<Bytes> answer() {
    challenge.signature = sign(hub_keys, challenge_text(challenge, binding));
    DS_ASSIGN(EnrolAnswer answer, answer_with_enrol(request, frame_of(challenge)));
    CHECK(answer.hub_key == hub_keys.public_key);
    return std::move(answer.frame);
  }
};

Message read(const Bytes& frame) { return decode(FrameDecoder().decode(frame).value()).value(); }

}  // namespace

TEST_CASE("a new phone answers the hub of its code with the secret, its key and a proof of it") {
  Enrolment one;
  const auto frame = one.answer();
  REQUIRE_MESSAGE(frame.ok(), frame.error().text());
  const Enrol enrol = std::get<Enrol>(read(frame.value()));
  CHECK(enrol.device == one.request.device);
  CHECK(enrol.key == one.request.keys.public_key);
  CHECK(enrol.clock == one.request.clock);
  CHECK(enrol.secret == Bytes(one.request.code.secret.begin(), one.request.code.secret.end()));
  CHECK(verify(enrol.key, proof_text(one.challenge, one.binding, enrol.device), enrol.signature));
}

TEST_CASE("a new phone does not give its code to a stranger, nor to who speaks another protocol") {
  Enrolment one;
  SUBCASE("another hub's key") {
    one.hub_keys = key_pair_of(one.random.id<Nonce>());
    one.challenge.hub_key = one.hub_keys.public_key;
    CHECK(one.answer().error().code == ErrorCode::hub_untrusted);
  }
  SUBCASE("the hub's key, but it has not signed this connection") {
    one.request.binding = {9};  // the certificate that the phone sees is another
    CHECK(one.answer().error().code == ErrorCode::hub_untrusted);
  }
  SUBCASE("only later versions") {
    one.challenge.version_min = one.challenge.version_max = protocol_version_max + 1;
    const auto refused = one.answer();
    CHECK(refused.error().code == ErrorCode::version_unsupported);
    CHECK(refused.error().detail.find(std::to_string(protocol_version_max + 1)) !=
          std::string::npos);
  }
  SUBCASE("something else than a challenge, or nothing that can be read") {
    CHECK(answer_with_enrol(one.request, frame_of(Credit{1})).error().code ==
          ErrorCode::unexpected_message);
    CHECK_FALSE(answer_with_enrol(one.request, Bytes{0, 0xff}).ok());
    CHECK_FALSE(answer_with_enrol(one.request, Bytes{}).ok());
  }
}

TEST_CASE("a new phone takes what the hub made of it, or says what the hub said") {
  Enrolled enrolled;
  enrolled.hub_name = "桥江镇";
  enrolled.device_name = "王芳";
  enrolled.role = "volunteer";
  enrolled.scopes = {{"431224103212"}};
  enrolled.schema = "name = \"village\"";
  CHECK(read_enrolled(frame_of(enrolled)).value() == enrolled);

  ErrorMessage used;
  used.code = static_cast<std::uint64_t>(ErrorCode::code_unknown);
  used.detail = "it was used";
  const auto refused = read_enrolled(frame_of(used));
  CHECK(refused.error().code == ErrorCode::code_unknown);
  CHECK(refused.error().detail == "it was used");

  ErrorMessage later;
  later.code = 60'000;  // of a hub that knows more
  CHECK(read_enrolled(frame_of(later)).error().code == ErrorCode::internal);

  Busy busy;
  busy.retry_after_ms = 4'500;
  const auto waits = read_enrolled(frame_of(busy));
  CHECK(waits.error().code == ErrorCode::hub_busy);
  CHECK(waits.error().detail == "try again in 5 s");

  CHECK(read_enrolled(frame_of(Credit{1})).error().code == ErrorCode::unexpected_message);
  CHECK_FALSE(read_enrolled(Bytes{0, 0x17}).ok());
}
