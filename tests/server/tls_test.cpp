// wss:// with a certificate that no authority signed: the hub's signature over it is what a device
// trusts.
#include <doctest/doctest.h>

#include <fstream>

#include "server/net/tls.hpp"
#include "tests/server/self_signed.hpp"
#include "tests/server/test_hub.hpp"
#include "tests/server/test_phone.hpp"

namespace doorstep::test {
TEST_CASE("a phone enrols over TLS: the challenge is signed over the certificate that it sees") {
  TestHub hub;
  write_self_signed(hub.dir().path());
  ListenOptions options;
  options.tls_certificate = (hub.dir().path() / "cert.pem").string();
  options.tls_key = (hub.dir().path() / "key.pem").string();
  hub.start(options);
  CHECK(hub.url().starts_with("wss://127.0.0.1:"));

  TestPhone phone(1);
  phone.schema = hub.schema().fingerprint();
  phone.connect(hub.url());
  const Challenge& challenge = phone.challenge();
  const Bytes& seen = phone.client().binding();
  CHECK(seen.size() == 32);
  CHECK(verify(challenge.hub_key, challenge_text(challenge, seen), challenge.signature));
  CHECK_FALSE(verify(challenge.hub_key, challenge_text(challenge, {}), challenge.signature));

  const auto answer = phone.enrol(hub.issue_code("李秀英"));
  REQUIRE(answer.has_value());
  CHECK(std::holds_alternative<Enrolled>(*answer));
  const auto welcome = phone.hello();
  REQUIRE(welcome.has_value());
  CHECK(std::holds_alternative<Welcome>(*welcome));
}

TEST_CASE("plain bytes on a TLS port end that connection only") {
  TestHub hub;
  write_self_signed(hub.dir().path());
  ListenOptions options;
  options.tls_certificate = (hub.dir().path() / "cert.pem").string();
  options.tls_key = (hub.dir().path() / "key.pem").string();
  hub.start(options);
  RawSocket plain(hub.url());
  plain.send("GET /healthz HTTP/1.1\r\n\r\n");
  CHECK(plain.read_to_end().find("200 OK") == std::string::npos);
  TestPhone phone(1);
  phone.connect(hub.url());
  CHECK(phone.challenge().hub == hub.store().identity().id);
}

TEST_CASE("a certificate file that is missing or not one is named") {
  TestHub hub;
  const std::string nowhere = (hub.dir().path() / "none.pem").string();
  const auto missing = load_tls(nowhere, nowhere);
  CHECK(missing.error().code == ErrorCode::tls_failed);
  CHECK(missing.error().detail.find("none.pem") != std::string::npos);
  std::ofstream(nowhere) << "not a certificate";
  CHECK(load_tls(nowhere, nowhere).error().code == ErrorCode::tls_failed);
}

}  // namespace doorstep::test
