// The hub's side of TLS: a context from certificate and key files, and what binds a session to it.
#pragma once

#include <memory>
#include <string>

#include "engine/core/bytes.hpp"
#include "engine/core/result.hpp"

namespace boost::asio::ssl {
class context;
}

namespace doorstep {

struct TlsServer {
  std::shared_ptr<boost::asio::ssl::context> context;
  Bytes
      binding;  ///< SHA-256 of the leaf certificate's DER form, as Challenge's signature covers it
};

/// From PEM files; TLS 1.2 or later. Error tls_failed says which file.
[[nodiscard]] Result<TlsServer> load_tls(const std::string& certificate_file,
                                         const std::string& key_file);

}  // namespace doorstep
