// wss:// with a certificate that no authority signed: the hub's signature over it is what a device
// trusts.
#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <fstream>
#include <memory>

#include "server/net/tls.hpp"
#include "tests/server/test_hub.hpp"
#include "tests/server/test_phone.hpp"

namespace doorstep::test {
namespace {

template <class T, void (*free_it)(T*)>
struct Freed {
  void operator()(T* owned) const { free_it(owned); }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509, X509_free>>;

struct CloseFile {
  void operator()(std::FILE* file) const { (void)std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

// Writes cert.pem and key.pem: a P-256 key and a certificate that it signed itself.
void write_self_signed(const std::filesystem::path& dir) {
  const Key key(EVP_EC_gen("P-256"));
  REQUIRE(key != nullptr);
  const Certificate certificate(X509_new());
  X509* x509 = certificate.get();
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), 0);
  X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
  X509_set_pubkey(x509, key.get());
  X509_NAME* name = X509_get_subject_name(x509);
  const std::string who = "township";
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(who.c_str()), -1, -1, 0);
  X509_set_issuer_name(x509, name);
  REQUIRE(X509_sign(x509, key.get(), EVP_sha256()) > 0);

  const File cert_file(std::fopen((dir / "cert.pem").c_str(), "w"));
  REQUIRE(PEM_write_X509(cert_file.get(), x509) == 1);
  const File key_file(std::fopen((dir / "key.pem").c_str(), "w"));
  REQUIRE(PEM_write_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) ==
          1);
}

}  // namespace

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
