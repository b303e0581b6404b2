#include "tests/server/self_signed.hpp"

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <memory>
#include <string>

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

}  // namespace

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

}  // namespace doorstep::test
