#include "server/net/tls.hpp"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <boost/asio/ssl/context.hpp>

#include <array>

namespace doorstep {

Result<TlsServer> load_tls(const std::string& certificate_file, const std::string& key_file) {
  namespace ssl = boost::asio::ssl;
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  boost::system::error_code failed;
  if (SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION) != 1) {
    return error(ErrorCode::tls_failed, "TLS 1.2 is not available");
  }
  context->use_certificate_chain_file(certificate_file, failed);
  if (failed) return error(ErrorCode::tls_failed, certificate_file + ": " + failed.message());
  context->use_private_key_file(key_file, ssl::context::pem, failed);
  if (failed) return error(ErrorCode::tls_failed, key_file + ": " + failed.message());

  const X509* leaf = SSL_CTX_get0_certificate(context->native_handle());
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (leaf == nullptr || X509_digest(leaf, EVP_sha256(), digest.data(), &size) != 1) {
    return error(ErrorCode::tls_failed, certificate_file);
  }
  return TlsServer{std::move(context), Bytes(digest.begin(), digest.begin() + size)};
}

}  // namespace doorstep
