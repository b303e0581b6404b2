#include "server/net/listen.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace doorstep {

Result<Listening> listen_on(const ListenOptions& options, bool secure) {
  namespace asio = boost::asio;
  using asio::ip::tcp;
  const std::string where = options.host + ":" + std::to_string(options.port);
  boost::system::error_code failed;
  asio::io_context io;
  tcp::resolver resolver(io);
  const auto found =
      resolver.resolve(options.host, std::to_string(options.port), tcp::resolver::passive, failed);
  if (failed || found.empty()) {
    return error(ErrorCode::listen_failed, where + ": " + failed.message());
  }
  const tcp::endpoint endpoint = found.begin()->endpoint();
  if (!secure && !endpoint.address().is_loopback() && !options.insecure) {
    return error(ErrorCode::usage,
                 where +
                     ": without --tls-cert and --tls-key only loopback is listened on; "
                     "--insecure-listen allows it in clear, behind a proxy that does TLS");
  }
  tcp::acceptor acceptor(io);
  acceptor.open(endpoint.protocol(), failed);
  if (!failed) acceptor.set_option(tcp::acceptor::reuse_address(true), failed);
  if (!failed) acceptor.bind(endpoint, failed);
  if (!failed) acceptor.listen(asio::socket_base::max_listen_connections, failed);
  if (failed) return error(ErrorCode::listen_failed, where + ": " + failed.message());
  const auto bound = acceptor.local_endpoint(failed);
  Listening listening;
  listening.ipv6 = bound.address().is_v6();
  const std::string host = bound.address().to_string();
  listening.address =
      (listening.ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(bound.port());
  listening.descriptor = acceptor.release(failed);
  if (failed) return error(ErrorCode::listen_failed, where + ": " + failed.message());
  return listening;
}

}  // namespace doorstep
